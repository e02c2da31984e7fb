/* A view of bytes that somebody else owns. */
#ifndef OU_BASE_SPAN_H
#define OU_BASE_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

struct span {
    const char *at; /* may be NULL when len is 0 */
    size_t len;
};

/* For string literals and other NUL-terminated text. */
static inline struct span span_of(const char *text)
{
    return (struct span){ text, strlen(text) };
}

static inline bool span_equal(struct span a, struct span b)
{
    /* A view of more than no bytes points somewhere. */
    return a.len == b.len &&
           (a.len == 0 ||
            memcmp(a.at, b.at, a.len) == 0); /* NOLINT(clang-analyzer-core.NonNullParamChecker) */
}

static inline bool span_is(struct span a, const char *text)
{
    return span_equal(a, span_of(text));
}

static inline bool span_starts(struct span a, const char *prefix)
{
    size_t len = strlen(prefix);

    return a.len >= len && memcmp(a.at, prefix, len) == 0;
}

static inline bool span_ends(struct span a, const char *suffix)
{
    size_t len = strlen(suffix);

    return a.len >= len && memcmp(a.at + a.len - len, suffix, len) == 0;
}

#endif
