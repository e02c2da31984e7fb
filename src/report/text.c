#include "report/text.h"

#include "report/text_sections.h"

/* Not of a chain that was there before: nobody forged or waited for its blocks. */
static void text_propagation(struct page *page, const struct analysis *a)
{
    if (run_context_follows_chain(a->context) && !a->compat)
        return;
    text_end_to_end(page, a);
    text_forging(page, a);
}

void report_text(const struct analysis *a, const struct text_style *style, struct buffer *out)
{
    struct page page;

    page_init(&page, style, out);
    text_head(&page, a);
    text_run(&page, a);
    text_values(&page, a, SECTION_SYNC);
    if (!a->genesis.is_chainless) {
        text_chain(&page, a);
        text_propagation(&page, a);
        text_peers(&page, a);
    }
    text_values(&page, a, SECTION_PROCESS);
    text_values(&page, a, SECTION_RTS);
    text_resources(&page, a);
    if (!a->genesis.is_chainless)
        text_values(&page, a, SECTION_CONTROL);
    text_quality(&page, a);
}
