#include "report/document_writers.h"

#include <string.h>

static const char *const format_names[DOCUMENT_FORMATS] = {
    [DOCUMENT_TEXT] = "text", [DOCUMENT_MARKDOWN] = "md", [DOCUMENT_ORG] = "org",
    [DOCUMENT_CSV] = "csv",   [DOCUMENT_JSON] = "json",   [DOCUMENT_HTML] = "html",
};

const char *document_format_name(enum document_format format)
{
    return format_names[format];
}

bool document_format_find(const char *name, enum document_format *ret)
{
    for (size_t i = 0; i < DOCUMENT_FORMATS; i++) {
        if (strcmp(name, format_names[i]) == 0) {
            *ret = (enum document_format)i;
            return true;
        }
    }
    return false;
}

void document_write(const struct document *d, enum document_format format,
                    const struct text_style *style, struct buffer *out)
{
    switch (format) {
    case DOCUMENT_TEXT: document_to_text(d, style, out); break;
    case DOCUMENT_MARKDOWN: document_to_markdown(d, out); break;
    case DOCUMENT_ORG: document_to_org(d, out); break;
    case DOCUMENT_CSV: document_to_csv(d, out); break;
    case DOCUMENT_JSON: document_to_json(d, out); break;
    case DOCUMENT_HTML: document_to_html(d, out); break;
    case DOCUMENT_FORMATS: break;
    }
}
