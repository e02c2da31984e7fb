#include "analyse/extract_rts.h"

#include <stddef.h>
#include <stdlib.h>

/* clang-format off */
#define PHASE(name) \
    offsetof(struct rts_statistics, name.cpu_s), offsetof(struct rts_statistics, name.wall_s)

static const size_t numbers[] = {
    offsetof(struct rts_statistics, allocated_bytes), offsetof(struct rts_statistics, copied_bytes),
    offsetof(struct rts_statistics, max_live_bytes),
    offsetof(struct rts_statistics, max_memory_bytes),
    offsetof(struct rts_statistics, capabilities),
    PHASE(init), PHASE(mutator), PHASE(collector), PHASE(exit), PHASE(total),
};

static const size_t generation_numbers[] = {
    offsetof(struct rts_generation, collections), offsetof(struct rts_generation, parallel),
    offsetof(struct rts_generation, cpu_s), offsetof(struct rts_generation, wall_s),
    offsetof(struct rts_generation, mean_pause_s), offsetof(struct rts_generation, max_pause_s),
};
/* clang-format on */

#define NUMBERS (sizeof numbers / sizeof *numbers)
#define GENERATION_NUMBERS (sizeof generation_numbers / sizeof *generation_numbers)

/* --- Writing ------------------------------------------------------------- */

static void put_numbers(struct buffer *b, const size_t *at, size_t count, const void *from)
{
    for (size_t i = 0; i < count; i++)
        put_real(b, *(const double *)(const void *)((const char *)from + at[i]));
}

static void put_statistics(struct buffer *b, const struct rts_statistics *s)
{
    put_numbers(b, numbers, NUMBERS, s);
    put_number(b, s->generation_count);
    for (size_t i = 0; i < s->generation_count; i++)
        put_numbers(b, generation_numbers, GENERATION_NUMBERS, &s->generations[i]);
    put_number(b, s->pause_count);
    for (size_t i = 0; i < s->pause_count; i++)
        put_real(b, s->pauses_s[i]);
    put_number(b, s->pauses_dropped);
    put_number(b, s->odd_lines);
    put_number(b, s->is_whole);
}

void put_rts(struct buffer *b, const struct rts_hosts *rts, const char *base)
{
    size_t count = rts ? rts->count : 0;

    put_number(b, count);
    for (size_t i = 0; i < count; i++) {
        const struct rts_host *host = &rts->items[i];

        put_text(b, span_of(host->name));
        put_path(b, host->path, base);
        put_problem(b, host->problem, host->path);
        put_statistics(b, &host->stats);
    }
}

/* --- Reading ------------------------------------------------------------- */

static void take_numbers(struct extract_reader *r, const size_t *at, size_t count, void *into)
{
    for (size_t i = 0; i < count; i++)
        *(double *)(void *)((char *)into + at[i]) = take_real(r);
}

static void take_pauses(struct extract_reader *r, struct rts_statistics *s)
{
    uint64_t count =
        take_below(r, RTS_PAUSES_MAX + 1, "the extract is damaged: a program had too many pauses");
    size_t cap = 0;

    for (uint64_t i = 0; i < count && !extract_failed(r); i++) {
        if (!array_reserve(allocator_libc(), (void **)&s->pauses_s, &cap, s->pause_count + 1,
                           sizeof *s->pauses_s, RTS_PAUSES_MAX))
            extract_fail(r, OU_NO_MEMORY, "no memory for the pauses of a program");
        else
            s->pauses_s[s->pause_count++] = take_real(r);
    }
}

static void take_statistics(struct extract_reader *r, struct rts_statistics *s)
{
    take_numbers(r, numbers, NUMBERS, s);
    s->generation_count = (size_t)take_below(
        r, RTS_GENERATIONS_MAX + 1, "the extract is damaged: a program had too many generations");
    for (size_t i = 0; i < s->generation_count; i++)
        take_numbers(r, generation_numbers, GENERATION_NUMBERS, &s->generations[i]);
    take_pauses(r, s);
    s->pauses_dropped = take_number(r);
    s->odd_lines = take_number(r);
    s->is_whole = take_flag(r);
}

void take_rts(struct extract_reader *r, struct rts_hosts *rts, const char *base)
{
    uint64_t count = take_below(r, RTS_HOSTS_MAX + 1, "the extract is damaged: too many programs");

    for (uint64_t i = 0; i < count && !extract_failed(r); i++) {
        struct rts_statistics stats = { 0 };
        const char *name = take_copy(r, &rts->memory);
        const char *path = take_path(r, base, &rts->memory);
        const char *problem = path ? take_problem(r, path, &rts->memory) : NULL;

        if (!extract_failed(r))
            take_statistics(r, &stats);
        if (!extract_failed(r) && !rts_hosts_add(rts, name, path, &stats, problem))
            extract_fail(r, OU_TOO_LARGE, "too many programs with statistics");
        if (extract_failed(r))
            rts_stats_release(&stats);
    }
}
