/* The log scanner: walks over the JSON text of one log line, in place, without
 * allocating and without building anything.
 *
 * A scan is a cursor. Each function looks at what stands under the cursor,
 * moves over it and returns true, or leaves the reason in `problem` and returns
 * false; what was read up to there stays usable. Blanks between tokens are
 * skipped. The text is not validated beyond what walking over it needs: a
 * skipped object is known to have balanced brackets and closed strings, not
 * more. Duplicate keys are the caller's business.
 *
 * SCAN_PADDING bytes after the end must be readable (their content does not
 * matter), so that 16 bytes at a time can be looked at without asking. */
#ifndef OU_JSON_SCAN_H
#define OU_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __x86_64__
#include <emmintrin.h>
#endif

#include "base/span.h"

#define SCAN_PADDING 64

enum scan_problem {
    SCAN_FINE,
    SCAN_CUT,   /* the text ends inside a value */
    SCAN_BAD,   /* something that is not JSON */
    SCAN_TYPE,  /* JSON, but not of the kind asked for */
    SCAN_RANGE, /* a number that does not fit */
};

struct scan {
    const char *at, *end;
    enum scan_problem problem;
};

/* A string as it stands in the text, between the quotation marks. */
struct scan_text {
    struct span raw;
    bool escaped; /* it holds a backslash: scan_unescape() gives the text */
};

static inline struct scan scan_of(const char *text, size_t len)
{
    return (struct scan){ text, text + len, SCAN_FINE };
}

static inline bool scan_fail(struct scan *s, enum scan_problem problem)
{
    s->problem = problem;
    return false;
}

/* Moves over blanks and tells the next byte; 0 at the end. */
static inline char scan_peek(struct scan *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\t' || *s->at == '\r' || *s->at == '\n'))
        s->at++;
    return s->at < s->end ? *s->at : '\0';
}

/* Moves over one byte that must be there. */
static inline bool scan_char(struct scan *s, char wanted)
{
    char c = scan_peek(s);

    if (c != wanted)
        return scan_fail(s, s->at == s->end ? SCAN_CUT : SCAN_BAD);
    s->at++;
    return true;
}

/* The first byte at or behind `at` that is a quotation mark, a backslash or a
 * control character; at most 15 bytes behind end when there is none. */
static inline const char *scan_string_stop(const char *at, const char *end)
{
#ifdef __x86_64__
    __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\');
    __m128i highest_control = _mm_set1_epi8(0x1f);

    for (; at < end; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)at);
        __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, highest_control), bytes);
        __m128i stop = _mm_or_si128(
            control, _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, backslash)));
        int found = _mm_movemask_epi8(stop);

        if (found)
            return at + __builtin_ctz((unsigned)found);
    }
    return at;
#else
    while (at < end && *at != '"' && *at != '\\' && (unsigned char)*at > 0x1f)
        at++;
    return at;
#endif
}

/* A string: in *ret what stands between the quotation marks. */
static inline bool scan_string(struct scan *s, struct scan_text *ret)
{
    const char *start, *at;
    bool escaped = false;

    if (scan_peek(s) != '"')
        return scan_fail(s, s->at == s->end ? SCAN_CUT : SCAN_TYPE);
    start = at = s->at + 1;
    for (;;) {
        at = scan_string_stop(at, s->end);
        if (at >= s->end)
            goto cut;
        if (*at == '"')
            break;
        if (*at != '\\') {
            s->at = at;
            return scan_fail(s, SCAN_BAD);
        }
        escaped = true;
        at += 2;
        if (at > s->end)
            goto cut;
    }
    s->at = at + 1;
    *ret = (struct scan_text){ { start, (size_t)(at - start) }, escaped };
    return true;
cut:
    s->at = s->end;
    return scan_fail(s, SCAN_CUT);
}

/* Any value. Containers are walked over 64 bytes at a time, to any depth. */
bool scan_skip(struct scan *s);

/* From inside an object or array to behind the bracket that closes it. */
bool scan_skip_rest(struct scan *s);

/* A number without decimals, or a string that holds one (some events write
 * numbers so). SCAN_RANGE for decimals, exponents and what exceeds 64 bits. */
bool scan_int(struct scan *s, int64_t *ret);

/* Any number, or a string that holds one. SCAN_RANGE when it is not finite. */
bool scan_double(struct scan *s, double *ret);

bool scan_bool(struct scan *s, bool *ret);

/* Objects: scan_enter_object() moves behind the '{'. Then scan_member() finds
 * the next key and moves behind its colon; the caller reads or skips the value.
 * At the closing bracket it moves behind it and returns false with `problem`
 * SCAN_FINE. *first is true before the first call. */
bool scan_enter_object(struct scan *s);
bool scan_member(struct scan *s, bool *first, struct scan_text *ret_key);

/* Writes the text that raw stands for to out, which has room for raw.len bytes
 * (no escape grows). Returns the length, or SIZE_MAX for an escape that JSON
 * does not know or a lone surrogate. */
size_t scan_unescape(struct span raw, char *out);

/* Which implementation of the 64-byte walk is in use: "avx2", "sse2", "portable". */
const char *scan_implementation(void);

/* For tests and benchmarks: takes the named implementation from now on; false
 * when this machine cannot. NULL takes the best again. Not thread-safe. */
bool scan_use(const char *implementation);

#endif
