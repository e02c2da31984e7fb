#include "logs/chunk.h"

#include <stdlib.h>
#include <xxhash.h>

#include "base/time.h"
#include "json/scan.h"

#define SCRATCH_MAX (64u << 20)
#define EVENTS_MAX (CHUNK_LINE_MAX / 2)
#define NAMES_MAX 100000 /* nodes know some 700; garbage must not eat the memory */
#define HOSTS_MAX 10000
#define TABLE_BYTES_MAX (16u << 20)
#define NAME_LENGTH_MAX 256

struct chunk *chunk_new(void)
{
    struct chunk *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->cap = CHUNK_LINE_MAX;
    c->text = malloc(c->cap + SCAN_PADDING);
    if (!c->text) {
        free(c);
        return NULL;
    }
    memset(c->text + c->cap, 0, SCAN_PADDING);
    intern_init(&c->names, allocator_libc(), NAMES_MAX, TABLE_BYTES_MAX);
    intern_init(&c->hosts, allocator_libc(), HOSTS_MAX, TABLE_BYTES_MAX);
    return c;
}

void chunk_free(struct chunk *c)
{
    if (!c)
        return;
    arena_release(&c->scratch);
    intern_release(&c->names);
    intern_release(&c->hosts);
    free(c->text);
    free(c->events);
    free(c->name_lines);
    free(c->name_events);
    free(c->host_items);
    free(c->touched_hosts);
    free(c);
}

static bool grow(void *array, size_t *cap, size_t need, size_t item, size_t max)
{
    return need <= *cap || array_reserve(allocator_libc(), array, cap, need, item, max);
}

/* The host's number in the chunk's table; UINT32_MAX when there is no room. */
static uint32_t find_host(struct chunk *c, struct span name)
{
    struct chunk_host *host;
    uint32_t id;
    bool new;

    if (intern_put(&c->hosts, name, &id, &new) != OU_OK)
        return UINT32_MAX;
    if (!grow(&c->host_items, &c->host_cap, id + 1, sizeof(*c->host_items), HOSTS_MAX) ||
        !grow(&c->touched_hosts, &c->touched_cap, c->touched_count + 1, sizeof(uint32_t),
              HOSTS_MAX))
        return UINT32_MAX;
    host = &c->host_items[id];
    if (new)
        *host = (struct chunk_host){ .tally = host_tally_empty };
    if (!host->touched) {
        host->touched = true;
        host->tally = host_tally_empty;
        c->touched_hosts[c->touched_count++] = id;
    }
    return id;
}

static void count_name(struct chunk *c, const struct line *line)
{
    uint32_t id;
    bool new;

    if (line->name.len > NAME_LENGTH_MAX || intern_put(&c->names, line->name, &id, &new) != OU_OK ||
        !grow(&c->name_lines, &c->name_cap, id + 1, sizeof(uint64_t), NAMES_MAX) ||
        !grow(&c->name_events, &c->name_event_cap, id + 1, sizeof(enum event_kind), NAMES_MAX)) {
        c->names_lost++;
        return;
    }
    if (new) {
        c->name_lines[id] = 0;
        c->name_events[id] = line->event.kind;
    }
    c->name_lines[id]++;
}

static void count_reject(struct chunk *c, enum reject reason)
{
    struct reject_tally *t = &c->rejects[reason];

    if (t->lines++ == 0)
        t->first_line = c->lines; /* counted from 1: the line has been counted */
}

static void keep_event(struct chunk *c, const struct event *event, uint32_t host)
{
    if (!grow(&c->events, &c->event_cap, c->event_count + 1, sizeof(*c->events), EVENTS_MAX)) {
        count_reject(c, REJECT_NO_MEMORY);
        return;
    }
    c->events[c->event_count] = *event;
    c->events[c->event_count++].host = host;
}

/* The state of going through the lines of one chunk. */
struct pass {
    struct chunk *chunk;
    struct span last_host; /* as the line before said it */
    uint32_t last_host_id;
};

static struct chunk_host *host_of_line(struct pass *pass, struct span said, uint32_t *ret_id)
{
    struct chunk *c = pass->chunk;
    struct span name = c->host_is_given || said.len == 0 ? c->default_host : said;

    if (pass->last_host_id == UINT32_MAX || !span_equal(name, pass->last_host)) {
        pass->last_host_id = find_host(c, name);
        pass->last_host = name;
    }
    *ret_id = pass->last_host_id;
    return pass->last_host_id == UINT32_MAX ? NULL : &c->host_items[pass->last_host_id];
}

/* Where in a broken line another trace seems to begin: an interrupted write is
 * often followed by the next one on the same line. NULL when nowhere. */
static const char *next_trace(const char *at, const char *end)
{
    static const char opening[] = "{\"at\":\"";

    return at < end ? memmem(at, (size_t)(end - at), opening, sizeof(opening) - 1) : NULL;
}

/* One object of a line, from text on. Returns where the next one of the same
 * line begins, or NULL when the line is done. */
static const char *parse_object(struct pass *pass, struct span text, bool duplicate)
{
    struct chunk *c = pass->chunk;
    const char *end = text.at + text.len;
    struct chunk_host *host;
    enum line_outcome got;
    uint32_t host_id;
    struct line line;

    got = line_read(text, &c->scratch, &line);
    if (got == LINE_BLANK)
        return NULL;
    host = host_of_line(pass, line.host, &host_id);
    if (host) {
        host->tally.lines++;
        host->tally.bytes += line.used + 1;
        host->tally.duplicate_lines += duplicate;
        host_tally_stamp(&host->tally, line.at_ns);
        host->tally.objects += got == LINE_EVENT;
        host->tally.not_understood +=
            got == LINE_REJECTED && !reject_infos[line.reject].expected;
    }
    if (line.name.len)
        count_name(c, &line);
    if (got == LINE_EVENT && host)
        keep_event(c, &line.event, host_id);
    if (got != LINE_REJECTED)
        return line.used < text.len ? text.at + line.used : NULL;
    count_reject(c, line.reject);
    if (line.reject != REJECT_CUT_LINE && line.reject != REJECT_BAD_JSON &&
        line.reject != REJECT_NOT_JSON)
        return line.used < text.len ? text.at + line.used : NULL;
    return next_trace(text.at + 1, end);
}

static void parse_line(struct pass *pass, struct span text, bool duplicate)
{
    const char *at = text.at, *end = text.at + text.len;

    pass->chunk->lines++;
    while (at)
        at = parse_object(pass, (struct span){ at, (size_t)(end - at) }, duplicate);
}

static void reset(struct chunk *c)
{
    c->event_count = 0;
    c->lines = 0;
    memset(c->rejects, 0, sizeof(c->rejects));
    for (size_t i = 0; i < c->touched_count; i++)
        c->host_items[c->touched_hosts[i]].touched = false;
    c->touched_count = 0;
    arena_release(&c->scratch);
    arena_init(&c->scratch, allocator_libc(), SCRATCH_MAX);
}

void chunk_parse(struct chunk *c)
{
    const char *at = c->text, *end = c->text + c->len;
    struct pass pass = { c, { 0 }, UINT32_MAX };
    struct span before = { 0 };

    reset(c);
    c->first_line_hash = c->last_line_hash = 0;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct span line = { at, (size_t)((newline ? newline : end) - at) };

        if (at == c->text)
            c->first_line_hash = XXH3_64bits(line.at, line.len);
        parse_line(&pass, line, line.len && span_equal(line, before));
        before = line;
        at = newline ? newline + 1 : end;
    }
    if (before.len)
        c->last_line_hash = XXH3_64bits(before.at, before.len);
    if (c->overlong_line) {
        c->lines++;
        count_reject(c, REJECT_TOO_LONG);
    }
}
