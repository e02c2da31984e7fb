#include "collect/tail.h"

#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "base/alloc.h"

void tail_init(struct tail *t)
{
    *t = (struct tail){ .next = SIZE_MAX };
}

void tail_release(struct tail *t)
{
    free(t->hashes);
    free(t->borders);
    tail_init(t);
}

uint64_t tail_hash(struct span line)
{
    return XXH3_64bits(line.at, line.len);
}

static enum ou_status reserve(struct tail *t, size_t count)
{
    void *hashes = t->hashes;

    if (!array_reserve(allocator_libc(), &hashes, &t->cap, count, sizeof(*t->hashes),
                       (size_t)2 * TAIL_LINES_MAX))
        return OU_NO_MEMORY;
    t->hashes = (uint64_t *)hashes;
    return OU_OK;
}

/* For each start of the reply: how long its longest border is, a proper start of it that is its
 * end, too (Knuth, Morris and Pratt). With them the search below takes a step for each line,
 * however alike the lines are that a node sends. */
static enum ou_status find_borders(struct tail *t, const struct line_mark *lines, size_t count)
{
    void *borders = t->borders;
    uint32_t border = 0;

    if (!array_reserve(allocator_libc(), &borders, &t->border_cap, count, sizeof(*t->borders),
                       TAIL_LINES_MAX))
        return OU_NO_MEMORY;
    t->borders = (uint32_t *)borders;
    t->borders[0] = 0;
    for (size_t i = 1; i < count; i++) {
        while (border > 0 && lines[i].hash != lines[border].hash)
            border = t->borders[border - 1];
        if (lines[i].hash == lines[border].hash)
            border++;
        t->borders[i] = border;
    }
    return OU_OK;
}

/* Walks over the tail: at its end as many lines of the reply's start stand there as can. A reply
 * that stands wholly within the tail is a repetition that goes on in later ones. */
static size_t search(struct tail *t, const struct line_mark *lines, size_t count)
{
    size_t matched = 0, inside = SIZE_MAX;

    for (size_t i = 0; i < t->count; i++) {
        if (matched == count)
            matched = t->borders[matched - 1];
        while (matched > 0 && t->hashes[i] != lines[matched].hash)
            matched = t->borders[matched - 1];
        if (t->hashes[i] == lines[matched].hash)
            matched++;
        if (matched == count && inside == SIZE_MAX)
            inside = i + 1;
    }
    if (matched < count && inside != SIZE_MAX) {
        t->next = inside;
        return count;
    }
    return matched;
}

/* The reply goes on with the lines of the tail, as far as it does. */
static size_t go_on(struct tail *t, const struct line_mark *lines, size_t count)
{
    size_t same = 0;

    while (same < count && t->next + same < t->count &&
           t->hashes[t->next + same] == lines[same].hash)
        same++;
    t->next = same == count && t->next + same < t->count ? t->next + same : SIZE_MAX;
    return same;
}

enum ou_status tail_match(struct tail *t, const struct line_mark *lines, size_t count, bool first,
                          size_t *ret)
{
    enum ou_status status;

    if (first)
        t->next = SIZE_MAX;
    if (count == 0 || t->count == 0 || (!first && t->next == SIZE_MAX)) {
        *ret = 0;
        return OU_OK;
    }
    if (!first) {
        *ret = go_on(t, lines, count);
        return OU_OK;
    }
    status = find_borders(t, lines, count);
    if (status == OU_OK)
        *ret = search(t, lines, count);
    return status;
}

enum ou_status tail_add(struct tail *t, const struct line_mark *lines, size_t count, size_t keep)
{
    const size_t old = count >= keep ? 0 : t->count < keep - count ? t->count : keep - count;
    const size_t fresh = count < TAIL_LINES_MAX ? count : TAIL_LINES_MAX;

    if (count == 0)
        return OU_OK;
    if (reserve(t, old + fresh) != OU_OK)
        return OU_NO_MEMORY;
    memmove(t->hashes, t->hashes + t->count - old, old * sizeof(*t->hashes));
    for (size_t i = 0; i < fresh; i++)
        t->hashes[old + i] = lines[count - fresh + i].hash;
    t->count = old + fresh;
    return OU_OK;
}

enum ou_status tail_prepend(struct tail *t, struct span text, bool starts, size_t keep)
{
    const char *end = text.len ? memrchr(text.at, '\n', text.len) : NULL; /* behind a line */
    size_t room = keep > t->count ? keep - t->count : 0, found = 0;

    if (!end || room == 0)
        return OU_OK;
    if (reserve(t, keep) != OU_OK)
        return OU_NO_MEMORY;
    memmove(t->hashes + room, t->hashes, t->count * sizeof(*t->hashes));
    while (found < room && end) {
        const char *before = memrchr(text.at, '\n', (size_t)(end - text.at));
        const char *line = before ? before + 1 : text.at;

        if (!before && !starts)
            break;
        found++;
        t->hashes[room - found] = tail_hash((struct span){ line, (size_t)(end - line) });
        end = before;
    }
    memmove(t->hashes, t->hashes + room - found, (found + t->count) * sizeof(*t->hashes));
    t->count += found;
    return OU_OK;
}
