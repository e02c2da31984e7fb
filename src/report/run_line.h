/* One line that says which run, filters and ranges a table is about. */
#ifndef OU_REPORT_RUN_LINE_H
#define OU_REPORT_RUN_LINE_H

#include "analyse/analysis.h"
#include "base/buffer.h"

/* The run's tag, else its identifier, else what its chain is called. The
 * text is foreign: escape it for where it goes. */
const char *run_title(const struct analysis *a);

/* "filters: size-full, slot range: raw(16-64000, 63984 total) filtered(...),
 * filtered 0.75, block range: ...". The names are foreign, too. */
void run_filters_and_ranges(const struct analysis *a, struct buffer *out);

#endif
