/* Log lines and pieces of logs, on arbitrary bytes: what line_read() says of one
 * line, and that chunk_parse() says the same of a text in one piece and in two. */
#include <jansson.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>

#include "base/buffer.h"
#include "base/time.h"
#include "guarded.h"
#include "logs/chunk.h"
#include "logs/line.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TRIES_MAX 128 /* prefixes and splits of a long input are left out */

/* --- One line ---------------------------------------------------------------- */

/* An allocator that knows the memory it gave out, for an arena whose pieces are
 * never moved. */
struct known_memory {
    struct allocator base;
    struct span blocks[64];
    size_t count;
};

static void *known_resize(struct allocator *self, void *at, size_t old_bytes, size_t new_bytes)
{
    struct known_memory *known = (struct known_memory *)self;

    (void)old_bytes;
    MUST(!at || !new_bytes);
    if (at) {
        free(at);
        return NULL;
    }
    MUST(known->count < sizeof(known->blocks) / sizeof(*known->blocks));
    at = malloc(new_bytes);
    if (at)
        known->blocks[known->count++] = (struct span){ at, new_bytes };
    return at;
}

static bool is_within(struct span inner, struct span outer)
{
    return inner.at >= outer.at && inner.at + inner.len <= outer.at + outer.len;
}

static void check_view(struct span view, struct span text, const struct known_memory *known)
{
    bool inside = view.len == 0 || is_within(view, text);

    for (size_t i = 0; i < known->count && !inside; i++)
        inside = is_within(view, known->blocks[i]);
    MUST(inside);
}

static bool is_blank(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (!strchr(" \t\r\n", text.at[i]) || !text.at[i])
            return false;
    return true;
}

/* One reading of a line, with the memory it points into. */
struct read_line {
    enum line_outcome outcome;
    struct line line;
    struct arena scratch;
    struct known_memory known;
};

static void read_line(struct read_line *r, struct span text)
{
    *r = (struct read_line){ .known.base.resize = known_resize };
    arena_init(&r->scratch, &r->known.base, (size_t)64 << 20);
    r->outcome = line_read(text, &r->scratch, &r->line);
}

static void check_event(const struct read_line *r, struct span text)
{
    const struct event *e = &r->line.event;

    MUST(e->kind < EVENT_KINDS && e->at_ns == r->line.at_ns);
    MUST(e->slot >= -1 && e->number >= -1 && e->size >= -1 && e->tip_number >= -1);
    MUST(!isinf(e->density));
    MUST((e->resources != NULL) == (e->kind == EVENT_RESOURCES));
    check_view(e->hash, text, &r->known);
    check_view(e->parent, text, &r->known);
    check_view(e->thread, text, &r->known);
}

static void check_line(const struct read_line *r, struct span text)
{
    MUST(r->line.used <= text.len);
    MUST((r->outcome == LINE_REJECTED) == (r->line.reject != REJECTS));
    MUST((r->outcome == LINE_BLANK) == is_blank(text));
    MUST(r->line.at_ns == TIME_NONE || r->line.at_ns >= 0);
    check_view(r->line.name, text, &r->known);
    check_view(r->line.host, text, &r->known);
    if (r->outcome == LINE_EVENT || r->outcome == LINE_OTHER)
        MUST(r->line.at_ns != TIME_NONE && r->line.name.len && text.at[r->line.used - 1] == '}');
    if (r->outcome == LINE_OTHER)
        MUST(r->line.event.kind == EVENT_NONE);
    if (r->outcome == LINE_EVENT)
        check_event(r, text);
}

/* Writes all that an event says, so that two can be compared. */
static void put_event(struct buffer *out, const struct event *e)
{
    buffer_printf(out, "%lld %d %lld %lld %lld %lld ", (long long)e->at_ns, (int)e->kind,
                  (long long)e->slot, (long long)e->number, (long long)e->size,
                  (long long)e->tip_number);
    if (!isnan(e->density))
        buffer_printf(out, "%a", e->density);
    buffer_char(out, ' ');
    buffer_append(out, e->hash.at, e->hash.len);
    buffer_char(out, ' ');
    buffer_append(out, e->parent.at, e->parent.len);
    buffer_char(out, ' ');
    buffer_append(out, e->thread.at, e->thread.len);
    for (int i = 0; e->resources && i < RESOURCE_MEMBERS; i++)
        buffer_printf(out, " %lld", (long long)e->resources->values[i]);
    buffer_char(out, '\n');
}

static void check_same_line(const struct read_line *a, const struct read_line *b)
{
    struct buffer text_a, text_b;

    MUST(a->outcome == b->outcome && a->line.used == b->line.used);
    MUST(span_equal(a->line.name, b->line.name) && span_equal(a->line.host, b->line.host));
    buffer_init(&text_a, allocator_libc(), SIZE_MAX);
    buffer_init(&text_b, allocator_libc(), SIZE_MAX);
    put_event(&text_a, &a->line.event);
    put_event(&text_b, &b->line.event);
    MUST(text_a.len == text_b.len && memcmp(text_a.at, text_b.at, text_a.len) == 0);
    buffer_release(&text_a);
    buffer_release(&text_b);
}

/* An accepted line is its object: what stands behind changes nothing, and when
 * any of its end is missing it is cut. */
static void check_ends(struct guarded_room room, const struct read_line *whole, const char *object)
{
    static const char tail[] = "}]\",{\"at\":\"2026-03-04T14:15:33Z\",\"host\":\"other\"}\\";
    size_t used = whole->line.used, stride = used / TRIES_MAX + 1;
    struct read_line again;
    char *at;

    at = guarded_place(room, NULL, used + sizeof(tail) - 1, '}');
    memcpy(at, object, used);
    memcpy(at + used, tail, sizeof(tail) - 1);
    read_line(&again, (struct span){ at, used + sizeof(tail) - 1 });
    check_same_line(whole, &again);
    arena_release(&again.scratch);
    for (size_t len = used % stride; len < used; len += stride) {
        at = guarded_place(room, object, len, '}');
        read_line(&again, (struct span){ at, len });
        MUST(again.outcome == LINE_REJECTED || again.outcome == LINE_BLANK);
        arena_release(&again.scratch);
    }
}

/* A JSON object, says jansson: then so do we, and mean the same by it. */
static void compare_with_jansson(const struct read_line *r, struct span text)
{
    json_t *tree = NULL;
    const json_t *ns, *host, *slot;

    if (text.len && !memchr(text.at, '\0', text.len)) /* which jansson overlooks between tokens */
        tree = json_loadb(text.at, text.len, JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES, NULL);
    if (!json_is_object(tree) || json_object_get(tree, "MESSAGE")) {
        json_decref(tree);
        return;
    }
    MUST(r->outcome != LINE_REJECTED ||
         (r->line.reject != REJECT_CUT_LINE && r->line.reject != REJECT_BAD_JSON &&
          r->line.reject != REJECT_NOT_JSON));
    MUST(is_blank((struct span){ text.at + r->line.used, text.len - r->line.used }));
    host = json_object_get(tree, "host");
    MUST(!json_is_string(host) ||
         span_equal(r->line.host,
                    (struct span){ json_string_value(host), json_string_length(host) }));
    ns = json_object_get(tree, "ns");
    if (r->outcome != LINE_REJECTED && json_is_string(ns) && json_string_length(ns))
        MUST(span_equal(r->line.name,
                        (struct span){ json_string_value(ns), json_string_length(ns) }));
    slot = json_object_get(json_object_get(tree, "data"), "slot");
    if (r->outcome == LINE_EVENT && r->line.event.kind == EVENT_NODE_IS_LEADER &&
        json_is_integer(slot))
        MUST(r->line.event.slot == json_integer_value(slot));
    json_decref(tree);
}

static void try_line(struct guarded_room room, const char *text, size_t len)
{
    struct span line = { guarded_place(room, text, len, '"'), len };
    struct read_line r;

    read_line(&r, line);
    check_line(&r, line);
    compare_with_jansson(&r, line);
    if (r.outcome == LINE_EVENT || r.outcome == LINE_OTHER) {
        static char object[GUARDED_MAX]; /* out of the way: the room is used again */
        struct read_line here;

        memcpy(object, text, r.line.used);
        arena_release(&r.scratch);
        read_line(&here, (struct span){ object, r.line.used });
        check_ends(room, &here, object);
        arena_release(&here.scratch);
        return;
    }
    arena_release(&r.scratch);
}

/* --- Pieces of a log ----------------------------------------------------------- */

#define HOSTS_MAX 10000

/* What has been handed on of one or more pieces, as their reader folds them. */
struct summary {
    struct buffer events;
    uint64_t lines;
    struct reject_tally rejects[REJECTS];
    struct intern hosts;
    struct host_tally tallies[HOSTS_MAX];
    uint64_t last_line_hash;
};

static void summary_init(struct summary *s)
{
    buffer_init(&s->events, allocator_libc(), SIZE_MAX);
    intern_init(&s->hosts, allocator_libc(), HOSTS_MAX, (size_t)64 << 20);
    s->lines = s->last_line_hash = 0;
    memset(s->rejects, 0, sizeof(s->rejects));
}

static void summary_release(struct summary *s)
{
    buffer_release(&s->events);
    intern_release(&s->hosts);
}

static void fold_host(struct summary *s, const struct chunk *c, uint32_t number, bool duplicate)
{
    struct host_tally tally = c->host_items[number].tally;
    uint32_t id;
    bool new;

    MUST(tally.lines > 0 && tally.objects + tally.not_understood <= tally.lines);
    MUST(intern_put(&s->hosts, intern_text(&c->hosts, number), &id, &new) == OU_OK);
    if (new)
        s->tallies[id] = host_tally_empty;
    tally.duplicate_lines += duplicate;
    host_tally_append(&s->tallies[id], &tally);
}

static void fold(struct summary *s, const struct chunk *c)
{
    bool duplicate = c->first_line_hash && c->first_line_hash == s->last_line_hash;
    uint64_t objects = 0;

    for (size_t i = 0; i < c->touched_count; i++) {
        fold_host(s, c, c->touched_hosts[i], i == 0 && duplicate);
        objects += c->host_items[c->touched_hosts[i]].tally.objects;
    }
    MUST(objects == c->event_count);
    for (size_t i = 0; i < c->event_count; i++) {
        struct span host = intern_text(&c->hosts, c->events[i].host);

        buffer_append(&s->events, host.at, host.len);
        buffer_char(&s->events, ' ');
        put_event(&s->events, &c->events[i]);
    }
    for (int i = 0; i < REJECTS; i++) {
        if (c->rejects[i].lines && s->rejects[i].lines == 0)
            s->rejects[i].first_line = s->lines + c->rejects[i].first_line;
        s->rejects[i].lines += c->rejects[i].lines;
    }
    s->lines += c->lines;
    s->last_line_hash = c->last_line_hash;
}

static void parse(struct guarded_room room, struct chunk *c, const char *text, size_t len)
{
    char *own = c->text;

    c->text = guarded_place(room, text, len, '{');
    c->len = len;
    c->default_host = span_of("nobody");
    chunk_parse(c);
    c->text = own; /* only the scanner cares where the text lay; the views stay good */
}

static void check_same_tally(const struct host_tally *whole, const struct host_tally *parts)
{
    MUST(parts->lines == whole->lines && parts->bytes == whole->bytes);
    MUST(parts->objects == whole->objects && parts->not_understood == whole->not_understood);
    MUST(parts->duplicate_lines == whole->duplicate_lines);
    MUST(parts->out_of_order == whole->out_of_order);
    MUST(parts->worst_backstep_ns == whole->worst_backstep_ns);
    MUST(parts->first_ns == whole->first_ns && parts->last_ns == whole->last_ns);
    MUST(parts->first_in_file_ns == whole->first_in_file_ns);
    MUST(parts->last_in_file_ns == whole->last_in_file_ns);
    MUST(parts->fine_stamps == whole->fine_stamps);
    /* A piece that begins with a step back may hide a gap, never make one. */
    MUST(parts->longest_gap_ns <= whole->longest_gap_ns);
    MUST(parts->longest_gap_ns == whole->longest_gap_ns || whole->out_of_order);
}

static void check_same_summary(const struct summary *whole, const struct summary *parts)
{
    MUST(parts->lines == whole->lines && parts->hosts.count == whole->hosts.count);
    MUST(parts->events.len == whole->events.len);
    MUST(memcmp(buffer_string(&parts->events), buffer_string(&whole->events), whole->events.len) ==
         0);
    for (int i = 0; i < REJECTS; i++)
        MUST(parts->rejects[i].lines == whole->rejects[i].lines &&
             parts->rejects[i].first_line == whole->rejects[i].first_line);
    for (uint32_t i = 0; i < whole->hosts.count; i++) {
        MUST(span_equal(intern_text(&whole->hosts, i), intern_text(&parts->hosts, i)));
        check_same_tally(&whole->tallies[i], &parts->tallies[i]);
    }
}

static void check_split(struct guarded_room room, struct chunk *c, const char *text, size_t len,
                        size_t split, const struct summary *whole)
{
    static struct summary parts;

    summary_init(&parts);
    parse(room, c, text, split);
    fold(&parts, c);
    parse(room, c, text + split, len - split);
    fold(&parts, c);
    check_same_summary(whole, &parts);
    summary_release(&parts);
}

/* One chunk serves for all, so that it is also used again and again; but not
 * until its tables are full, from when on it may forget hosts. */
static void try_chunk(struct guarded_room room, const char *text, size_t len)
{
    static struct summary whole;
    static struct chunk *c;
    size_t newlines = 0, tried = 0;

    if (!c || c->hosts.count > HOSTS_MAX / 2 || c->names.count > HOSTS_MAX) {
        chunk_free(c);
        MUST((c = chunk_new()));
    }
    parse(room, c, text, len);
    for (size_t i = 0; i < len; i++)
        newlines += text[i] == '\n';
    MUST(c->lines == newlines + (len && text[len - 1] != '\n'));
    summary_init(&whole);
    fold(&whole, c);
    for (size_t i = 0; i < len && tried < TRIES_MAX / 8; i++)
        if (text[i] == '\n' && tried++ < TRIES_MAX / 8)
            check_split(room, c, text, len, i + 1, &whole);
    summary_release(&whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guarded_room room;
    const char *text = (const char *)data, *newline;

    if (!room.edge)
        room = guarded_room_new();
    if (size >= GUARDED_MAX / 2)
        return 0;
    newline = size ? memchr(text, '\n', size) : NULL;
    try_line(room, text, newline ? (size_t)(newline - text) : size);
    try_chunk(room, text, size);
    return 0;
}
