#include "logs/chunk.h"

#include <stdlib.h>
#include <xxhash.h>

#include "base/quick_hash.h"
#include "base/time.h"
#include "json/scan.h"

#define SCRATCH_MAX (64u << 20)
#define EVENTS_MAX (CHUNK_LINE_MAX / 2)
#define NAMES_MAX (LOG_NAMES_MAX + KNOWN_NAMES_MAX)
#define HOSTS_MAX (LOG_HOSTS_MAX + 1)
#define NAME_LENGTH_MAX 256
#define NAMES_BYTES_MAX (NAMES_MAX * (NAME_LENGTH_MAX + 16))
#define HOSTS_BYTES_MAX (64u << 20)
#define RESCUES_MAX 16 /* on one line: each may look at all of the rest */

struct chunk *chunk_new(void)
{
    struct chunk *c = calloc(1, sizeof(*c));

    if (!c)
        return NULL;
    c->cap = CHUNK_LINE_MAX;
    c->text = calloc(1, c->cap + SCAN_PADDING); /* the scanner looks behind the end of a text */
    if (!c->text) {
        free(c);
        return NULL;
    }
    intern_init(&c->names, allocator_libc(), NAMES_MAX, NAMES_BYTES_MAX);
    intern_init(&c->hosts, allocator_libc(), HOSTS_MAX, HOSTS_BYTES_MAX);
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

/* The host's number in the chunk's table; UINT32_MAX when there is no room. Room first, number afterwards: every number
 * has its item, even when memory runs out in between. */
static uint32_t find_host(struct chunk *c, struct span name)
{
    struct chunk_host *host;
    uint32_t id;
    bool new;

    if (!grow(&c->host_items, &c->host_cap, c->hosts.count + 1, sizeof(*c->host_items),
              HOSTS_MAX + 1) ||
        !grow(&c->touched_hosts, &c->touched_cap, c->touched_count + 1, sizeof(uint32_t),
              HOSTS_MAX + 1) ||
        intern_put(&c->hosts, name, &id, &new) != OU_OK)
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

/* Is there room for a name, should it be new? */
static bool name_fits(struct chunk *c, struct span name, bool known)
{
    uint32_t id;

    if (name.len > NAME_LENGTH_MAX)
        return false;
    if (known || c->names.count < LOG_NAMES_MAX || intern_find(&c->names, name, &id))
        return true;
    c->names_full = true;
    return false;
}

/* The number of a name in the chunk's table; false when there is no room. known:
 * it is of an event of the catalogue. */
static bool find_name(struct chunk *c, struct span name, bool known, uint32_t *ret)
{
    struct chunk_memo *memo = &c->memo[quick_hash(name) % CHUNK_MEMO];
    bool new;

    if (memo->name.at && span_equal(memo->name, name)) {
        *ret = memo->id;
        return true;
    }
    if (!name_fits(c, name, known) ||
        !grow(&c->name_lines, &c->name_cap, c->names.count + 1, sizeof(uint64_t), NAMES_MAX + 1) ||
        !grow(&c->name_events, &c->name_event_cap, c->names.count + 1, sizeof(enum event_kind),
              NAMES_MAX + 1) ||
        intern_put(&c->names, name, ret, &new) != OU_OK)
        return false;
    if (new) {
        c->name_lines[*ret] = 0;
        c->name_events[*ret] = EVENT_NONE;
    }
    *memo = (struct chunk_memo){ intern_text(&c->names, *ret), *ret };
    return true;
}

static void count_name(struct chunk *c, const struct line *line)
{
    uint32_t id;

    if (!find_name(c, line->name, line->event.kind < EVENT_NONE, &id)) {
        c->names_lost++;
        return;
    }
    /* A namespace nobody knows can stand for several events, by their kinds; the
     * first in the catalogue is told, whatever order the lines come in. */
    if (line->event.kind < c->name_events[id])
        c->name_events[id] = line->event.kind;
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
    bool duplicate; /* the line is the one before again, and nobody has counted that */
    int rescues;    /* broken objects that may still be looked behind on this line */
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

/* Where in a broken line another trace seems to begin, of the new or the legacy
 * dialect: an interrupted write is often followed by the next one on the same
 * line. NULL when nowhere. */
static const char *next_trace(const char *at, const char *end)
{
    while (at < end && (at = memmem(at, (size_t)(end - at), "{\"a", 3))) {
        struct span rest = { at, (size_t)(end - at) };

        if (span_starts(rest, "{\"at\":\"") || span_starts(rest, "{\"app\":["))
            return at;
        at++;
    }
    return NULL;
}

/* Did reading end before the object did? */
static bool is_broken(enum reject reason)
{
    return reason == REJECT_CUT_LINE || reason == REJECT_BAD_JSON || reason == REJECT_NOT_JSON ||
           reason == REJECT_NO_MEMORY;
}

/* Is the line nobody's? One that neither was understood nor says whose it is must
 * not make up a host; nor must a journal's record that holds no trace. */
static bool is_ownerless(const struct pass *pass, const struct line *line)
{
    if (pass->chunk->host_is_given || line->host.len || line->reject == REJECTS)
        return false;
    return !reject_infos[line->reject].expected || line->reject == REJECT_JOURNAL_TEXT;
}

static void count_line(struct pass *pass, struct host_tally *t, const struct line *line,
                       enum line_outcome got)
{
    t->lines++;
    t->bytes += line->used + 1;
    t->duplicate_lines += pass->duplicate;
    pass->duplicate = false;
    host_tally_stamp(t, line->at_ns);
    t->objects += got == LINE_EVENT;
    t->not_understood += got == LINE_REJECTED && !reject_infos[line->reject].expected;
}

/* One object of a line, from text on. Returns where the next one of the same
 * line begins, or NULL when the line is done. */
static const char *parse_object(struct pass *pass, struct span text)
{
    struct chunk *c = pass->chunk;
    struct chunk_host *host = NULL;
    enum line_outcome got;
    uint32_t host_id = 0;
    struct line line;

    got = line_read(text, &c->scratch, &line);
    if (got == LINE_BLANK)
        return NULL;
    if (!is_ownerless(pass, &line)) {
        host = host_of_line(pass, line.host, &host_id);
        if (host)
            count_line(pass, &host->tally, &line, got);
        else
            count_reject(c, REJECT_NO_MEMORY);
    }
    if (line.name.len)
        count_name(c, &line);
    if (got == LINE_EVENT && host)
        keep_event(c, &line.event, host_id);
    if (got == LINE_REJECTED)
        count_reject(c, line.reject);
    if (got == LINE_REJECTED && is_broken(line.reject))
        return pass->rescues-- > 0 ? next_trace(text.at + 1, text.at + text.len) : NULL;
    return line.used < text.len ? text.at + line.used : NULL;
}

static void parse_line(struct pass *pass, struct span text, bool duplicate)
{
    const char *at = text.at, *end = text.at + text.len;

    pass->chunk->lines++;
    pass->duplicate = duplicate;
    pass->rescues = RESCUES_MAX;
    while (at)
        at = parse_object(pass, (struct span){ at, (size_t)(end - at) });
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
    struct pass pass = { .chunk = c, .last_host_id = UINT32_MAX };
    struct span before = { 0 };

    reset(c);
    c->first_line_hash = c->last_line_hash = 0;
    while (at < end) {
        const char *newline = memchr(at, '\n', (size_t)(end - at));
        struct span line = { at, (size_t)((newline ? newline : end) - at) };

        parse_line(&pass, line, line.len && span_equal(line, before));
        if (at == c->text && c->touched_count) /* of a line that is nobody's, no matter */
            c->first_line_hash = XXH3_64bits(line.at, line.len);
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
