#include "query/lex.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "query/query.h"

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == ':';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The character so far behind the place; NUL at the end. */
static char peek(const struct query_lexer *l, size_t ahead)
{
    return ahead < l->text.len - l->at ? l->text.at[l->at + ahead] : '\0';
}

static struct query_token token(struct query_lexer *l, enum query_token_kind kind, size_t len)
{
    struct query_token t = { .kind = kind, .text = { l->text.at + l->at, len } };

    l->at += len;
    return t;
}

static struct query_token bad(struct query_lexer *l, size_t len, const char *why)
{
    struct query_token t = token(l, TOKEN_BAD, len);

    ou_fail(&l->why, OU_INVALID, "%s: %.*s", why, (int)(len < 60 ? len : 60), t.text.at);
    return t;
}

/* --- Numbers and durations ---------------------------------------------------------------- */

/* The longest first, each at most once, in this order; so that "5m" is not taken for five of
 * "ms". */
static const struct unit {
    const char *name;
    int64_t ms;
} units[] = {
    { "y", INT64_C(365) * 86400000 },
    { "w", INT64_C(7) * 86400000 },
    { "d", 86400000 },
    { "h", 3600000 },
    { "m", 60000 },
    { "s", 1000 },
    { "ms", 1 },
};
enum { UNITS = sizeof(units) / sizeof(units[0]) };

static size_t unit_at(struct span rest, size_t from)
{
    size_t letters = 0;

    while (letters < rest.len && !is_digit(rest.at[letters]))
        letters++;
    while (from < UNITS && !span_is((struct span){ rest.at, letters }, units[from].name))
        from++;
    return from;
}

bool query_duration(struct span text, int64_t *ret_ms)
{
    int64_t sum = 0;
    size_t unit = 0;

    if (span_is(text, "0")) {
        *ret_ms = 0;
        return true;
    }
    while (text.len > 0) {
        int64_t number = 0, part;
        size_t digits = 0;

        for (; digits < text.len && is_digit(text.at[digits]); digits++)
            if (__builtin_mul_overflow(number, 10, &number) ||
                __builtin_add_overflow(number, text.at[digits] - '0', &number))
                return false;
        text = (struct span){ text.at + digits, text.len - digits };
        unit = unit_at(text, unit);
        if (digits == 0 || unit == UNITS || __builtin_mul_overflow(number, units[unit].ms, &part) ||
            __builtin_add_overflow(sum, part, &sum))
            return false;
        digits = strlen(units[unit++].name);
        text = (struct span){ text.at + digits, text.len - digits };
        *ret_ms = sum;
    }
    return unit > 0;
}

/* As far as letters, digits and dots reach, and the sign of an exponent. */
static size_t number_length(const struct query_lexer *l)
{
    bool hex = peek(l, 0) == '0' && (peek(l, 1) | 0x20) == 'x';
    size_t len = 0;

    while ((is_letter(peek(l, len)) && peek(l, len) != ':') || is_digit(peek(l, len)) ||
           peek(l, len) == '.' ||
           ((peek(l, len) == '+' || peek(l, len) == '-') && !hex && len > 0 &&
            (peek(l, len - 1) | 0x20) == 'e'))
        len++;
    return len;
}

static bool parse_number(struct span text, double *ret)
{
    char copy[64], *end;

    if (text.len == 0 || text.len >= sizeof(copy))
        return false;
    memcpy(copy, text.at, text.len);
    copy[text.len] = '\0';
    *ret = strtod(copy, &end);
    return *end == '\0';
}

static struct query_token number(struct query_lexer *l)
{
    size_t len = number_length(l);
    struct span text = { l->text.at + l->at, len };
    struct query_token t = { .kind = TOKEN_NUMBER, .text = text };

    if (!parse_number(text, &t.number)) {
        if (!query_duration(text, &t.duration_ms))
            return bad(l, len, "bad number or duration syntax");
        t.kind = TOKEN_DURATION;
    }
    l->at += len;
    return t;
}

/* --- Strings ------------------------------------------------------------------------------ */

static int digit_of(char c)
{
    if (is_digit(c))
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

static size_t put_utf8(uint32_t c, char *out)
{
    if (c < 0x80) {
        out[0] = (char)c;
        return 1;
    }
    if (c < 0x800) {
        out[0] = (char)(0xc0 | c >> 6);
        out[1] = (char)(0x80 | (c & 0x3f));
        return 2;
    }
    if (c < 0x10000) {
        out[0] = (char)(0xe0 | c >> 12);
        out[1] = (char)(0x80 | (c >> 6 & 0x3f));
        out[2] = (char)(0x80 | (c & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | c >> 18);
    out[1] = (char)(0x80 | (c >> 12 & 0x3f));
    out[2] = (char)(0x80 | (c >> 6 & 0x3f));
    out[3] = (char)(0x80 | (c & 0x3f));
    return 4;
}

/* \x41, \101, \u00e4, \U0001f600: so many digits of that base. Returns how many bytes the
 * character takes, 0: none. */
static size_t coded_escape(struct span digits, size_t count, unsigned base, bool is_byte, char *out)
{
    uint64_t value = 0;

    if (digits.len < count)
        return 0;
    for (size_t i = 0; i < count; i++) {
        unsigned digit = (unsigned)digit_of(digits.at[i]);

        if (digit >= base)
            return 0;
        value = value * base + digit;
    }
    if (value == 0 ||
        (is_byte ? value > 255 : value > 0x10ffff || (value >= 0xd800 && value < 0xe000)))
        return 0; /* texts end at a NUL: no label has one inside */
    if (!is_byte)
        return put_utf8((uint32_t)value, out);
    out[0] = (char)value;
    return 1;
}

/* What stands behind a backslash: *ret_taken bytes of it become the bytes returned; 0: it is no
 * escape. */
static size_t escape(struct span rest, char quote, char *out, size_t *ret_taken)
{
    static const char from[] = "abfnrtv\\", to[] = "\a\b\f\n\r\t\v\\";
    const char *found;

    if (rest.len == 0 || *rest.at == '\0')
        return 0;
    found = strchr(from, *rest.at);
    *ret_taken = 1;
    if (*rest.at == quote || found) {
        *out = found ? to[found - from] : quote;
        return 1;
    }
    if (digit_of(*rest.at) < 8 && is_digit(*rest.at)) {
        *ret_taken = 3;
        return coded_escape(rest, 3, 8, true, out);
    }
    *ret_taken = *rest.at == 'x' ? 3 : *rest.at == 'u' ? 5 : *rest.at == 'U' ? 9 : 0;
    return *ret_taken == 0 ? 0
                           : coded_escape((struct span){ rest.at + 1, rest.len - 1 },
                                          *ret_taken - 1, 16, *rest.at == 'x', out);
}

static struct query_token string(struct query_lexer *l)
{
    char quote = peek(l, 0);
    struct span rest = { l->text.at + l->at, l->text.len - l->at };
    char *out = arena_take(l->memory, rest.len + 1, 1); /* no escape grows */
    size_t len = 0, at = 1;
    struct query_token t;

    if (!out) {
        l->no_memory = true;
        return bad(l, 0, "no memory");
    }
    while (at < rest.len && rest.at[at] != quote) {
        size_t taken = 1, made = 1;

        if (rest.at[at] == '\0' || (rest.at[at] == '\n' && quote != '`'))
            break;
        out[len] = rest.at[at];
        if (rest.at[at] == '\\' && quote != '`') {
            made = escape((struct span){ rest.at + at + 1, rest.len - at - 1 }, quote, out + len,
                          &taken);
            if (made == 0)
                return bad(l, at + 1, "unknown or invalid escape sequence in string");
            taken++;
        }
        len += made;
        at += taken;
    }
    if (at >= rest.len || rest.at[at] != quote)
        return bad(l, at, "unterminated quoted string");
    t = token(l, TOKEN_STRING, at + 1);
    t.string = out; /* zeroed behind its end */
    return t;
}

/* --- Tokens ------------------------------------------------------------------------------- */

static void skip_blanks(struct query_lexer *l)
{
    for (; l->at < l->text.len; l->at++)
        if (peek(l, 0) == '#')
            while (l->at + 1 < l->text.len && peek(l, 1) != '\n')
                l->at++;
        else if (!strchr(" \t\r\n", peek(l, 0)) || peek(l, 0) == '\0')
            return;
}

static struct query_token sign(struct query_lexer *l)
{
    static const char *const pairs[] = { "==", "!=", "=~", "!~", "<=", ">=" };
    struct span rest = { l->text.at + l->at, l->text.len - l->at };

    for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
        if (span_starts(rest, pairs[i]))
            return token(l, TOKEN_SIGN, 2);
    if (*rest.at != '\0' && strchr("(){}[],:@+-*/%^=<>", *rest.at))
        return token(l, TOKEN_SIGN, 1);
    return bad(l, 1, "unexpected character");
}

struct query_token query_lex_next(struct query_lexer *l)
{
    size_t len = 0;

    skip_blanks(l);
    if (l->at == l->text.len)
        return token(l, TOKEN_END, 0);
    if (is_digit(peek(l, 0)) || (peek(l, 0) == '.' && is_digit(peek(l, 1))))
        return number(l);
    if (peek(l, 0) == '"' || peek(l, 0) == '\'' || peek(l, 0) == '`')
        return string(l);
    /* A colon may stand in a metric's name, but between durations it is a sign. */
    if (!is_letter(peek(l, 0)) || (peek(l, 0) == ':' && !is_letter(peek(l, 1))))
        return sign(l);
    while (is_letter(peek(l, len)) || is_digit(peek(l, len)))
        len++;
    return token(l, TOKEN_WORD, len);
}
