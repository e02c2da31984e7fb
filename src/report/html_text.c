#include "report/html_text.h"

#include <string.h>

#include "report/safe_text.h"

static const char *entity_of(char c)
{
    switch (c) {
    case '&': return "&amp;";
    case '<': return "&lt;";
    case '>': return "&gt;";
    case '"': return "&quot;";
    default: return "&#39;";
    }
}

void html_escape(struct buffer *out, const char *text)
{
    for (;;) {
        size_t plain = strcspn(text, "&<>\"'");

        safe_text(out, (struct span){ text, plain }, false);
        text += plain;
        if (!*text)
            return;
        buffer_text(out, entity_of(*text++));
    }
}

void html_id(struct buffer *out, const char *prefix, const char *text)
{
    bool gap = false;

    buffer_text(out, prefix);
    for (bool begun = false; *text; text++) {
        char c = *text;

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9')) {
            gap = begun;
            continue;
        }
        if (gap)
            buffer_char(out, '-');
        buffer_char(out, c);
        begun = true;
        gap = false;
    }
}

/* The two bytes "\xe2\x80" begin U+2028 and U+2029, which end lines in older scripts. */
void html_json(struct buffer *out, const char *json)
{
    while (*json) {
        size_t plain = strcspn(json, "&<>\xe2");

        buffer_append(out, json, plain);
        json += plain;
        if (!*json)
            return;
        if (strncmp(json, "\xe2\x80\xa8", 3) == 0 || strncmp(json, "\xe2\x80\xa9", 3) == 0) {
            buffer_text(out, json[2] == '\xa8' ? "\\u2028" : "\\u2029");
            json += 3;
        } else if (*json == '\xe2') {
            buffer_char(out, *json++);
        } else {
            buffer_printf(out, "\\u%04x", (unsigned)(unsigned char)*json++);
        }
    }
}
