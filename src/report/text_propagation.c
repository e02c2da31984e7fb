/* How blocks came into being and how they travelled. */
#include "report/text_sections.h"

#include <stdbool.h>

/* Where nothing was measured, the reasons stand in place of an empty table. */
static bool begin_section(struct page *p, enum metric_section section,
                          const struct metric_list *metrics, const char *intro)
{
    page_heading(p, section_title(section));
    if (!any_samples(metrics)) {
        nothing_measured(p, metrics);
        return false;
    }
    page_paragraph(p, intro);
    page_line(p);
    return true;
}

void text_end_to_end(struct page *p, const struct analysis *a)
{
    struct metric_list metrics = metrics_of(a, SECTION_ENDTOEND);
    const char *intro =
        a->compat
            ? "From the start of a block's slot until that share of the hosts that adopted it "
              "had adopted it (as locli counts)."
            : "From the start of a block's slot until that share of the hosts had adopted it; "
              "blocks that fewer adopted are left out.";

    if (!begin_section(p, SECTION_ENDTOEND, &metrics, intro))
        return;
    distribution_table(p, &metrics, PICTURE_BARS);
    if (a->partial_view)
        page_paragraphf(p,
                        "The shares are of the %u %s whose logs are here, not of the network: read "
                        "them as when these hosts had the block.",
                        a->cluster_size, a->cluster_size == 1 ? "host" : "hosts");
}

void text_forging(struct page *p, const struct analysis *a)
{
    struct metric_list metrics = metrics_of(a, SECTION_FORGER);

    if (begin_section(p, SECTION_FORGER, &metrics,
                      "What the forger of a block spent its time on, from slot start to the "
                      "announcement of the header."))
        distribution_table(p, &metrics, PICTURE_WATERFALL);
}

void text_peers(struct page *p, const struct analysis *a)
{
    struct metric_list metrics = metrics_of(a, SECTION_PEERS);

    if (begin_section(p, SECTION_PEERS, &metrics,
                      "One hop, as its receiver sees it: the first two count from slot start and "
                      "take the fastest peer of a block, the others count from the step before."))
        distribution_table(p, &metrics, PICTURE_BARS);
}
