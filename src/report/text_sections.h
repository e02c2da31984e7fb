/* The sections of the text report, in the order in which they are read, and
 * what they share. Each appends to the page; all of it is one thread's. */
#ifndef OU_REPORT_TEXT_SECTIONS_H
#define OU_REPORT_TEXT_SECTIONS_H

#include "analyse/analysis.h"
#include "report/text_page.h"

void text_head(struct page *p, const struct analysis *a);
void text_run(struct page *p, const struct analysis *a);
void text_chain(struct page *p, const struct analysis *a);
void text_end_to_end(struct page *p, const struct analysis *a);
void text_forging(struct page *p, const struct analysis *a);
void text_peers(struct page *p, const struct analysis *a);
void text_resources(struct page *p, const struct analysis *a);
/* A row for each metric of the section, whatever its unit; nothing where the analysis does not have the section. */
void text_values(struct page *p, const struct analysis *a, enum metric_section section);
void text_quality(struct page *p, const struct analysis *a);

/* Of struct distribution: standard_quantiles[16] is 0.95. */
enum { QUANTILE_95 = 16 };

/* "1 h 5 min", "2 min 5 s", "3.2 s", "450 ms": to two places. */
#define DURATION_ROOM 48
const char *duration_text(int64_t ns, char out[DURATION_ROOM]);

/* "2023-03-22 10:11:12 UTC"; "-" for TIME_NONE. */
#define INSTANT_ROOM 48
const char *instant_text(int64_t ns, char out[INSTANT_ROOM]);

/* "153.7 MB", in powers of ten. */
#define BYTES_ROOM 64
const char *bytes_text(uint64_t bytes, char out[BYTES_ROOM]);

/* "1,234". */
#define COUNT_ROOM 64
const char *count_text(uint64_t count, char out[COUNT_ROOM]);

/* The metrics of one section: they stand together. */
struct metric_list {
    const struct metric_result *at;
    size_t count;
};
struct metric_list metrics_of(const struct analysis *a, enum metric_section section);

bool metric_has_samples(const struct metric_result *m);

bool any_samples(const struct metric_list *metrics);

/* "name, name: Reason." for those that are absent, the same reason once. */
void absent_notes(struct page *p, const struct metric_list *metrics);
/* The same under a table, with an empty line between when there are any. */
void absent_notes_below(struct page *p, const struct metric_list *metrics);

/* In place of a table without any sample: why there is none. */
void nothing_measured(struct page *p, const struct metric_list *metrics);

/* Times as rows: median with its interval, mean, 95th percentile, count. All of
 * a table have one unit; below it stands what the picture means. */
enum distribution_picture { PICTURE_BARS, PICTURE_WATERFALL };
void distribution_table(struct page *p, const struct metric_list *metrics,
                        enum distribution_picture picture);

#endif
