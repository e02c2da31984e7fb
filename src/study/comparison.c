#include "study/comparison.h"

#include <string.h>

#include "stats/multiplicity.h"
#include "stats/scratch.h"
#include "study/comparison_inside.h"
#include "study/comparison_methods.h"

#define COMPARISON_BYTES_MAX ((size_t)2 << 30)

const char *verdict_name(enum verdict v)
{
    static const char *const names[VERDICT_COUNT] = {
        [VERDICT_NONE] = "not judged",           [VERDICT_REGRESSION] = "regression",
        [VERDICT_IMPROVEMENT] = "improvement",   [VERDICT_CHANGE] = "change",
        [VERDICT_NEGLIGIBLE] = "negligible",     [VERDICT_EQUIVALENT] = "equivalent",
        [VERDICT_INCONCLUSIVE] = "inconclusive",
    };

    return names[v];
}

const char *basis_name(enum basis b)
{
    static const char *const names[] = {
        [BASIS_NONE] = "none",
        [BASIS_RUNS] = "runs",
        [BASIS_PAIRS] = "pairs",
        [BASIS_ONE_SIDE] = "runs of one side",
        [BASIS_HISTORY] = "history",
        [BASIS_COUNTS] = "counts",
        [BASIS_WITHIN_RUN] = "within one run",
    };

    return names[b];
}

bool metric_is_named(const struct metric_info *info, const char *name)
{
    const char *section = section_name(info->section);
    size_t len = strlen(section);

    if (strncmp(name, section, len) == 0 && name[len] == '/')
        name += len + 1;
    return strcmp(info->id, name) == 0;
}

/* --- One side ---------------------------------------------------------------------------------- */

static bool is_known(const struct run_set *set, const struct metric_info *info)
{
    for (size_t i = 0; i < set->count; i++)
        if (isfinite(run_level(&set->runs[i], info)))
            return true;
    return false;
}

static bool is_wanted(const struct comparison_options *o, const struct metric_info *info)
{
    for (size_t i = 0; i < o->metric_count; i++)
        if (metric_is_named(info, o->metrics[i]))
            return true;
    return o->metric_count == 0;
}

/* Counts of events that the dictionary has as no metric: they get a row of their own. */
static const struct metric_info *info_of_count(struct side_work *w, const struct run_count *c)
{
    struct metric_info *info = arena_take(w->memory, sizeof(*info), _Alignof(struct metric_info));

    if (info)
        *info = (struct metric_info){
            .section = SECTION_CONTROL,
            .id = c->id,
            .name = c->name,
            .label = c->name,
            .unit = "ratio",
            .precision = 3,
            .direction = DIRECTION_LESS_IS_BETTER,
            .aggregation = "one value per run",
            .description = c->name,
            .formula = c->exposure_unit,
            .compat = "",
        };
    return info;
}

static enum ou_status add_metrics(struct side_work *w, struct side_comparison *side,
                                  struct ou_error *err)
{
    size_t room = dictionary_count() + RUN_COUNTS_MAX;

    side->metrics =
        arena_take(w->memory, room * sizeof(*side->metrics), _Alignof(struct metric_comparison));
    if (!side->metrics)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu comparisons", room);
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        if (is_wanted(w->options, info) && (is_known(w->base, info) || is_known(w->variant, info)))
            compare_metric(w, info, &side->metrics[side->metric_count++]);
    }
    for (size_t i = 0; i < w->base->runs[0].count_count; i++) {
        const struct run_count *c = &w->base->runs[0].counts[i];
        const struct metric_info *info;

        if (dictionary_find(SECTION_CONTROL, c->id))
            continue;
        info = info_of_count(w, c);
        if (!info)
            return ou_fail(err, OU_NO_MEMORY, "no memory for counts");
        if (is_wanted(w->options, info) && events_are_counted(w, c->id))
            compare_metric(w, info, &side->metrics[side->metric_count++]);
    }
    if (side->metric_count == 0)
        return ou_fail(err, OU_USAGE, "none of the runs has a metric that was asked for");
    return OU_OK;
}

static bool is_same_test(const struct metric_comparison *a, const struct metric_comparison *b)
{
    return a->p == b->p && a->base == b->base && a->new_value == b->new_value &&
           a->basis == b->basis && (a->deviation == b->deviation || isnan(a->deviation));
}

/* Of all metrics before i that say the same, the first; i where there is none. */
static size_t first_of_test(const struct side_comparison *side, size_t i)
{
    size_t first = 0;

    while (first < i && !is_same_test(&side->metrics[first], &side->metrics[i]))
        first++;
    return first;
}

/* Nothing varies and nothing differs: that cannot be a false alarm. */
static bool is_constant(const struct metric_comparison *m)
{
    return m->deviation == 0 && m->delta == 0;
}

static enum ou_status adjust(struct side_work *w, struct side_comparison *side,
                             struct ou_error *err)
{
    size_t n = side->metric_count;
    double *p = arena_take(w->memory, n * sizeof(*p), _Alignof(double));

    if (!p)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu tests", n);
    for (size_t i = 0; i < n; i++) {
        const struct metric_comparison *m = &side->metrics[i];

        p[i] = is_constant(m) || first_of_test(side, i) < i ? NAN : m->p;
        side->judged += isnan(m->p) ? 0 : 1;
        side->tests += isnan(p[i]) ? 0 : 1;
    }
    if (w->options->adjustment == ADJUST_BH)
        adjust_benjamini_hochberg(p, n, p);
    else
        adjust_holm(p, n, p);
    for (size_t i = 0; i < n; i++) {
        struct metric_comparison *m = &side->metrics[i];

        m->p_adjusted = is_constant(m) ? m->p : p[isnan(m->p) ? i : first_of_test(side, i)];
    }
    return OU_OK;
}

static void plan(const struct side_comparison *side, struct metric_comparison *m)
{
    m->visible_percent = visible_change(m, side->tests);
    if (m->verdict == VERDICT_INCONCLUSIVE)
        m->runs_needed = planned_runs(m, side->tests);
}

static enum ou_status judge(struct side_work *w, struct side_comparison *side, struct ou_error *err)
{
    size_t bases[BASIS_WITHIN_RUN + 1] = { 0 };

    for (size_t i = 0; i < side->metric_count; i++) {
        struct metric_comparison *m = &side->metrics[i];

        m->decisive_interval = decisive_interval(m);
        m->verdict = verdict_of(m);
        if (!w->options->no_plan)
            plan(side, m);
        side->verdicts[m->verdict]++;
        if (m->margin->method == COMPARE_NOTHING)
            continue;
        side->unjudged += m->verdict == VERDICT_NONE;
        if (++bases[m->basis] > bases[side->basis])
            side->basis = m->basis;
    }
    for (size_t i = 0; i < side->metric_count; i++) {
        side->metrics[i].why = comparison_why(w->memory, side, &side->metrics[i]);
        if (!side->metrics[i].why)
            return ou_fail(err, OU_NO_MEMORY, "no memory for reasons");
    }
    return OU_OK;
}

static size_t all_blocks(const struct run_set *set)
{
    size_t n = 0;

    for (size_t i = 0; i < set->count; i++)
        n += set->runs[i].block_count;
    return n > set->runs[0].host_count ? n : set->runs[0].host_count;
}

static void *take(struct side_work *w, size_t n, size_t size)
{
    return arena_take(w->memory, (n + 1) * size, _Alignof(max_align_t));
}

static enum ou_status prepare(struct side_work *w, struct ou_error *err)
{
    size_t n = w->base->count > w->variant->count ? w->base->count : w->variant->count;
    /* A host of the base may be all that a pool holds. */
    size_t blocks_a = all_blocks(w->base), blocks_b = all_blocks(w->variant);

    w->pairs = take(w, n, sizeof(*w->pairs));
    w->a = take(w, n, sizeof(double));
    w->b = take(w, n, sizeof(double));
    w->differences = take(w, n, sizeof(double));
    w->counts_a = take(w, n, sizeof(uint64_t));
    w->counts_b = take(w, n, sizeof(uint64_t));
    w->exposures_a = take(w, n, sizeof(double));
    w->exposures_b = take(w, n, sizeof(double));
    w->pool_a = take(w, blocks_a, sizeof(double));
    w->pool_b = take(w, blocks_b > blocks_a ? blocks_b : blocks_a, sizeof(double));
    if (!w->pairs || !w->a || !w->b || !w->differences || !w->counts_a || !w->counts_b ||
        !w->exposures_a || !w->exposures_b || !w->pool_a || !w->pool_b)
        return ou_fail(err, OU_NO_MEMORY, "no memory to compare %zu runs", n);
    return history_prepare(w, err);
}

static enum ou_status compare_side(struct comparison *c, const struct comparison_options *options,
                                   struct side_comparison *side, struct ou_error *err)
{
    struct side_work w = {
        .options = options,
        .base = side->base,
        .variant = side->variant,
        .memory = &c->memory,
    };
    enum ou_status status = prepare(&w, err);

    if (!status)
        status = comparison_pairs(w.base, w.variant, w.memory, w.pairs, &w.pair_count, err);
    side->interleaved = w.pair_count > 0;
    if (!status && options->paired && !side->interleaved)
        return ou_fail(err, OU_USAGE,
                       "the runs of %s and %s did not take turns: they make no pairs",
                       side->base->label, side->variant->label);
    side->few_pairs = side->interleaved && w.pair_count < PAIRS_LEAST && !options->paired;
    side->apart = runs_stand_apart(w.base, w.variant);
    side->history_runs = w.history.earlier.count;
    side->history_repeated = w.history.repeated;
    if (options->unpaired || side->few_pairs)
        w.pair_count = 0;
    if (!status)
        status = add_metrics(&w, side, err);
    if (!status)
        status = adjust(&w, side, err);
    return status ? status : judge(&w, side, err);
}

/* --- All of them ------------------------------------------------------------------------------- */

static enum ou_status check_runs(const struct run_set *const *sets, size_t count,
                                 const struct comparison_options *options, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < count; i++) {
        if (sets[i]->count == 0)
            return ou_fail(err, OU_INVALID, "one of the sides has no run");
        status = runs_once(sets[i], sets[i], err);
        for (size_t j = 0; !status && j < i && !options->allow_different; j++)
            status = runs_once(sets[j], sets[i], err);
    }
    return status;
}

static enum ou_status check_comparable(struct comparison *c, const struct run_set *base,
                                       const struct run_set *const *variants, size_t count,
                                       const struct comparison_options *options,
                                       struct ou_error *err)
{
    const struct run_set **sets =
        arena_take(&c->memory, (count + 1) * sizeof(struct run_set *), _Alignof(struct run_set *));
    enum ou_status status;

    if (!sets)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu sets", count + 1);
    sets[0] = base;
    for (size_t i = 0; i < count; i++)
        sets[i + 1] = variants[i];
    status = check_runs(sets, count + 1, options, err);
    if (!status)
        status = runs_differ(sets, count + 1, &c->memory, &c->differences, &c->difference_count,
                             &c->unchecked, err);
    if (status || c->difference_count == 0 || options->allow_different)
        return status;
    return runs_refuse(c->differences, c->difference_count, err);
}

enum ou_status comparison_compute(const struct run_set *base, const struct run_set *const *variants,
                                  size_t variant_count, const struct comparison_options *options,
                                  struct comparison *ret, struct ou_error *err)
{
    struct comparison c = {
        .seed = options->seed,
        .adjustment = options->adjustment == ADJUST_BH ? "Benjamini-Hochberg" : "Holm",
    };
    enum ou_status status;

    arena_init(&c.memory, allocator_libc(), COMPARISON_BYTES_MAX);
    status = check_comparable(&c, base, variants, variant_count, options, err);
    c.sides = arena_take(&c.memory, (variant_count + 1) * sizeof(*c.sides),
                         _Alignof(struct side_comparison));
    if (!status && !c.sides)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for %zu sides", variant_count);
    while (!status && c.side_count < variant_count) {
        struct side_comparison *side = &c.sides[c.side_count];

        side->base = base;
        side->variant = variants[c.side_count++];
        status = compare_side(&c, options, side, err);
    }
    status = scratch_settle(status, err);
    if (status) {
        comparison_release(&c);
        return status;
    }
    *ret = c;
    return OU_OK;
}

void comparison_release(struct comparison *c)
{
    arena_release(&c->memory);
    *c = (struct comparison){ 0 };
}
