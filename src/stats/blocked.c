#include "stats/blocked.h"

#include <math.h>

#include "stats/mean.h"

/* What is added up before anything is solved. */
struct sums {
    const struct blocked_runs *runs;
    double middle;  /* taken off all values, so that squares keep their digits */
    double *counts; /* setting by block */
    double *setting_means, *block_means;   /* plain ones, middle taken off; of no run: 0 */
    double within_settings, within_blocks; /* sums of squares */
    size_t settings, blocks;               /* with a run */
};

/* --- Sums -------------------------------------------------------------------------- */

static double *numbers(struct arena *memory, size_t count)
{
    return arena_take(memory, (count > 0 ? count : 1) * sizeof(double), _Alignof(double));
}

static void to_means(double *sums, const size_t *counts, size_t n, size_t *ret_known)
{
    for (size_t i = 0; i < n; i++) {
        *ret_known += counts[i] > 0;
        sums[i] = counts[i] > 0 ? sums[i] / (double)counts[i] : 0;
    }
}

static void add_up(struct sums *s, struct blocked *ret)
{
    const struct blocked_runs *r = s->runs;

    for (size_t i = 0; i < r->runs; i++) {
        double value = r->values[i] - s->middle;

        s->counts[r->setting[i] * r->blocks + r->block[i]]++;
        ret->counts[r->setting[i]]++;
        ret->block_counts[r->block[i]]++;
        s->setting_means[r->setting[i]] += value;
        s->block_means[r->block[i]] += value;
    }
    to_means(s->setting_means, ret->counts, r->settings, &s->settings);
    to_means(s->block_means, ret->block_counts, r->blocks, &s->blocks);
    for (size_t i = 0; i < r->runs; i++) {
        double value = r->values[i] - s->middle;
        double off_setting = value - s->setting_means[r->setting[i]];
        double off_block = value - s->block_means[r->block[i]];

        s->within_settings += off_setting * off_setting;
        s->within_blocks += off_block * off_block;
    }
}

/* --- The blocks' effects, by what settings leave unexplained ------------------------- */

static void take_setting_off(const double *counts, double runs, double mean,
                             struct normal_equations *e)
{
    size_t side = e->columns + 1, n = e->columns;

    for (size_t i = 0; i < n; i++) {
        if (counts[i] == 0)
            continue;
        e->at[i * side + i] += counts[i];
        for (size_t k = 0; k < n; k++)
            e->at[i * side + k] -= counts[i] * counts[k] / runs;
        e->at[i * side + n] -= counts[i] * mean;
        e->at[n * side + i] -= counts[i] * mean;
        e->squares[i] += counts[i];
    }
}

static void set_equations(const struct sums *s, struct blocked *ret)
{
    struct normal_equations *e = &ret->equations;
    size_t n = ret->blocks, side = n + 1;

    for (size_t i = 0; i < ret->settings; i++)
        if (ret->counts[i] > 0)
            take_setting_off(&s->counts[i * n], (double)ret->counts[i], s->setting_means[i], e);
    for (size_t i = 0; i < n; i++) {
        double sum = (double)ret->block_counts[i] * s->block_means[i];

        e->at[i * side + n] += sum;
        e->at[n * side + i] += sum;
    }
    e->at[n * side + n] = s->within_settings;
}

static void solve(const struct sums *s, struct blocked *ret)
{
    double rank = 0, runs = (double)s->runs->runs;

    for (size_t i = 0; i < ret->blocks; i++)
        rank += ret->block_counts[i] > 0 && normal_take(&ret->equations, i);
    ret->connected = rank + 1 == (double)s->blocks;
    ret->residual_squares = normal_residual(&ret->equations);
    ret->residual_dof = runs - (double)s->settings - rank;
    ret->block_squares = fmax(s->within_settings - ret->residual_squares, 0);
    ret->block_dof = rank;
    ret->settings_squares = fmax(s->within_blocks - ret->residual_squares, 0);
    ret->settings_dof = (double)s->settings + rank - (double)s->blocks;
}

/* --- Means --------------------------------------------------------------------------- */

static double effect(const struct blocked *b, size_t block)
{
    return normal_coefficient(&b->equations, block);
}

static void set_offsets(const struct sums *s, struct blocked *ret)
{
    double even = 1 / (double)s->blocks;

    for (size_t i = 0; i < ret->settings; i++)
        for (size_t k = 0; k < ret->blocks && ret->counts[i] > 0; k++)
            if (ret->block_counts[k] > 0)
                ret->offsets[i * ret->blocks + k] =
                    s->counts[i * ret->blocks + k] / (double)ret->counts[i] - even;
}

static void set_means(const struct sums *s, struct blocked *ret)
{
    double all = 0, middle_effect = 0;

    for (size_t i = 0; i < ret->settings; i++) {
        double mean = s->setting_means[i] + s->middle;

        for (size_t k = 0; k < ret->blocks; k++)
            mean -= ret->offsets[i * ret->blocks + k] * effect(ret, k);
        ret->means[i] = ret->counts[i] > 0 ? mean : NAN;
        all += ret->counts[i] > 0 ? mean / (double)s->settings : 0;
    }
    for (size_t k = 0; k < ret->blocks; k++)
        middle_effect += effect(ret, k) / (double)s->blocks;
    for (size_t k = 0; k < ret->blocks; k++)
        ret->block_means[k] = ret->block_counts[k] > 0 ? all + effect(ret, k) - middle_effect : NAN;
}

/* --- All of it ------------------------------------------------------------------------ */

static bool take_memory(struct sums *s, struct arena *memory, struct blocked *ret)
{
    size_t cells = ret->settings * ret->blocks;

    s->counts = numbers(memory, cells);
    s->setting_means = numbers(memory, ret->settings);
    s->block_means = numbers(memory, ret->blocks);
    ret->means = numbers(memory, ret->settings);
    ret->block_means = numbers(memory, ret->blocks);
    ret->offsets = numbers(memory, cells);
    ret->counts = arena_take(memory, (ret->settings + 1) * sizeof(size_t), _Alignof(size_t));
    ret->block_counts = arena_take(memory, (ret->blocks + 1) * sizeof(size_t), _Alignof(size_t));
    return s->counts && s->setting_means && s->block_means && ret->means && ret->block_means &&
           ret->offsets && ret->counts && ret->block_counts &&
           normal_begin(&ret->equations, ret->blocks, memory);
}

enum ou_status blocked_fit(const struct blocked_runs *runs, struct arena *memory,
                           struct blocked *ret, struct ou_error *err)
{
    struct sums s = { .runs = runs };

    *ret = (struct blocked){ .settings = runs->settings, .blocks = runs->blocks };
    if (runs->blocks > BLOCKED_BLOCKS_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%zu blocks of runs; %d are the most", runs->blocks,
                       BLOCKED_BLOCKS_MAX);
    if (!take_memory(&s, memory, ret))
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu settings in %zu blocks",
                       runs->settings, runs->blocks);
    if (runs->runs > 0)
        s.middle = mean_of(runs->values, runs->runs);
    add_up(&s, ret);
    set_equations(&s, ret);
    solve(&s, ret);
    set_offsets(&s, ret);
    set_means(&s, ret);
    return OU_OK;
}

/* --- Variances ------------------------------------------------------------------------- */

/* a' V b of two contrasts of blocks. */
static double of_blocks(const struct blocked *f, const double *a, const double *b)
{
    double sum = 0;

    for (size_t i = 0; i < f->blocks; i++)
        for (size_t k = 0; k < f->blocks && a[i] != 0; k++)
            if (b[k] != 0)
                sum += a[i] * b[k] * normal_covariance(&f->equations, i, k);
    return sum;
}

double blocked_covariance(const struct blocked *b, size_t setting, size_t other)
{
    double own = setting == other ? 1 / (double)b->counts[setting] : 0;

    return own + of_blocks(b, &b->offsets[setting * b->blocks], &b->offsets[other * b->blocks]);
}

double blocked_difference_variance(const struct blocked *b, size_t setting, size_t other)
{
    const double *a = &b->offsets[setting * b->blocks], *c = &b->offsets[other * b->blocks];
    double apart[BLOCKED_BLOCKS_MAX];

    for (size_t i = 0; i < b->blocks; i++)
        apart[i] = a[i] - c[i];
    return 1 / (double)b->counts[setting] + 1 / (double)b->counts[other] +
           of_blocks(b, apart, apart);
}

double blocked_block_variance(const struct blocked *b, size_t block)
{
    double contrast[BLOCKED_BLOCKS_MAX] = { 0 }, known = 0, own = 0, present = 0;

    for (size_t i = 0; i < b->settings; i++)
        known += b->counts[i] > 0;
    for (size_t k = 0; k < b->blocks; k++)
        present += b->block_counts[k] > 0;
    for (size_t i = 0; i < b->settings; i++) {
        if (b->counts[i] == 0)
            continue;
        own += 1 / (double)b->counts[i];
        for (size_t k = 0; k < b->blocks; k++)
            contrast[k] -= b->offsets[i * b->blocks + k] / known;
    }
    for (size_t k = 0; k < b->blocks; k++)
        if (b->block_counts[k] > 0)
            contrast[k] += (k == block ? 1 : 0) - 1 / present;
    return own / (known * known) + of_blocks(b, contrast, contrast);
}
