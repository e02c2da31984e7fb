#include "json/check.h"

#include <stdint.h>
#include <string.h>

/* A cursor, and for each bracket that is open whether it is an object's. */
struct check {
    const char *at, *end;
    uint64_t objects[JSON_CHECK_DEPTH_MAX / 64];
    unsigned depth;
};

static bool take(struct check *c, char what)
{
    if (c->at == c->end || *c->at != what)
        return false;
    c->at++;
    return true;
}

static void skip_blanks(struct check *c)
{
    while (c->at < c->end && *c->at == ' ')
        c->at++;
}

/* --- Strings ---------------------------------------------------------------------------------- */

/* Over bytes that mean nothing, eight at a time. A byte of a word is 0 when taking 1 off borrows, and below a blank
 * when taking 32 off does; bytes of 128 and more are neither. A borrow may run on into the bytes
 * behind: then the slow loop has the last word. */
static void skip_plain(struct check *c)
{
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t word, quote, slash;

    for (; c->end - c->at >= (ptrdiff_t)sizeof(word); c->at += sizeof(word)) {
        memcpy(&word, c->at, sizeof(word));
        quote = word ^ ones * '"';
        slash = word ^ ones * '\\';
        if ((((quote - ones) & ~quote) | ((slash - ones) & ~slash) |
             ((word - ones * ' ') & ~word)) &
            ones * 0x80)
            break;
    }
    while (c->at < c->end && *c->at != '"' && *c->at != '\\' && (unsigned char)*c->at >= ' ')
        c->at++;
}

static bool is_hex(char c)
{
    return (c >= '0' && c <= '9') || ((c | 0x20) >= 'a' && (c | 0x20) <= 'f');
}

/* Behind the backslash. */
static bool take_escape(struct check *c)
{
    if (c->at == c->end || !*c->at || !strchr("\"\\/bfnrtu", *c->at))
        return false;
    if (*c->at++ != 'u')
        return true;
    for (int i = 0; i < 4; i++, c->at++)
        if (c->at == c->end || !is_hex(*c->at))
            return false;
    return true;
}

static bool take_string(struct check *c)
{
    if (!take(c, '"'))
        return false;
    for (;;) {
        skip_plain(c);
        if (take(c, '"'))
            return true;
        if (!take(c, '\\') || !take_escape(c))
            return false;
    }
}

/* --- Numbers and words ------------------------------------------------------------------------ */

static bool take_digits(struct check *c)
{
    const char *start = c->at;

    while (c->at < c->end && *c->at >= '0' && *c->at <= '9')
        c->at++;
    return c->at > start;
}

static bool take_number(struct check *c)
{
    take(c, '-');
    if (!take(c, '0') && !take_digits(c))
        return false;
    if (take(c, '.') && !take_digits(c))
        return false;
    if (!take(c, 'e') && !take(c, 'E'))
        return true;
    if (!take(c, '-'))
        take(c, '+');
    return take_digits(c);
}

static bool take_word(struct check *c, const char *word)
{
    const size_t len = strlen(word);

    if ((size_t)(c->end - c->at) < len || memcmp(c->at, word, len) != 0)
        return false;
    c->at += len;
    return true;
}

/* --- Brackets --------------------------------------------------------------------------------- */

static bool in_object(const struct check *c)
{
    return c->objects[(c->depth - 1) / 64] >> (c->depth - 1) % 64 & 1;
}

static bool open_bracket(struct check *c, bool is_object)
{
    const uint64_t bit = UINT64_C(1) << c->depth % 64;

    if (c->depth == JSON_CHECK_DEPTH_MAX)
        return false;
    c->objects[c->depth / 64] &= ~bit;
    c->objects[c->depth / 64] |= is_object ? bit : 0;
    c->depth++;
    c->at++;
    return true;
}

static bool close_bracket(struct check *c)
{
    skip_blanks(c);
    if (c->depth == 0 || !take(c, in_object(c) ? '}' : ']'))
        return false;
    c->depth--;
    return true;
}

static bool at_close(struct check *c)
{
    skip_blanks(c);
    return c->at < c->end && *c->at == (in_object(c) ? '}' : ']');
}

/* The key and colon in front of a value, when that is an object's. */
static bool take_key(struct check *c)
{
    if (!in_object(c))
        return true;
    skip_blanks(c);
    if (!take_string(c))
        return false;
    skip_blanks(c);
    return take(c, ':');
}

/* Up to a value without others in it: brackets that hold something are only opened. */
static bool take_value(struct check *c)
{
    for (;;) {
        skip_blanks(c);
        switch (c->at < c->end ? *c->at : '\0') {
        case '"': return take_string(c);
        case 't': return take_word(c, "true");
        case 'f': return take_word(c, "false");
        case 'n': return take_word(c, "null");
        case '{':
        case '[': break;
        default: return take_number(c);
        }
        if (!open_bracket(c, *c->at == '{'))
            return false;
        if (at_close(c))
            return true;
        if (!take_key(c))
            return false;
    }
}

bool json_is_object_line(struct span text)
{
    struct check c = { .at = text.at, .end = text.at + text.len };

    if (text.len < 2 || text.at[0] != '{')
        return false;
    for (;;) {
        if (!take_value(&c))
            return false;
        while (close_bracket(&c))
            ;
        if (c.depth == 0)
            return c.at == c.end && c.at[-1] == '}';
        if (!take(&c, ',') || !take_key(&c))
            return false;
    }
}
