/* The words of a query. Pure. */
#ifndef OU_QUERY_LEX_H
#define OU_QUERY_LEX_H

#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

enum query_token_kind {
    TOKEN_END,
    TOKEN_WORD,     /* a metric, function, label or keyword */
    TOKEN_NUMBER,   /* number */
    TOKEN_DURATION, /* duration_ms */
    TOKEN_STRING,   /* string: without quotes, escapes resolved, NUL-terminated */
    TOKEN_SIGN,     /* one of ( ) { } [ ] , : @ + - * / % ^ = == != =~ !~ < <= > >= */
    TOKEN_BAD,      /* err says why */
};

struct query_token {
    enum query_token_kind kind;
    struct span text; /* as it stands there */
    double number;
    int64_t duration_ms;
    const char *string;
};

struct query_lexer {
    struct arena *memory;
    struct span text;
    size_t at;
    struct ou_error why; /* of TOKEN_BAD */
    bool no_memory;
};

struct query_token query_lex_next(struct query_lexer *l);

#endif
