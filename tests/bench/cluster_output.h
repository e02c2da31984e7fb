/* From recorded events to files: the logs of every host, and what else a run
 * directory holds. Failures end the program with a message. */
#ifndef OU_BENCH_CLUSTER_OUTPUT_H
#define OU_BENCH_CLUSTER_OUTPUT_H

#include <stdbool.h>

#include "cluster_model.h"

struct output_counts {
    uint64_t lines, relevant_lines, bytes;
};

/* The lines that each host writes anyhow, apart from background traffic: the
 * least that lines_per_host can be. */
uint64_t output_least_lines(const struct cluster *c);

/* RUN/meta.json, profile.json, topology.json, genesis/shelley.json. */
void output_run_files(const struct cluster *c, const char *run);

/* RUN/logs/HOST/node-TIME.json; a restarted host has two. With journald, each
 * line is wrapped as `journalctl -o json` exports it. */
struct output_counts output_host_logs(const struct cluster *c, const char *run, bool journald);

/* The logs of all hosts in one file, in order of time. */
struct output_counts output_single_log(const struct cluster *c, const char *path, bool journald);

#endif
