/* Questions to the history, in the language and with the semantics of Prometheus 2:
 * docs/reference/queries.md says which part of it. Loop thread; nothing is kept between calls.
 *
 * A query runs in the collector's loop, so everything is bounded: the length and depth of the
 * text, the steps, the samples it looks at, the memory it takes, and its time. */
#ifndef OU_COLLECT_QUERY_H
#define OU_COLLECT_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"
#include "collect/history.h"

#define QUERY_TEXT_MAX ((size_t)16 << 10) /* bytes */
#define QUERY_DEPTH_MAX 64    /* of parentheses, calls and operators inside one another */
#define QUERY_CHAIN_MAX 500   /* of operators in a row: a + b + c ... */
#define QUERY_STEPS_MAX 11000 /* of a range query, as in Prometheus */
#define QUERY_POINTS_MAX \
    ((size_t)1000000) /* of an answer: told, they are some 30 MB, and 0.3 s of the loop's time */
#define QUERY_WORK_MAX ((uint64_t)50000000)  /* samples looked at, and results made */
#define QUERY_MEMORY_MAX ((size_t)128 << 20) /* of the arena */
#define QUERY_TIMEOUT_NS INT64_C(1000000000)
#define QUERY_LOOKBACK_MS INT64_C(300000) /* a sample stands for its series for so long */

enum query_fault {
    QUERY_FINE = 0,
    QUERY_BAD,       /* the text means nothing; the message begins with LINE:COLUMN: parse error */
    QUERY_EXECUTION, /* it cannot be answered: two series of one name, too much to look at */
    QUERY_TIMEOUT,
    QUERY_NO_MEMORY,
};

enum query_type { QUERY_SCALAR, QUERY_VECTOR, QUERY_MATRIX };

/* The labels of a result; NULL: it has not got that label. */
struct query_labels {
    const char *name; /* __name__ */
    const char *node_name;
};

/* Instants from start_ms to end_ms, step_ms apart; an instant query has one. */
struct query_times {
    int64_t start_ms, end_ms, step_ms;
    bool is_range; /* answered as a matrix */
    int64_t timeout_ns;
};

struct query_point {
    int64_t at_ms;
    double value;
};

struct query_row {
    struct query_labels labels;
    const struct query_point *points; /* of a vector and a scalar: one */
    size_t count;
};

struct query_result {
    enum query_type type;
    const struct query_row *rows; /* none of them empty */
    size_t count;
};

struct query_node;

/* Reads a text. *ret lies in the arena. */
enum query_fault query_parse(struct arena *memory, struct span text, const struct query_node **ret,
                             struct ou_error *err);
enum query_type query_type_of(const struct query_node *query);

/* Answers a query; *ret lies in the arena, but for texts of labels, which lie in the history: it
 * must not change before the result is told. start_ms <= end_ms, and at most QUERY_STEPS_MAX
 * steps between them. */
enum query_fault query_evaluate(struct arena *memory, const struct query_node *query,
                                const struct history *history, const struct query_times *times,
                                struct query_result *ret, struct ou_error *err);

/* What the selectors of one request have taken of what a query may take. Zeroed at first. */
struct query_spent {
    uint64_t work;
    int64_t deadline_ns;
};

/* What match[] asks for: one selector. Calls each for every series it selects, by name and node. */
enum query_fault query_select(struct arena *memory, struct span text, const struct history *history,
                              void (*each)(void *context, size_t series), void *context,
                              struct query_spent *spent, struct ou_error *err);

/* "5m", "1h30m", "1d": milliseconds. False: no duration, or one above 292 million years. */
bool query_duration(struct span text, int64_t *ret_ms);

#endif
