#include "report/text.h"

#include "report/text_sections.h"

void report_text(const struct analysis *a, const struct text_style *style, struct buffer *out)
{
    struct page page;

    page_init(&page, style, out);
    text_head(&page, a);
    text_run(&page, a);
    if (!a->genesis.is_chainless) {
        text_chain(&page, a);
        text_end_to_end(&page, a);
        text_forging(&page, a);
        text_peers(&page, a);
    }
    text_values(&page, a, SECTION_PROCESS);
    text_values(&page, a, SECTION_RTS);
    text_resources(&page, a);
    if (!a->genesis.is_chainless)
        text_values(&page, a, SECTION_CONTROL);
    text_quality(&page, a);
}
