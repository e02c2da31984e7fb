/* What has become of runs that were published, a line each on standard output. */
#ifndef OU_CMD_PUBLISHED_LINE_H
#define OU_CMD_PUBLISHED_LINE_H

#include <stdbool.h>

#include "cmd/publisher.h"

struct published_line {
    const char *run, *outcome;
    const char *id, *url; /* "": there is none */
    const char *message;  /* NULL */
};

/* "published 0123... https://..."; the run's name where it has no address. False, and nothing of it, when there is no memory. */
bool published_line_print(const struct published_line *line);
bool published_line_json(const struct published_line *line);

/* That a run is there with other content, or in another project, and what to do. */
#define PUBLISHED_CONFLICT_ROOM 1024
void published_conflict_text(const struct publishing *run, char ret[PUBLISHED_CONFLICT_ROOM]);

#endif
