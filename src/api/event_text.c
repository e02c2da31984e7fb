#include "api/event_text.h"

#include <inttypes.h>
#include <string.h>

#include "base/time.h"
#include "json/write.h"

static const char *const known_kinds[] = {
    "run.published", "run.changed",   "run.deleted",        "live.changed",     "live.ended",
    "alert.opened",  "alert.changed", "change-point.found", "threshold.changed"
};

/* ---- text ---- */

void event_text(const struct news *news, struct buffer *ret)
{
    struct json_writer w;

    buffer_printf(ret, "id: %" PRId64 "\nevent: %s\ndata: ", news->no, news->kind);
    json_writer_init(&w, ret, false);
    json_begin_object(&w);
    json_key(&w, "at");
    json_instant(&w, news->at_ns);
    json_key(&w, "project");
    json_cstring(&w, news->project);
    json_key(&w, "subject");
    json_cstring(&w, news->subject);
    json_key(&w, "data");
    json_raw(&w, span_of(news->data));
    json_end(&w);
    buffer_text(ret, "\n\n");
}

void event_own_text(const char *kind, int64_t no, struct buffer *ret)
{
    buffer_printf(ret, "id: %" PRId64 "\nevent: %s\ndata: {}\n\n", no, kind);
}

/* ---- who wants what ---- */

/* "live" and "live.changed" are both of the kind "live.changed". */
static bool is_of(const char *kind, struct span word)
{
    return word.len > 0 && strncmp(kind, word.at, word.len) == 0 &&
           (kind[word.len] == '\0' || kind[word.len] == '.');
}

/* The next word of a list with commas; false behind the last. */
static bool next_word(const char **at, struct span *ret)
{
    if (!*at)
        return false;
    *ret = (struct span){ *at, strcspn(*at, ",") };
    *at = (*at)[ret->len] ? *at + ret->len + 1 : NULL;
    return true;
}

bool event_wanted(const struct event_filter *filter, const struct news *news)
{
    const char *at = filter->kinds;
    bool named = !*filter->kinds;
    struct span word;

    if (*filter->project && news->project && strcmp(filter->project, news->project) != 0)
        return false;
    while (!named && next_word(&at, &word))
        named = is_of(news->kind, word);
    return named;
}

bool event_kinds_known(const char *kinds, size_t *ret_at)
{
    const char *at = kinds;
    struct span word;

    while (next_word(&at, &word)) {
        bool known = false;

        for (size_t i = 0; i < sizeof known_kinds / sizeof *known_kinds; i++)
            known = known || is_of(known_kinds[i], word);
        if (!known) {
            *ret_at = (size_t)(word.at - kinds) + 1;
            return false;
        }
    }
    return true;
}
