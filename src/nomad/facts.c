#include "nomad/facts.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

#define ID_SHOWN 8

const char *facts_text(const json_t *document, const char *name)
{
    const char *text = json_string_value(json_object_get(document, name));

    return text ? text : "";
}

int64_t facts_integer(const json_t *document, const char *name, int64_t otherwise)
{
    const json_t *value = json_object_get(document, name);

    return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

bool facts_is_true(const json_t *document, const char *name)
{
    return json_is_true(json_object_get(document, name));
}

static bool is_blank(char c)
{
    return isspace((unsigned char)c) != 0;
}

/* "3 errors occurred:" at the front; 0: something else stands there. */
static size_t error_count_len(struct span text)
{
    size_t digits = 0;

    while (digits < text.len && digits < 9 && isdigit((unsigned char)text.at[digits]))
        digits++;
    text.at += digits;
    text.len -= digits;
    if (digits == 0)
        return 0;
    if (span_starts(text, " error occurred:"))
        return digits + strlen(" error occurred:");
    return span_starts(text, " errors occurred:") ? digits + strlen(" errors occurred:") : 0;
}

static bool ends_url(char c)
{
    return is_blank(c) || c == '"' || c == '\'' || c == '<' || c == '>' || c == ')';
}

/* Appends what stands behind "://" without user, query and fragment; returns its length in the text. */
static size_t append_url_rest(struct buffer *out, struct span text)
{
    size_t len = 0, host = 0, shown;

    while (len < text.len && !ends_url(text.at[len]))
        len++;
    for (size_t i = 0; i < len && !strchr("/?#", text.at[i]); i++)
        if (text.at[i] == '@')
            host = i + 1;
    for (shown = host; shown < len && text.at[shown] != '?' && text.at[shown] != '#'; shown++)
        ;
    for (size_t i = host; i < shown && i - host < FACTS_CLEAN_MAX; i++)
        if (isprint((unsigned char)text.at[i]))
            buffer_char(out, text.at[i]);
    if (shown < len)
        buffer_text(out, "?...");
    return len;
}

/* A text on its way into a message. */
struct cleaning {
    struct buffer *out;
    size_t begun;  /* where it starts in out */
    bool is_apart; /* blanks were passed over */
};

static void put(struct cleaning *c, struct span bytes)
{
    if (c->is_apart && c->out->len > c->begun)
        buffer_char(c->out, ' ');
    c->is_apart = false;
    buffer_append(c->out, bytes.at, bytes.len);
}

/* The next item of a list: behind the colon that announces it, or a semicolon. */
static void put_item(struct cleaning *c)
{
    c->is_apart = true;
    if (c->out->len > c->begun && c->out->at[c->out->len - 1] != ':')
        buffer_char(c->out, ';');
}

static void put_character(struct cleaning *c, struct span *text)
{
    struct span before = *text;
    uint32_t character;

    if (!utf8_next(text, &character) || character < 0x20 || (character >= 0x7f && character < 0xa0))
        put(c, span_of("?"));
    else
        put(c, (struct span){ before.at, before.len - text->len });
}

/* Takes one thing off the front of the text. */
static void clean_next(struct cleaning *c, struct span *text)
{
    size_t count_len = error_count_len(*text), len;

    if (count_len > 0) {
        len = count_len;
    } else if (is_blank(*text->at)) {
        c->is_apart = true;
        len = 1;
    } else if (c->is_apart && span_starts(*text, "* ")) {
        put_item(c);
        len = 2;
    } else if (span_starts(*text, "://")) {
        put(c, span_of("://"));
        len = 3 + append_url_rest(c->out, (struct span){ text->at + 3, text->len - 3 });
    } else {
        put_character(c, text);
        return;
    }
    text->at += len;
    text->len -= len;
}

void facts_append_clean(struct buffer *out, struct span text)
{
    struct cleaning c = { .out = out, .begun = out->len };

    while (text.len > 0 && !buffer_status(out)) {
        if (out->len - c.begun > FACTS_CLEAN_MAX) {
            buffer_text(out, "...");
            return;
        }
        clean_next(&c, &text);
    }
}

void facts_append(struct buffer *out, const char *text)
{
    facts_append_clean(out, span_of(text));
}

void facts_append_id(struct buffer *out, const char *id)
{
    facts_append_clean(out, (struct span){ id, strnlen(id, ID_SHOWN) });
}

void facts_append_count(struct buffer *out, int64_t count, const char *what)
{
    buffer_printf(out, "%" PRId64 " %s%s", count, what, count == 1 ? "" : "s");
}
