/* Bootstrap of runs: what varies between runs is resampled with what varies within them. */
#include <math.h>
#include <string.h>

#include "stats/bootstrap.h"
#include "stats/random.h"
#include "stats/replicates.h"

enum { RUNS_MIN = 3 };

struct side {
    const struct sample_runs *sample;
    statistic_fn *statistic;
    const void *context;
    bool of_run_means;
    size_t block;
    double *scratch;
};

/* How many values a resample can have at once in scratch. */
static enum ou_status side_room(const struct side *side, size_t *ret)
{
    size_t greatest = 0, at_once = side->of_run_means ? 1 : side->sample->runs;

    if (side->sample->runs < RUNS_MIN)
        return OU_INVALID;
    for (size_t run = 0; run < side->sample->runs; run++) {
        size_t count = side->sample->counts[run];

        if (count == 0)
            return OU_INVALID;
        greatest = count > greatest ? count : greatest;
    }
    if (greatest > UINT32_MAX || at_once > UINT32_MAX / greatest)
        return OU_TOO_LARGE;
    *ret = greatest * at_once;
    return OU_OK;
}

/* Pieces of `block` neighbours; behind the last value comes the first, so that all values are
 * drawn alike (the circular block bootstrap of Politis and Romano 1992). */
static void draw_values(const double *values, size_t n, size_t block, struct random_stream *r,
                        double *ret)
{
    for (size_t filled = 0; filled < n;) {
        size_t at = random_below(r, (uint32_t)n), taken = 0;

        do {
            ret[filled++] = values[at];
            at = at + 1 < n ? at + 1 : 0;
        } while (++taken < block && filled < n);
    }
}

/* The values of run `run`, resampled or (r NULL) as they are. */
static size_t take_run(const struct side *side, size_t run, struct random_stream *r, double *ret)
{
    size_t n = side->sample->counts[run];

    if (r)
        draw_values(side->sample->values[run], n, side->block, r, ret);
    else
        memcpy(ret, side->sample->values[run], n * sizeof *ret);
    return n;
}

/* The statistic of resampled runs or (r NULL) of those that there are. */
static double side_statistic(const struct side *side, struct random_stream *r)
{
    size_t runs = side->sample->runs, pooled = 0;
    double sum = 0;

    for (size_t i = 0; i < runs; i++) {
        size_t run = r ? random_below(r, (uint32_t)runs) : i;

        if (side->of_run_means)
            sum += side->statistic(side->scratch, take_run(side, run, r, side->scratch),
                                   side->context);
        else
            pooled += take_run(side, run, r, side->scratch + pooled);
    }
    if (side->of_run_means)
        return sum / (double)runs;
    return side->statistic(side->scratch, pooled, side->context);
}

/* Each resample of each side has a stream of its own, and so is the same whatever came before. */
static double side_resample(const struct side *side, uint64_t seed, uint64_t stream)
{
    struct random_stream r;

    random_stream_init(&r, seed, stream);
    return side_statistic(side, &r);
}

enum ou_status bootstrap_hierarchical(const struct sample_runs *sample, statistic_fn *statistic,
                                      const void *context, bool of_run_means, size_t block,
                                      const struct bootstrap_plan *plan,
                                      struct bootstrap_result *ret)
{
    struct side side = { sample, statistic, context, of_run_means, block, NULL };
    struct replicates replicates;
    size_t room = 0;
    enum ou_status status = side_room(&side, &room);
    double estimate;

    if (!status)
        status = replicates_init(plan, room, &replicates);
    if (status)
        return status;
    side.scratch = replicates.scratch;
    estimate = side_statistic(&side, NULL);
    for (uint32_t i = 0; i < plan->resamples; i++)
        replicates.values[i] = side_resample(&side, plan->seed, i);
    replicates_sort(&replicates);
    *ret = replicates_result(&replicates, estimate, plan);
    replicates_release(&replicates);
    return OU_OK;
}

static double combine(double a, double b, enum two_sided what)
{
    return what == TWO_RATIO ? b / a : b - a;
}

enum ou_status bootstrap_two(const struct sample_runs *a, const struct sample_runs *b,
                             statistic_fn *statistic, const void *context, bool of_run_means,
                             size_t block, enum two_sided what, const struct bootstrap_plan *plan,
                             struct bootstrap_result *ret)
{
    struct side old = { a, statistic, context, of_run_means, block, NULL };
    struct side new = { b, statistic, context, of_run_means, block, NULL };
    struct replicates replicates;
    size_t room_old = 0, room_new = 0;
    enum ou_status status = side_room(&old, &room_old);
    double estimate;

    if (!status)
        status = side_room(&new, &room_new);
    if (!status)
        status = replicates_init(plan, room_old > room_new ? room_old : room_new, &replicates);
    if (status)
        return status;
    old.scratch = new.scratch = replicates.scratch;
    estimate = combine(side_statistic(&old, NULL), side_statistic(&new, NULL), what);
    for (uint64_t i = 0; i < plan->resamples; i++)
        replicates.values[i] = combine(side_resample(&old, plan->seed, 2 * i),
                                       side_resample(&new, plan->seed, 2 * i + 1), what);
    replicates_sort(&replicates);
    *ret = replicates_result(&replicates, estimate, plan);
    replicates_release(&replicates);
    return OU_OK;
}
