/* +RTS -t --machine-readable: a list of names and numbers. */
#include "logs/rts_stats_inside.h"

#include <math.h>
#include <string.h>

/* Names of the list, and where their numbers go. Newer systems tell some things twice, under an old and a new
 * name: the new one stands behind, in more digits. */
static const struct {
    const char *name;
    size_t place;
} members[] = {
#define MEMBER(name, place)                          \
    {                                                \
        name, offsetof(struct rts_statistics, place) \
    }
    MEMBER("bytes allocated", allocated_bytes),
    MEMBER("allocated_bytes", allocated_bytes),
    MEMBER("copied_bytes", copied_bytes),
    MEMBER("max_bytes_used", max_live_bytes),
    MEMBER("max_live_bytes", max_live_bytes),
    MEMBER("max_mem_in_use_bytes", max_memory_bytes),
    MEMBER("n_capabilities", capabilities),
    MEMBER("init_cpu_seconds", init.cpu_s),
    MEMBER("init_wall_seconds", init.wall_s),
    MEMBER("mut_cpu_seconds", mutator.cpu_s),
    MEMBER("mutator_cpu_seconds", mutator.cpu_s),
    MEMBER("mut_wall_seconds", mutator.wall_s),
    MEMBER("mutator_wall_seconds", mutator.wall_s),
    MEMBER("GC_cpu_seconds", collector.cpu_s),
    MEMBER("GC_wall_seconds", collector.wall_s),
    MEMBER("exit_cpu_seconds", exit.cpu_s),
    MEMBER("exit_wall_seconds", exit.wall_s),
    MEMBER("total_cpu_seconds", total.cpu_s),
    MEMBER("total_wall_seconds", total.wall_s),
#undef MEMBER
};

/* "gen_0_collections": per generation. */
static const struct {
    const char *name;
    size_t place;
} generation_members[] = {
#define MEMBER(name, place)                          \
    {                                                \
        name, offsetof(struct rts_generation, place) \
    }
    MEMBER("_collections", collections),
    MEMBER("_par_collections", parallel),
    MEMBER("_cpu_seconds", cpu_s),
    MEMBER("_wall_seconds", wall_s),
    MEMBER("_max_pause_seconds", max_pause_s),
    MEMBER("_avg_pause_seconds", mean_pause_s),
#undef MEMBER
};

static void set_generation_member(struct rts_statistics *s, struct span name, double value)
{
    struct span rest;
    struct rts_generation *g;
    double number;

    if (!span_starts(name, "gen_") ||
        !rts_read_number((struct span){ name.at + 4, name.len - 4 }, &number, &rest))
        return;
    g = rts_generation_of(s, number);
    for (size_t i = 0; g && i < sizeof generation_members / sizeof *generation_members; i++)
        if (span_is(rest, generation_members[i].name))
            *(double *)(void *)((char *)g + generation_members[i].place) = value;
}

static void set_member(struct rts_statistics *s, struct span name, double value)
{
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        if (span_is(name, members[i].name))
            *(double *)(void *)((char *)s + members[i].place) = value;
    /* The only measure of memory that old systems tell. */
    if (span_is(name, "peak_megabytes_allocated") && isnan(s->max_memory_bytes))
        s->max_memory_bytes = value * (1 << 20);
    set_generation_member(s, name, value);
}

/* What stands in quotation marks first in *text; moves behind it. */
static bool quoted(struct span *text, struct span *ret)
{
    const char *from = text->len ? memchr(text->at, '"', text->len) : NULL, *to;
    size_t left;

    if (!from)
        return false;
    left = text->len - (size_t)(from + 1 - text->at);
    to = left ? memchr(from + 1, '"', left) : NULL;
    if (!to)
        return false;
    *ret = (struct span){ from + 1, (size_t)(to - from - 1) };
    text->len -= (size_t)(to + 1 - text->at);
    text->at = to + 1;
    return true;
}

/* ` ,("num_GCs", "482")`. Names that are not known are passed over: each version of the system adds some. */
static enum ou_status read_pair(struct rts_statistics *s, struct span line, const char *name,
                                uint64_t number, struct ou_error *err)
{
    struct span key, text, rest;
    double value;

    if (!quoted(&line, &key) || !quoted(&line, &text))
        return ou_fail(err, OU_INVALID, "%s:%llu: not a pair of a name and a number", name,
                       (unsigned long long)number);
    if (rts_read_number(text, &value, &rest) && rest.len == 0)
        set_member(s, key, value);
    return OU_OK;
}

enum ou_status rts_parse_list(struct span text, const char *name, struct rts_statistics *s,
                              struct ou_error *err)
{
    struct span line;
    enum ou_status status = OU_OK;

    for (uint64_t number = 1; !status && rts_next_line(&text, &line); number++) {
        if (span_starts(line, " [(") || span_starts(line, " ,("))
            status = read_pair(s, line, name, number, err);
        else if (span_starts(line, " ]"))
            s->is_whole = true;
    }
    if (!status && !s->is_whole)
        status = ou_fail(err, OU_INVALID, "%s: the list has no end", name);
    return status;
}
