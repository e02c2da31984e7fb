#include "report/safe_text.h"

/* How many bytes follow a lead byte, and the least character that needs them
 * (a smaller one is an overlong form). */
static int continuation_bytes(unsigned char lead, uint32_t *ret_bits, uint32_t *ret_least)
{
    static const uint32_t least[4] = { 0, 0x80, 0x800, 0x10000 };
    int count = lead >= 0xf0 && lead < 0xf8   ? 3
                : lead >= 0xe0 && lead < 0xf0 ? 2
                : lead >= 0xc0 && lead < 0xe0 ? 1
                                              : 0;

    *ret_bits = lead & (0x3fu >> count);
    *ret_least = least[count];
    return count;
}

static bool is_scalar(uint32_t c)
{
    return c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff);
}

bool utf8_next(struct span *text, uint32_t *ret_character)
{
    const unsigned char *at = (const unsigned char *)text->at;
    uint32_t c, least;
    int follow = continuation_bytes(*at, &c, &least);
    bool good = *at < 0x80;

    if (good) {
        c = *at;
    } else if (follow > 0 && text->len > (size_t)follow) {
        good = true;
        for (int i = 1; i <= follow; i++) {
            good = good && (at[i] & 0xc0) == 0x80;
            c = c << 6 | (at[i] & 0x3f);
        }
        good = good && c >= least && is_scalar(c);
    }
    size_t taken = good ? (size_t)follow + 1 : 1;

    *ret_character = good ? c : *at;
    text->at += taken;
    text->len -= taken;
    return good;
}

size_t text_columns(struct span text)
{
    size_t columns = 0;
    uint32_t c;

    for (; text.len > 0; columns++)
        utf8_next(&text, &c);
    return columns;
}

/* Characters that change how other text is shown, or that cannot be seen: zero
 * widths, directions, line and paragraph separators, the byte order mark, tags. */
static bool is_treacherous(uint32_t c)
{
    return (c >= 0x80 && c <= 0x9f) || c == 0xad || c == 0x61c || (c >= 0x200b && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) || c == 0xfeff ||
           (c >= 0xfff0 && c <= 0xfffb) || (c >= 0xe0000 && c <= 0xe0fff);
}

void safe_text(struct buffer *out, struct span text, bool ascii)
{
    while (text.len > 0) {
        struct span before = text;
        uint32_t c;
        bool good = utf8_next(&text, &c);

        if (!good || c < 0x20 || c == 0x7f)
            buffer_printf(out, "\\x%02x", c);
        else if (c >= 0x80 && (ascii || is_treacherous(c)))
            buffer_printf(out, "\\u{%x}", c);
        else
            buffer_append(out, before.at, before.len - text.len);
    }
}

void valid_text(struct buffer *out, struct span text)
{
    while (text.len > 0) {
        struct span before = text;
        uint32_t c;

        if (utf8_next(&text, &c))
            buffer_append(out, before.at, before.len - text.len);
        else
            buffer_text(out, "\xef\xbf\xbd");
    }
}
