/* A table of published results taken apart: the lines of each run as a table of its own, which reads back as that run. */
#ifndef OU_STUDY_TABLE_LINES_H
#define OU_STUDY_TABLE_LINES_H

#include "base/span.h"
#include "base/status.h"

/* A run and its lines, of all reports that show it: a table whose reports follow each other oldest first. The same run makes the same
 * bytes wherever its lines stand in the file. Valid during the call. */
struct table_lines {
    const char *name; /* "WORKLOAD/RUN": how messages call it */
    struct span text;
};
/* What is not OU_OK ends the walk. */
typedef enum ou_status table_lines_taker(void *context, const struct table_lines *lines,
                                         struct ou_error *err);

/* Gives each run of the table once, or the one that selector names ("RUN", "WORKLOAD/RUN", "REPORT/RUN"). path: of the
 * table, for messages. OU_INVALID with the line, OU_NOT_FOUND, and what `take` returns. */
enum ou_status table_lines_each(struct span table, const char *path, const char *selector,
                                table_lines_taker *take, void *context, struct ou_error *err);

#endif
