/* The lines of node logs: which there are, and how each is written.
 *
 * One table row per line: the names, severity and body in the current format
 * and in the legacy one. A body is the `data` object with placeholders (%B for
 * a block's hash, ...; lines_put explains them). */
#ifndef OU_BENCH_CLUSTER_LINES_H
#define OU_BENCH_CLUSTER_LINES_H

#include <stdbool.h>
#include <stdint.h>

#include "cluster_text.h"

struct block;
struct cluster;
struct host;
struct log_event;

enum line_kind {
#define LINE(id, ...) LINE_##id,
#include "cluster_lines.inc"
#undef LINE
    LINE_KINDS
};

/* What one host's log carries on from line to line. */
struct log_state {
    const struct cluster *cluster;
    const struct host *host;
    struct random random;
    uint32_t mempool_txs;
    uint32_t tx_link, tx_step; /* the transaction exchange under way */
    uint32_t spike_left;       /* seconds of high CPU still to come */
    uint64_t uptime_s;         /* counters start anew when the host does */
    uint64_t cpu, gc, major_gcs, minor_gcs, alloc, net_in, net_out, fs_out;
    int64_t date_s; /* which second `date` stands for */
    char date[20];  /* "2026-03-04T14:00:00" */
};

/* Prepares the table; once, before anything else. */
void lines_prepare(void);

/* Would an analysis read this line? */
bool line_is_relevant(enum line_kind kind);
/* Does the legacy tracing have this line? */
bool line_has_legacy(enum line_kind kind);

/* A line of the traffic that goes on at all times: transactions when relevant,
 * else protocol messages, connection management and the like. */
enum line_kind lines_pick_background(struct log_state *s, bool relevant);

/* Appends one line with its newline. */
void lines_put(struct log_state *s, const struct log_event *e, struct text *out);

#endif
