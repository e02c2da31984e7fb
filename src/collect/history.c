#include "collect/history.h"

#include <stddef.h>
#include <string.h>
#include <xxhash.h>

#include "base/hash_seed.h"
#include "base/map.h"
#include "collect/node.h"
#include "collect/series_chunk.h"
#include "trace/metrics_table.h"

enum {
    PRUNE_PERIOD_MS = 60 * 1000,
    BLOCK_OVERHEAD = 16,  /* of malloc() */
    SERIES_OVERHEAD = 96, /* of malloc(), the index and the table */
    SERIES_MAX = 1 << 24,
};

/* A chunk in two lists: of its series, oldest first; and of all, the one that was written to
 * longest ago first. So what is too old stands in front, and so does what a full history can do
 * without best: the chunks that series are being written to stand at the end. */
struct block {
    struct block *next; /* of the series */
    struct block *staler, *fresher;
    struct series *owner;
    struct series_chunk chunk;
};

struct series {
    struct history_series shown;
    uint32_t number;
    uint32_t bytes; /* of this, with its texts */
    bool is_busy;   /* gets a block: it stays even without any */
    uint64_t key[2];
    struct block *first, *last;
    struct series_state state; /* of last */
    char text[];
};

struct history {
    struct allocator *from;
    uint64_t length_ms, max_bytes, prune_period_ms;
    int64_t pruned_ms;
    struct series **series; /* by number */
    size_t count, cap;
    struct map index; /* digest of name and node -> struct series * */
    struct block *stalest, *freshest;
    struct history_stats stats;
};

struct history *history_new_from(struct allocator *from, uint64_t length_ms, uint64_t max_bytes)
{
    struct history *h = alloc_zeroed(from, sizeof(*h));

    if (!h)
        return NULL;
    h->from = from;
    h->length_ms = length_ms;
    h->max_bytes = max_bytes;
    h->prune_period_ms = PRUNE_PERIOD_MS;
    map_init(&h->index, from, sizeof(((struct series *)NULL)->key), sizeof(struct series *),
             SERIES_MAX);
    return h;
}

struct history *history_new(uint64_t length_ms, uint64_t max_bytes)
{
    return history_new_from(allocator_libc(), length_ms, max_bytes);
}

void history_set_length(struct history *h, uint64_t length_ms)
{
    h->length_ms = length_ms;
}

uint64_t history_length_ms(const struct history *h)
{
    return h->length_ms;
}

void history_set_prune_period(struct history *h, uint64_t period_ms)
{
    h->prune_period_ms = period_ms;
}

uint64_t history_prune_period_ms(const struct history *h)
{
    return h->prune_period_ms;
}

/* --- Blocks ------------------------------------------------------------------------------- */

static uint64_t block_bytes(void)
{
    return sizeof(struct block) + BLOCK_OVERHEAD;
}

static void take_out(struct history *h, struct block *b)
{
    *(b->staler ? &b->staler->fresher : &h->stalest) = b->fresher;
    *(b->fresher ? &b->fresher->staler : &h->freshest) = b->staler;
    b->staler = b->fresher = NULL;
}

static void put_last(struct history *h, struct block *b)
{
    b->staler = h->freshest;
    *(h->freshest ? &h->freshest->fresher : &h->stalest) = b;
    h->freshest = b;
}

/* The first block of a series goes. */
static void drop_first(struct history *h, struct series *s)
{
    struct block *b = s->first;

    s->first = b->next;
    if (!s->first)
        s->last = NULL;
    take_out(h, b);
    h->stats.samples -= b->chunk.count;
    h->stats.bytes -= block_bytes();
    alloc_free(h->from, b, sizeof(*b));
}

static void drop_series(struct history *h, struct series *s)
{
    struct series *moved = h->series[--h->count];

    while (s->first)
        drop_first(h, s);
    h->series[s->number] = moved;
    moved->number = s->number;
    map_remove(&h->index, s->key);
    h->stats.bytes -= s->bytes + SERIES_OVERHEAD;
    alloc_free(h->from, s, s->bytes);
}

/* The stalest block goes; it is the first of its series, for a series is written at its end. Returns
 * the series, which may be without blocks now. */
static struct series *drop_stalest(struct history *h)
{
    struct series *s = h->stalest->owner;

    drop_first(h, s);
    return s;
}

/* Until so many bytes are free. */
static bool make_room(struct history *h, uint64_t bytes)
{
    while (h->stats.bytes + bytes > h->max_bytes && h->stalest) {
        struct series *s;

        h->stats.dropped_samples += h->stalest->chunk.count;
        s = drop_stalest(h);
        if (!s->first && !s->is_busy)
            drop_series(h, s);
    }
    return h->stats.bytes + bytes <= h->max_bytes;
}

void history_free(struct history *h)
{
    if (!h)
        return;
    while (h->count > 0)
        drop_series(h, h->series[h->count - 1]);
    alloc_free(h->from, h->series, h->cap * sizeof(struct series *));
    map_release(&h->index);
    alloc_free(h->from, h, sizeof(*h));
}

void history_prune(struct history *h, int64_t now_ms)
{
    int64_t limit = h->length_ms > INT64_MAX / 2 ? INT64_MIN : now_ms - (int64_t)h->length_ms;

    while (h->stalest && h->stalest->chunk.last_ms < limit) {
        struct series *s = drop_stalest(h);

        if (!s->first)
            drop_series(h, s);
    }
    h->pruned_ms = now_ms;
}

/* --- Series ------------------------------------------------------------------------------- */

/* 128 bits under a seed of the process: two series do not share one. False: a text is too long. */
static bool key_of(const char *name, const char *node_name, uint64_t ret[2])
{
    char both[METRIC_STORE_NAME_MAX + NODE_NAME_ROOM + 1];
    size_t name_len = strlen(name), node_len = strlen(node_name);
    XXH128_hash_t hash;

    if (name_len > METRIC_STORE_NAME_MAX || node_len >= NODE_NAME_ROOM)
        return false;
    memcpy(both, name, name_len);
    both[name_len] = '\0'; /* stands in neither text */
    memcpy(both + name_len + 1, node_name, node_len);
    hash = XXH3_128bits_withSeed(both, name_len + 1 + node_len, hash_seed());
    ret[0] = hash.low64;
    ret[1] = hash.high64;
    return true;
}

static enum ou_status series_new(struct history *h, const char *name, const char *node_name,
                                 const uint64_t key[2], struct series **ret)
{
    size_t name_bytes = strlen(name) + 1, node_bytes = strlen(node_name) + 1;
    size_t bytes = sizeof(struct series) + name_bytes + node_bytes;
    void *value;
    struct series *s;

    if (!make_room(h, bytes + SERIES_OVERHEAD + block_bytes()))
        return OU_TOO_LARGE;
    if (!array_reserve(h->from, (void **)&h->series, &h->cap, h->count + 1, sizeof(struct series *),
                       SERIES_MAX) ||
        map_reserve(&h->index, 1) != OU_OK)
        return OU_NO_MEMORY;
    s = alloc_zeroed(h->from, bytes);
    if (!s)
        return OU_NO_MEMORY;
    s->shown.name = memcpy(s->text, name, name_bytes);
    s->shown.node_name = memcpy(s->text + name_bytes, node_name, node_bytes);
    s->bytes = (uint32_t)bytes;
    memcpy(s->key, key, sizeof(s->key));
    s->number = (uint32_t)h->count;
    h->series[h->count++] = s;
    h->stats.bytes += bytes + SERIES_OVERHEAD;
    map_put(&h->index, key, &value, NULL); /* room is reserved */
    memcpy(value, &s, sizeof(struct series *));
    *ret = s;
    return OU_OK;
}

static enum ou_status series_take(struct history *h, const char *name, const char *node_name,
                                  struct series **ret)
{
    uint64_t key[2];
    void *found;

    if (!*name || !key_of(name, node_name, key))
        return OU_INVALID;
    found = map_find(&h->index, key);
    if (!found)
        return series_new(h, name, node_name, key, ret);
    memcpy(ret, found, sizeof(struct series *));
    return OU_OK;
}

static enum ou_status add_block(struct history *h, struct series *s)
{
    struct block *b;
    bool has_room;

    s->is_busy = true;
    has_room = make_room(h, block_bytes());
    s->is_busy = false;
    if (!has_room)
        return OU_TOO_LARGE;
    b = alloc_zeroed(h->from, sizeof(*b));
    if (!b)
        return OU_NO_MEMORY;
    b->owner = s;
    series_chunk_begin(&b->chunk);
    *(s->last ? &s->last->next : &s->first) = b;
    s->last = b;
    put_last(h, b);
    h->stats.bytes += block_bytes();
    return OU_OK;
}

/* Forgets the blocks that reach beyond an instant: those at the end. */
static void forget_future(struct history *h, struct series *s, int64_t from_ms)
{
    struct block *kept = NULL;

    for (struct block *b = s->first; b && b->chunk.last_ms < from_ms; b = b->next)
        kept = b;
    for (struct block *b = kept ? kept->next : s->first, *next; b; b = next) {
        next = b->next;
        take_out(h, b);
        h->stats.samples -= b->chunk.count;
        h->stats.bytes -= block_bytes();
        alloc_free(h->from, b, sizeof(*b));
    }
    *(kept ? &kept->next : &s->first) = NULL;
    s->last = kept;
}

/* A NaN says no more than that it is one. */
static double canonical(double value)
{
    return value == value ? value : __builtin_nan("");
}

static enum ou_status append(struct history *h, struct series *s, int64_t at_ms, double value)
{
    enum ou_status status = OU_OK;

    if (s->last && at_ms < s->last->chunk.last_ms - HISTORY_CLOCK_BACK_MS)
        forget_future(h, s, at_ms);
    if (s->last && at_ms <= s->last->chunk.last_ms)
        return OU_OK;
    /* After forgetting, the state is not that of the last block: a new one begins. */
    if (!s->last || s->state.at_ms != s->last->chunk.last_ms ||
        !series_chunk_append(&s->last->chunk, &s->state, at_ms, canonical(value))) {
        status = add_block(h, s);
        if (status == OU_OK)
            series_chunk_append(&s->last->chunk, &s->state, at_ms, canonical(value));
    }
    if (status == OU_OK) {
        h->stats.samples++;
        take_out(h, s->last);
        put_last(h, s->last);
    }
    if (!s->first)
        drop_series(h, s);
    return status;
}

enum ou_status history_put(struct history *h, const char *name, const char *node_name,
                           int64_t at_ms, double value)
{
    struct series *s;
    enum ou_status status = series_take(h, name, node_name, &s);

    return status ? status : append(h, s, at_ms, value);
}

/* --- Nodes -------------------------------------------------------------------------------- */

/* The metric remembers its series; another may have got that number since. */
static struct series *remembered(const struct history *h, const struct node_metric *m,
                                 const char *name, const char *node_name)
{
    struct series *s = m->series > 0 && m->series <= h->count ? h->series[m->series - 1] : NULL;

    return s && strcmp(s->shown.name, name) == 0 && strcmp(s->shown.node_name, node_name) == 0
               ? s
               : NULL;
}

static enum ou_status take_metric(struct history *h, struct node_metric *m, const char *node_name,
                                  int64_t now_ms)
{
    char name[METRIC_STORE_NAME_MAX + 1];
    struct series *s;

    if (!m->is_number || strlen(m->name) > METRIC_STORE_NAME_MAX)
        return OU_OK;
    name[metric_mangle(m->name, name)] = '\0';
    if (!*name)
        return OU_OK;
    s = remembered(h, m, name, node_name);
    if (!s) {
        enum ou_status status = series_take(h, name, node_name, &s);

        if (status)
            return status;
        m->series = s->number + 1;
    }
    return append(h, s, now_ms, m->number);
}

enum ou_status history_take(struct history *h, const char *node_name, struct metric_store *metrics,
                            int64_t now_ms)
{
    enum ou_status first = OU_OK;

    if (h->prune_period_ms > 0 &&
        (now_ms < h->pruned_ms || (uint64_t)(now_ms - h->pruned_ms) >= h->prune_period_ms))
        history_prune(h, now_ms);
    for (size_t i = 0; i < metrics->count; i++) {
        enum ou_status status = take_metric(h, metrics->at[i], node_name, now_ms);

        if (first == OU_OK)
            first = status;
    }
    return first;
}

/* --- Queries ------------------------------------------------------------------------------ */

struct history_stats history_stats_of(const struct history *h)
{
    struct history_stats stats = h->stats;

    stats.series = h->count;
    for (size_t i = 0; i < h->count; i++)
        if (i == 0 || h->series[i]->first->chunk.first_ms < stats.oldest_ms)
            stats.oldest_ms = h->series[i]->first->chunk.first_ms;
    return stats;
}

size_t history_series_count(const struct history *h)
{
    return h->count;
}

const struct history_series *history_series_at(const struct history *h, size_t i)
{
    return &h->series[i]->shown;
}

void history_walk(const struct history *h, size_t series, int64_t from_ms, int64_t to_ms,
                  bool (*each)(void *context, int64_t at_ms, double value), void *context)
{
    for (const struct block *b = h->series[series]->first; b && b->chunk.first_ms <= to_ms;
         b = b->next) {
        struct series_reader r;
        int64_t at_ms;
        double value;

        if (b->chunk.last_ms < from_ms)
            continue;
        series_reader_begin(&r, &b->chunk);
        while (series_reader_next(&r, &at_ms, &value))
            if (at_ms > to_ms || (at_ms >= from_ms && !each(context, at_ms, value)))
                return;
    }
}
