/* The walk over containers looks at 64 bytes at a time and turns them into four
 * bit masks: quotation marks, backslashes, opening and closing brackets. Bytes
 * inside strings are those with an odd number of unescaped quotation marks
 * before them, so a running XOR over the bits of the quotation marks masks them
 * out, and what is left of the brackets is counted.
 *
 * '[' | 0x20 == '{' and ']' | 0x20 == '}', hence one comparison a direction. */
#include "json/scan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#ifdef __x86_64__
#include <immintrin.h>
#endif

#define INLINE static inline __attribute__((always_inline))

struct masks {
    uint64_t quotes, backslashes, opens, closes;
};

INLINE struct masks classify_portable(const char *at)
{
    struct masks m = { 0 };

    for (int i = 0; i < 64; i++) {
        uint64_t bit = UINT64_C(1) << i;
        char c = at[i];

        if (c == '"')
            m.quotes |= bit;
        else if (c == '\\')
            m.backslashes |= bit;
        else if (c == '{' || c == '[')
            m.opens |= bit;
        else if (c == '}' || c == ']')
            m.closes |= bit;
    }
    return m;
}

#ifdef __x86_64__
INLINE uint64_t equal_sse2(__m128i a, __m128i b, __m128i c, __m128i d, char wanted)
{
    __m128i w = _mm_set1_epi8(wanted);
    uint64_t ma = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(a, w));
    uint64_t mb = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(b, w));
    uint64_t mc = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(c, w));
    uint64_t md = (uint32_t)_mm_movemask_epi8(_mm_cmpeq_epi8(d, w));

    return ma | mb << 16 | mc << 32 | md << 48;
}

INLINE struct masks classify_sse2(const char *at)
{
    __m128i lower = _mm_set1_epi8(0x20);
    __m128i a = _mm_loadu_si128((const __m128i *)at);
    __m128i b = _mm_loadu_si128((const __m128i *)(at + 16));
    __m128i c = _mm_loadu_si128((const __m128i *)(at + 32));
    __m128i d = _mm_loadu_si128((const __m128i *)(at + 48));
    struct masks m;

    m.quotes = equal_sse2(a, b, c, d, '"');
    m.backslashes = equal_sse2(a, b, c, d, '\\');
    a = _mm_or_si128(a, lower);
    b = _mm_or_si128(b, lower);
    c = _mm_or_si128(c, lower);
    d = _mm_or_si128(d, lower);
    m.opens = equal_sse2(a, b, c, d, '{');
    m.closes = equal_sse2(a, b, c, d, '}');
    return m;
}

#define AVX2 __attribute__((target("avx2,bmi,popcnt")))

AVX2 INLINE uint64_t equal_avx2(__m256i a, __m256i b, char wanted)
{
    __m256i w = _mm256_set1_epi8(wanted);
    uint64_t ma = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(a, w));
    uint64_t mb = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(b, w));

    return ma | mb << 32;
}

AVX2 INLINE struct masks classify_avx2(const char *at)
{
    __m256i lower = _mm256_set1_epi8(0x20);
    __m256i a = _mm256_loadu_si256((const __m256i *)at);
    __m256i b = _mm256_loadu_si256((const __m256i *)(at + 32));
    struct masks m;

    m.quotes = equal_avx2(a, b, '"');
    m.backslashes = equal_avx2(a, b, '\\');
    a = _mm256_or_si256(a, lower);
    b = _mm256_or_si256(b, lower);
    m.opens = equal_avx2(a, b, '{');
    m.closes = equal_avx2(a, b, '}');
    return m;
}
#endif

/* Bit i of the result is the XOR of bits 0..i. */
INLINE uint64_t running_xor(uint64_t bits)
{
    for (int shift = 1; shift < 64; shift *= 2)
        bits ^= bits << shift;
    return bits;
}

/* The bytes that a backslash takes the meaning from. *carry: the first byte is
 * one (in), the byte after the last is one (out). */
INLINE uint64_t escaped_bytes(uint64_t backslashes, uint64_t *carry)
{
    uint64_t escaped = *carry;

    *carry = 0;
    backslashes &= ~escaped;
    while (backslashes) {
        int i = __builtin_ctzll(backslashes);

        if (i == 63) {
            *carry = 1;
            break;
        }
        escaped |= UINT64_C(2) << i;
        backslashes &= ~(UINT64_C(3) << i);
    }
    return escaped;
}

/* From behind an opening bracket to behind its partner; NULL when the text ends
 * before. */
INLINE const char *walk(const char *at, const char *end, struct masks (*classify)(const char *))
{
    uint64_t depth = 1, in_string = 0, carry = 0;

    for (; at < end; at += 64) {
        size_t left = (size_t)(end - at);
        uint64_t valid = left >= 64 ? UINT64_MAX : (UINT64_C(1) << left) - 1;
        struct masks m = classify(at);
        uint64_t quotes = m.quotes;
        uint64_t inside, opens, closes;

        m.backslashes &= valid;
        if (__builtin_expect((m.backslashes | carry) != 0, 0))
            quotes &= ~escaped_bytes(m.backslashes, &carry);
        inside = running_xor(quotes & valid) ^ in_string;
        in_string = -(inside >> 63);
        opens = m.opens & ~inside & valid;
        closes = m.closes & ~inside & valid;
        if ((uint64_t)__builtin_popcountll(closes) < depth) {
            depth += (uint64_t)__builtin_popcountll(opens);
            depth -= (uint64_t)__builtin_popcountll(closes);
            continue;
        }
        while (closes) {
            uint64_t lowest = closes & -closes;

            depth += (uint64_t)__builtin_popcountll(opens & (lowest - 1));
            opens &= ~(lowest - 1);
            if (--depth == 0)
                return at + __builtin_ctzll(lowest) + 1;
            closes &= closes - 1;
        }
        depth += (uint64_t)__builtin_popcountll(opens);
    }
    return NULL;
}

static const char *walk_portable(const char *at, const char *end)
{
    return walk(at, end, classify_portable);
}

#ifdef __x86_64__
static const char *walk_sse2(const char *at, const char *end)
{
    return walk(at, end, classify_sse2);
}

AVX2 static const char *walk_avx2(const char *at, const char *end)
{
    return walk(at, end, classify_avx2);
}
#endif

static const struct implementation {
    const char *name;
    const char *(*walk)(const char *at, const char *end);
} implementations[] = {
#ifdef __x86_64__
    { "avx2", walk_avx2 },
    { "sse2", walk_sse2 },
#endif
    { "portable", walk_portable },
};

static const struct implementation *chosen;

static bool machine_can(const struct implementation *i)
{
#ifdef __x86_64__
    if (i->walk == walk_avx2)
        return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") &&
               __builtin_cpu_supports("popcnt");
#endif
    return i->walk != NULL;
}

bool scan_use(const char *implementation)
{
    for (size_t i = 0; i < sizeof(implementations) / sizeof(*implementations); i++) {
        const struct implementation *candidate = &implementations[i];

        if (implementation && strcmp(implementation, candidate->name) != 0)
            continue;
        if (!machine_can(candidate))
            continue;
        chosen = candidate;
        return true;
    }
    return false;
}

/* Before main(), so that no thread ever sees `chosen` change. */
__attribute__((constructor)) static void choose_implementation(void)
{
    scan_use(NULL);
}

const char *scan_implementation(void)
{
    return chosen->name;
}

bool scan_skip_rest(struct scan *s)
{
    const char *behind = chosen->walk(s->at, s->end);

    if (!behind) {
        s->at = s->end;
        return scan_fail(s, SCAN_CUT);
    }
    s->at = behind;
    return true;
}

/* The bytes up to the next one that cannot belong to a number or a word. */
static struct span scalar(struct scan *s)
{
    const char *start = s->at;

    while (s->at < s->end && *s->at != ',' && *s->at != '}' && *s->at != ']' && *s->at != ' ' &&
           *s->at != '\t' && *s->at != '\r' && *s->at != '\n')
        s->at++;
    return (struct span){ start, (size_t)(s->at - start) };
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Does text look like a JSON number? (Leading zeros are let through.) */
static bool is_number(struct span text)
{
    const char *at = text.at, *end = at + text.len;

    if (at < end && *at == '-')
        at++;
    if (at == end || !is_digit(*at))
        return false;
    while (at < end && is_digit(*at))
        at++;
    if (at < end && *at == '.') {
        at++;
        if (at == end || !is_digit(*at))
            return false;
        while (at < end && is_digit(*at))
            at++;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        if (at == end || !is_digit(*at))
            return false;
        while (at < end && is_digit(*at))
            at++;
    }
    return at == end;
}

bool scan_skip(struct scan *s)
{
    struct scan_text text;
    struct span word;
    char c = scan_peek(s);

    if (c == '"')
        return scan_string(s, &text);
    if (c == '{' || c == '[') {
        s->at++;
        return scan_skip_rest(s);
    }
    word = scalar(s);
    if (s->at == s->end) /* a value always has something behind it: its container's end */
        return scan_fail(s, SCAN_CUT);
    if (is_number(word) || span_is(word, "true") || span_is(word, "false") || span_is(word, "null"))
        return true;
    return scan_fail(s, SCAN_BAD);
}

/* A number, quoted or not, as text. */
static bool number_text(struct scan *s, struct span *ret)
{
    struct scan_text text;
    char c = scan_peek(s);

    if (c == '"') {
        if (!scan_string(s, &text))
            return false;
        *ret = text.raw;
        return is_number(*ret) || scan_fail(s, SCAN_TYPE);
    }
    if (c == '{' || c == '[' || c == 't' || c == 'f' || c == 'n')
        return scan_skip(s) && scan_fail(s, SCAN_TYPE);
    *ret = scalar(s);
    if (s->at == s->end)
        return scan_fail(s, SCAN_CUT);
    return is_number(*ret) || scan_fail(s, SCAN_BAD);
}

bool scan_int(struct scan *s, int64_t *ret)
{
    struct span text;
    const char *at, *end;
    int64_t value = 0;
    bool negative;

    if (!number_text(s, &text))
        return false;
    at = text.at;
    end = at + text.len;
    negative = *at == '-';
    for (at += negative; at < end; at++) {
        int digit = negative ? '0' - *at : *at - '0';

        if (!is_digit(*at) || __builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return scan_fail(s, SCAN_RANGE);
    }
    *ret = value;
    return true;
}

bool scan_double(struct scan *s, double *ret)
{
    struct span text;
    double value;

    if (!number_text(s, &text))
        return false;
    /* What stands behind a number (a comma, a bracket, a blank, the quotation
     * mark) also ends it for strtod(), which so can read it where it stands. */
    value = strtod(text.at, NULL);
    if (!isfinite(value))
        return scan_fail(s, SCAN_RANGE);
    *ret = value;
    return true;
}

bool scan_bool(struct scan *s, bool *ret)
{
    char c = scan_peek(s);
    struct span word;

    if (c != 't' && c != 'f')
        return scan_skip(s) && scan_fail(s, SCAN_TYPE);
    word = scalar(s);
    if (s->at == s->end)
        return scan_fail(s, SCAN_CUT);
    if (!span_is(word, "true") && !span_is(word, "false"))
        return scan_fail(s, SCAN_BAD);
    *ret = c == 't';
    return true;
}

bool scan_enter_object(struct scan *s)
{
    if (scan_peek(s) != '{')
        return scan_fail(s, s->at == s->end ? SCAN_CUT : SCAN_TYPE);
    s->at++;
    return true;
}

bool scan_member(struct scan *s, bool *first, struct scan_text *ret_key)
{
    char c = scan_peek(s);

    if (c == '}') {
        s->at++;
        s->problem = SCAN_FINE;
        return false;
    }
    if (*first)
        *first = false;
    else if (!scan_char(s, ','))
        return false;
    if (!scan_string(s, ret_key)) {
        if (s->problem == SCAN_TYPE)
            s->problem = SCAN_BAD;
        return false;
    }
    return scan_char(s, ':');
}

static int hex_digit(char c)
{
    if (is_digit(c))
        return c - '0';
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Four hex digits at `at`, or -1. */
static int32_t hex4(const char *at, const char *end)
{
    int32_t value = 0;

    if (end - at < 4)
        return -1;
    for (int i = 0; i < 4; i++) {
        int digit = hex_digit(at[i]);

        if (digit < 0)
            return -1;
        value = value << 4 | digit;
    }
    return value;
}

static char *put_utf8(char *out, uint32_t c)
{
    if (c < 0x80) {
        *out++ = (char)c;
    } else if (c < 0x800) {
        *out++ = (char)(0xc0 | c >> 6);
        *out++ = (char)(0x80 | (c & 0x3f));
    } else if (c < 0x10000) {
        *out++ = (char)(0xe0 | c >> 12);
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    } else {
        *out++ = (char)(0xf0 | c >> 18);
        *out++ = (char)(0x80 | (c >> 12 & 0x3f));
        *out++ = (char)(0x80 | (c >> 6 & 0x3f));
        *out++ = (char)(0x80 | (c & 0x3f));
    }
    return out;
}

/* Behind "\u": one code point, which may take a second \uXXXX. NULL when bad. */
static const char *unicode_escape(const char *at, const char *end, uint32_t *ret)
{
    int32_t high = hex4(at, end), low;

    if (high < 0 || (high >= 0xdc00 && high < 0xe000))
        return NULL;
    at += 4;
    *ret = (uint32_t)high;
    if (high < 0xd800 || high >= 0xe000)
        return at;
    if (end - at < 6 || at[0] != '\\' || at[1] != 'u')
        return NULL;
    low = hex4(at + 2, end);
    if (low < 0xdc00 || low >= 0xe000)
        return NULL;
    *ret = 0x10000 + (((uint32_t)high & 0x3ff) << 10 | ((uint32_t)low & 0x3ff));
    return at + 6;
}

size_t scan_unescape(struct span raw, char *out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    const char *at = raw.at, *end = at + raw.len;
    char *start = out;

    while (at < end) {
        const char *backslash = memchr(at, '\\', (size_t)(end - at));
        size_t plain = (size_t)((backslash ? backslash : end) - at);
        const char *simple;
        uint32_t c;

        memcpy(out, at, plain);
        out += plain;
        at += plain;
        if (at == end)
            break;
        if (++at == end)
            return SIZE_MAX;
        if (*at == 'u') {
            at = unicode_escape(at + 1, end, &c);
            if (!at)
                return SIZE_MAX;
            out = put_utf8(out, c);
            continue;
        }
        simple = *at ? strchr(from, *at) : NULL;
        if (!simple)
            return SIZE_MAX;
        *out++ = to[simple - from];
        at++;
    }
    return (size_t)(out - start);
}
