/* Data quality: what is wrong with the logs, or missing, and what it means for
 * the numbers. Each finding is one sentence with a stable code. */
#ifndef OU_ANALYSE_FINDINGS_H
#define OU_ANALYSE_FINDINGS_H

#include "analyse/arrival_bound.h"
#include "analyse/clocks.h"

/* Things that only the making of the analysis saw. */
struct findings_input {
    uint64_t names_lost;    /* lines whose name found no room in the name table */
    uint64_t skipped_links; /* further names of files already read */
    uint64_t other_forms;   /* files of a collector that repeat those read in another form */
    uint64_t *wild_stamps;  /* by host */
    uint64_t *early_events;
    uint64_t *lost_events;
    uint64_t *ambiguous_hashes;
    const uint8_t *shrank; /* by file */
    struct clock_doubt doubt;
    struct bound_doubt bound;
};

/* Fills a->findings, errors first. The rest of *a is complete. */
enum ou_status findings_fill(struct analysis *a, const struct findings_input *input,
                             struct ou_error *err);

#endif
