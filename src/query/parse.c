/* Recursive descent over the words of a query; types are checked on the way. */
#include <math.h>

#include "query/parser.h"

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
        if (i < OPERATOR_AND ? parser_at_sign(p, operators[i].text)
                             : parser_at_word(p, operators[i].text))
            return i;
    return -1;
}

/* group_left(...) or group_right(...), if one stands here */
static bool parse_cardinality(struct parser *p, struct query_binary *b)
{
    size_t at = parser_place(p);

    if (!parser_at_word(p, "group_left") && !parser_at_word(p, "group_right"))
        return true;
    b->cardinality = parser_at_word(p, "group_left") ? MATCH_MANY_TO_ONE : MATCH_ONE_TO_MANY;
    parser_advance(p);
    if (parser_at_sign(p, "(") && !parser_labels(p, &b->taken))
        return false;
    for (size_t i = 0; b->is_on && i < b->taken.count; i++)
        if (query_names_have(&b->listed, b->taken.at[i]))
            parser_refuse(p, at, "label \"%s\" must not occur in ON and GROUP clause at once",
                          b->taken.at[i]);
    return !p->fault;
}

/* bool, on, ignoring, group_left, group_right */
static bool parse_matching(struct parser *p, struct query_binary *b)
{
    b->labels = query_no_name;
    b->returns_bool = parser_take_word(p, "bool");
    if (!parser_at_word(p, "on") && !parser_at_word(p, "ignoring"))
        return true;
    b->is_on = parser_at_word(p, "on");
    parser_advance(p);
    if (!parser_labels(p, &b->listed))
        return false;
    b->labels = b->listed;
    if (!b->is_on && !parser_other_labels(p, &b->listed, &b->labels))
        return false;
    return parse_cardinality(p, b);
}

static bool check_binary(struct parser *p, const struct query_node *n, size_t at)
{
    const struct query_binary *b = &n->binary;
    const struct query_node *left = n->arguments[0], *right = n->arguments[1];
    bool scalars = left->type == QUERY_SCALAR && right->type == QUERY_SCALAR;
    bool vectors = left->type == QUERY_VECTOR && right->type == QUERY_VECTOR;
    const char *why = NULL;

    if (left->type > QUERY_VECTOR || right->type > QUERY_VECTOR)
        why = "binary expression must contain only scalar and instant vector types";
    else if (b->returns_bool && !is_comparison(b->op))
        why = "bool modifier can only be used on comparison operators";
    else if (is_comparison(b->op) && scalars && !b->returns_bool)
        why = "comparisons between scalars must use BOOL modifier";
    else if (!vectors && (b->is_on || b->listed.count))
        why = "vector matching only allowed between instant vectors";
    else if (is_set_operator(b->op) && !vectors)
        why = "set operators not allowed in binary scalar expression";
    else if (is_set_operator(b->op) && b->cardinality != MATCH_ONE_TO_ONE)
        why = "no grouping allowed for set operations";
    if (why)
        parser_refuse(p, at, "%s", why);
    return !why;
}

static struct query_node *parse_binary(struct parser *p, struct query_node *left,
                                       enum query_operator op)
{
    size_t at = parser_place(p);
    struct query_node *n = parser_new_node(p, QUERY_BINARY, QUERY_SCALAR, left->at);
    /* All but the power bind to the left. */
    int precedence = operators[op].precedence + (op != OPERATOR_POW);

    if (!n)
        return NULL;
    parser_advance(p);
    n->binary.op = op;
    n->argument_count = 2;
    n->arguments[0] = left;
    if (!parse_matching(p, &n->binary))
        return NULL;
    n->arguments[1] = parser_expression(p, precedence);
    if (!n->arguments[1] || !check_binary(p, n, at))
        return NULL;
    /* Chains are read in a loop, but evaluated one inside the other. */
    n->chain = left->chain + 1;
    if (n->chain > QUERY_CHAIN_MAX)
        return parser_refuse(p, at, "more than %d operators in a row", QUERY_CHAIN_MAX);
    if (left->type == QUERY_VECTOR || n->arguments[1]->type == QUERY_VECTOR)
        n->type = QUERY_VECTOR;
    return n;
}

/* -a ^ b is -(a ^ b), but -a * b is (-a) * b. */
static struct query_node *parse_unary(struct parser *p)
{
    size_t at = parser_place(p);
    bool negates = parser_at_sign(p, "-");
    struct query_node *argument, *n;

    parser_advance(p);
    argument = parser_expression(p, PRECEDENCE_UNARY + 1);
    if (!argument)
        return NULL;
    if (argument->type > QUERY_VECTOR)
        return parser_refuse(
            p, at,
            "unary expression only allowed on expressions of type scalar or instant vector, got \"%s\"",
            query_type_name(argument->type));
    if (!negates)
        return argument;
    n = parser_new_node(p, QUERY_NEGATE, argument->type, at);
    if (!n)
        return NULL;
    n->arguments[0] = argument;
    n->argument_count = 1;
    return n;
}

/* --- Expressions -------------------------------------------------------------------------- */

static struct query_node *parse_number(struct parser *p, double number)
{
    struct query_node *n = parser_new_node(p, QUERY_NUMBER, QUERY_SCALAR, parser_place(p));

    if (n)
        n->number = number;
    parser_advance(p);
    return n;
}

static struct query_node *parse_string(struct parser *p)
{
    struct query_node *n = parser_new_node(p, QUERY_TEXT, QUERY_STRING, parser_place(p));

    if (n)
        n->string = p->token.string;
    parser_advance(p);
    return n;
}

static struct query_node *parse_word(struct parser *p)
{
    unsigned how = parser_aggregation_here(p);
    struct query_token next = parser_look_ahead(p);

    if (how < PARSER_AGGREGATIONS)
        return parser_aggregate(p, (enum query_aggregation)how);
    if (next.kind == TOKEN_SIGN && span_is(next.text, "("))
        return parser_call(p);
    if (parser_at_word(p, "inf"))
        return parse_number(p, INFINITY);
    if (parser_at_word(p, "nan"))
        return parse_number(p, NAN);
    return parser_selector(p);
}

static struct query_node *parse_enclosed(struct parser *p)
{
    struct query_node *n;

    parser_advance(p);
    n = parser_expression(p, 0);
    if (!n || !parser_want_sign(p, ")", "parentheses"))
        return NULL;
    n->is_enclosed = true;
    return n;
}

static struct query_node *parse_primary(struct parser *p)
{
    if (parser_at_sign(p, "(")) {
        struct query_node *n = parse_enclosed(p);

        return parser_suffixes(p, n);
    }
    if (parser_at_sign(p, "{"))
        return parser_suffixes(p, parser_selector(p));
    if (p->token.kind == TOKEN_NUMBER)
        return parser_suffixes(p, parse_number(p, p->token.number));
    if (p->token.kind == TOKEN_WORD)
        return parser_suffixes(p, parse_word(p));
    if (p->token.kind == TOKEN_STRING)
        return parser_suffixes(p, parse_string(p));
    return parser_unexpected(p, "", "an expression");
}

/* Operators of that precedence and above. */
struct query_node *parser_expression(struct parser *p, int precedence)
{
    struct query_node *n;
    int op;

    if (p->fault)
        return NULL;
    if (++p->depth > QUERY_DEPTH_MAX)
        return parser_refuse(p, parser_place(p), "expression nests more than %d deep",
                             QUERY_DEPTH_MAX);
    n = parser_at_sign(p, "-") || parser_at_sign(p, "+") ? parse_unary(p) : parse_primary(p);
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
    parser_advance(&p);
    if (p.token.kind == TOKEN_END)
        parser_refuse(&p, 0, "no expression found in input");
    n = parser_expression(&p, 0);
    if (n && p.token.kind != TOKEN_END)
        parser_unexpected(&p, "", "an operator or the end");
    if (!p.fault)
        *ret = n;
    return p.fault;
}

enum query_type query_type_of(const struct query_node *query)
{
    return query->type;
}
