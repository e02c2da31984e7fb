/* The parser of queries, in parts: query_parse.c has expressions and operators, the others what
 * stands in them. */
#ifndef OU_QUERY_PARSER_H
#define OU_QUERY_PARSER_H

#include "query/inside.h"
#include "query/lex.h"

struct parser {
    struct query_lexer lexer;
    struct query_token token; /* the one that is looked at */
    unsigned depth;
    enum query_fault fault; /* the first; all ends then */
    struct ou_error *err;
};

/* --- Failures: each returns NULL ---------------------------------------------------------- */

/* LINE:COLUMN: parse error: what, as Prometheus writes it. The first failure counts. */
void *parser_refuse(struct parser *p, size_t at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void *parser_no_memory(struct parser *p);
/* The word that is looked at does not belong there. context: "aggregation"; may be empty. */
void *parser_unexpected(struct parser *p, const char *context, const char *wanted);

/* --- Words -------------------------------------------------------------------------------- */

void parser_advance(struct parser *p);
size_t parser_place(const struct parser *p); /* of the word that is looked at */
bool parser_at_sign(const struct parser *p, const char *text);
bool parser_at_word(const struct parser *p, const char *word); /* in any case */
bool parser_take_sign(struct parser *p, const char *text);
bool parser_take_word(struct parser *p, const char *word);
bool parser_want_sign(struct parser *p, const char *text, const char *context);
struct query_token parser_look_ahead(const struct parser *p); /* what follows without being taken */

struct query_node *parser_new_node(struct parser *p, enum query_kind kind, enum query_type type,
                                   size_t at);
const char *query_type_name(enum query_type type);

/* --- Parts: NULL or false when the query has been refused --------------------------------- */

/* Operators of that precedence and above. */
struct query_node *parser_expression(struct parser *p, int precedence);
struct query_node *parser_selector(struct parser *p);
/* [5m] and offset behind an expression; n may be NULL. */
struct query_node *parser_suffixes(struct parser *p, struct query_node *n);
struct query_node *parser_call(struct parser *p);

/* The number of an aggregation that begins here, or PARSER_AGGREGATIONS: a metric may have such
 * a name, too. */
enum { PARSER_AGGREGATIONS = AGGREGATE_QUANTILE + 1 };
unsigned parser_aggregation_here(const struct parser *p);
struct query_node *parser_aggregate(struct parser *p, enum query_aggregation how);

/* (a, b): names of labels. */
bool parser_labels(struct parser *p, struct query_names *ret);
/* All labels but the listed ones and __name__. */
bool parser_other_labels(struct parser *p, const struct query_names *listed,
                         struct query_names *ret);

#endif
