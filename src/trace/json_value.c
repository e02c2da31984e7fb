#include "trace/json_value.h"

#include "trace/render_text.h"

static char peek(const struct span *s)
{
    return s->len ? *s->at : '\0';
}

static void skip(struct span *s, size_t count)
{
    s->at += count;
    s->len -= count;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void skip_blanks(struct span *s)
{
    while (is_blank(peek(s)))
        skip(s, 1);
}

static bool accept(struct span *s, char c)
{
    if (s->len == 0 || *s->at != c)
        return false;
    skip(s, 1);
    return true;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool digits(struct span *s)
{
    if (!is_digit(peek(s)))
        return false;
    while (is_digit(peek(s)))
        skip(s, 1);
    return true;
}

static bool number(struct span *s)
{
    accept(s, '-');
    if (!accept(s, '0') && !digits(s))
        return false;
    if (accept(s, '.') && !digits(s))
        return false;
    if (accept(s, 'e') || accept(s, 'E')) {
        if (!accept(s, '+'))
            accept(s, '-');
        return digits(s);
    }
    return true;
}

static bool word(struct span *s, const char *text)
{
    if (!span_starts(*s, text))
        return false;
    skip(s, strlen(text));
    return true;
}

/* What follows a backslash. */
static bool escape(struct span *s)
{
    static const char hex[] = "0123456789abcdefABCDEF";
    char c = peek(s);

    if (c == '\0' || !strchr("\"\\/bfnrtu", c))
        return false;
    skip(s, 1);
    for (int i = 0; c == 'u' && i < 4; i++) {
        if (peek(s) == '\0' || !strchr(hex, *s->at))
            return false;
        skip(s, 1);
    }
    return true;
}

static bool string(struct span *s)
{
    if (!accept(s, '"'))
        return false;
    while (s->len > 0) {
        unsigned char c = (unsigned char)*s->at;

        skip(s, 1);
        if (c == '"')
            return true;
        if (c < 0x20 || (c == '\\' && !escape(s)))
            return false;
    }
    return false;
}

static bool value(struct span *s, int depth);

/* The inside of an array or object and its closing bracket. */
static bool items(struct span *s, char close, int depth)
{
    if (depth == 0)
        return false;
    skip_blanks(s);
    if (accept(s, close))
        return true;
    do {
        skip_blanks(s);
        if (close == '}') {
            if (!string(s))
                return false;
            skip_blanks(s);
            if (!accept(s, ':'))
                return false;
        }
        if (!value(s, depth - 1))
            return false;
    } while (accept(s, ','));
    return accept(s, close);
}

/* A value and the blanks around it. */
static bool value(struct span *s, int depth)
{
    bool good;

    skip_blanks(s);
    switch (peek(s)) {
    case '{':
        skip(s, 1);
        good = items(s, '}', depth);
        break;
    case '[':
        skip(s, 1);
        good = items(s, ']', depth);
        break;
    case '"': good = string(s); break;
    case 't': good = word(s, "true"); break;
    case 'f': good = word(s, "false"); break;
    case 'n': good = word(s, "null"); break;
    default: good = number(s); break;
    }
    skip_blanks(s);
    return good;
}

bool json_value_is(struct span text)
{
    return value(&text, JSON_VALUE_DEPTH_MAX) && text.len == 0;
}

/* The length of a valid string at the front, its quotation marks included. */
static size_t string_len(struct span text)
{
    size_t len = 1;

    while (text.at[len] != '"')
        len += text.at[len] == '\\' ? 2 : 1;
    return len + 1;
}

void json_value_append(struct buffer *out, struct span text)
{
    while (text.len > 0) {
        size_t len = 0;

        while (len < text.len && text.at[len] != '"' && !is_blank(text.at[len]))
            len++;
        buffer_append(out, text.at, len);
        skip(&text, len);
        skip_blanks(&text);
        if (peek(&text) != '"')
            continue;
        len = string_len(text);
        text_bare(out, (struct span){ text.at, len });
        skip(&text, len);
    }
}
