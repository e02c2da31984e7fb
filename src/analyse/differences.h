/* Where the default analysis and the field's existing tool (locli) part ways:
 * one row each, the single source of the code's switches, of `docs/explanation`
 * and of the notes in a report. */
#ifndef OU_ANALYSE_DIFFERENCES_H
#define OU_ANALYSE_DIFFERENCES_H

#include <stddef.h>

/* X(id, short title, what locli does, what the default does, effect on numbers).
 * `make docs` makes docs/explanation/differences-from-locli.md of it. */
/* clang-format off */
#define OU_DIFFERENCES(X) \
    X(QUANTILE_RULE, "quantiles",                                                               \
      "element min(n-1, floor(n p)) of the sorted values, no interpolation",                    \
      "type 7, linear interpolation (--quantiles 7|8|locli)",                                   \
      "medians of even counts and tails of small samples move by up to one neighbouring value") \
    X(ADOPTION_SHARE, "adoption fraction",                                                      \
      "share of the hosts that adopted the block: index min(k-1, floor(k q)) of the k "         \
      "adopters",                                                                               \
      "share of the cluster: the delay after which ceil(q N) of its N hosts have adopted the "  \
      "block, absent when fewer did",                                                           \
      "locli shows a 1.00 value for a block that half of the cluster never adopted; for 52 "    \
      "hosts its 0.50 value is the 27th host, here the 26th")                                   \
    X(FORK_SWITCH, "adoption by a change of fork",                                              \
      "SwitchedToAFork is not read",                                                            \
      "SwitchedToAFork adopts its new tip like AddedToCurrentChain; such an adoption does "     \
      "not enter the peer metrics",                                                             \
      "blocks that won a battle gain adopters; their late adoptions enter the upper "           \
      "fractions; hosts count a few events more")                                               \
    X(PHASE_ORDER, "unexpected phases",                                                         \
      "a host whose first word on a block is not its header (or that forges a block again, "    \
      "or asks for its own) has an error record for it, for good",                              \
      "its phases are kept; what is missing stays missing",                                     \
      "adoptions by hosts whose log begins in the middle of a block enter the end-to-end "      \
      "metrics")                                                                                \
    X(OBSERVATIONS, "observers of a block",                                                     \
      "hosts that logged its header, the request and the completed body",                       \
      "every host whose log speaks of it",                                                      \
      "the filter BMinimumAdoptions counts more hosts where phases are missing; the peer "      \
      "metrics are the same, for they want all phases")                                         \
    X(SHORT_HASHES, "hashes cut by the node",                                                   \
      "a hash that a low level of detail cut to 7 or 8 digits is another block",                \
      "it is the one block, of the last 128 that the host met, whose hash begins so",           \
      "adoptions and announcements of nodes that log too little detail are found")              \
    X(STALE_LOOP, "instants of the forge loop",                                                 \
      "an instant missing in a slot is taken from an earlier slot",                             \
      "missing",                                                                                \
      "a lost trace gives locli a phase that is long or negative by whole slots")               \
    X(PLACEHOLDERS, "absent forger phases",                                                     \
      "announced, slot start to announced, sending and adopted become 0.01 s when absent",      \
      "left out",                                                                               \
      "means of these four are pulled towards 10 ms by every block without the phase")          \
    X(BLOCK_GAP, "gap between blocks",                                                          \
      "difference of slot start plus the last forging segment; the first block is measured "    \
      "from its own slot start",                                                                \
      "difference of the instants at which the blocks were forged; none for the first block "   \
      "and for one whose predecessor is not in the logs",                                       \
      "shifts by the difference of the forgers' delays, tens of milliseconds")                  \
    X(TOP_BLOCK, "highest block",                                                               \
      "dropped always, and counted as unchained",                                               \
      "dropped only while some host of the cluster has not adopted it, and then pending",       \
      "one forger's chained/forged ratio is too low by one block")                              \
    X(FORGERLESS, "blocks without forger log",                                                  \
      "the analysis stops; parents and sizes are taken from forgers alone",                     \
      "counted and explained; the observers' metrics are given, and what observers tell of "    \
      "parent and size is used",                                                                \
      "logs of one node or of a few can be analysed")                                           \
    X(FILTER_UNKNOWN, "filters on what is not known",                                           \
      "the condition fails",                                                                    \
      "the condition is undecided: the block passes, and the result tells how many did so",     \
      "blocks without size, or without an adoption by their forger, stay in the population")    \
    X(NON_NEGATIVES, "filter BNonNegatives",                                                    \
      "inverted: true when no interval is >= 0, that is never",                                 \
      "true when no interval is negative",                                                      \
      "the filter becomes usable")                                                              \
    X(NO_REWARDS, "filter no-rewards",                                                          \
      "a conjunction that nothing fulfils",                                                     \
      "before the reward calculation or after it",                                              \
      "the filter becomes usable")                                                              \
    X(BLOCKS_PER_HOST, "blocks per host",                                                       \
      "over all hosts of the input",                                                            \
      "over the hosts of the cluster: those that adopted or forged a block",                    \
      "hosts that only generate load pull locli's mean down")                                   \
    X(CLUSTER_MEAN, "mean over hosts",                                                          \
      "mean of the at most 29 lowest host means",                                               \
      "mean of all host means",                                                                 \
      "for 52 hosts locli's resource averages are those of the lower 56 % of the hosts")        \
    X(CLUSTER_MEDIAN, "median over hosts",                                                      \
      "middle one of the host medians",                                                         \
      "mean of the host medians, as for every other quantile",                                  \
      "one host that is far from the others moves our median, not locli's")                     \
    X(CLUSTER_SD, "deviation over hosts",                                                       \
      "the greatest deviation of any host",                                                     \
      "deviation of all samples about their common mean",                                       \
      "locli states the spread of the most unsteady host")                                      \
    X(NO_FORGING, "hosts that do not forge",                                                    \
      "every slot of theirs counts as one without leadership check",                            \
      "a host that never checks its leadership has no value for checks and leads, and misses "  \
      "no slot",                                                                                \
      "relays among the hosts pull locli's mean number of checks down")                         \
    X(FIRST_SAMPLE, "first resource sample",                                                    \
      "taken against 0 at 1970: near 0 % CPU, and the whole history as an increment",           \
      "gives no rate; rates begin with the second sample",                                      \
      "locli's means of GCs, Alloc, network and file system contain the past of the process "   \
      "once")                                                                                   \
    X(RATES, "rates of counters",                                                               \
      "increments are not divided by the elapsed time and stand in the slot of the sample "     \
      "alone",                                                                                  \
      "divided by the elapsed time, and hold for every slot the interval covers",               \
      "samples that are not one second apart distort locli's rows of GCs, Alloc, network and "  \
      "file system")                                                                            \
    X(CARRIED_CPU, "CPU of slots without a sample",                                             \
      "the last known percentage is repeated",                                                  \
      "the percentage of the interval that covers the slot",                                    \
      "after a pause locli repeats the load before the pause")                                  \
    X(ROUNDING, "rounding",                                                                     \
      "percentages are rounded up to whole numbers in 32-bit float, sizes cut to whole MB or "  \
      "KB, run times rounded or (for line rates) cut to whole seconds",                         \
      "exact",                                                                                  \
      "locli's CPU means are too high by half a percent point on average")                      \
    X(DOUBLE_SAMPLES, "resource samples written twice",                                         \
      "the second one makes an interval without any use",                                       \
      "a sample equal to the one before is passed over",                                        \
      "nodes of 2023 wrote each sample twice: their CPU spans are cut to pieces in locli")      \
    X(COUNTER_RESET, "counters that go back",                                                   \
      "wrap around to a huge number",                                                           \
      "the interval is left out and counted: the process was restarted",                        \
      "one restart ruins locli's means")                                                        \
    X(SPAN_LENGTH, "length of CPU spans",                                                       \
      "last slot minus first slot",                                                             \
      "number of slots",                                                                        \
      "every span is one slot longer here")                                                     \
    X(SPAN_UNKNOWN, "CPU spans and missing samples",                                            \
      "a slot without resources counts as busy; slots that filters dropped are jumped over",    \
      "a slot without resources ends a span, and so does one that was dropped",                 \
      "locli's spans can run over stretches nobody measured")                                   \
    X(SPAN_EPOCH, "CPU spans at an epoch boundary",                                             \
      "the slots of the old epoch are not dropped, and a span that crosses the boundary "       \
      "usually fails the test",                                                                 \
      "the slots of the old epoch are dropped before the test",                                 \
      "spans that begin before the boundary are counted")                                       \
    X(FIRST_SLOT, "first slot of a host",                                                       \
      "its epoch is taken as 0; it counts even when the log begins in the middle of it",        \
      "belongs to its epoch; counts only when its leadership check is in the log",              \
      "one slot a host; locli counts it as missed when the log begins in mid-slot")             \
    X(RUN_STAMPS, "first and last stamp of a host",                                             \
      "those of its first and last line, as they stand",                                        \
      "the smallest and the greatest",                                                          \
      "run times and spreads differ where a log is out of order")                               \
    X(LATE_CONTEXT, "a block context logged after the next slot began",                         \
      "the gap since the last block counts from the newest slot",                               \
      "it counts from the slot that the context names",                                         \
      "one slot, in slots where the forge loop was slow")                                       \
    X(EARLY_LINES, "lines before the start of the chain",                                       \
      "slot records then begin with slot 0",                                                    \
      "they begin with the slot of the first event after the start",                            \
      "slots between the start of the chain and the first sign of the host are none of its "    \
      "slots here")                                                                             \
    X(UNREPORTED, "values that a slot did not report",                                          \
      "density and UTxO are 0 in a slot with any event and repeated in one without; the "       \
      "mempool holds 0 until it is first reported, and so do resources from the second slot "   \
      "on",                                                                                     \
      "left out",                                                                               \
      "locli's mean density is too low by the share of slots with 0, and its resources by "     \
      "the slots before the first sample")                                                      \
    X(TIP_UNKNOWN, "gap since the last block",                                                  \
      "counted from slot 0 until the first change of tip is seen",                              \
      "unknown until then",                                                                     \
      "logs that begin late in a chain's life get huge gaps from locli")                        \
    X(TIP_PAST, "change of tip told for a past slot",                                           \
      "the gap counts from the newest slot",                                                    \
      "the gap counts from the slot that is named",                                             \
      "where the forge loop is late, locli's gaps are too short by the slots between")          \
    X(TX_SPAN, "transactions whose collection is not in the log",                               \
      "count as 1 s between collection and processing",                                         \
      "left out",                                                                               \
      "the slot table's SpanTxsMem only")                                                       \
    X(SLOT_GAP, "host silent for 1000 slots or more",                                           \
      "the analysis stops",                                                                     \
      "the slots count as silent, not as missed, and are reported",                             \
      "none in runs that locli can analyse")                                                    \
    X(EMPTY, "empty populations",                                                               \
      "all zero, and a host without samples enters the means over hosts as 0",                  \
      "no value, with the reason; such a host is left out",                                     \
      "a metric nobody measured does not look like a perfect one")
/* clang-format on */

enum difference {
#define X(id, title, locli, ours, effect) DIFFERENCE_##id,
    OU_DIFFERENCES(X)
#undef X
        DIFFERENCES,
};

struct difference_info {
    const char *title, *locli, *ours, *effect;
};
extern const struct difference_info difference_infos[DIFFERENCES];

#endif
