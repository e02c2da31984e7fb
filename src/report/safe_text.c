#include "report/safe_text.h"

#include "base/utf8.h"

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

        if (!utf8_next(&text, &c)) {
            for (const char *at = before.at; at < text.at; at++)
                buffer_printf(out, "\\x%02x", (unsigned char)*at);
        } else if (c < 0x20 || c == 0x7f) {
            buffer_printf(out, "\\x%02x", c);
        } else if (c >= 0x80 && (ascii || is_treacherous(c))) {
            buffer_printf(out, "\\u{%x}", c);
        } else {
            buffer_append(out, before.at, before.len - text.len);
        }
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
            buffer_text(out, UTF8_REPLACEMENT);
    }
}
