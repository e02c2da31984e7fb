#include "study/comparable.h"

#include <string.h>

#include "base/buffer.h"

/* Each name is looked at once: as many differences as there are facts. */
#define DIFFERENCES_MAX 64
#define DIFFERENCES_TOLD 6

struct differing {
    const struct finished_run *first; /* what all others are held against */
    struct fact_difference *at;
    size_t count;
    const char *unknown[DIFFERENCES_MAX]; /* groups that some run does not tell */
    size_t unknown_count;
};

static bool has_group(const struct finished_run *run, const char *group)
{
    for (size_t i = 0; i < run->fact_count; i++)
        if (strcmp(run->facts[i].group, group) == 0)
            return true;
    return false;
}

static void note_unknown(struct differing *d, const char *group)
{
    for (size_t i = 0; i < d->unknown_count; i++)
        if (strcmp(d->unknown[i], group) == 0)
            return;
    if (d->unknown_count < DIFFERENCES_MAX)
        d->unknown[d->unknown_count++] = group;
}

static bool is_told(const struct differing *d, const char *group, const char *name)
{
    for (size_t i = 0; i < d->count; i++)
        if (strcmp(d->at[i].group, group) == 0 && strcmp(d->at[i].name, name) == 0)
            return true;
    return false;
}

static void note_difference(struct differing *d, const struct run_fact *fact, const char *value_a,
                            const char *value_b, const struct finished_run *b)
{
    if (d->count < DIFFERENCES_MAX && !is_told(d, fact->group, fact->name))
        d->at[d->count++] = (struct fact_difference){ fact->group, fact->name,      value_a,
                                                      value_b,     d->first->title, b->title };
}

/* A table of published results is silent about much: what it does not tell is not known to differ. */
static bool tells_all(const struct finished_run *run)
{
    return run->source != RUN_FROM_TABLE;
}

/* Facts of a, held against b; `swapped` when a is not the first run. */
static void hold_against(struct differing *d, const struct finished_run *a,
                         const struct finished_run *b, bool swapped)
{
    const struct finished_run *other = swapped ? a : b;

    for (size_t i = 0; i < a->fact_count; i++) {
        const struct run_fact *fact = &a->facts[i];
        const char *value = run_fact_find(b, fact->group, fact->name);

        if (value && strcmp(value, fact->value) == 0)
            continue;
        if (value && !swapped)
            note_difference(d, fact, fact->value, value, other);
        else if (value)
            continue; /* both tell it: seen from the other side */
        else if (tells_all(b) && has_group(b, fact->group) && tells_all(a))
            note_difference(d, fact, swapped ? NULL : fact->value, swapped ? fact->value : NULL,
                            other);
        else
            note_unknown(d, fact->group);
    }
}

enum ou_status runs_differ(const struct run_set *const *sets, size_t set_count,
                           struct arena *memory, struct fact_difference **ret, size_t *ret_count,
                           size_t *ret_unknown, struct ou_error *err)
{
    struct differing d = { .at =
                               arena_take(memory, DIFFERENCES_MAX * sizeof *d.at, sizeof(void *)) };

    if (!d.at)
        return ou_fail(err, OU_NO_MEMORY, "no memory to compare what the runs were");
    for (size_t i = 0; i < set_count; i++) {
        for (size_t k = 0; k < sets[i]->count; k++) {
            const struct finished_run *run = &sets[i]->runs[k];

            if (!d.first) {
                d.first = run;
                continue;
            }
            hold_against(&d, d.first, run, false);
            hold_against(&d, run, d.first, true);
        }
    }
    *ret = d.at;
    *ret_count = d.count;
    *ret_unknown = d.unknown_count;
    return OU_OK;
}

enum ou_status runs_refuse(const struct fact_difference *differences, size_t count,
                           struct ou_error *err)
{
    struct buffer list;
    enum ou_status status;

    buffer_init(&list, allocator_libc(), sizeof err->text);
    for (size_t i = 0; i < count && i < DIFFERENCES_TOLD; i++) {
        const struct fact_difference *d = &differences[i];

        buffer_printf(&list, "%s%s%s%s: %s in %s, %s in %s", i ? "; " : "", d->group,
                      *d->name ? " " : "", d->name, d->value_a ? d->value_a : "none", d->run_a,
                      d->value_b ? d->value_b : "none", d->run_b);
    }
    if (count > DIFFERENCES_TOLD)
        buffer_printf(&list, "; and %zu more", count - DIFFERENCES_TOLD);
    status = ou_fail(err, OU_INVALID,
                     "the runs differ in what has to be the same: %s (--allow-different takes them "
                     "all the same)",
                     buffer_string(&list));
    buffer_release(&list);
    return status;
}

static enum ou_status refuse_repeated(const struct finished_run *a, const struct finished_run *b,
                                      bool two_sides, struct ou_error *err)
{
    return ou_fail(err, OU_INVALID,
                   "%s stands there twice%s, as %s and as %s; leave one of them out", a->title,
                   two_sides ? ", on two sides" : "", a->operand ? a->operand : a->title,
                   b->operand ? b->operand : b->title);
}

enum ou_status runs_once(const struct run_set *a, const struct run_set *b, struct ou_error *err)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = a == b ? i + 1 : 0; j < b->count; j++)
            if (is_same_run(&a->runs[i], &b->runs[j]))
                return refuse_repeated(&a->runs[i], &b->runs[j], a != b, err);
    return OU_OK;
}

size_t runs_distinct(const struct run_set *s, const struct finished_run **ret)
{
    size_t count = 0;

    for (size_t i = 0; i < s->count; i++) {
        size_t k = 0;

        while (k < count && !is_same_run(ret[k], &s->runs[i]))
            k++;
        if (k == count)
            ret[count++] = &s->runs[i];
    }
    return count;
}
