/* A finished run as its results tell it, however they are kept: an analysis file,
 * a variance file, a row of a table of published results. What was not measured
 * is NaN, NULL or absent; never 0.
 *
 * The run is the unit of every statement about a version: its blocks and hosts
 * are not independent repetitions. */
#ifndef OU_STUDY_FINISHED_RUN_H
#define OU_STUDY_FINISHED_RUN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "analyse/dictionary.h"
#include "base/arena.h"
#include "base/status.h"
#include "stats/quantile.h"

enum run_value_kind { RUN_VALUE_ABSENT, RUN_VALUE_NUMBER, RUN_VALUE_TEXT, RUN_VALUE_DISTRIBUTION };

/* What one host has to say about a metric: n samples with mean and deviation (NaN: not known). */
struct host_part {
    uint32_t host; /* of finished_run.hosts */
    double n, mean, sd;
};

struct run_value {
    const struct metric_info *info;
    enum run_value_kind kind;
    const char *text, *absent_reason;
    double mean; /* the one number it comes down to; NaN for texts and absent ones */
    double n, median, sd, min, max; /* NaN: not known */
    double quantiles[STANDARD_QUANTILES];
    struct host_part *hosts; /* by host; NULL: cannot be told apart by hosts, or not known */
    size_t host_count;
    /* The value of each accepted block in the order of the chain, NaN where it has none: block_count entries of the run,
     * or NULL where a metric is not one of blocks. For peer metrics it is the mean over the block's valid observers. */
    const double *blocks;
};

/* Rare events, compared as counts. */
struct run_count {
    const char *id, *name;     /* "cdfBlockBattle", "missedSlots" */
    const char *exposure_unit; /* "blocks" */
    double count, exposure;
};
#define RUN_COUNTS_MAX 4

/* A thing that must agree before runs are compared: "profile" "" "ci-test", "genesis" "epochLength" "600". */
struct run_fact {
    const char *group; /* "profile", "genesis", "hosts", "filters", "workload", "era", "options" */
    const char *name, *value;
};

/* How the run came to its place among others; from meta.design where runs were interleaved on purpose. */
struct run_design {
    const char *series;      /* NULL: not told */
    int64_t block, position; /* -1 */
};

/* What was done before slot 0. */
struct run_step {
    const char *name, *host; /* host: the last one, where each had to; NULL */
    int64_t at_ns;
};

/* A component of what was measured. NULL: not told. */
struct run_package {
    const char *name, *version, *commit;
};

/* What its nodes traced, and what it took; NaN: not told. */
struct run_traces {
    double messages;           /* lines of the logs of nodes */
    double unwritten, dropped; /* lost before they were written; in queues for the collector */
    /* Told by the run's directory, not by its results: CPU seconds (run_usage.h), and lines that the collector gave up. */
    double node_cpu_s, collector_cpu_s, given_up;
};

/* One point of a line over slots: the cluster's mean over hosts, and the least and greatest host. */
struct timeline_bin {
    double mean, min, max;
};
struct timeline_line {
    const struct metric_info *info;
    struct timeline_bin *bins; /* finished_run.timeline.bins entries, NaN: nothing there */
};

/* Share of hosts that a block has reached, over time since its slot start. */
struct arrival_point {
    double share, p05, p50, p95; /* of the share's delay over accepted blocks, s */
    double bound; /* the least that physics allows, for the median block; NaN: not known */
};

struct run_block {
    int64_t number, slot;
    const char *forger; /* NULL */
    double slot_start_s;
};

enum run_source { RUN_FROM_ANALYSIS, RUN_FROM_VARIANCE, RUN_FROM_TABLE };

struct finished_run {
    enum run_source source;
    const char *path;    /* of its file */
    const char *operand; /* what it was given as: a directory, a file, TABLE.tsv#RUN */
    const char *
        title; /* what its column is called: ident, else tag, else the file's name; told apart in a set */
    const char *name; /* the same as its source has it */
    const char *tag, *ident, *batch, *profile, *era, *compiler, *node_version;
    const char *machine; /* "x86_64, 2 cores, ..." ; NULL */
    size_t concurrent;   /* runs that went on on the machine when it began; 0 where not told */
    int64_t started_ns;  /* slot 0 of the chain, else the first stamp; TIME_NONE */
    struct run_design design;
    const char *backend;    /* where its hosts stood: "local", "nomad"; NULL: not told */
    struct run_step *steps; /* to its start, as they followed each other */
    size_t step_count;
    struct run_package *packages; /* of analysis files; those without a name are left out */
    size_t package_count;
    const char **flags; /* of its build: "optimized", "-A16m"; likewise */
    size_t flag_count;
    const char *checksum; /* XXH3-128 of the file it was read from, hex */

    const char **hosts;
    uint32_t host_count;      /* 0: not known */
    struct run_value *values; /* in dictionary order */
    size_t value_count;
    struct run_traces traces;
    struct run_count counts[RUN_COUNTS_MAX];
    size_t count_count;
    struct run_fact *facts;
    size_t fact_count;
    struct run_block *blocks; /* accepted ones */
    size_t block_count;
    struct {
        int64_t first_slot;
        uint64_t slots_per_bin, epoch_slots; /* 0: no timeline */
        size_t bins;
        struct timeline_line *lines;
        size_t line_count;
        double slot_s;
    } timeline;
    struct arrival_point *arrival;
    size_t arrival_count;
    double bound_efficiency;    /* bound / measured at 95 % of the hosts; NaN */
    size_t errors, warnings;    /* findings of its analysis */
    const char **finding_texts; /* errors first: errors + warnings of them */
    bool coarse_stamps;         /* those of a host of it are cut to steps of 10 ms */
};

/* NULL when the run has no such metric. */
const struct run_value *run_value_find(const struct finished_run *r, enum metric_section section,
                                       const char *id);

/* The value of a fact; NULL when the run's source does not tell it. ("workload", "") is the kind of workload. */
const char *run_fact_find(const struct finished_run *r, const char *group, const char *name);

/* One run that was given twice: its file is the same (by checksum, also by way of a variance file); or its start, its tag
 * (else its name) and its profile are. Of published results: its workload and the start of its system, whatever a report
 * calls it. */
bool is_same_run(const struct finished_run *a, const struct finished_run *b);

/* Several runs with one memory. */
struct run_set {
    struct arena memory; /* owns everything */
    const char *
        label; /* what the set is called in tables: the runs' common ident or version, else "base", "new" */
    struct finished_run *runs;
    size_t count, room;
};

void run_set_init(struct run_set *s);
void run_set_release(struct run_set *s); /* a zeroed one is fine */

#endif
