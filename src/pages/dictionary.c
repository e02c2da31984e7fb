/* What every metric means, with an anchor for each: "#metric-machperf-centicpu". */
#include "pages/page.h"
#include "report/builders.h"
#include "report/html_table.h"

static const char *direction_words(enum metric_direction direction)
{
    switch (direction) {
    case DIRECTION_LESS_IS_BETTER: return "less is better";
    case DIRECTION_MORE_IS_BETTER: return "more is better";
    case DIRECTION_NONE: break;
    }
    return NULL;
}

static void add_metric(struct document *d, struct doc_table *t, const struct metric_info *info)
{
    doc_add_cell(
        d, t,
        (struct doc_cell){ .kind = DOC_TEXT, .text = info->name, .metric = metric_link(d, info) });
    page_cell(d, t, info->id, NULL, TONE_QUIET);
    page_cell(d, t, section_name(info->section), NULL, TONE_PLAIN);
    page_cell(d, t, info->unit, NULL, TONE_PLAIN);
    page_cell(d, t, direction_words(info->direction), NULL, TONE_PLAIN);
    page_cell(d, t, info->description, NULL, TONE_PLAIN);
    page_cell(d, t, info->formula, NULL, TONE_PLAIN);
}

void page_dictionary(struct api_request *r)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "id", .head = "id" },
        { .id = "section", .head = "section" },
        { .id = "unit", .head = "unit" },
        { .id = "better", .head = "better" },
        { .id = "meaning", .head = "what it is" },
        { .id = "formula", .head = "how it is computed" },
    };
    struct page_head head = { .title = "Metrics", .part = PAGE_DICTIONARY };
    struct document d;
    struct doc_table *t;

    document_init(&d);
    d.title = "Metrics";
    d.subtitle = "What is measured, and how it is computed.";
    t = document_table(&d, HTML_DICTIONARY, "The dictionary", columns,
                       sizeof columns / sizeof *columns);
    for (size_t i = 0; i < dictionary_count(); i++)
        add_metric(&d, t, dictionary_row(i));
    page_document(r, &head, &d, NULL, NULL);
}
