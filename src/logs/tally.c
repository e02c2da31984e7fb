#include "logs/tally.h"

#include "base/time.h"

const struct host_tally host_tally_empty = {
    .first_ns = TIME_NONE,
    .last_ns = TIME_NONE,
    .first_in_file_ns = TIME_NONE,
    .last_in_file_ns = TIME_NONE,
    .longest_gap_ns = TIME_NONE,
    .gap_at_ns = TIME_NONE,
};

/* The step from the lines so far to a stamp: a gap forward or a step back.
 * Forward gaps are measured from the greatest stamp so far, so that one line
 * out of order does not make two gaps. */
static void step(struct host_tally *t, int64_t at_ns)
{
    if (at_ns < t->last_in_file_ns) {
        int64_t back = t->last_in_file_ns - at_ns;

        t->out_of_order++;
        if (back > t->worst_backstep_ns)
            t->worst_backstep_ns = back;
    }
    if (at_ns >= t->last_ns && at_ns - t->last_ns > t->longest_gap_ns) {
        t->longest_gap_ns = at_ns - t->last_ns;
        t->gap_at_ns = t->last_ns;
    }
}

void host_tally_stamp(struct host_tally *t, int64_t at_ns)
{
    if (at_ns == TIME_NONE)
        return;
    if (!t->fine_stamps)
        t->fine_stamps = at_ns % TALLY_COARSE_NS != 0;
    if (t->first_ns == TIME_NONE) {
        t->first_ns = t->last_ns = t->first_in_file_ns = at_ns;
    } else {
        step(t, at_ns);
        if (at_ns < t->first_ns)
            t->first_ns = at_ns;
        if (at_ns > t->last_ns)
            t->last_ns = at_ns;
    }
    t->last_in_file_ns = at_ns;
}

/* The longest gap of the text that follows. It was measured without knowing the
 * stamps so far: of one that begins before the greatest of them only the rest is
 * a gap. (Shorter ones behind it are not known any more.) */
static void append_gap(struct host_tally *t, const struct host_tally *next)
{
    int64_t begin = next->gap_at_ns, end;

    if (begin == TIME_NONE)
        return;
    end = begin + next->longest_gap_ns;
    if (begin < t->last_ns)
        begin = t->last_ns;
    if (end >= begin && end - begin > t->longest_gap_ns) {
        t->longest_gap_ns = end - begin;
        t->gap_at_ns = begin;
    }
}

void host_tally_append(struct host_tally *t, const struct host_tally *next)
{
    t->lines += next->lines;
    t->bytes += next->bytes;
    t->objects += next->objects;
    t->not_understood += next->not_understood;
    t->duplicate_lines += next->duplicate_lines;
    t->fine_stamps |= next->fine_stamps;
    t->out_of_order += next->out_of_order;
    if (next->worst_backstep_ns > t->worst_backstep_ns)
        t->worst_backstep_ns = next->worst_backstep_ns;
    if (next->first_ns == TIME_NONE)
        return;
    if (t->first_ns == TIME_NONE) {
        t->first_ns = next->first_ns;
        t->last_ns = next->last_ns;
        t->first_in_file_ns = next->first_in_file_ns;
        t->longest_gap_ns = next->longest_gap_ns;
        t->gap_at_ns = next->gap_at_ns;
    } else {
        step(t, next->first_in_file_ns);
        append_gap(t, next);
        if (next->first_ns < t->first_ns)
            t->first_ns = next->first_ns;
        if (next->last_ns > t->last_ns)
            t->last_ns = next->last_ns;
    }
    t->last_in_file_ns = next->last_in_file_ns;
}
