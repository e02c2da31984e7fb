/* Everything that was measured in one run. analysis_run() fills it, report/
 * shows it, and nothing else is needed to do so.
 *
 * Instants are nanoseconds since 1970, durations nanoseconds; TIME_NONE means
 * not known. Hosts are numbered in the order of their names. A count that is
 * not known is -1, a number that is not known NaN; never 0. */
#ifndef OU_ANALYSE_ANALYSIS_H
#define OU_ANALYSE_ANALYSIS_H

#include <stdbool.h>
#include <stdint.h>

#include "analyse/dictionary.h"
#include "analyse/filter.h"
#include "analyse/rts_hosts.h"
#include "analyse/run_context.h"
#include "base/arena.h"
#include "base/time.h"
#include "chain/genesis.h"
#include "logs/catalogue.h"
#include "stats/summary.h"

#define NO_HOST UINT32_MAX

/* --- What was read ------------------------------------------------------ */

struct file_read_result {
    const char *path;          /* as given or found; "-" for standard input */
    const char *host;          /* NULL when the lines name their hosts */
    const char *compression;   /* "none", "gzip", "zstd", ... */
    uint64_t lines, bytes;     /* bytes: after decompression */
    char checksum[33];         /* XXH3-128 of those bytes, hex, as `xxhsum -H2` prints it */
    int64_t first_ns, last_ns; /* smallest and greatest stamp */
    const char *problem;       /* why reading it ended early; NULL when it did not */
};

/* Lines of one name: the namespace, or the legacy kind. */
struct event_count {
    const char *name;
    enum event_kind event; /* EVENT_NONE when the analysis does not read it */
    uint64_t lines;
};

/* Lines that were not understood, or set aside on purpose, for one reason. */
struct reject_count {
    const char *code, *reason; /* "cut-line", "the line ends in the middle of a JSON value" */
    bool expected;             /* set aside on purpose (a falling edge): no fault of the log */
    uint64_t lines;
    const char *first_path;
    uint64_t first_line; /* counted from 1 */
};

/* What the logs of load generators say. They are no hosts. */
struct load_result {
    uint32_t generators;
    int64_t txs_sent; /* of all; -1 not known: no generator came to its end */
    uint64_t setup_taken,
        setup_txs; /* of what splits their funds, before their loads; 0: not told */
};

/* What programs used that a run started as nodes: all starts of one together. */
struct process_use {
    uint32_t ends, failures;         /* ends of its process; those of a fault of its own */
    double wall_s, user_s, system_s; /* as the system accounted */
    int64_t max_rss_bytes;
};

/* Messages that did not reach the log or a collector, as the host itself tells. */
struct message_losses {
    uint64_t unwritten; /* rings had no room, or lines could not be written */
    uint64_t dropped;   /* from the queue for the collector */
    uint64_t told;      /* how often it told of either */
};

struct host_result {
    const char *name;
    bool cluster_member;       /* adopted or forged something: counts in adoption fractions */
    uint64_t lines, bytes;     /* bytes are 0 when several hosts share a file */
    uint64_t objects;          /* lines that became events */
    uint64_t not_understood;   /* lines with an unexpected reject */
    uint64_t duplicate_lines;  /* the same as the line before */
    uint64_t repeated_events;  /* a phase of a block told again; the first one counts */
    bool coarse_stamps;        /* every stamp is a multiple of 10 ms: delays are no finer */
    uint64_t out_of_order;     /* lines stamped earlier than the line before */
    int64_t worst_backstep_ns; /* by how much at most */
    int64_t first_ns, last_ns; /* smallest and greatest stamp; compat: as in_file */
    int64_t first_in_file_ns, last_in_file_ns;
    int64_t longest_gap_ns,
        longest_gap_at_ns; /* longest time without a line; TIME_NONE when < 2 lines */
    uint64_t slots, checked_slots, missed_slots, silent_slots; /* see slot_table.h */
    uint64_t counter_resets; /* resource counters that went back: restarts */
    struct message_losses lost;
    /* Forged by this host: */
    uint64_t blocks_filtered, blocks_rejected, blocks_unchained, blocks_pending;
    int64_t clock_offset_ns;    /* suspected, against the others; TIME_NONE: no suspicion */
    struct process_use process; /* ends 0: its log tells of none */
};

/* --- The chain ---------------------------------------------------------- */

enum forger_phase {
    FORGER_STARTED,
    FORGER_BLOCK_CONTEXT,
    FORGER_LEDGER_STATE,
    FORGER_LEDGER_VIEW,
    FORGER_LEADING,
    FORGER_TICKED,
    FORGER_MEMPOOL_SNAPSHOT,
    FORGER_FORGED,
    FORGER_ANNOUNCED,
    FORGER_ANNOUNCED_CUM,
    FORGER_SENDING,
    FORGER_ADOPTED,
    FORGER_PHASES,
};

enum observer_phase {
    OBSERVER_NOTICED,
    OBSERVER_REQUESTED,
    OBSERVER_FETCHED,
    OBSERVER_ANNOUNCED,
    OBSERVER_SENDING,
    OBSERVER_ADOPTED,
    OBSERVER_PHASES,
};

struct block_observation {
    uint32_t host;
    uint32_t sender;                     /* host that the body came from; NO_HOST: not told */
    int64_t delta_ns[OBSERVER_PHASES];   /* each against the phase before; TIME_NONE absent */
    int64_t adoption_ns;                 /* slot start to adoption; TIME_NONE absent */
    int64_t chain_delta;                 /* blocks fetched or adopted together */
    uint16_t headers, requests, fetches; /* how often each was logged */
    uint8_t missing, negative;           /* bit per enum observer_phase */
    bool by_fork_switch;                 /* adopted through SwitchedToAFork */
    bool valid;                          /* counts for the peer metrics */
};

enum block_fate {
    BLOCK_CHAINED,   /* on the chain that is analysed */
    BLOCK_UNCHAINED, /* lost a battle, or never adopted */
    BLOCK_PENDING,   /* the highest block, possibly incomplete when the logs end */
};

struct chain_block {
    const char *hash;
    const char *parent;   /* NULL when no log tells */
    int64_t number, slot; /* -1 unknown */
    uint64_t epoch, slot_in_epoch, safe_interval;
    int64_t slot_start_ns; /* TIME_NONE when the slot is unknown */
    enum block_fate fate;
    uint32_t forger;    /* NO_HOST when its log is not there */
    int64_t size_bytes; /* -1 unknown */
    int64_t forger_chain_delta;
    int64_t forger_delta_ns[FORGER_PHASES];
    int64_t forger_adoption_ns; /* slot start to own adoption */
    int64_t forged_at_ns, block_gap_ns;
    uint16_t forger_missing, forger_negative; /* bit per enum forger_phase */
    uint32_t battles;                         /* other blocks known at its height */
    uint32_t adopters;                        /* hosts that adopted it, forger included */
    int64_t adoption_ns[ADOPTION_FRACTIONS];  /* TIME_NONE: fewer hosts adopted it */
    struct block_observation *observations;   /* by host; NULL when none */
    uint32_t observation_count, valid_observations;
    uint32_t stray_records; /* hosts with a phase of it but no header seen (error records) */
    uint32_t duplicate_forges;
    bool accepted;
    uint8_t answers[FILTER_CONDITIONS_MAX]; /* enum filter_answer, per condition */
};

struct filter_result {
    const char *name, *set; /* "BFullnessGEq 0.9", "size-full" */
    bool for_slots;
    uint64_t blocks_dropped;   /* chained blocks it says no to; a block can count several times */
    uint64_t blocks_undecided; /* for lack of facts; such a block is not dropped */
    uint64_t slots_dropped;    /* slot records of all hosts, for slot conditions */
};

/* --- Metrics ------------------------------------------------------------ */

/* Reason of a metric that is absent because nodes of the run's kind have no such thing: nothing that a reader misses. */
#define METRIC_NOT_OF_KIND "nodes of this kind have none"

enum metric_kind { METRIC_ABSENT, METRIC_NUMBER, METRIC_TEXT, METRIC_DISTRIBUTION };

struct metric_result {
    const struct metric_info *info;
    enum metric_kind kind;
    const char *absent_reason; /* for METRIC_ABSENT: a sentence */
    double number;
    const char *text;
    /* METRIC_DISTRIBUTION. Where it is over hosts of distributions over slots
     * (per_host set): n counts all samples, mean is the mean of the host means,
     * sd is over all samples, a quantile is the mean of the hosts' quantiles. */
    struct distribution over;
    double quantile_medians[STANDARD_QUANTILES]; /* per_host: median over hosts instead */
    struct distribution *per_host;               /* host_count entries, n == 0 absent; or NULL */
    double inter_host_sd;                        /* per_host: deviation of the host means */
    /* Samples that belong to one host each, as of a block to its forger, though the
     * distribution is over blocks: host_count entries, n == 0 absent; or NULL. */
    struct moments *by_host;
};

/* --- Over time, and over the cluster ------------------------------------- */

/* The mean over hosts of each host's mean, and the least and the greatest of these. */
struct cluster_bin {
    double mean, min, max; /* NaN: no host has a value there */
};

struct cluster_line {
    const struct metric_info *info;
    struct cluster_bin *bins;
};

struct cluster_timeline {
    uint64_t first_slot, slots_per_bin;
    size_t bins; /* 0: no host has slots */
    struct cluster_line *lines;
    size_t line_count;
};

/* From the start of the slot until so many hosts had adopted a block: quantiles over blocks. */
struct adoption_share {
    uint32_t hosts;
    double p05_s, p50_s, p95_s;
};

/* The least that the links between the hosts allow, over blocks. The median is what
 * stands below the median that was measured; means of the two need not. */
struct adoption_bound {
    uint32_t hosts;
    double median_s, mean_s;
};

struct arrival_bound {
    const char *assumptions; /* a text; NULL: the bound is not known */
    struct adoption_bound *curve;
    size_t point_count;
    double efficiency;  /* bound by measured time, medians both, at 95 % of the hosts; NaN */
    double block_bytes; /* mean size of the blocks */
    size_t blocks;      /* that the curve is over */
    size_t links;       /* pairs of nodes that are joined */
};

struct arrival_result {
    size_t blocks; /* accepted and adopted by some host */
    struct adoption_share *curve;
    size_t point_count;
    struct arrival_bound bound;
};

/* --- Data quality ------------------------------------------------------- */

enum finding_severity { FINDING_NOTE, FINDING_WARNING, FINDING_ERROR };

struct finding {
    enum finding_severity severity;
    const char *code; /* stable, for programs: "host-silent", "clock-suspect" */
    uint32_t host;    /* NO_HOST when it is about the run */
    uint64_t count;
    const char *text; /* one sentence for a person, with the next step where there is one */
};

/* --- All of it ---------------------------------------------------------- */

struct analysis {
    struct arena memory; /* owns everything below */
    struct genesis genesis;
    const char *genesis_source;        /* path or network name; NULL: there is no chain */
    const struct run_context *context; /* NULL for bare logs; not owned */
    const struct rts_hosts *rts;       /* of GHC programs; NULL or empty: none; not owned */
    const char *date;                  /* "2026-11-22" when the caller gave one; else NULL */
    bool compat;
    enum quantile_rule rule;

    struct file_read_result *files;
    size_t file_count;
    struct event_count *events;
    size_t event_count; /* most lines first, then by name */
    struct reject_count *rejects;
    size_t reject_count;
    struct load_result load;
    struct host_result *hosts;
    uint32_t host_count;   /* by name */
    uint32_t cluster_size; /* hosts with cluster_member */
    uint64_t lines, bytes, objects;
    int64_t first_ns, last_ns;

    struct chain_block *blocks;
    size_t block_count; /* by number, slot, hash; all fates */
    size_t chained_count, accepted_count, unchained_count, pending_count;
    uint64_t missing_heights; /* heights between first and last chained block without any block */
    bool partial_view;        /* no forger's log for some chained block */
    size_t forgerless_count;
    struct filter_result *filters;
    size_t filter_count;
    /* Domains: first and last; -1 when empty. */
    int64_t slots_raw[2], slots_filtered[2], blocks_raw[2], blocks_filtered[2];

    struct metric_result *metrics;
    size_t metric_count; /* in dictionary order, the timelines' rows left out */
    struct cluster_timeline timeline;
    struct arrival_result arrival;
    struct finding *findings;
    size_t finding_count; /* errors first */
};

/* The one number that a metric comes down to: its value, or the mean of its
 * distribution; NaN for texts and absent ones. */
double metric_scalar(const struct metric_result *m);

/* NULL when the metric is not in the analysis. */
const struct metric_result *analysis_metric(const struct analysis *a, enum metric_section section,
                                            const char *id);

#endif
