#include "study/comparison_pairs.h"

#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum { PAIRS_BY_TIME_LEAST = 3 };

/* --- By design --------------------------------------------------------------------------------- */

static bool same_series(const struct run_set *set, const char *series)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct run_design *d = &set->runs[i].design;

        if (!series || !d->series || d->block < 0 || strcmp(d->series, series) != 0)
            return false;
    }
    return true;
}

/* The only run of the set in that block; set->count when there is none, or more than one. */
static size_t only_in_block(const struct run_set *set, int64_t block)
{
    size_t found = set->count;

    for (size_t i = 0; i < set->count; i++) {
        if (set->runs[i].design.block != block)
            continue;
        if (found < set->count)
            return set->count;
        found = i;
    }
    return found;
}

static size_t pairs_by_design(const struct run_set *base, const struct run_set *variant,
                              struct run_pair *ret)
{
    const char *series = base->runs[0].design.series;

    if (!same_series(base, series) || !same_series(variant, series))
        return 0;
    for (size_t i = 0; i < base->count; i++) {
        int64_t block = base->runs[i].design.block;
        size_t other = only_in_block(variant, block);

        if (only_in_block(base, block) != i || other == variant->count)
            return 0;
        ret[i] = (struct run_pair){ i, other };
    }
    return base->count;
}

/* --- By time ----------------------------------------------------------------------------------- */

struct start {
    int64_t at_ns;
    size_t index;
    bool variant;
};

static int compare_starts(const void *a, const void *b)
{
    const struct start *x = a, *y = b;

    return (x->at_ns > y->at_ns) - (x->at_ns < y->at_ns);
}

static bool on_machine(const struct run_set *set, const char *machine)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct finished_run *r = &set->runs[i];

        if (!machine || !r->machine || r->started_ns == TIME_NONE ||
            strcmp(r->machine, machine) != 0)
            return false;
    }
    return true;
}

static void put_starts(const struct run_set *set, bool variant, struct start *at)
{
    for (size_t i = 0; i < set->count; i++)
        at[i] = (struct start){ set->runs[i].started_ns, i, variant };
}

/* starts: two for each pair. Runs that began at the same moment have no order. */
static size_t pairs_of_neighbours(const struct start *starts, size_t pairs, struct run_pair *ret)
{
    for (size_t i = 0; i < pairs; i++) {
        const struct start *first = &starts[2 * i], *second = first + 1;

        if (first->variant == second->variant || first->at_ns == second->at_ns ||
            (i > 0 && first[-1].at_ns == first->at_ns))
            return 0;
        ret[i].base = first->variant ? second->index : first->index;
        ret[i].variant = first->variant ? first->index : second->index;
    }
    return pairs;
}

static enum ou_status pairs_by_time(const struct run_set *base, const struct run_set *variant,
                                    struct arena *memory, struct run_pair *ret, size_t *ret_count,
                                    struct ou_error *err)
{
    const char *machine = base->runs[0].machine;
    size_t n = base->count;
    struct start *starts;

    if (n < PAIRS_BY_TIME_LEAST || !on_machine(base, machine) || !on_machine(variant, machine))
        return OU_OK;
    starts = arena_take(memory, 2 * n * sizeof(*starts), _Alignof(struct start));
    if (!starts)
        return ou_fail(err, OU_NO_MEMORY, "no memory to order %zu runs", 2 * n);
    put_starts(base, false, starts);
    put_starts(variant, true, starts + n);
    qsort(starts, 2 * n, sizeof(*starts), compare_starts);
    *ret_count = pairs_of_neighbours(starts, n, ret);
    return OU_OK;
}

enum ou_status comparison_pairs(const struct run_set *base, const struct run_set *variant,
                                struct arena *memory, struct run_pair *ret, size_t *ret_count,
                                struct ou_error *err)
{
    *ret_count = 0;
    if (base->count < 2 || base->count != variant->count)
        return OU_OK;
    *ret_count = pairs_by_design(base, variant, ret);
    return *ret_count ? OU_OK : pairs_by_time(base, variant, memory, ret, ret_count, err);
}

/* The first and the last start; false where one is not known. */
static bool starts_of(const struct run_set *set, int64_t *ret_first, int64_t *ret_last)
{
    *ret_first = INT64_MAX;
    *ret_last = INT64_MIN;
    for (size_t i = 0; i < set->count; i++) {
        int64_t at = set->runs[i].started_ns;

        if (at == TIME_NONE)
            return false;
        *ret_first = at < *ret_first ? at : *ret_first;
        *ret_last = at > *ret_last ? at : *ret_last;
    }
    return set->count > 0;
}

bool runs_stand_apart(const struct run_set *base, const struct run_set *variant)
{
    int64_t base_first, base_last, variant_first, variant_last;

    return starts_of(base, &base_first, &base_last) &&
           starts_of(variant, &variant_first, &variant_last) &&
           (base_last < variant_first || variant_last < base_first);
}
