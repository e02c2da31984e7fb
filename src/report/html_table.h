/* Tables of a document as tables of a page, and the small pictures in their cells.
 * The page's script reads them back: for sorting, for CSV, and as the data of
 * figures. So each column carries its id, and a cell whose text is not the whole
 * number carries that. */
#ifndef OU_REPORT_HTML_TABLE_H
#define OU_REPORT_HTML_TABLE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "report/document.h"

/* The table of this id is the dictionary: metrics named in it are anchors, elsewhere they are links
 * to them. */
#define HTML_DICTIONARY "dictionary"

enum html_table_kind {
    HTML_TABLE_READ, /* numbers as people read them */
    HTML_TABLE_DATA, /* of a figure: numbers exactly, nothing hidden */
};

/* The table element in a box that scrolls by itself. has_dictionary: the document has one to link to. */
void html_table(const struct doc_table *t, enum html_table_kind kind, bool has_dictionary,
                struct buffer *out);

/* The name of a tone as a class, and the mark that says the same without colour; "" where none. */
const char *html_tone_class(enum doc_tone tone);
void html_tone_mark(enum doc_tone tone, struct buffer *out);

#endif
