/* The names of lines, counted in several places (by threads, or at several machines), put together. */
#ifndef OU_LOGS_MERGED_NAMES_H
#define OU_LOGS_MERGED_NAMES_H

#include "base/intern.h"
#include "logs/ingest.h"

/* Zero-initialise, then merged_names_init. One thread. */
struct merged_names {
    struct intern all;
    struct ingested_name *items; /* by number in all */
    size_t cap;
    bool full; /* there are more than LOG_NAMES_MAX: set it where one of the places had too many */
};

void merged_names_init(struct merged_names *m);
/* items belong to who took them, merged_names_take(). */
void merged_names_release(struct merged_names *m);

/* Adds more->lines (more->name is not looked at). False: there is no room, and these lines are lost. */
bool merged_names_add(struct merged_names *m, struct span name, const struct ingested_name *more);

/* Moves them into result->names, sorted, and counts those that are left out in result->names_lost. Which names found room when
 * there are too many depends on the order: then only those that mean something are told. False: no memory. */
bool merged_names_take(struct merged_names *m, struct ingest_result *result);

#endif
