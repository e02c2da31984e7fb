/* +RTS -S: a line for each collection, and a summary; -s: the summary alone. */
#include "logs/rts_stats_inside.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The columns of a collection's line. */
enum column {
    ALLOCATED,
    COPIED,
    LIVE,
    GC_CPU,
    GC_WALL,
    ALL_CPU,
    ALL_WALL,
    FAULTS_BEFORE,
    FAULTS,
    COLUMNS,
};

static enum ou_status keep_pause(struct rts_statistics *s, double seconds)
{
    size_t count = s->pause_count;

    if (count == RTS_PAUSES_MAX) {
        s->pauses_dropped++;
        return OU_OK;
    }
    if ((count & (count - 1)) == 0) { /* room doubles at powers of two */
        double *grown = realloc(s->pauses_s, (count ? 2 * count : 1) * sizeof *grown);

        if (!grown)
            return OU_NO_MEMORY;
        s->pauses_s = grown;
    }
    s->pauses_s[s->pause_count++] = seconds;
    return OU_OK;
}

static void add(double *sum, double value)
{
    *sum = isnan(*sum) ? value : *sum + value;
}

static void raise(double *most, double value)
{
    *most = fmax(*most, value); /* of NaN and a number the number */
}

static void count_collection(struct rts_statistics *s, struct rts_generation *g,
                             const double *values)
{
    add(&g->collections, 1);
    add(&g->cpu_s, values[GC_CPU]);
    add(&g->wall_s, values[GC_WALL]);
    raise(&g->max_pause_s, values[GC_WALL]);
    add(&s->allocated_bytes, values[ALLOCATED]);
    add(&s->copied_bytes, values[COPIED]);
    raise(&s->max_live_bytes, values[LIVE]);
}

/* "  8310824    651416    651384  0.001  0.000    0.007    0.004    0    0  (Gen:  0)"; false: something else. */
static bool read_collection(struct span line, double values[COLUMNS], double *ret_generation)
{
    struct span rest = line, end;

    for (int i = 0; i < COLUMNS; i++)
        if (!rts_read_number(rest, &values[i], &rest))
            return false;
    while (rest.len && *rest.at == ' ')
        rest = (struct span){ rest.at + 1, rest.len - 1 };
    return span_starts(rest, "(Gen:") &&
           rts_read_number((struct span){ rest.at + 5, rest.len - 5 }, ret_generation, &end) &&
           span_starts(end, ")");
}

/* "    MUT     time    0.069s  (  0.049s elapsed)" */
static bool read_phase(struct rts_statistics *s, struct span line)
{
    const struct {
        const char *head;
        struct rts_phase *phase;
    } phases[] = {
        { "  INIT    time", &s->init },      { "  MUT     time", &s->mutator },
        { "  GC      time", &s->collector }, { "  EXIT    time", &s->exit },
        { "  Total   time", &s->total },
    };
    struct span rest;
    struct rts_phase got;

    for (size_t i = 0; i < sizeof phases / sizeof *phases; i++) {
        size_t len = strlen(phases[i].head);

        if (!span_starts(line, phases[i].head))
            continue;
        rest = (struct span){ line.at + len, line.len - len };
        if (rts_read_number(rest, &got.cpu_s, &rest) && span_starts(rest, "s  (") &&
            rts_read_number((struct span){ rest.at + 4, rest.len - 4 }, &got.wall_s, &rest))
            *phases[i].phase = got;
        return true;
    }
    return false;
}

/* "  Gen  0        33 colls,    33 par    0.010s   0.007s     0.0002s    0.0009s" */
static bool read_generation(struct rts_statistics *s, struct span line)
{
    static const char *const behind[] = { " colls,", " par", "s", "s", "s", "s" };
    struct rts_generation *g;
    double number, values[6];
    struct span rest;

    if (!span_starts(line, "  Gen ") ||
        !rts_read_number((struct span){ line.at + 6, line.len - 6 }, &number, &rest))
        return false;
    for (int i = 0; i < 6; i++) {
        if (!rts_read_number(rest, &values[i], &rest) || !span_starts(rest, behind[i]))
            return false;
        rest.at += strlen(behind[i]);
        rest.len -= strlen(behind[i]);
    }
    g = rts_generation_of(s, number);
    if (g)
        *g = (struct rts_generation){ values[0], values[1], values[2],
                                      values[3], values[4], values[5] };
    return g;
}

/* Sums of all collections, in the words of the summary; they are exact where those of the lines are not. */
static bool read_total(struct rts_statistics *s, struct span line)
{
    static const struct {
        const char *words;
        size_t place;
        double scale;
    } totals[] = {
        { " bytes allocated in the heap", offsetof(struct rts_statistics, allocated_bytes), 1 },
        { " bytes copied during GC", offsetof(struct rts_statistics, copied_bytes), 1 },
        { " bytes maximum residency", offsetof(struct rts_statistics, max_live_bytes), 1 },
        { " MiB total memory in use", offsetof(struct rts_statistics, max_memory_bytes), 1 << 20 },
        { " MB total memory in use", offsetof(struct rts_statistics, max_memory_bytes), 1 << 20 },
    };
    struct span rest;
    double value;

    for (size_t i = 0; i < sizeof totals / sizeof *totals; i++)
        if (rts_read_number(line, &value, &rest) && span_starts(rest, totals[i].words)) {
            *(double *)(void *)((char *)s + totals[i].place) = value * totals[i].scale;
            return true;
        }
    return false;
}

/* "  TASKS: 6 (1 bound, 5 peak workers (5 total), using -N2)" */
static bool read_capabilities(struct rts_statistics *s, struct span line)
{
    const char *at = span_starts(line, "  TASKS:")
                         ? memmem(line.at, line.len, "using -N", strlen("using -N"))
                         : NULL;
    struct span rest;

    if (!at)
        return false;
    at += strlen("using -N");
    return rts_read_number((struct span){ at, line.len - (size_t)(at - line.at) }, &s->capabilities,
                           &rest);
}

static enum ou_status read_line_of_s(struct rts_statistics *s, struct span line)
{
    double values[COLUMNS], number;

    if (!s->is_whole && read_collection(line, values, &number)) {
        struct rts_generation *g = rts_generation_of(s, number);

        if (g)
            count_collection(s, g, values);
        s->odd_lines += g == NULL;
        return keep_pause(s, values[GC_WALL]);
    }
    if (read_total(s, line))
        s->is_whole = true;
    else if (!read_phase(s, line) && !read_generation(s, line) && !read_capabilities(s, line))
        s->odd_lines += !s->is_whole && line.len > 0;
    return OU_OK;
}

enum ou_status rts_parse_lines(struct span text, const char *name, struct rts_statistics *s,
                               struct ou_error *err)
{
    struct span line;
    enum ou_status status = OU_OK;

    while (!status && rts_next_line(&text, &line))
        if (!span_starts(line, "    Alloc    Copied") && !span_starts(line, "    bytes     bytes"))
            status = read_line_of_s(s, line);
    return status ? ou_fail(err, status, "%s: no memory", name) : OU_OK;
}
