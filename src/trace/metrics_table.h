/* The table of metrics: values that any thread sets and any thread reads.
 *
 * A metric, once in the table, stays there and stays where it is. Finding it
 * takes neither lock nor memory, and reading takes no lock either: a scrape never
 * makes a thread wait that sets a value. New metrics and new label texts take a lock among
 * themselves. */
#ifndef OU_TRACE_METRICS_TABLE_H
#define OU_TRACE_METRICS_TABLE_H

#include <ouroscope/point.h>
#include <stdatomic.h>

#include "base/buffer.h"

/* Longest name as given, in bytes; what a name becomes is at most METRIC_SHOWN_MAX. */
#define METRIC_NAME_MAX 255
#define METRIC_SHOWN_MAX (METRIC_NAME_MAX + 8)
/* A set of labels, with its braces; a multiple of 8. What is longer is cut. */
#define METRIC_LABELS_MAX 2048

/* A text that one thread at a time writes while others read: version is odd meanwhile. */
struct metric_labels {
    _Atomic uint32_t version;
    _Atomic uint32_t len;
    _Atomic uint64_t words[METRIC_LABELS_MAX / 8];
};

struct metric {
    enum ou_metric_kind kind;
    unsigned index;                 /* its place: metric_table_at(index) */
    _Atomic uint64_t bits;          /* the value: an int64_t, a uint64_t, or a double's; relaxed */
    struct metric_labels *labels;   /* of an OU_LABEL, else NULL */
    _Atomic(const char *) help;     /* NULL: none yet (release; the page's acquire) */
    char name[METRIC_NAME_MAX + 1]; /* as it was given */
    char shown[METRIC_SHOWN_MAX + 1]; /* mangled, with the kind behind, without prefix */
    uint32_t shown_bytes, bare_bytes; /* with and without the kind */
    bool shown_doubled, bare_doubled; /* an earlier metric is shown by the same name */
};

/* The metric of that name; one that is new begins with bits and a copy of help (which may be NULL).
 * NULL: it has another kind, the table is full, the name is empty or too long, or there is
 * no memory. */
struct metric *metric_table_take(const char *name, enum ou_metric_kind kind, uint64_t bits,
                                 const char *help);

/* The metric of that name as it was given; NULL when there is none. */
const struct metric *metric_table_find(const char *name);

/* Metric i of those there are, in the order of their first setting; NULL behind the last. */
const struct metric *metric_table_at(unsigned i);

/* What the kind adds to a metric's name: "_int". */
const char *metric_suffix(enum ou_metric_kind kind);

/* Appends a number in decimal, or NaN, +Inf, -Inf. (metrics_text.c) */
void metric_put_real(double value, struct buffer *out);

/* At most METRIC_LABELS_MAX bytes; metric_labels_get() returns how many, 0 before the first set. */
void metric_labels_set(struct metric *m, const char *text, size_t len);
size_t metric_labels_get(const struct metric *m, char ret[METRIC_LABELS_MAX]);

/* What a name becomes in the page: blank, - and . become _; all but letters, digits
 * and _ is left out. Returns the length; out has room for the whole name. (metrics_text.c) */
size_t metric_mangle(const char *name, char *out);

/* What metrics_set_prefix() set, "" at first, in memory that the caller free()s; NULL: no memory. */
char *metric_table_prefix(void);

#endif
