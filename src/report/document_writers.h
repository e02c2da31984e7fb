/* The forms that a document can take. Each appends to *out and asks the buffer
 * for failures afterwards; the same document gives the same bytes. */
#ifndef OU_REPORT_DOCUMENT_WRITERS_H
#define OU_REPORT_DOCUMENT_WRITERS_H

#include <stdbool.h>

#include "base/buffer.h"
#include "report/document.h"
#include "report/text_style.h"

enum document_format {
    DOCUMENT_TEXT,
    DOCUMENT_MARKDOWN,
    DOCUMENT_ORG,
    DOCUMENT_CSV, /* every number shown, tidy: one table after the other, an empty line between, "# id: title" above */
    DOCUMENT_JSON, /* the same as JSON: {"title", "tables": [{"id","columns","rows"}], "figures": [...]} */
    DOCUMENT_HTML,
    DOCUMENT_FORMATS,
};

/* "text", "md", "org", "csv", "json", "html". */
const char *document_format_name(enum document_format format);
bool document_format_find(const char *name, enum document_format *ret);

void document_to_text(const struct document *d, const struct text_style *style, struct buffer *out);
void document_to_markdown(const struct document *d, struct buffer *out);
void document_to_org(const struct document *d, struct buffer *out);
void document_to_csv(const struct document *d, struct buffer *out);
void document_to_json(const struct document *d, struct buffer *out);
void document_to_html(const struct document *d, struct buffer *out);

/* Any of them; style only counts for text. */
void document_write(const struct document *d, enum document_format format,
                    const struct text_style *style, struct buffer *out);

#endif
