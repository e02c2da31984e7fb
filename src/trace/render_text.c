#include "trace/render_text.h"

#include "base/digits.h"
#include "base/utf8.h"

static bool is_plain(unsigned char c)
{
    return c >= 0x20 && c < 0x7f && c != '"' && c != '\\';
}

/* Whether all of eight bytes are plain. In each byte of a term the top bit is set
 * where the byte is zero, or below 0x20; borrows only reach bytes above one that is
 * not plain itself. */
static bool are_plain(uint64_t x)
{
    const uint64_t ones = UINT64_C(0x0101010101010101), tops = ones << 7;
    const uint64_t quote = x ^ ones * '"', slash = x ^ ones * '\\', del = x ^ ones * 0x7f;
    const uint64_t found = ((x - ones * 0x20) & ~x) | ((quote - ones) & ~quote) |
                           ((slash - ones) & ~slash) | ((del - ones) & ~del) | x;

    return (found & tops) == 0;
}

/* How many bytes at the front need no attention. */
static size_t plain_run(struct span text)
{
    size_t len = 0;

    for (uint64_t x; len + sizeof(x) <= text.len; len += sizeof(x)) {
        memcpy(&x, text.at + len, sizeof(x));
        if (!are_plain(x))
            break;
    }
    while (len < text.len && is_plain((unsigned char)text.at[len]))
        len++;
    return len;
}

static void append_escape(struct buffer *out, uint8_t c)
{
    static const char named[] = "\bb\ff\nn\rr\tt"; /* pairs: character, its letter */
    char escape[6] = "\\u00";

    for (const char *pair = named; *pair; pair += 2)
        if ((uint8_t)*pair == c) {
            escape[1] = pair[1];
            buffer_append(out, escape, 2);
            return;
        }
    memcpy(escape + 4, digits_hex_pair(c), 2);
    buffer_append(out, escape, sizeof(escape));
}

/* One character off the front of text, which is not plain. */
static void append_special(struct buffer *out, struct span *text, bool quoted)
{
    const char *at = text->at;
    uint32_t c;

    if (!utf8_next(text, &c)) {
        buffer_text(out, UTF8_REPLACEMENT);
    } else if (c < 0x20 || (c >= 0x7f && c < 0xa0)) {
        append_escape(out, (uint8_t)c);
    } else {
        if (quoted && c < 0x80)
            buffer_char(out, '\\');
        buffer_append(out, at, (size_t)(text->at - at));
    }
}

static void append_text(struct buffer *out, struct span text, bool quoted)
{
    while (text.len > 0) {
        size_t plain = plain_run(text);

        buffer_append(out, text.at, plain);
        text = (struct span){ text.at + plain, text.len - plain };
        if (text.len > 0)
            append_special(out, &text, quoted);
    }
}

void text_quoted(struct buffer *out, struct span text)
{
    char *at;

    if (plain_run(text) < text.len) {
        buffer_char(out, '"');
        append_text(out, text, true);
        buffer_char(out, '"');
        return;
    }
    at = buffer_room(out, text.len + 2);
    if (!at)
        return;
    *at++ = '"';
    if (text.len > 0)
        memcpy(at, text.at, text.len);
    at[text.len] = '"';
    buffer_added(out, text.len + 2);
}

void text_bare(struct buffer *out, struct span text)
{
    append_text(out, text, false);
}

/* A text that was cut, without the character that the cut went through. */
static struct span whole_part(struct ou_text text)
{
    struct span tail = { text.at + text.len - 1, 1 };
    size_t len;
    uint32_t c;

    while (tail.len < 4 && ((unsigned char)*tail.at & 0xc0) == 0x80)
        tail = (struct span){ tail.at - 1, tail.len + 1 };
    len = text.len - tail.len;
    if (utf8_next(&tail, &c) || tail.len > 0) /* whole, or no character at all */
        len = text.len;
    return (struct span){ text.at, len };
}

static void append_traced(struct buffer *out, struct ou_text text, bool quoted)
{
    if (text.len < OU_TEXT_MAX) {
        append_text(out, (struct span){ text.at, text.len }, quoted);
        return;
    }
    append_text(out, whole_part(text), quoted);
    buffer_text(out, "...");
}

void traced_quoted(struct buffer *out, struct ou_text text)
{
    if (text.len < OU_TEXT_MAX) {
        text_quoted(out, (struct span){ text.at, text.len });
        return;
    }
    buffer_char(out, '"');
    append_traced(out, text, true);
    buffer_char(out, '"');
}

void traced_escaped(struct buffer *out, struct ou_text text)
{
    append_traced(out, text, true);
}

void traced_bare(struct buffer *out, struct ou_text text)
{
    append_traced(out, text, false);
}
