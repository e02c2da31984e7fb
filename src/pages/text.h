/* Pages of text: what the documentation says about the API, as it stands in docs/reference/api. */
#ifndef OU_PAGES_TEXT_H
#define OU_PAGES_TEXT_H

#include "pages/page.h"

struct page_text_file {
    const char *name; /* of the page: "problems" */
    const char *title;
    const char *text; /* Markdown */
};
const struct page_text_file *page_text_find(const char *name); /* NULL */
/* A link to each, as items of a list. */
void page_put_texts(struct api_request *r);

/* Markdown as our own documentation has it: headings, paragraphs, lists, tables, code, links, emphasis. All else is text;
 * HTML in it, too. Links to other files of the folder ("problems.md#x") become links to their pages. */
void page_markdown(const char *text, struct buffer *out);

#endif
