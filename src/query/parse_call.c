/* Calls of functions, and aggregations. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/suggest.h"
#include "query/parser.h"

/* --- Calls ------------------------------------------------------------------------------- */

static bool want_type(struct parser *p, const struct query_node *n, enum query_type type,
                      const char *where, struct span name)
{
    if (n->type != type)
        parser_refuse(p, n->at, "expected type %s in %s%s%.*s%s, got %s", query_type_name(type),
                      where, name.len ? " \"" : "", (int)name.len, name.at, name.len ? "\"" : "",
                      query_type_name(n->type));
    return n->type == type;
}

static struct query_node *unknown_function(struct parser *p, struct span name, size_t at)
{
    struct suggestion near;

    suggest_for(&near, name);
    for (size_t i = 0; i < query_function_count(); i++)
        suggest_consider(&near, query_function_name(i));
    return parser_refuse(
        p, at, "unknown function with name \"%.*s\"%s%s%s", (int)(name.len < 60 ? name.len : 60),
        name.at, near.best ? "; is it \"" : "", near.best ? near.best : "", near.best ? "\"?" : "");
}

/* Arguments up to the closing parenthesis; one more than there may be is counted, so that it is
 * told. */
static bool parse_arguments(struct parser *p, struct query_node *n, const char *context)
{
    unsigned count = 0;

    while (!p->fault && !parser_at_sign(p, ")")) {
        const struct query_node *argument = parser_expression(p, 0);

        if (count < QUERY_ARGUMENTS_MAX)
            n->arguments[count] = argument;
        count++;
        if (p->fault || (!parser_at_sign(p, ")") && !parser_want_sign(p, ",", context)))
            break;
    }
    n->argument_count = count;
    return !p->fault && parser_want_sign(p, ")", context);
}

static bool check_call(struct parser *p, const struct query_node *n, struct span name)
{
    const struct query_function *f = n->function;
    unsigned count = n->argument_count;

    if (count < f->arguments_min || count > f->arguments_max) {
        parser_refuse(p, n->at, "expected %s%u argument(s) in call to \"%s\", got %u",
                      f->arguments_min == f->arguments_max ? ""
                      : count < f->arguments_min           ? "at least "
                                                           : "at most ",
                      count < f->arguments_min ? f->arguments_min : f->arguments_max, f->name,
                      count);
        return false;
    }
    for (unsigned i = 0; i < count; i++)
        if (!want_type(p, n->arguments[i], f->types[i < QUERY_TYPES ? i : QUERY_TYPES - 1],
                       "call to function", name))
            return false;
    return true;
}

struct query_node *parser_call(struct parser *p)
{
    size_t at = parser_place(p);
    struct span name = p->token.text;
    const struct query_function *f = query_function_find(name);
    struct query_node *n;

    if (!f)
        return unknown_function(p, name, at);
    n = parser_new_node(p, QUERY_CALL, f->result, at);
    if (!n)
        return NULL;
    n->function = f;
    parser_advance(p);
    parser_advance(p); /* the parenthesis, which was seen */
    return parse_arguments(p, n, "function call") && check_call(p, n, name) ? n : NULL;
}

/* --- Names of labels ------------------------------------------------------------------------ */

static int by_text(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* In order, each once. */
static void arrange(const char **names, struct query_names *ret)
{
    size_t kept = 0;

    if (names && ret->count > 1)
        qsort(names, ret->count, sizeof(*names), by_text);
    for (size_t i = 0; names && i < ret->count; i++)
        if (kept == 0 || strcmp(names[i], names[kept - 1]) != 0)
            names[kept++] = names[i];
    ret->at = names;
    ret->count = kept;
}

/* The list of names grows by doubling: it is as long as the text at most. */
static bool add_name(struct parser *p, const char ***names, size_t count, struct span name)
{
    const char **moved = *names;

    if ((count & (count - 1)) == 0) /* full at powers of two */
        moved = arena_take(p->lexer.memory, (count ? count * 2 : 1) * sizeof(*moved),
                           _Alignof(const char *));
    if (!moved)
        return parser_no_memory(p);
    if (*names && moved != *names && count)
        memcpy(moved, *names, count * sizeof(*moved));
    *names = moved;
    moved[count] = arena_copy(p->lexer.memory, name.at, name.len);
    return moved[count] || parser_no_memory(p);
}

bool parser_labels(struct parser *p, struct query_names *ret)
{
    const char **names = NULL;

    *ret = (struct query_names){ 0 };
    if (!parser_want_sign(p, "(", "grouping opts"))
        return false;
    while (!parser_at_sign(p, ")")) {
        if (p->token.kind != TOKEN_WORD || memchr(p->token.text.at, ':', p->token.text.len)) {
            parser_unexpected(p, "grouping opts", "label");
            return false;
        }
        if (!add_name(p, &names, ret->count, p->token.text))
            return false;
        ret->count++;
        parser_advance(p);
        if (!parser_at_sign(p, ")") && !parser_want_sign(p, ",", "grouping opts"))
            return false;
    }
    parser_advance(p);
    arrange(names, ret);
    return true;
}

bool parser_other_labels(struct parser *p, const struct query_names *listed,
                         struct query_names *ret)
{
    const char **names =
        arena_take(p->lexer.memory, (listed->count + 1) * sizeof(*names), _Alignof(const char *));

    if (!names)
        return parser_no_memory(p);
    if (listed->count)
        memcpy(names, listed->at, listed->count * sizeof(*names));
    names[listed->count] = QUERY_NAME_LABEL;
    *ret = (struct query_names){ .others = true, .count = listed->count + 1 };
    arrange(names, ret);
    return true;
}

/* --- Aggregations --------------------------------------------------------------------------- */

static const char *const aggregations[PARSER_AGGREGATIONS] = {
    "sum", "avg", "min", "max", "count", "group", "stddev", "stdvar", "topk", "bottomk", "quantile"
};

/* The number of an aggregation that begins here, or PARSER_AGGREGATIONS: a metric may have such
 * a name, too. */
unsigned parser_aggregation_here(const struct parser *p)
{
    struct query_token next = parser_look_ahead(p);
    unsigned i = 0;

    while (i < PARSER_AGGREGATIONS && !parser_at_word(p, aggregations[i]))
        i++;
    if (next.kind == TOKEN_SIGN && span_is(next.text, "("))
        return i;
    return next.kind == TOKEN_WORD &&
                   ((next.text.len == 2 && strncasecmp(next.text.at, "by", 2) == 0) ||
                    (next.text.len == 7 && strncasecmp(next.text.at, "without", 7) == 0))
               ? i
               : PARSER_AGGREGATIONS;
}

/* by (...) or without (...), in front of the parenthesis or behind it. False: none here, or
 * failed. */
static bool parse_grouping(struct parser *p, struct query_names *ret_kept)
{
    bool without = parser_at_word(p, "without");
    struct query_names labels;

    if (!without && !parser_at_word(p, "by"))
        return false;
    parser_advance(p);
    if (!parser_labels(p, &labels))
        return false;
    *ret_kept = labels;
    return !without || parser_other_labels(p, &labels, ret_kept);
}

struct query_node *parser_aggregate(struct parser *p, enum query_aggregation how)
{
    struct query_node *n = parser_new_node(p, QUERY_AGGREGATE, QUERY_VECTOR, parser_place(p));
    unsigned wanted = how >= AGGREGATE_TOPK ? 2 : 1;
    bool grouped;

    if (!n)
        return NULL;
    n->aggregate.how = how;
    parser_advance(p);
    grouped = parse_grouping(p, &n->aggregate.kept);
    if (p->fault || !parser_want_sign(p, "(", "aggregation") ||
        !parse_arguments(p, n, "aggregation"))
        return NULL;
    if (!grouped)
        parse_grouping(p, &n->aggregate.kept);
    if (p->fault)
        return NULL;
    if (n->argument_count != wanted)
        return parser_refuse(
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
