#include "cmd/published_line.h"

#include <stdio.h>

#include "json/write.h"
#include "report/safe_text.h"

#define LINE_MAX_BYTES ((size_t)64 << 10)

static void key_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text && *text ? text : NULL);
}

/* A line goes out when it is known, so that a reader of a pipe sees it. What cannot be written is told by the end of the
 * program, which looks at standard output. */
static bool put(struct buffer *text)
{
    const bool is_whole = !buffer_status(text);

    if (is_whole) {
        fwrite(buffer_string(text), 1, text->len, stdout);
        fflush(stdout);
    }
    buffer_release(text);
    return is_whole;
}

bool published_line_json(const struct published_line *line)
{
    struct json_writer w;
    struct buffer text;

    buffer_init(&text, allocator_libc(), LINE_MAX_BYTES);
    json_writer_init(&w, &text, false);
    json_begin_object(&w);
    key_text(&w, "run", line->run);
    key_text(&w, "outcome", line->outcome);
    key_text(&w, "id", line->id);
    key_text(&w, "url", line->url);
    key_text(&w, "message", line->message);
    json_end(&w);
    buffer_char(&text, '\n');
    return put(&text);
}

bool published_line_print(const struct published_line *line)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), LINE_MAX_BYTES);
    buffer_printf(&text, "%s %s ", line->outcome, line->id);
    safe_text(&text, span_of(*line->url ? line->url : line->run), false);
    buffer_char(&text, '\n');
    return put(&text);
}

void published_conflict_text(const struct publishing *run, char ret[PUBLISHED_CONFLICT_ROOM])
{
    const bool is_elsewhere = run->sent.outcome == PUT_ELSEWHERE;

    snprintf(ret, PUBLISHED_CONFLICT_ROOM, "%.300s: %s%s%.40s; --replace %s", run->name,
             is_elsewhere ? "this run is published in another project"
                          : "a run of this name is published with other content",
             *run->sent.id ? ", as " : "", run->sent.id,
             is_elsewhere ? "moves it" : "puts this one in its place");
}
