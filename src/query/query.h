/* Questions to samples, in the language and with the semantics of Prometheus 2: docs/reference/queries.md says which part of
 * it. Where the samples are is told by a source. One thread at a time for each arena and source; nothing is kept between calls.
 *
 * A query may run in the loop that also does other work, so everything is bounded: the length and depth of the text, the
 * steps, the samples it looks at, the memory it takes, and its time. */
#ifndef OU_QUERY_QUERY_H
#define OU_QUERY_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

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
    QUERY_UNAVAILABLE, /* the source cannot be read now */
};

enum query_type { QUERY_SCALAR, QUERY_VECTOR, QUERY_MATRIX, QUERY_STRING };

#define QUERY_NAME_LABEL "__name__"
#define QUERY_LABELS_MAX 64 /* of a series of a source */

/* Neither is NULL nor empty. */
struct query_label {
    const char *name, *value;
};

/* In the order of their names by strcmp(), each name once. */
struct query_labels {
    const struct query_label *at;
    size_t count;
};

/* The value of a label; "" when it is not there. */
const char *query_label_value(struct query_labels labels, const char *name);
/* As Prometheus orders series: by the first label whose name or value differs; below 0: a is first. */
int query_labels_order(struct query_labels a, struct query_labels b);

struct query_point {
    int64_t at_ms;
    double value;
};

/* --- Where samples are ---------------------------------------------------------------------- */

/* What a selector asks for, while a source looks for it. */
struct query_search;

struct query_source {
    /* Offers all series that may have samples in the search's time; offering others, too, is fine. False: the search has
     * failed, and been told why. */
    bool (*select)(const struct query_source *source, struct query_search *search);
    /* Calls each for the samples of an offered series with from_ms <= time <= to_ms, in order; false from each ends it. */
    void (*walk)(const struct query_source *source, size_t series, int64_t from_ms, int64_t to_ms,
                 bool (*each)(void *context, int64_t at_ms, double value), void *context);
    int64_t lookback_ms; /* for how long a sample stands for its series */
    int64_t timeout_ns;  /* what a query may take at most */
    bool
        offers_present; /* where only names are wanted, walk() need not be asked whether there are samples */
};

/* The value of a sample that says: from here on the series is no more, until another one comes. */
double query_stale(void);

/* For sources. Texts of labels have to last as long as the answer is used; memory of the search does. */
struct arena *query_search_memory(struct query_search *search);
int64_t query_search_from_ms(const struct query_search *search);
int64_t query_search_to_ms(const struct query_search *search);
/* Whether the samples will be asked for, and not only which series there are. */
bool query_search_wants_samples(const struct query_search *search);
/* Whether a series may be selected whose label has this value ("": it has not got it). */
bool query_search_may(struct query_search *search, const char *label, const char *value);
/* Offers a series by the number that walk() knows it by. labels: valid during the call. False: no more is wanted, the search
 * has failed. */
bool query_offer(struct query_search *search, struct query_labels labels, size_t series);
/* Accounts for samples that a source has looked at. False as above. */
bool query_search_work(struct query_search *search, uint64_t samples);
/* Ends it with that fault. Always false. */
bool query_search_fail(struct query_search *search, enum query_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* --- Queries -------------------------------------------------------------------------------- */

/* Instants from start_ms to end_ms, step_ms apart; an instant query has one. */
struct query_times {
    int64_t start_ms, end_ms, step_ms;
    bool is_range; /* answered as a matrix */
    int64_t timeout_ns;
    int64_t lookback_ms; /* 0: the source's */
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
    const char *string; /* of a QUERY_STRING */
};

struct query_node;

/* Reads a text. *ret lies in the arena. */
enum query_fault query_parse(struct arena *memory, struct span text, const struct query_node **ret,
                             struct ou_error *err);
enum query_type query_type_of(const struct query_node *query);

/* Answers a query; *ret lies in the arena, but for texts of labels, which are the source's: it must not change before the
 * result is told. start_ms <= end_ms, and at most QUERY_STEPS_MAX steps between them. */
enum query_fault query_evaluate(struct arena *memory, const struct query_node *query,
                                const struct query_source *source, const struct query_times *times,
                                struct query_result *ret, struct ou_error *err);

/* What the selectors of one request have taken of what a query may take. Zeroed at first. */
struct query_spent {
    uint64_t work;
    int64_t deadline_ns;
};

struct query_series {
    struct query_labels labels;
    size_t number; /* the source's */
};

/* The series that have samples in a time. */
struct query_found {
    struct query_series *at; /* in the order of their labels */
    size_t count;
};

/* What match[] asks for: one selector; a text of NULL: everything. */
enum query_fault query_select(struct arena *memory, const char *text,
                              const struct query_source *source, int64_t from_ms, int64_t to_ms,
                              struct query_found *ret, struct query_spent *spent,
                              struct ou_error *err);

/* "5m", "1h30m", "1d": milliseconds. False: no duration, or one above 292 million years. */
bool query_duration(struct span text, int64_t *ret_ms);

#endif
