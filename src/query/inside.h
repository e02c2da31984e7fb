/* What a query is made of: shared by its parser and its evaluation. */
#ifndef OU_QUERY_INSIDE_H
#define OU_QUERY_INSIDE_H

#include "query/query.h"
#include "query/regex.h"

/* --- Names of labels ------------------------------------------------------------------------ */

/* Those that are listed, or all others. The list is in order, each name once. */
struct query_names {
    bool others;
    const char *const *at;
    size_t count;
};

extern const struct query_names query_all_names, query_no_name /* all but __name__ */;

/* --- Trees -------------------------------------------------------------------------------- */

enum query_kind {
    QUERY_NUMBER,
    QUERY_TEXT,
    QUERY_SELECTOR,
    QUERY_CALL,
    QUERY_AGGREGATE,
    QUERY_BINARY,
    QUERY_NEGATE
};

enum query_match { MATCH_EQUAL, MATCH_UNEQUAL, MATCH_REGEX, MATCH_NO_REGEX };

struct query_matcher {
    const char *label;
    enum query_match match;
    const char *value;
    struct query_regex *regex;
    struct query_matcher *next;
};

struct query_selector {
    const struct query_matcher *matchers;
    int64_t range_ms; /* 0: an instant vector */
    int64_t offset_ms;
};

enum query_aggregation {
    AGGREGATE_SUM,
    AGGREGATE_AVG,
    AGGREGATE_MIN,
    AGGREGATE_MAX,
    AGGREGATE_COUNT,
    AGGREGATE_GROUP,
    AGGREGATE_STDDEV,
    AGGREGATE_STDVAR,
    AGGREGATE_TOPK,
    AGGREGATE_BOTTOMK,
    AGGREGATE_QUANTILE,
};

struct query_aggregate {
    enum query_aggregation how;
    struct query_names kept;        /* labels of the result */
    const struct query_node *param; /* scalar; NULL where there is none */
};

enum query_operator {
    OPERATOR_ADD,
    OPERATOR_SUB,
    OPERATOR_MUL,
    OPERATOR_DIV,
    OPERATOR_MOD,
    OPERATOR_POW,
    OPERATOR_EQUAL, /* the comparisons */
    OPERATOR_UNEQUAL,
    OPERATOR_LESS,
    OPERATOR_LESS_EQUAL,
    OPERATOR_MORE,
    OPERATOR_MORE_EQUAL,
    OPERATOR_AND, /* sets */
    OPERATOR_OR,
    OPERATOR_UNLESS,
};

enum query_cardinality { MATCH_ONE_TO_ONE, MATCH_MANY_TO_ONE, MATCH_ONE_TO_MANY };

struct query_binary {
    enum query_operator op;
    bool returns_bool;
    bool is_on;                /* on(...), not ignoring(...) */
    struct query_names labels; /* by which elements find each other */
    struct query_names listed; /* what on() or ignoring() names */
    struct query_names taken;  /* from the one side, by group_left(...) */
    enum query_cardinality cardinality;
};

static inline bool is_comparison(enum query_operator op)
{
    return op >= OPERATOR_EQUAL && op <= OPERATOR_MORE_EQUAL;
}

static inline bool is_set_operator(enum query_operator op)
{
    return op >= OPERATOR_AND;
}

#define QUERY_ARGUMENTS_MAX 20
#define QUERY_TYPES 5

struct query_node {
    enum query_kind kind;
    enum query_type type;
    size_t at;        /* where it begins in the text */
    bool is_enclosed; /* in parentheses */
    unsigned chain;   /* operators at its left end */
    double number;
    const char *string;
    struct query_selector selector;
    const struct query_function *function;
    struct query_aggregate aggregate;
    struct query_binary binary;
    const struct query_node *arguments[QUERY_ARGUMENTS_MAX]; /* of calls and operators */
    unsigned argument_count;
};

/* --- Functions ---------------------------------------------------------------------------- */

/* The samples of a series in a range that ends at end_ms, both ends included. */
struct query_window {
    const struct query_point *points;
    size_t count; /* at least 1 */
    int64_t start_ms, end_ms;
    double param;
    double *scratch; /* room for count values */
};

enum query_call_kind {
    CALL_OVER_RANGE, /* one range vector, before it perhaps a scalar */
    CALL_ON_VALUES,  /* an instant vector, behind it scalars */
    CALL_TIME,
    CALL_VECTOR,
    CALL_SCALAR,
    CALL_SORT,
    CALL_SORT_DOWN,
    CALL_ABSENT,
    CALL_REPLACE,
    CALL_JOIN,
};

struct query_function {
    const char *name;
    enum query_call_kind kind;
    unsigned arguments_min, arguments_max;
    enum query_type types[QUERY_TYPES], result; /* of further arguments: as the last one */
    bool keeps_name;
    bool sorts; /* takes longer for each sample */
    bool (*over_range)(const struct query_window *w, double *ret); /* false: no result */
    double (*on_value)(double value, double a, double b);
    double defaults; /* of a scalar that is left out */
};

const struct query_function *query_function_find(struct span name);
/* What there is, for messages: "abs, avg_over_time, ...". */
size_t query_function_count(void);
const char *query_function_name(size_t i);

/* The quantile of Prometheus: of values by rank q * (n - 1), between neighbours in proportion.
 * values is sorted. */
#define QUERY_SORT_WORK 16 /* what sorting a value is, in values that are only looked at */
double query_quantile(double q, double *values, size_t count);

/* --- Evaluation --------------------------------------------------------------------------- */

/* The values of an element at all steps; where it has none, ABSENT stands: a NaN of its own,
 * which nothing computes. */
struct query_line {
    struct query_labels labels;
    double *values;
};

struct query_value {
    struct query_line *lines;
    size_t count;
};

struct query_run {
    struct arena *memory;
    const struct query_source *source;
    struct query_times times;
    size_t steps;
    bool names_only;        /* which series there are, without their samples */
    uint64_t work, checked; /* done, and when the clock was read last */
    size_t answer_points;   /* of the rows so far */
    int64_t deadline_ns;
    struct query_point *points; /* of a series, for functions over ranges */
    double *scratch;            /* of as many values */
    size_t point_count, point_cap;
    enum query_fault fault; /* the first; all ends then */
    struct ou_error *err;
};

double query_absent(void);
bool query_is_absent(double value);

/* Both return false when the query has failed, and say so at the first time. */
bool query_fail(struct query_run *r, enum query_fault fault, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
bool query_work(struct query_run *r, uint64_t amount);
/* The failure of a query that is too large, in Prometheus' words. */
bool query_fail_large(struct query_run *r);

/* Memory of the arena, zeroed; NULL: failed. */
void *query_take(struct query_run *r, size_t count, size_t bytes);
/* Values that are absent at all steps. */
double *query_take_values(struct query_run *r);

static inline int64_t query_instant(const struct query_run *r, size_t step)
{
    return r->times.start_ms + (int64_t)step * r->times.step_ms;
}

bool query_eval(struct query_run *r, const struct query_node *n, struct query_value *ret);
bool query_eval_binary(struct query_run *r, const struct query_node *n, struct query_value *ret);
bool query_eval_aggregate(struct query_run *r, const struct query_node *n, struct query_value *ret);

/* Functions whose arguments name labels. */
bool query_eval_replace(struct query_run *r, const struct query_node *call,
                        struct query_value *ret);
bool query_eval_join(struct query_run *r, const struct query_node *call, struct query_value *ret);

/* The series that matchers select and that may have samples in a time, in the order of their labels. */
bool query_eval_select(struct query_run *r, const struct query_matcher *matchers, int64_t from_ms,
                       int64_t to_ms, struct query_found *ret);

/* --- Labels ------------------------------------------------------------------------------- */

bool query_names_have(const struct query_names *names, const char *name);
/* Those of the set; false: no memory. They may lie where the given ones do. */
bool query_labels_keep(struct query_run *r, struct query_labels *labels,
                       const struct query_names *names);
/* Sets a label, "" takes it away. */
bool query_labels_set(struct query_run *r, struct query_labels *labels, const char *name,
                      const char *value);
/* {__name__="a", node_name="b"}, as messages have it; cut where it is too long. */
#define QUERY_LABELS_ROOM 300
void query_labels_format(struct query_labels labels, const struct query_names *names,
                         char ret[QUERY_LABELS_ROOM]);

/* Numbers lines by those of their labels that are in a set: lines that agree have the same number. ret has room for count. */
bool query_number(struct query_run *r, const struct query_line *lines, size_t count,
                  const struct query_names *names, uint32_t *ret, uint32_t *ret_groups);

/* Lines of one set of labels become one. Two that have a value at the same step (strict: two at
 * all) are what Prometheus refuses. */
bool query_merge(struct query_run *r, struct query_value *value, bool strict);

#endif
