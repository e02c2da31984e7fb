/* The event stream: lines of JSON, each with the events of one index, and {} where there were none for a while. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "json/tree.h"
#include "nomad/call.h"
#include "nomad/facts.h"

#define LINE_MAX_BYTES ((size_t)4 << 20)
#define QUERY_MAX 4096
#define STALL_S 60.0 /* heart beats come every 10 s */

struct stream {
    bool (*tell)(void *context, const json_t *event);
    void *context;
    uint64_t *index;    /* to go on from */
    struct buffer line; /* what has come of one */
    bool is_too_long;   /* the rest of it is passed over */
    bool moved;         /* something was told since the last try */
    bool enough;        /* `tell` does not want more */
};

/* False when `tell` has enough. All events of a line have its index: it is behind us when the last of them is told. */
static bool tell_events(struct stream *s, const json_t *line)
{
    const json_t *events = json_object_get(line, "Events");
    int64_t index = facts_integer(line, "Index", 0);
    size_t count = json_array_size(events);

    if (count == 0)
        return s->tell(s->context, NULL);
    for (size_t i = 0; i < count; i++) {
        bool more = s->tell(s->context, json_array_get(events, i));

        if (i + 1 == count && index > 0 && index < INT64_MAX)
            *s->index = (uint64_t)index + 1;
        if (!more)
            return false;
    }
    return true;
}

/* A line that is no JSON is passed over as one that is too long is: what it had to tell is asked of Nomad in other ways, too. */
static bool take_line(struct stream *s)
{
    json_t *line = NULL;
    bool more = true;

    if (!s->is_too_long && s->line.len > 0 &&
        json_tree_parse((struct span){ s->line.at, s->line.len }, "event", &line, NULL) == OU_OK) {
        s->moved = true;
        more = tell_events(s, line);
    }
    json_decref(line);
    buffer_clear(&s->line);
    s->is_too_long = false;
    return more;
}

static void take_part(struct stream *s, struct span part)
{
    buffer_append(&s->line, part.at, part.len);
    if (buffer_status(&s->line))
        s->is_too_long = true;
}

static bool take_bytes(void *context, struct span bytes)
{
    struct stream *s = context;
    const char *end;

    while (bytes.len > 0 && (end = memchr(bytes.at, '\n', bytes.len))) {
        size_t len = (size_t)(end - bytes.at);

        take_part(s, (struct span){ bytes.at, len });
        if (!take_line(s)) {
            s->enough = true;
            return false;
        }
        bytes.at += len + 1;
        bytes.len -= len + 1;
    }
    take_part(s, bytes);
    return true;
}

static void put_query(const char *const *topics, uint64_t index, struct buffer *query)
{
    buffer_clear(query);
    for (size_t i = 0; topics && topics[i]; i++)
        nomad_query_add(query, "topic", topics[i]);
    if (index > 0)
        buffer_printf(query, "%sindex=%" PRIu64, query->len ? "&" : "", index);
}

/* One connection, as long as it lasts. */
static enum ou_status follow(struct nomad *nomad, struct stream *s, const char *query,
                             struct http_reply *reply, struct ou_error *err)
{
    const struct nomad_call call = { .path = "/v1/event/stream",
                                     .query = query,
                                     .take = take_bytes,
                                     .context = s,
                                     .stall_s = STALL_S };
    enum ou_status status;

    buffer_clear(&s->line);
    s->is_too_long = s->moved = false;
    status = nomad_call_once(nomad, &call, reply, err);
    return s->enough ? OU_OK : status;
}

enum ou_status nomad_events(struct nomad *nomad, const char *const *topics, uint64_t *index,
                            bool (*tell)(void *context, const json_t *event), void *context,
                            struct ou_error *err)
{
    struct stream s = { .tell = tell, .context = context, .index = index };
    struct retry retry = nomad_retry(nomad);
    struct http_reply reply;
    struct buffer query;
    enum ou_status status;

    buffer_init(&s.line, allocator_libc(), LINE_MAX_BYTES);
    buffer_init(&query, allocator_libc(), QUERY_MAX);
    do {
        put_query(topics, *index, &query);
        status = follow(nomad, &s, buffer_string(&query), &reply, err);
        if (s.moved) /* patience begins anew with each connection that was good */
            retry = nomad_retry(nomad);
    } while (!s.enough && nomad_again(&retry, status, &reply));
    if (!status && !s.enough)
        status = nomad_call_judge(nomad, "tell its events", &reply, err);
    http_reply_release(&reply);
    buffer_release(&query);
    buffer_release(&s.line);
    return status;
}
