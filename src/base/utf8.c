#include "base/utf8.h"

/* What a first byte says of its character: its length, the bits that the byte
 * itself gives, and the range of the second byte, which is where overlong forms,
 * surrogates and code points above U+10FFFF are told apart (Unicode 15, table
 * 3-7). Length 0: no character begins so. */
struct utf8_lead {
    size_t length;
    unsigned char bits, low, high;
};

static struct utf8_lead utf8_lead(unsigned char c)
{
    if (c < 0x80)
        return (struct utf8_lead){ 1, 0x7f, 0, 0 };
    if (c >= 0xc2 && c <= 0xdf)
        return (struct utf8_lead){ 2, 0x1f, 0x80, 0xbf };
    if (c >= 0xe0 && c <= 0xef)
        return (struct utf8_lead){ 3, 0x0f, c == 0xe0 ? 0xa0 : 0x80, c == 0xed ? 0x9f : 0xbf };
    if (c >= 0xf0 && c <= 0xf4)
        return (struct utf8_lead){ 4, 0x07, c == 0xf0 ? 0x90 : 0x80, c == 0xf4 ? 0x8f : 0xbf };
    return (struct utf8_lead){ 0, 0, 0, 0 };
}

bool utf8_next(struct span *text, uint32_t *ret_character)
{
    const unsigned char *at = (const unsigned char *)text->at;
    struct utf8_lead lead = utf8_lead(*at);
    uint32_t c = *at & lead.bits;
    size_t len = 1;

    while (len < lead.length && len < text->len && at[len] >= lead.low && at[len] <= lead.high) {
        c = c << 6 | (at[len++] & 0x3f);
        lead.low = 0x80; /* from the third byte on they are all alike */
        lead.high = 0xbf;
    }
    text->at += len;
    text->len -= len;
    *ret_character = len == lead.length ? c : 0xfffd;
    return len == lead.length;
}

/* A bit that no byte of ASCII has, in each byte of a word. */
#define NOT_ASCII UINT64_C(0x8080808080808080)

/* How many bytes of ASCII come first, in whole steps of 32 and 8 bytes and then one by one. */
static size_t ascii_length(struct span text)
{
    uint64_t words[4];
    size_t at = 0;

    for (; text.len - at >= sizeof words; at += sizeof words) {
        memcpy(words, text.at + at, sizeof words);
        if ((words[0] | words[1] | words[2] | words[3]) & NOT_ASCII)
            break;
    }
    for (; text.len - at >= sizeof *words; at += sizeof *words) {
        memcpy(words, text.at + at, sizeof *words);
        if (words[0] & NOT_ASCII)
            break;
    }
    while (at < text.len && (unsigned char)text.at[at] < 0x80)
        at++;
    return at;
}

bool utf8_is_valid(struct span text)
{
    uint32_t character;

    while (text.len > 0) {
        size_t ascii = ascii_length(text);

        text.at += ascii;
        text.len -= ascii;
        if (text.len > 0 && !utf8_next(&text, &character))
            return false;
    }
    return true;
}
