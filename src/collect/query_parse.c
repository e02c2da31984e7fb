/* Recursive descent over the words of a query; types are checked on the way. */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "collect/query_inside.h"
#include "collect/query_lex.h"

struct parser {
    struct query_lexer lexer;
    struct query_token token; /* the one that is looked at */
    unsigned depth;
    enum query_fault fault;
    struct ou_error *err;
};

/* --- Failures ----------------------------------------------------------------------------- */

/* LINE:COLUMN: parse error: what, as Prometheus writes it. The first failure counts. */
__attribute__((format(printf, 3, 4))) static void *refuse(struct parser *p, size_t at,
                                                          const char *format, ...)
{
    struct ou_error what = { 0 };
    size_t line = 1, column = 1;
    va_list args;

    if (p->fault)
        return NULL;
    for (size_t i = 0; i < at && i < p->lexer.text.len; i++)
        if (p->lexer.text.at[i] == '\n') {
            line++;
            column = 1;
        } else {
            column++;
        }
    va_start(args, format);
    vsnprintf(what.text, sizeof(what.text), format, args);
    va_end(args);
    ou_fail(p->err, OU_INVALID, "%zu:%zu: parse error: %s", line, column, what.text);
    p->fault = QUERY_BAD;
    return NULL;
}

static void *no_memory(struct parser *p)
{
    if (!p->fault) {
        ou_fail(p->err, OU_NO_MEMORY, "no memory");
        p->fault = QUERY_NO_MEMORY;
    }
    return NULL;
}

static size_t place(const struct parser *p)
{
    return p->token.kind == TOKEN_END ? p->lexer.text.len
                                      : (size_t)(p->token.text.at - p->lexer.text.at);
}

static void *unexpected(struct parser *p, const char *context, const char *wanted)
{
    struct span t = p->token.text;

    if (p->token.kind == TOKEN_BAD)
        return p->lexer.no_memory ? no_memory(p) : refuse(p, place(p), "%s", p->lexer.why.text);
    if (p->token.kind == TOKEN_END)
        return refuse(p, place(p), "unexpected end of input%s%s, expected %s",
                      *context ? " in " : "", context, wanted);
    return refuse(p, place(p), "unexpected \"%.*s\"%s%s, expected %s",
                  (int)(t.len < 60 ? t.len : 60), t.at, *context ? " in " : "", context, wanted);
}

/* --- Tokens ------------------------------------------------------------------------------- */

static void advance(struct parser *p)
{
    p->token = query_lex_next(&p->lexer);
}

static bool is_sign(const struct parser *p, const char *text)
{
    return p->token.kind == TOKEN_SIGN && span_is(p->token.text, text);
}

static bool is_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_WORD && p->token.text.len == strlen(word) &&
           strncasecmp(p->token.text.at, word, p->token.text.len) == 0;
}

static bool take_sign(struct parser *p, const char *text)
{
    if (!is_sign(p, text))
        return false;
    advance(p);
    return true;
}

static bool take_word(struct parser *p, const char *word)
{
    if (!is_word(p, word))
        return false;
    advance(p);
    return true;
}

static bool want_sign(struct parser *p, const char *text, const char *context)
{
    char wanted[8];

    if (take_sign(p, text))
        return true;
    snprintf(wanted, sizeof(wanted), "\"%s\"", text);
    unexpected(p, context, wanted);
    return false;
}

/* What follows a word without being taken. */
static struct query_token look_ahead(const struct parser *p)
{
    struct query_lexer lexer = p->lexer;

    return query_lex_next(&lexer);
}

static struct query_node *new_node(struct parser *p, enum query_kind kind, enum query_type type,
                                   size_t at)
{
    struct query_node *n =
        p->fault ? NULL : arena_take(p->lexer.memory, sizeof(*n), _Alignof(struct query_node));

    if (!n)
        return no_memory(p);
    n->kind = kind;
    n->type = type;
    n->at = at;
    return n;
}

static const char *type_name(enum query_type type)
{
    static const char *const names[] = { "scalar", "instant vector", "range vector" };

    return names[type];
}

static struct query_node *parse_expression(struct parser *p, int precedence);

/* --- Selectors ---------------------------------------------------------------------------- */

static unsigned label_of(struct span name)
{
    return span_is(name, "__name__") ? LABEL_NAME : span_is(name, "node_name") ? LABEL_NODE : 0;
}

static bool compile(struct parser *p, struct query_matcher *m, size_t at)
{
    struct ou_error why = { 0 };
    enum ou_status status =
        query_regex_compile(p->lexer.memory, span_of(m->value), &m->regex, &why);

    if (status == OU_NO_MEMORY)
        no_memory(p);
    else if (status)
        refuse(p, at, "error parsing regexp: %s", why.text);
    return status == OU_OK;
}

static struct query_matcher *new_matcher(struct parser *p, unsigned label, enum query_match match,
                                         const char *value)
{
    struct query_matcher *m =
        arena_take(p->lexer.memory, sizeof(*m), _Alignof(struct query_matcher));

    if (!m)
        return no_memory(p);
    *m = (struct query_matcher){ .label = label, .match = match, .value = value };
    return m;
}

/* node_name=~"a|b" */
static struct query_matcher *parse_matcher(struct parser *p)
{
    static const char *const signs[] = { "=", "!=", "=~", "!~" };
    struct span label = p->token.text;
    struct query_matcher *m;
    size_t at;
    int match = 0;

    if (p->token.kind != TOKEN_WORD || memchr(label.at, ':', label.len))
        return unexpected(p, "label matching", "identifier or \"}\"");
    advance(p);
    while (match < 4 && !is_sign(p, signs[match]))
        match++;
    if (match == 4)
        return unexpected(p, "label matching", "one of \"=\", \"!=\", \"=~\" or \"!~\"");
    advance(p);
    if (p->token.kind != TOKEN_STRING)
        return unexpected(p, "label matching", "string");
    at = place(p);
    m = new_matcher(p, label_of(label), (enum query_match)match, p->token.string);
    if (!m || (match >= MATCH_REGEX && !compile(p, m, at)))
        return NULL;
    advance(p);
    return m;
}

static bool matches_empty(const struct query_matcher *m)
{
    uint64_t work = 0;

    switch (m->match) {
    case MATCH_EQUAL: return *m->value == '\0';
    case MATCH_UNEQUAL: return *m->value != '\0';
    case MATCH_REGEX: return query_regex_matches(m->regex, "", &work);
    default: return !query_regex_matches(m->regex, "", &work);
    }
}

/* A question for everything is a mistake, says Prometheus. */
static void check_matchers(struct parser *p, const struct query_selector *s, const char *name,
                           size_t at)
{
    const char *second = NULL;
    bool any = false;

    for (const struct query_matcher *m = s->matchers; m; m = m->next) {
        any = any || !matches_empty(m);
        if (name && m->next && m->label == LABEL_NAME)
            second = m->value;
    }
    if (second)
        refuse(p, at, "metric name must not be set twice: \"%s\" or \"%s\"", name, second);
    else if (!any)
        refuse(p, at, "vector selector must contain at least one non-empty matcher");
}

/* {a="b", c=~"d"} behind the brace; the name's matcher, if there is one, comes last. */
static void parse_matchers(struct parser *p, struct query_selector *s)
{
    while (!p->fault && !is_sign(p, "}")) {
        struct query_matcher *m = parse_matcher(p);

        if (!m)
            return;
        m->next = (struct query_matcher *)s->matchers;
        s->matchers = m;
        if (!is_sign(p, "}") && !want_sign(p, ",", "label matching"))
            return;
    }
    take_sign(p, "}");
}

static struct query_node *parse_selector(struct parser *p)
{
    size_t at = place(p);
    struct query_node *n = new_node(p, QUERY_SELECTOR, QUERY_VECTOR, at);
    struct query_matcher *named = NULL;
    char *name = NULL;

    if (!n)
        return NULL;
    if (p->token.kind == TOKEN_WORD) {
        name = arena_copy(p->lexer.memory, p->token.text.at, p->token.text.len);
        named = name ? new_matcher(p, LABEL_NAME, MATCH_EQUAL, name) : no_memory(p);
        advance(p);
    }
    n->selector.matchers = named;
    if (take_sign(p, "{"))
        parse_matchers(p, &n->selector);
    if (!p->fault)
        check_matchers(p, &n->selector, name, at);
    return p->fault ? NULL : n;
}

static bool parse_duration(struct parser *p, const char *context, int64_t *ret_ms)
{
    if (p->token.kind != TOKEN_DURATION) {
        unexpected(p, context, "duration");
        return false;
    }
    *ret_ms = p->token.duration_ms;
    /* Sums with instants stay far from overflowing. */
    if (*ret_ms > INT64_MAX / 8) {
        refuse(p, place(p), "duration out of range");
        return false;
    }
    advance(p);
    return true;
}

/* [5m] behind the bracket. */
static void parse_range(struct parser *p, struct query_node *n)
{
    size_t at = place(p);

    if (n->kind != QUERY_SELECTOR || n->is_enclosed || n->type != QUERY_VECTOR) {
        refuse(p, n->at, "ranges only allowed for vector selectors");
        return;
    }
    if (n->selector.offset_ms != 0) {
        refuse(p, at, "no offset modifiers allowed before range");
        return;
    }
    if (!parse_duration(p, "range specification", &n->selector.range_ms))
        return;
    if (is_sign(p, ":"))
        refuse(p, place(p), "subqueries are not supported: ranges are of selectors only");
    else if (n->selector.range_ms == 0)
        refuse(p, at, "duration must be greater than 0");
    n->type = QUERY_MATRIX;
    want_sign(p, "]", "range specification");
}

static void parse_offset(struct parser *p, struct query_node *n)
{
    bool back;

    if (n->kind != QUERY_SELECTOR || n->is_enclosed) {
        refuse(
            p, n->at,
            "offset modifier must be preceded by an instant vector selector or range vector selector");
        return;
    }
    if (n->selector.offset_ms != 0) {
        refuse(p, n->at, "offset may not be set multiple times");
        return;
    }
    back = take_sign(p, "-");
    if (parse_duration(p, "offset", &n->selector.offset_ms) && back)
        n->selector.offset_ms = -n->selector.offset_ms;
}

static struct query_node *parse_suffixes(struct parser *p, struct query_node *n)
{
    while (n && !p->fault) {
        if (take_sign(p, "["))
            parse_range(p, n);
        else if (take_word(p, "offset"))
            parse_offset(p, n);
        else if (is_sign(p, "@"))
            return refuse(p, place(p), "the @ modifier is not supported");
        else
            return n;
    }
    return NULL;
}

/* --- Calls and aggregations --------------------------------------------------------------- */

static bool want_type(struct parser *p, const struct query_node *n, enum query_type type,
                      const char *where, struct span name)
{
    if (n->type != type)
        refuse(p, n->at, "expected type %s in %s%s%.*s%s, got %s", type_name(type), where,
               name.len ? " \"" : "", (int)name.len, name.at, name.len ? "\"" : "",
               type_name(n->type));
    return n->type == type;
}

static struct query_node *unknown_function(struct parser *p, struct span name, size_t at)
{
    struct suggestion near;

    suggest_for(&near, name);
    for (size_t i = 0; i < query_function_count(); i++)
        suggest_consider(&near, query_function_name(i));
    return refuse(p, at, "unknown function with name \"%.*s\"%s%s%s",
                  (int)(name.len < 60 ? name.len : 60), name.at, near.best ? "; is it \"" : "",
                  near.best ? near.best : "", near.best ? "\"?" : "");
}

/* Arguments up to the closing parenthesis; one more than there may be is counted, so that it is told. */
static bool parse_arguments(struct parser *p, struct query_node *n, const char *context)
{
    unsigned count = 0;

    while (!p->fault && !is_sign(p, ")")) {
        const struct query_node *argument = parse_expression(p, 0);

        if (count < QUERY_ARGUMENTS_MAX)
            n->arguments[count] = argument;
        count++;
        if (p->fault || (!is_sign(p, ")") && !want_sign(p, ",", context)))
            break;
    }
    n->argument_count = count;
    return !p->fault && want_sign(p, ")", context);
}

static bool check_call(struct parser *p, const struct query_node *n, struct span name)
{
    const struct query_function *f = n->function;
    unsigned count = n->argument_count;

    if (count < f->arguments_min || count > f->arguments_max) {
        refuse(p, n->at, "expected %s%u argument(s) in call to \"%s\", got %u",
               f->arguments_min == f->arguments_max ? ""
               : count < f->arguments_min           ? "at least "
                                                    : "at most ",
               count < f->arguments_min ? f->arguments_min : f->arguments_max, f->name, count);
        return false;
    }
    for (unsigned i = 0; i < count; i++)
        if (!want_type(p, n->arguments[i], f->types[i], "call to function", name))
            return false;
    return true;
}

static struct query_node *parse_call(struct parser *p)
{
    size_t at = place(p);
    struct span name = p->token.text;
    const struct query_function *f = query_function_find(name);
    struct query_node *n;

    if (!f)
        return unknown_function(p, name, at);
    n = new_node(p, QUERY_CALL, f->result, at);
    if (!n)
        return NULL;
    n->function = f;
    advance(p);
    advance(p); /* the parenthesis, which was seen */
    return parse_arguments(p, n, "function call") && check_call(p, n, name) ? n : NULL;
}

/* (a, b) as a set; what no series has is named for nothing. */
static bool parse_labels(struct parser *p, unsigned *ret)
{
    *ret = 0;
    if (!want_sign(p, "(", "grouping opts"))
        return false;
    while (!is_sign(p, ")")) {
        if (p->token.kind != TOKEN_WORD || memchr(p->token.text.at, ':', p->token.text.len)) {
            unexpected(p, "grouping opts", "label");
            return false;
        }
        *ret |= label_of(p->token.text);
        advance(p);
        if (!is_sign(p, ")") && !want_sign(p, ",", "grouping opts"))
            return false;
    }
    advance(p);
    return true;
}

static const char *const aggregations[] = { "sum",   "avg",     "min",     "max",
                                            "count", "group",   "stddev",  "stdvar",
                                            "topk",  "bottomk", "quantile" };

enum { AGGREGATIONS = sizeof(aggregations) / sizeof(aggregations[0]) };

/* The number of an aggregation that begins here, or AGGREGATIONS: a metric may have such a name, too. */
static unsigned aggregation_here(const struct parser *p)
{
    struct query_token next = look_ahead(p);
    unsigned i = 0;

    while (i < AGGREGATIONS && !is_word(p, aggregations[i]))
        i++;
    if (next.kind == TOKEN_SIGN && span_is(next.text, "("))
        return i;
    return next.kind == TOKEN_WORD &&
                   ((next.text.len == 2 && strncasecmp(next.text.at, "by", 2) == 0) ||
                    (next.text.len == 7 && strncasecmp(next.text.at, "without", 7) == 0))
               ? i
               : AGGREGATIONS;
}

/* by (...) or without (...), in front of the parenthesis or behind it. False: none here, or failed. */
static bool parse_grouping(struct parser *p, unsigned *ret_kept)
{
    bool without = is_word(p, "without");
    unsigned labels;

    if (!without && !is_word(p, "by"))
        return false;
    advance(p);
    if (!parse_labels(p, &labels))
        return false;
    *ret_kept = without ? LABEL_ALL & ~(labels | LABEL_NAME) : labels;
    return true;
}

static struct query_node *parse_aggregate(struct parser *p, enum query_aggregation how)
{
    struct query_node *n = new_node(p, QUERY_AGGREGATE, QUERY_VECTOR, place(p));
    unsigned wanted = how >= AGGREGATE_TOPK ? 2 : 1;
    bool grouped;

    if (!n)
        return NULL;
    n->aggregate.how = how;
    advance(p);
    grouped = parse_grouping(p, &n->aggregate.kept);
    if (p->fault || !want_sign(p, "(", "aggregation") || !parse_arguments(p, n, "aggregation"))
        return NULL;
    if (!grouped)
        parse_grouping(p, &n->aggregate.kept);
    if (p->fault)
        return NULL;
    if (n->argument_count != wanted)
        return refuse(
            p, n->at,
            "wrong number of arguments for aggregate expression provided, expected %u, got %u",
            wanted, n->argument_count);
    if (wanted == 2) {
        n->aggregate.param = n->arguments[0];
        n->arguments[0] = n->arguments[1];
        n->argument_count = 1;
        if (!want_type(p, n->aggregate.param, QUERY_SCALAR, "aggregation parameter",
                       (struct span){ 0 }))
            return NULL;
    }
    return want_type(p, n->arguments[0], QUERY_VECTOR, "aggregation expression", (struct span){ 0 })
               ? n
               : NULL;
}

/* --- Operators ---------------------------------------------------------------------------- */

static const struct operator
{
    const char *text;
    int precedence;
}
operators[] = {
    [OPERATOR_ADD] = { "+", 4 },         [OPERATOR_SUB] = { "-", 4 },
    [OPERATOR_MUL] = { "*", 5 },         [OPERATOR_DIV] = { "/", 5 },
    [OPERATOR_MOD] = { "%", 5 },         [OPERATOR_POW] = { "^", 6 },
    [OPERATOR_EQUAL] = { "==", 3 },      [OPERATOR_UNEQUAL] = { "!=", 3 },
    [OPERATOR_LESS] = { "<", 3 },        [OPERATOR_LESS_EQUAL] = { "<=", 3 },
    [OPERATOR_MORE] = { ">", 3 },        [OPERATOR_MORE_EQUAL] = { ">=", 3 },
    [OPERATOR_AND] = { "and", 2 },       [OPERATOR_OR] = { "or", 1 },
    [OPERATOR_UNLESS] = { "unless", 2 },
};

enum { OPERATORS = sizeof(operators) / sizeof(operators[0]), PRECEDENCE_UNARY = 5 };

static int operator_here(const struct parser *p)
{
    for (int i = 0; i < OPERATORS; i++)
        if (i < OPERATOR_AND ? is_sign(p, operators[i].text) : is_word(p, operators[i].text))
            return i;
    return -1;
}

/* bool, on, ignoring, group_left, group_right */
static bool parse_matching(struct parser *p, struct query_binary *b)
{
    b->labels = LABEL_ALL & ~LABEL_NAME;
    b->returns_bool = take_word(p, "bool");
    if (is_word(p, "on") || is_word(p, "ignoring")) {
        b->is_on = take_word(p, "on");
        if (!b->is_on)
            advance(p);
        if (!parse_labels(p, &b->listed))
            return false;
        b->labels = b->is_on ? b->listed : LABEL_ALL & ~(b->listed | LABEL_NAME);
        if (is_word(p, "group_left") || is_word(p, "group_right")) {
            b->cardinality = is_word(p, "group_left") ? MATCH_MANY_TO_ONE : MATCH_ONE_TO_MANY;
            advance(p);
            if (take_sign(p, "(") && !take_sign(p, ")")) {
                refuse(p, place(p),
                       "labels in group_left(...) and group_right(...) are not supported");
                return false;
            }
        }
    }
    return true;
}

static bool check_binary(struct parser *p, const struct query_node *n, size_t at)
{
    const struct query_binary *b = &n->binary;
    const struct query_node *left = n->arguments[0], *right = n->arguments[1];
    bool scalars = left->type == QUERY_SCALAR && right->type == QUERY_SCALAR;
    bool vectors = left->type == QUERY_VECTOR && right->type == QUERY_VECTOR;
    const char *why = NULL;

    if (left->type == QUERY_MATRIX || right->type == QUERY_MATRIX)
        why = "binary expression must contain only scalar and instant vector types";
    else if (b->returns_bool && !is_comparison(b->op))
        why = "bool modifier can only be used on comparison operators";
    else if (is_comparison(b->op) && scalars && !b->returns_bool)
        why = "comparisons between scalars must use BOOL modifier";
    else if (!vectors && (b->is_on || b->listed))
        why = "vector matching only allowed between instant vectors";
    else if (is_set_operator(b->op) && !vectors)
        why = "set operators not allowed in binary scalar expression";
    else if (is_set_operator(b->op) && b->cardinality != MATCH_ONE_TO_ONE)
        why = "no grouping allowed for set operations";
    if (why)
        refuse(p, at, "%s", why);
    return !why;
}

static struct query_node *parse_binary(struct parser *p, struct query_node *left,
                                       enum query_operator op)
{
    size_t at = place(p);
    struct query_node *n = new_node(p, QUERY_BINARY, QUERY_SCALAR, left->at);
    /* All but the power bind to the left. */
    int precedence = operators[op].precedence + (op != OPERATOR_POW);

    if (!n)
        return NULL;
    advance(p);
    n->binary.op = op;
    n->argument_count = 2;
    n->arguments[0] = left;
    if (!parse_matching(p, &n->binary))
        return NULL;
    n->arguments[1] = parse_expression(p, precedence);
    if (!n->arguments[1] || !check_binary(p, n, at))
        return NULL;
    /* Chains are read in a loop, but evaluated one inside the other. */
    n->chain = left->chain + 1;
    if (n->chain > QUERY_CHAIN_MAX)
        return refuse(p, at, "more than %d operators in a row", QUERY_CHAIN_MAX);
    if (left->type == QUERY_VECTOR || n->arguments[1]->type == QUERY_VECTOR)
        n->type = QUERY_VECTOR;
    return n;
}

/* -a ^ b is -(a ^ b), but -a * b is (-a) * b. */
static struct query_node *parse_unary(struct parser *p)
{
    size_t at = place(p);
    bool negates = is_sign(p, "-");
    struct query_node *argument, *n;

    advance(p);
    argument = parse_expression(p, PRECEDENCE_UNARY + 1);
    if (!argument)
        return NULL;
    if (argument->type == QUERY_MATRIX)
        return refuse(
            p, at,
            "unary expression only allowed on expressions of type scalar or instant vector, got \"%s\"",
            type_name(argument->type));
    if (!negates)
        return argument;
    n = new_node(p, QUERY_NEGATE, argument->type, at);
    if (!n)
        return NULL;
    n->arguments[0] = argument;
    n->argument_count = 1;
    return n;
}

/* --- Expressions -------------------------------------------------------------------------- */

static struct query_node *parse_number(struct parser *p, double number)
{
    struct query_node *n = new_node(p, QUERY_NUMBER, QUERY_SCALAR, place(p));

    if (n)
        n->number = number;
    advance(p);
    return n;
}

static struct query_node *parse_word(struct parser *p)
{
    unsigned how = aggregation_here(p);
    struct query_token next = look_ahead(p);

    if (how < AGGREGATIONS)
        return parse_aggregate(p, (enum query_aggregation)how);
    if (next.kind == TOKEN_SIGN && span_is(next.text, "("))
        return parse_call(p);
    if (is_word(p, "inf"))
        return parse_number(p, INFINITY);
    if (is_word(p, "nan"))
        return parse_number(p, NAN);
    return parse_selector(p);
}

static struct query_node *parse_enclosed(struct parser *p)
{
    struct query_node *n;

    advance(p);
    n = parse_expression(p, 0);
    if (!n || !want_sign(p, ")", "parentheses"))
        return NULL;
    n->is_enclosed = true;
    return n;
}

static struct query_node *parse_primary(struct parser *p)
{
    if (is_sign(p, "(")) {
        struct query_node *n = parse_enclosed(p);

        return parse_suffixes(p, n);
    }
    if (is_sign(p, "{"))
        return parse_suffixes(p, parse_selector(p));
    if (p->token.kind == TOKEN_NUMBER)
        return parse_suffixes(p, parse_number(p, p->token.number));
    if (p->token.kind == TOKEN_WORD)
        return parse_suffixes(p, parse_word(p));
    if (p->token.kind == TOKEN_STRING)
        return refuse(p, place(p), "strings are only supported as values of labels");
    return unexpected(p, "", "an expression");
}

/* Operators of that precedence and above. */
static struct query_node *parse_expression(struct parser *p, int precedence)
{
    struct query_node *n;
    int op;

    if (p->fault)
        return NULL;
    if (++p->depth > QUERY_DEPTH_MAX)
        return refuse(p, place(p), "expression nests more than %d deep", QUERY_DEPTH_MAX);
    n = is_sign(p, "-") || is_sign(p, "+") ? parse_unary(p) : parse_primary(p);
    while (n && !p->fault && (op = operator_here(p)) >= 0 && operators[op].precedence >= precedence)
        n = parse_binary(p, n, (enum query_operator)op);
    p->depth--;
    return p->fault ? NULL : n;
}

enum query_fault query_parse(struct arena *memory, struct span text, const struct query_node **ret,
                             struct ou_error *err)
{
    struct parser p = { .lexer = { .memory = memory, .text = text }, .err = err };
    struct query_node *n;

    if (text.len > QUERY_TEXT_MAX) {
        ou_fail(err, OU_TOO_LARGE, "1:1: parse error: the query has %zu bytes, more than %zu",
                text.len, QUERY_TEXT_MAX);
        return QUERY_BAD;
    }
    advance(&p);
    if (p.token.kind == TOKEN_END)
        refuse(&p, 0, "no expression found in input");
    n = parse_expression(&p, 0);
    if (n && p.token.kind != TOKEN_END)
        unexpected(&p, "", "an operator or the end");
    if (!p.fault)
        *ret = n;
    return p.fault;
}

enum query_type query_type_of(const struct query_node *query)
{
    return query->type;
}
