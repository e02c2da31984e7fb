#include "query/label_set.h"

void label_set_open(struct label_set *s, struct buffer *out)
{
    *s = (struct label_set){ .out = out, .start = out->len };
}

void label_set_close(struct label_set *s)
{
    if (s->count)
        buffer_char(s->out, '}');
}

static bool is_wanted(const struct label_set *s, struct span name)
{
    for (size_t i = 0; i < s->count; i++)
        if (span_equal(s->names[i], name))
            return false;
    return s->count < LABEL_SET_MAX && !span_starts(name, "__");
}

static void put_name(struct label_set *s, struct span name)
{
    buffer_char(s->out, s->count ? ',' : '{');
    buffer_append(s->out, name.at, name.len);
    s->names[s->count++] = name;
}

/* A character that stands for itself. */
static void put_character(struct buffer *out, char c)
{
    if (c == '\n')
        buffer_text(out, "\\n");
    else if (c == '"' || c == '\\')
        buffer_printf(out, "\\%c", c);
    else
        buffer_char(out, c);
}

void label_set_add(struct label_set *s, struct span name, struct span value)
{
    if (!is_wanted(s, name))
        return;
    put_name(s, name);
    buffer_text(s->out, "=\"");
    for (size_t i = 0; i < value.len; i++)
        put_character(s->out, value.at[i]);
    buffer_char(s->out, '"');
}

/* --- Sets as texts ---------------------------------------------------------------------------- */

static void skip(struct span *text, size_t count)
{
    text->at += count;
    text->len -= count;
}

static bool take_char(struct span *text, char c)
{
    while (text->len && (*text->at == ' ' || *text->at == '\t'))
        skip(text, 1);
    if (!text->len || *text->at != c)
        return false;
    skip(text, 1);
    return true;
}

static bool is_name_character(char c, bool first)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (!first && c >= '0' && c <= '9');
}

static struct span take_name(struct span *text)
{
    struct span name;

    while (text->len && *text->at == ' ')
        skip(text, 1);
    name = (struct span){ text->at, 0 };
    while (text->len && is_name_character(*text->at, name.len == 0)) {
        skip(text, 1);
        name.len++;
    }
    return name;
}

/* The value between quotes, as it is written: escapes are kept, and a backslash that begins none is escaped
 * itself. out may be NULL. */
static bool take_value(struct span *text, struct buffer *out)
{
    if (!take_char(text, '"'))
        return false;
    while (text->len && *text->at != '"') {
        char c = *text->at;
        bool escape = c == '\\' && text->len > 1 && strchr("\\\"n", text->at[1]);

        if (out && escape)
            buffer_append(out, text->at, 2);
        else if (out)
            put_character(out, c);
        skip(text, escape ? 2 : 1);
    }
    return take_char(text, '"');
}

static bool take_label(struct label_set *s, struct span *text)
{
    struct span name = take_name(text);
    bool wanted = name.len > 0 && is_wanted(s, name);

    if (name.len == 0 || !take_char(text, '='))
        return false;
    if (!wanted)
        return take_value(text, NULL);
    put_name(s, name);
    buffer_text(s->out, "=\"");
    if (!take_value(text, s->out))
        return false;
    buffer_char(s->out, '"');
    return true;
}

static bool take_all(struct label_set *s, struct span text)
{
    if (!take_char(&text, '{'))
        return false;
    if (take_char(&text, '}'))
        return text.len == 0;
    do
        if (!take_label(s, &text))
            return false;
    while (take_char(&text, ','));
    return take_char(&text, '}') && text.len == 0;
}

bool label_set_take(struct label_set *s, struct span text)
{
    size_t count = s->count, len = s->out->len;

    if (take_all(s, text))
        return true;
    s->count = count;
    if (!buffer_status(s->out))
        buffer_cut(s->out, len);
    return false;
}
