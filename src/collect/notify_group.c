#include "collect/notify_group.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <xxhash.h>

#include "json/write.h"

#define NODES_TOLD 5 /* by name in a summary, of each kind */
#define SUMMARY_MAX ((size_t)16 << 10)

static const char *const kind_names[NOTICE_KINDS] = {
    [NOTICE_MESSAGE] = "message",
    [NOTICE_NODE_DOWN] = "node_down",
    [NOTICE_NODE_BACK] = "node_back",
    [NOTICE_SILENCE] = "silence",
    [NOTICE_WRITE_FAILED] = "write_failed",
    [NOTICE_WRITE_RECOVERED] = "write_recovered",
    [NOTICE_LOST] = "lost",
};

static const char *severity_name(int severity)
{
    static const char *const names[] = { "Debug", "Info",     "Notice", "Warning",
                                         "Error", "Critical", "Alert",  "Emergency" };

    return severity >= 0 && severity < 8 ? names[severity] : NULL;
}

/* ---- taking events ---- */

/* At most max bytes of a text, and no half character at the end. */
static struct span cut(struct span text, size_t max)
{
    if (text.len <= max)
        return text;
    while (max > 0 && ((unsigned char)text.at[max] & 0xc0) == 0x80)
        max--;
    return (struct span){ text.at, max };
}

static const char *put(char **room, struct span text)
{
    char *ret = *room;

    if (text.len > 0)
        memcpy(ret, text.at, text.len);
    ret[text.len] = '\0';
    *room += text.len + 1;
    return ret;
}

static void keep(struct notice_group *g, const struct notice *n)
{
    struct span node = cut(span_of(n->node), NODE_NAME_ROOM - 1);
    struct span name = cut(n->name, NODE_NAME_ROOM - 1);
    struct span text = cut(n->text, GROUP_TEXT_MAX);
    struct group_event *e;
    char *room;

    if (g->event_count == GROUP_EVENTS_MAX)
        return;
    e = malloc(sizeof *e + node.len + name.len + text.len + 3);
    if (!e) /* it is counted, as one too many would be */
        return;
    room = (char *)(e + 1);
    *e = (struct group_event){
        .kind = n->kind, .severity = n->severity, .at_ns = n->at_ns, .count = n->count
    };
    e->node = put(&room, node);
    e->name = put(&room, name);
    e->text = put(&room, text);
    g->events[g->event_count++] = e;
}

/* The row of that kind, node and severity; NULL when there are too many, or no memory for one more. */
static struct group_row *row_of(struct notice_group *g, enum notice_kind kind, int severity,
                                const char *node)
{
    struct span name = cut(span_of(node), NODE_NAME_ROOM - 1);
    uint64_t hash =
        XXH3_64bits_withSeed(name.at, name.len, (uint64_t)kind << 8 | (uint64_t)(severity + 1));
    struct group_row *row;

    for (size_t i = 0; i < g->row_count; i++) {
        row = &g->rows[i];
        if (row->hash == hash && row->kind == kind && row->severity == severity &&
            span_is(name, row->node))
            return row;
    }
    if (!array_reserve(allocator_libc(), (void **)&g->rows, &g->row_cap, g->row_count + 1,
                       sizeof *g->rows, GROUP_ROWS_MAX))
        return NULL;

    row = &g->rows[g->row_count++];
    *row = (struct group_row){ .hash = hash, .kind = kind, .severity = severity };
    memcpy(row->node, name.at, name.len);
    return row;
}

static void count(struct notice_group *g, const struct group_row *more)
{
    struct group_row *row = row_of(g, more->kind, more->severity, more->node);

    if (row) {
        row->events += more->events;
        row->objects += more->objects;
    } else {
        g->uncounted += more->events;
    }
}

static void note_worst(struct notice_group *g, int severity, struct span name)
{
    if (severity < g->worst)
        return;
    g->worst = severity;
    name = cut(name, sizeof g->worst_name - 1);
    memcpy(g->worst_name, name.at, name.len);
    g->worst_name[name.len] = '\0';
}

void notice_group_add(struct notice_group *g, const struct notice *n)
{
    struct notice event = *n;
    struct group_row one = { .kind = n->kind, .events = 1, .objects = n->count };

    if (n->kind != NOTICE_MESSAGE)
        event.severity = -1;
    if (g->total++ == 0) {
        g->worst = -1;
        g->first_ns = n->at_ns;
    }
    g->last_ns = n->at_ns;
    if (event.severity > g->worst)
        note_worst(g, event.severity, n->name);
    keep(g, &event);

    one.severity = event.severity;
    snprintf(one.node, sizeof one.node, "%s", n->node);
    count(g, &one);
}

void notice_group_release(struct notice_group *g)
{
    for (size_t i = 0; i < g->event_count; i++)
        free(g->events[i]);
    alloc_free(allocator_libc(), g->rows, g->row_cap * sizeof *g->rows);
    *g = (struct notice_group){ 0 };
}

/* What does not fit any more is counted only. */
static void move_events(struct notice_group *to, struct notice_group *from)
{
    size_t i = 0;

    while (i < from->event_count && to->event_count < GROUP_EVENTS_MAX)
        to->events[to->event_count++] = from->events[i++];
    for (size_t rest = i; rest < from->event_count; rest++)
        free(from->events[rest]);
    from->event_count = 0;
}

void notice_group_prepend(struct notice_group *g, struct notice_group *older)
{
    struct notice_group newer = *g;

    *g = *older;
    *older = (struct notice_group){ 0 };
    if (newer.total == 0)
        return;
    if (g->total == 0) {
        *g = newer;
        return;
    }
    g->total += newer.total;
    g->uncounted += newer.uncounted;
    g->last_ns = newer.last_ns;
    if (newer.worst > g->worst)
        note_worst(g, newer.worst, span_of(newer.worst_name));
    move_events(g, &newer);
    for (size_t i = 0; i < newer.row_count; i++)
        count(g, &newer.rows[i]);
    notice_group_release(&newer);
}

/* ---- the summary ---- */

/* A name without what a chat might take for markup, a mention or a link. */
static void put_plain(struct buffer *out, const char *name)
{
    for (; *name; name++) {
        bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
                     (*name >= '0' && *name <= '9') || strchr(".-/", *name);

        buffer_char(out, plain ? *name : '_');
    }
}

/* The nodes of the rows of a kind, each once: rows of one node with several severities are found by the first of them. */
static bool is_first_row(const struct notice_group *g, size_t at)
{
    for (size_t i = 0; i < at; i++)
        if (g->rows[i].kind == g->rows[at].kind && strcmp(g->rows[i].node, g->rows[at].node) == 0)
            return false;
    return true;
}

static void put_nodes(const struct notice_group *g, enum notice_kind kind, struct buffer *out)
{
    size_t count = 0;

    for (size_t i = 0; i < g->row_count; i++) {
        if (g->rows[i].kind != kind || !is_first_row(g, i))
            continue;
        if (count++ >= NODES_TOLD)
            continue;
        buffer_text(out, count > 1 ? ", " : ": ");
        put_plain(out, g->rows[i].node);
    }
    if (count > NODES_TOLD)
        buffer_printf(out, " and %zu more", count - NODES_TOLD);
}

struct sum {
    uint64_t events, objects;
};

static struct sum sum_of(const struct notice_group *g, enum notice_kind kind)
{
    struct sum ret = { 0, 0 };

    for (size_t i = 0; i < g->row_count; i++)
        if (g->rows[i].kind == kind) {
            ret.events += g->rows[i].events;
            ret.objects += g->rows[i].objects;
        }
    return ret;
}

static const char *plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

static void put_kind(const struct notice_group *g, enum notice_kind kind, struct sum sum,
                     struct buffer *out)
{
    static const char *const titles[NOTICE_KINDS] = {
        [NOTICE_NODE_DOWN] = "Down",
        [NOTICE_NODE_BACK] = "Back",
        [NOTICE_SILENCE] = "Silent",
        [NOTICE_WRITE_FAILED] = "Logs cannot be written",
        [NOTICE_WRITE_RECOVERED] = "Logs are written again",
    };

    if (kind == NOTICE_MESSAGE) {
        buffer_printf(out, "%llu message%s, the worst %s, ", (unsigned long long)sum.events,
                      plural(sum.events), severity_name(g->worst));
        put_plain(out, g->worst_name);
    } else if (kind == NOTICE_LOST) {
        buffer_printf(out, "%llu object%s lost", (unsigned long long)sum.objects,
                      plural(sum.objects));
    } else {
        buffer_text(out, titles[kind]);
    }
    put_nodes(g, kind, out);
    buffer_char(out, '.');
}

void notice_group_summary(const struct notice_group *g, struct buffer *out)
{
    /* What somebody has to do something about comes first. */
    static const enum notice_kind order[NOTICE_KINDS] = {
        NOTICE_NODE_DOWN, NOTICE_WRITE_FAILED, NOTICE_LOST,           NOTICE_SILENCE,
        NOTICE_MESSAGE,   NOTICE_NODE_BACK,    NOTICE_WRITE_RECOVERED
    };
    const char *between = "";

    for (size_t i = 0; i < NOTICE_KINDS; i++) {
        struct sum sum = sum_of(g, order[i]);

        if (sum.events == 0)
            continue;
        buffer_text(out, between);
        put_kind(g, order[i], sum, out);
        between = " ";
    }
    if (g->uncounted > 0)
        buffer_printf(out, "%s%llu more event%s.", between, (unsigned long long)g->uncounted,
                      plural(g->uncounted));
}

/* ---- JSON ---- */

static void put_what(struct json_writer *w, enum notice_kind kind, const char *node, int severity)
{
    json_key(w, "kind");
    json_cstring(w, kind_names[kind]);
    json_key(w, "node");
    json_cstring(w, node);
    if (severity >= 0) {
        json_key(w, "severity");
        json_cstring(w, severity_name(severity));
    }
}

static void put_event(struct json_writer *w, const struct group_event *e)
{
    json_begin_object_inline(w);
    json_key(w, "at");
    json_instant(w, e->at_ns);
    put_what(w, e->kind, e->node, e->severity);
    if (e->kind == NOTICE_MESSAGE) {
        json_key(w, "namespace");
        json_cstring(w, e->name);
    }
    if (e->kind == NOTICE_LOST) {
        json_key(w, "objects");
        json_uint(w, e->count);
    }
    json_key(w, "text");
    json_cstring(w, e->text);
    json_end(w);
}

static void put_row(struct json_writer *w, const struct group_row *row)
{
    json_begin_object_inline(w);
    put_what(w, row->kind, row->node, row->severity);
    json_key(w, "events");
    json_uint(w, row->events);
    if (row->kind == NOTICE_LOST) {
        json_key(w, "objects");
        json_uint(w, row->objects);
    }
    json_end(w);
}

static void put_head(struct json_writer *w, const struct notice_group *g, const char *rule)
{
    char host[256] = "";
    struct buffer text;

    gethostname(host, sizeof host - 1);
    buffer_init(&text, allocator_libc(), SUMMARY_MAX);
    buffer_printf(&text, "Ouroscope, %s: ", rule);
    notice_group_summary(g, &text);
    json_key(w, "version");
    json_int(w, 1);
    json_key(w, "text");
    json_cstring(w, buffer_string(&text));
    json_key(w, "rule");
    json_cstring(w, rule);
    json_key(w, "collector");
    json_cstring(w, host);
    json_key(w, "from");
    json_instant(w, g->first_ns);
    json_key(w, "to");
    json_instant(w, g->last_ns);
    json_key(w, "failed_deliveries");
    json_uint(w, g->failures);
    buffer_release(&text);
}

void notice_group_json(const struct notice_group *g, const char *rule, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    put_head(&w, g, rule);
    json_key(&w, "total");
    json_uint(&w, g->total);
    json_key(&w, "events");
    json_begin_array(&w);
    for (size_t i = 0; i < g->event_count; i++)
        put_event(&w, g->events[i]);
    json_end(&w);
    json_key(&w, "counts");
    json_begin_array(&w);
    for (size_t i = 0; i < g->row_count; i++)
        put_row(&w, &g->rows[i]);
    json_end(&w);
    json_key(&w, "uncounted");
    json_uint(&w, g->uncounted);
    json_end(&w);
    buffer_char(out, '\n');
}
