/* The parts of a document as HTML: for the page that is a report (document_html.c), and for pages of a site, which have
 * title, navigation and scripts of their own around them. Both want web/report.css and web/report.js. */
#ifndef OU_REPORT_HTML_BLOCKS_H
#define OU_REPORT_HTML_BLOCKS_H

#include "base/buffer.h"
#include "report/document.h"

/* Title, subtitle and verdict in a header element; the title is the h1 of the page. */
void html_document_title(const struct document *d, struct buffer *out);
/* Links to the headings, as a nav element called "Contents". */
void html_document_contents(const struct document *d, struct buffer *out);
/* Everything between title and footer. Of a figure only the specification and the data, which scripts make a picture of. */
void html_document_blocks(const struct document *d, struct buffer *out);
/* What the document was made of, below a heading. */
void html_document_origin(const struct document *d, struct buffer *out);

bool document_has_figures(const struct document *d);

void html_facts(const struct doc_fact *facts, size_t count, struct buffer *out);

#endif
