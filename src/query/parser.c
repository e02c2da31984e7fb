/* What all parts of the parser stand on: failures with their places, and words. */
#include "query/parser.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

/* --- Failures ----------------------------------------------------------------------------- */

/* LINE:COLUMN: parse error: what, as Prometheus writes it. The first failure counts. */
__attribute__((format(printf, 3, 4))) void *parser_refuse(struct parser *p, size_t at,
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

void *parser_no_memory(struct parser *p)
{
    if (!p->fault) {
        ou_fail(p->err, OU_NO_MEMORY, "no memory");
        p->fault = QUERY_NO_MEMORY;
    }
    return NULL;
}

size_t parser_place(const struct parser *p)
{
    return p->token.kind == TOKEN_END ? p->lexer.text.len
                                      : (size_t)(p->token.text.at - p->lexer.text.at);
}

void *parser_unexpected(struct parser *p, const char *context, const char *wanted)
{
    struct span t = p->token.text;

    if (p->token.kind == TOKEN_BAD)
        return p->lexer.no_memory ? parser_no_memory(p)
                                  : parser_refuse(p, parser_place(p), "%s", p->lexer.why.text);
    if (p->token.kind == TOKEN_END)
        return parser_refuse(p, parser_place(p), "unexpected end of input%s%s, expected %s",
                             *context ? " in " : "", context, wanted);
    return parser_refuse(p, parser_place(p), "unexpected \"%.*s\"%s%s, expected %s",
                         (int)(t.len < 60 ? t.len : 60), t.at, *context ? " in " : "", context,
                         wanted);
}

/* --- Tokens ------------------------------------------------------------------------------- */

void parser_advance(struct parser *p)
{
    p->token = query_lex_next(&p->lexer);
}

bool parser_at_sign(const struct parser *p, const char *text)
{
    return p->token.kind == TOKEN_SIGN && span_is(p->token.text, text);
}

bool parser_at_word(const struct parser *p, const char *word)
{
    return p->token.kind == TOKEN_WORD && p->token.text.len == strlen(word) &&
           strncasecmp(p->token.text.at, word, p->token.text.len) == 0;
}

bool parser_take_sign(struct parser *p, const char *text)
{
    if (!parser_at_sign(p, text))
        return false;
    parser_advance(p);
    return true;
}

bool parser_take_word(struct parser *p, const char *word)
{
    if (!parser_at_word(p, word))
        return false;
    parser_advance(p);
    return true;
}

bool parser_want_sign(struct parser *p, const char *text, const char *context)
{
    char wanted[8];

    if (parser_take_sign(p, text))
        return true;
    snprintf(wanted, sizeof(wanted), "\"%s\"", text);
    parser_unexpected(p, context, wanted);
    return false;
}

/* What follows a word without being taken. */
struct query_token parser_look_ahead(const struct parser *p)
{
    struct query_lexer lexer = p->lexer;

    return query_lex_next(&lexer);
}

struct query_node *parser_new_node(struct parser *p, enum query_kind kind, enum query_type type,
                                   size_t at)
{
    struct query_node *n =
        p->fault ? NULL : arena_take(p->lexer.memory, sizeof(*n), _Alignof(struct query_node));

    if (!n)
        return parser_no_memory(p);
    n->kind = kind;
    n->type = type;
    n->at = at;
    return n;
}

const char *query_type_name(enum query_type type)
{
    static const char *const names[] = { "scalar", "instant vector", "range vector", "string" };

    return names[type];
}
