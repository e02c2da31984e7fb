/* Whether the hosts' clocks agree. A header cannot arrive before its forger
 * announced it; where it seems to, most of the time, one of the two clocks is
 * off. The fault is laid on the host that disagrees with the greatest share of
 * the hosts it shares blocks with. */
#ifndef OU_ANALYSE_CLOCKS_H
#define OU_ANALYSE_CLOCKS_H

#include "analyse/analysis.h"

/* Clocks that differ by less are not suspected, nor on less evidence. */
#define CLOCK_NS (20 * 1000 * 1000)
#define CLOCK_BLOCKS_MIN 5
/* With more hosts than this clocks are not compared: the table has a cell for
 * each pair of them. */
#define CLOCK_HOSTS_MAX 2000

/* Two hosts that disagree, where nobody else tells which of them is right. */
struct clock_doubt {
    uint32_t one, other; /* NO_HOST: there is no such pair */
    uint64_t blocks;     /* whose headers came early */
    int64_t ns;          /* by how much at most, > 0 */
};

/* Fills hosts' clock_offset_ns where a host's clock seems to differ from the
 * others' (above 0: ahead), and *ret. Wants the blocks and the metrics. */
enum ou_status clocks_compare(struct analysis *a, struct clock_doubt *ret, struct ou_error *err);

#endif
