#include "stats/factorial.h"

#include <math.h>
#include <string.h>

#include "stats/mean.h"
#include "stats/normal_equations.h"

enum { LEVELS_MAX = 256, ABSENT = -1 };
#define SCRATCH_BYTES_MAX ((size_t)64 << 20)

/* Columns of the design that belong together. */
struct term {
    size_t factor, other; /* the same: a main effect */
    size_t first, count;
    bool whole; /* of a pair: each combination of levels has a run */
};

/* Four copies of one matrix, in memory that goes when the fit is done. */
struct fit {
    const struct factorial_runs *runs;
    struct arena scratch;
    double middle;                                /* taken off all values */
    int place[FACTORIAL_FACTORS_MAX][LEVELS_MAX]; /* of a level among those with a run */
    size_t present[FACTORIAL_FACTORS_MAX];
    int *block_place;
    size_t blocks;
    struct term *terms;
    size_t term_count, columns;
    double *row;
    struct normal_equations raw, full, core, work; /* nothing in; all in; the model; to try on */
};

/* --- Columns ----------------------------------------------------------------------------- */

static size_t block_columns(const struct fit *f)
{
    return f->blocks > 0 ? f->blocks - 1 : 0;
}

static void number_those_present(struct fit *f)
{
    const struct factorial_runs *r = f->runs;

    memset(f->place, 0xff, sizeof f->place);
    for (size_t i = 0; i < r->runs; i++) {
        for (size_t k = 0; k < r->factors; k++)
            f->place[k][r->levels[i * r->factors + k]] = 0;
        f->block_place[r->block[i]] = 0;
    }
    for (size_t k = 0; k < r->factors; k++)
        for (size_t l = 0; l < r->level_counts[k]; l++)
            if (f->place[k][l] != ABSENT)
                f->place[k][l] = (int)f->present[k]++;
    for (size_t b = 0; b < r->blocks; b++)
        if (f->block_place[b] != ABSENT)
            f->block_place[b] = (int)f->blocks++;
}

/* Of level `place` in a factor of so many levels: 1 in its own column, and the last level -1 in all. */
static double code(size_t place, size_t count, size_t column)
{
    if (place + 1 == count)
        return -1;
    return place == column ? 1 : 0;
}

/* What a run at these places of a term's factors has in its columns. */
static void put_codes(const struct fit *f, const struct term *t, size_t place, size_t other,
                      double *row)
{
    size_t columns = f->present[t->other] - 1;

    for (size_t i = 0; i < t->count; i++)
        row[t->first + i] = t->factor == t->other
                                ? code(place, f->present[t->factor], i)
                                : code(place, f->present[t->factor], i / columns) *
                                      code(other, f->present[t->other], i % columns);
}

static void put_row(const struct fit *f, size_t run)
{
    const uint8_t *levels = &f->runs->levels[run * f->runs->factors];
    size_t block = (size_t)f->block_place[f->runs->block[run]];

    f->row[0] = 1;
    for (size_t i = 0; i < block_columns(f); i++)
        f->row[1 + i] = code(block, f->blocks, i);
    for (size_t i = 0; i < f->term_count; i++) {
        const struct term *t = &f->terms[i];

        put_codes(f, t, (size_t)f->place[t->factor][levels[t->factor]],
                  (size_t)f->place[t->other][levels[t->other]], f->row);
    }
}

static void add_term(struct fit *f, size_t factor, size_t other)
{
    size_t count = f->present[factor] - 1;

    if (factor != other)
        count *= f->present[other] - 1;
    f->terms[f->term_count++] =
        (struct term){ .factor = factor, .other = other, .first = f->columns, .count = count };
    f->columns += count;
}

/* False when not even main effects fit in. */
static bool lay_out(struct fit *f, enum factorial_model model, struct factorial *ret)
{
    size_t factors = f->runs->factors, pairs = 0;

    f->columns = 1 + block_columns(f);
    for (size_t i = 0; i < factors; i++) {
        for (size_t k = i + 1; k < factors; k++)
            pairs += (f->present[i] - 1) * (f->present[k] - 1);
        add_term(f, i, i);
    }
    if (f->columns > FACTORIAL_COLUMNS_MAX)
        return false;
    ret->too_large = model == FACTORIAL_PAIRS && f->columns + pairs > FACTORIAL_COLUMNS_MAX;
    for (size_t i = 0; model == FACTORIAL_PAIRS && !ret->too_large && i < factors; i++)
        for (size_t k = i + 1; k < factors; k++)
            add_term(f, i, k);
    return true;
}

/* --- Ranks: what can be told from what ---------------------------------------------------- */

static size_t take_columns(struct normal_equations *e, size_t first, size_t count)
{
    size_t taken = 0;

    for (size_t i = first; i < first + count; i++)
        taken += !e->in[i] && normal_take(e, i);
    return taken;
}

static size_t take_term(struct normal_equations *e, const struct term *t)
{
    return take_columns(e, t->first, t->count);
}

static size_t rank_of(const struct normal_equations *e)
{
    size_t rank = 0;

    for (size_t i = 0; i < e->columns; i++)
        rank += e->in[i];
    return rank;
}

/* The model without one term: what else there is of `all` comes in where the term has kept it out.
 * Returns the degrees of freedom that are the term's alone. */
static size_t leave_out(struct fit *f, const struct normal_equations *all, const struct term *t,
                        bool (*belongs)(const struct fit *f, size_t term))
{
    size_t before = rank_of(all);

    normal_copy(all, &f->work);
    for (size_t i = t->first; i < t->first + t->count; i++)
        normal_drop(&f->work, i);
    take_columns(&f->work, 0, 1 + block_columns(f));
    for (size_t i = 0; i < f->term_count; i++)
        if (&f->terms[i] != t && belongs(f, i))
            take_term(&f->work, &f->terms[i]);
    return before - rank_of(&f->work);
}

static bool is_pair(const struct term *t)
{
    return t->factor != t->other;
}

static bool any_term(const struct fit *f, size_t term)
{
    (void)f;
    (void)term;
    return true;
}

static bool whole_term(const struct fit *f, size_t term)
{
    return !is_pair(&f->terms[term]) || f->terms[term].whole;
}

/* Degrees of freedom of a pair beside its own two factors, were there no others. */
static size_t own_dof(struct fit *f, const struct term *t)
{
    normal_copy(&f->raw, &f->work);
    take_columns(&f->work, 0, 1);
    take_term(&f->work, &f->terms[t->factor]);
    take_term(&f->work, &f->terms[t->other]);
    return take_term(&f->work, t);
}

static void take_all(struct fit *f, struct normal_equations *e,
                     bool (*belongs)(const struct fit *f, size_t term))
{
    normal_copy(&f->raw, e);
    take_columns(e, 0, 1 + block_columns(f));
    for (size_t i = 0; i < f->term_count; i++)
        if (belongs(f, i))
            take_term(e, &f->terms[i]);
}

static void find_aliases(struct fit *f, struct factorial *ret)
{
    take_all(f, &f->full, any_term);
    for (size_t i = 0; i < f->term_count; i++) {
        struct term *t = &f->terms[i];
        size_t own = is_pair(t) ? own_dof(f, t) : 0;

        if (!is_pair(t))
            continue;
        t->whole = own == t->count;
        ret->effects[i].aliased =
            t->count > 0 && (own == 0 || leave_out(f, &f->full, t, any_term) < own);
    }
    take_all(f, &f->full, whole_term);
    for (size_t i = 0; i < f->term_count; i++)
        if (!is_pair(&f->terms[i]))
            ret->effects[i].aliased =
                leave_out(f, &f->full, &f->terms[i], whole_term) < f->terms[i].count;
}

/* --- Effects -------------------------------------------------------------------------------- */

/* Blocks, main effects and the pairs that are whole and told from others. */
static void take_core(struct fit *f, struct factorial *ret)
{
    normal_copy(&f->raw, &f->core);
    take_columns(&f->core, 0, 1 + block_columns(f));
    for (size_t i = 0; i < f->term_count; i++) {
        const struct term *t = &f->terms[i];

        if (is_pair(t) && (!t->whole || ret->effects[i].aliased))
            continue;
        take_term(&f->core, t);
        ret->with_interactions |= is_pair(t) && t->count > 0;
    }
}

/* Beside all that is in the core; a pair with gaps, which is not, on top of it. */
static void test_term(struct fit *f, const struct term *t, struct factorial_effect *ret)
{
    size_t dof = 0;

    normal_copy(&f->core, &f->work);
    if (is_pair(t) && !t->whole) {
        dof = take_term(&f->work, t);
    } else {
        for (size_t i = t->first; i < t->first + t->count; i++) {
            dof += f->work.in[i];
            normal_drop(&f->work, i);
        }
        /* What other main effects lacked because of these columns comes in. */
        for (size_t i = 0; i < f->term_count; i++)
            if (&f->terms[i] != t && !is_pair(&f->terms[i]))
                dof -= take_term(&f->work, &f->terms[i]);
    }
    if (dof > 0) {
        ret->dof = (double)dof;
        ret->sum_squares = fabs(normal_residual(&f->work) - normal_residual(&f->core));
    }
}

/* What a term adds at these places of its factors' levels, and whether the model tells it. */
static double effect_at(const struct fit *f, const struct term *t, size_t place, size_t other)
{
    double sum = 0;

    put_codes(f, t, place, other, f->row);
    for (size_t i = t->first; i < t->first + t->count; i++)
        sum += f->row[i] * normal_coefficient(&f->core, i);
    return sum;
}

static bool is_told(const struct fit *f, const struct term *t)
{
    for (size_t i = t->first; i < t->first + t->count; i++)
        if (!f->core.in[i])
            return false;
    return true;
}

static double range_of(const struct fit *f, const struct term *t)
{
    double least = INFINITY, most = -INFINITY;
    size_t others = is_pair(t) ? f->present[t->other] : 1;

    for (size_t i = 0; i < f->present[t->factor]; i++)
        for (size_t k = 0; k < others; k++) {
            double effect = effect_at(f, t, i, k);

            least = fmin(least, effect);
            most = fmax(most, effect);
        }
    return most - least;
}

/* --- Means ----------------------------------------------------------------------------------- */

/* The columns in f->row are set to those of the mean; the others stay 0. */
static void add_mean(struct fit *f, const struct term *t, size_t level, size_t other_level,
                     struct factorial *ret)
{
    size_t n = f->columns;
    struct factorial_mean *m = &ret->means[ret->mean_count++];
    size_t place = (size_t)f->place[t->factor][level];
    size_t other = (size_t)f->place[t->other][other_level];

    memset(f->row, 0, n * sizeof *f->row);
    f->row[0] = 1;
    put_codes(f, t, place, other, f->row);
    if (is_pair(t)) {
        put_codes(f, &f->terms[t->factor], place, place, f->row);
        put_codes(f, &f->terms[t->other], other, other, f->row);
    }
    *m = (struct factorial_mean){ t->factor, level, t->other, other_level, f->middle, 0 };
    for (size_t i = 0; i < n; i++) {
        if (f->row[i] == 0)
            continue;
        m->mean += f->row[i] * normal_coefficient(&f->core, i);
        for (size_t k = 0; k < n; k++)
            if (f->row[k] != 0)
                m->variance += f->row[i] * f->row[k] * normal_covariance(&f->core, i, k);
    }
}

static void add_means(struct fit *f, const struct term *t, struct factorial *ret)
{
    for (size_t i = 0; i < f->runs->level_counts[t->factor]; i++) {
        if (f->place[t->factor][i] == ABSENT)
            continue;
        if (!is_pair(t)) {
            add_mean(f, t, i, i, ret);
            continue;
        }
        for (size_t k = 0; k < f->runs->level_counts[t->other]; k++)
            if (f->place[t->other][k] != ABSENT)
                add_mean(f, t, i, k, ret);
    }
}

static size_t means_room(const struct fit *f)
{
    size_t room = 0;

    for (size_t i = 0; i < f->term_count; i++)
        room += f->present[f->terms[i].factor] *
                (is_pair(&f->terms[i]) ? f->present[f->terms[i].other] : 1);
    return room;
}

/* The core, and on top of it the pairs with gaps. */
static void leave_nothing_out(struct fit *f, struct factorial *ret)
{
    normal_copy(&f->core, &f->work);
    for (size_t i = 0; i < f->term_count; i++)
        if (!ret->effects[i].aliased)
            take_term(&f->work, &f->terms[i]);
    ret->left_squares = normal_residual(&f->work);
    ret->left_dof = (double)f->runs->runs - (double)rank_of(&f->work);
}

/* --- All of it --------------------------------------------------------------------------------- */

static bool take_memory(struct fit *f, struct arena *memory, struct factorial *ret)
{
    ret->effects = arena_take(memory, (f->term_count + 1) * sizeof *ret->effects, _Alignof(double));
    ret->means = arena_take(memory, (means_room(f) + 1) * sizeof *ret->means, _Alignof(double));
    f->row = arena_take(&f->scratch, f->columns * sizeof *f->row, _Alignof(double));
    return ret->effects && ret->means && f->row && normal_begin(&f->raw, f->columns, &f->scratch) &&
           normal_begin(&f->full, f->columns, &f->scratch) &&
           normal_begin(&f->core, f->columns, &f->scratch) &&
           normal_begin(&f->work, f->columns, &f->scratch);
}

static void work_out(struct fit *f, struct factorial *ret)
{
    const struct factorial_runs *r = f->runs;

    f->middle = r->runs > 0 ? mean_of(r->values, r->runs) : 0;
    for (size_t i = 0; i < r->runs; i++) {
        put_row(f, i);
        normal_add_row(&f->raw, f->row, r->values[i] - f->middle);
    }
    ret->effect_count = f->term_count;
    for (size_t i = 0; i < f->term_count; i++)
        ret->effects[i] = (struct factorial_effect){
            f->terms[i].factor, f->terms[i].other, NAN, NAN, NAN, false
        };
    find_aliases(f, ret);
    take_core(f, ret);
    ret->residual_squares = normal_residual(&f->core);
    ret->residual_dof = (double)r->runs - (double)rank_of(&f->core);
    leave_nothing_out(f, ret);
    for (size_t i = 0; i < f->term_count; i++) {
        const struct term *t = &f->terms[i];

        if (is_pair(t) && ret->effects[i].aliased)
            continue;
        test_term(f, t, &ret->effects[i]);
        if (!is_told(f, t) || t->count == 0)
            continue;
        ret->effects[i].range = range_of(f, t);
        add_means(f, t, ret);
    }
}

enum ou_status factorial_fit(const struct factorial_runs *runs, enum factorial_model model,
                             struct arena *memory, struct factorial *ret, struct ou_error *err)
{
    struct fit f = { .runs = runs };
    size_t factors = runs->factors;
    enum ou_status status = OU_OK;

    *ret = (struct factorial){ 0 };
    if (factors > FACTORIAL_FACTORS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%zu factors; %d are the most", factors,
                       FACTORIAL_FACTORS_MAX);
    arena_init(&f.scratch, memory->from, SCRATCH_BYTES_MAX);
    f.block_place = arena_take(&f.scratch, (runs->blocks + 1) * sizeof(int), _Alignof(int));
    f.terms = arena_take(&f.scratch, (factors + 1) * (factors + 1) * sizeof *f.terms,
                         _Alignof(struct term));
    if (f.block_place && f.terms) {
        memset(f.block_place, 0xff, runs->blocks * sizeof(int));
        number_those_present(&f);
    }
    if (!f.block_place || !f.terms)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a model of %zu factors", factors);
    else if (runs->runs > 0 && !lay_out(&f, model, ret))
        status = ou_fail(err, OU_TOO_LARGE, "more levels and blocks than %d parameters",
                         FACTORIAL_COLUMNS_MAX);
    else if (runs->runs > 0 && !take_memory(&f, memory, ret))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a model of %zu parameters", f.columns);
    else if (runs->runs > 0)
        work_out(&f, ret);
    arena_release(&f.scratch);
    return status;
}
