/* Counting what was read: of one host's lines, and of the lines that were not
 * understood. Both are counted per piece of text and put together in order. */
#ifndef OU_LOGS_TALLY_H
#define OU_LOGS_TALLY_H

#include <stdint.h>

#include "logs/line.h"

/* The legacy tracing stamps its lines to two decimals. */
#define TALLY_COARSE_NS (10 * 1000 * 1000)

/* The lines of one host, in the order in which they stand in its files. */
struct host_tally {
    uint64_t lines;
    uint64_t bytes;
    uint64_t objects;        /* lines that became events */
    uint64_t not_understood; /* lines with a reject that is not expected */
    uint64_t duplicate_lines;
    bool fine_stamps;      /* some stamp is no multiple of TALLY_COARSE_NS */
    uint64_t out_of_order; /* stamped earlier than a line before */
    int64_t worst_backstep_ns;
    int64_t first_ns, last_ns; /* least and greatest stamp; TIME_NONE when no line has one */
    int64_t first_in_file_ns, last_in_file_ns;
    int64_t longest_gap_ns, gap_at_ns; /* the longest time without a line, and when it began */
};

extern const struct host_tally host_tally_empty;

/* Counts a line's stamp (which may be TIME_NONE). */
void host_tally_stamp(struct host_tally *t, int64_t at_ns);

/* Appends what was counted in the text that follows: the same as if both had
 * been counted in one go, except that a text which begins with a stamp out of
 * order may hide a gap of its own. */
void host_tally_append(struct host_tally *t, const struct host_tally *next);

/* Lines not understood or set aside, for each reason. */
struct reject_tally {
    uint64_t lines;
    uint32_t first_input; /* number of the file with the first one */
    uint64_t first_line;  /* in that file, counted from 1 */
};

#endif
