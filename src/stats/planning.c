#include "stats/planning.h"

#include <math.h>
#include <stdbool.h>

#include "stats/laws.h"
#include "stats/quantile.h"

/* --- The noncentral t law --------------------------------------------------------------- */

/* T = (Z + shift) / s, where dof s^2 follows a chi-squared law. Given s, P(T > t) is a normal
 * probability, and what remains is one integral over the law of s. In u = ln s its density is
 * proportional to exp(dof (u - (e^{2u} - 1) / 2)), which falls to nothing on both sides, so that
 * the trapezoidal rule converges exponentially; dividing by the same rule's sum of the density
 * alone spares its constant. (GSL has no noncentral t.) Where t itself follows a law, its few
 * points share the costly density. */
enum { POINTS_MAX = 16 };

struct noncentral {
    double dof, shift;
    double t[POINTS_MAX], share[POINTS_MAX]; /* shares sum to 1 */
    int points;
};

struct sums {
    double weight, tail;
};

static void add_point(const struct noncentral *law, double u, struct sums *sums)
{
    double weight = exp(law->dof * (u - expm1(2 * u) / 2)), s = exp(u);

    if (weight < 1e-18) /* beside a greatest one of 1: too far out to count */
        return;
    sums->weight += weight;
    for (int i = 0; i < law->points; i++)
        sums->tail += weight * law->share[i] * normal_cdf(law->shift - law->t[i] * s);
}

/* P(T > t). Steps are halved, points between the old ones added, until nothing changes. */
static double noncentral_tail(const struct noncentral *law)
{
    double low = -(40 / law->dof + 9 / sqrt(law->dof)), width = 9 / sqrt(law->dof) - low;
    struct sums sums = { 0 };
    double before = NAN, now = NAN;

    for (unsigned points = 32; points <= 1u << 20; points *= 2) {
        bool first = points == 32;

        for (unsigned i = first ? 0 : 1; i < points; i += first ? 1 : 2)
            add_point(law, low + width * i / points, &sums);
        before = now;
        now = sums.tail / sums.weight;
        if (fabs(now - before) <= 1e-11 * now)
            break;
    }
    return now;
}

static double power_of(double dof, double shift, double alpha)
{
    struct noncentral law = { dof, shift, { student_quantile(1 - alpha / 2, dof) }, { 1 }, 1 };

    return noncentral_tail(&law);
}

/* With equal sizes and deviations T is what it is for pooled variance, but is held against a
 * quantile whose degrees of freedom follow from the share w that one side has of both variances:
 * (n-1) / (w^2 + (1-w)^2). The share does not depend on T's denominator, the sum; its law is that
 * of beta((n-1)/2, (n-1)/2). With w = (1 + sin v) / 2 its density is proportional to cos^(n-2) v,
 * taken in the middle of as many parts of [0, pi/2), or of what counts of it. */
double power_welch(double n, double delta, double sd, double alpha)
{
    struct noncentral law = { .dof = 2 * n - 2,
                              .shift = fabs(delta) / sd * sqrt(n / 2),
                              .points = POINTS_MAX };
    double end = fmin(M_PI / 2, 6 / sqrt(n)), weights = 0;

    for (int i = 0; i < POINTS_MAX; i++) {
        double v = end * (i + .5) / POINTS_MAX;

        law.t[i] = student_quantile(1 - alpha / 2, law.dof / (1 + sin(v) * sin(v)));
        law.share[i] = pow(cos(v), n - 2);
        weights += law.share[i];
    }
    for (int i = 0; i < POINTS_MAX; i++)
        law.share[i] /= weights;
    return noncentral_tail(&law);
}

/* --- Roots ------------------------------------------------------------------------------- */

struct question {
    double n, delta, sd, alpha, power; /* one of n and delta is asked for */
};

typedef double question_fn(const struct question *q, double x);

struct bracket {
    double low, at_low, high, at_high;
};

/* Upwards, until the function is not below 0 at the high end any more. */
static struct bracket widen(question_fn *f, const struct question *q, double low)
{
    struct bracket b = { low, f(q, low), low, 0 };

    b.at_high = b.at_low;
    while (b.at_high < 0) {
        b.low = b.high;
        b.at_low = b.at_high;
        b.high *= 2;
        b.at_high = f(q, b.high);
    }
    return b;
}

/* Where a function that rises with x crosses 0, by the secant; an end that stays twice counts
 * half (the Illinois rule). `low` itself, which is > 0, when the function is not below 0 there. */
static double crossing(question_fn *f, const struct question *q, double low)
{
    struct bracket b = widen(f, q, low);
    int moved = 0; /* the end that moved last */

    while (b.high - b.low > 1e-10 * b.high) {
        double x = b.high - b.at_high * (b.high - b.low) / (b.at_high - b.at_low);
        double at_x = f(q, x);

        if (x <= b.low || x >= b.high)
            break;
        if (at_x < 0) {
            b.low = x;
            b.at_low = at_x;
            b.at_high *= moved == -1 ? .5 : 1;
            moved = -1;
        } else {
            b.high = x;
            b.at_high = at_x;
            b.at_low *= moved == 1 ? .5 : 1;
            moved = 1;
        }
    }
    return isnan(b.at_high) ? NAN : b.high;
}

/* --- Differences ------------------------------------------------------------------------- */

enum { LEAST_RUNS = 2 };
#define WELCH_ALIKE_FROM 200 /* values a side from which both tests have the same power */
#define NORMAL_FROM 1e7      /* values a side from which Student's law is as good as normal */

double power_two_sample(double n, double delta, double sd, double alpha)
{
    return power_of(2 * n - 2, fabs(delta) / sd * sqrt(n / 2), alpha);
}

static double power_of_pairs(double n, double delta, double sd, double alpha)
{
    return power_of(n - 1, delta / sd * sqrt(n), alpha);
}

static double excess_of_runs(const struct question *q, double n)
{
    return power_two_sample(n, q->delta, q->sd, q->alpha) - q->power;
}

static double excess_of_pairs(const struct question *q, double n)
{
    return power_of_pairs(n, q->delta, q->sd, q->alpha) - q->power;
}

static double excess_of_delta(const struct question *q, double delta)
{
    return power_two_sample(q->n, delta, q->sd, q->alpha) - q->power;
}

static double excess_of_welch_runs(const struct question *q, double n)
{
    return power_welch(n, q->delta, q->sd, q->alpha) - q->power;
}

static double excess_of_welch_delta(const struct question *q, double delta)
{
    return power_welch(q->n, delta, q->sd, q->alpha) - q->power;
}

/* By how many standard errors a difference must differ from 0 if the law were normal, which
 * is a lower bound for Student's. */
static double normal_errors(double alpha, double power)
{
    return fmax(normal_quantile(1 - alpha / 2) + normal_quantile(power), 0);
}

/* variances: of the estimate, in units of sd^2 / n. */
static double least_size(question_fn *excess, const struct question *q, double variances)
{
    double z = normal_errors(q->alpha, q->power), normal;

    if (q->delta == 0 || isnan(q->delta) || isnan(q->sd))
        return NAN;
    if (q->sd == 0)
        return LEAST_RUNS;
    normal = variances * pow(z * q->sd / q->delta, 2);
    return normal > NORMAL_FROM ? normal : crossing(excess, q, fmax(normal, LEAST_RUNS));
}

double runs_for_difference(double delta, double sd, double alpha, double power)
{
    struct question q = { .delta = fabs(delta), .sd = sd, .alpha = alpha, .power = power };

    return least_size(excess_of_runs, &q, 2);
}

/* Not fewer than with pooled variance. */
double runs_for_welch(double delta, double sd, double alpha, double power)
{
    struct question q = { .delta = fabs(delta), .sd = sd, .alpha = alpha, .power = power };
    double pooled = runs_for_difference(delta, sd, alpha, power);

    return pooled < WELCH_ALIKE_FROM ? crossing(excess_of_welch_runs, &q, pooled) : pooled;
}

double pairs_for_difference(double delta, double sd, double alpha, double power)
{
    struct question q = { .delta = fabs(delta), .sd = sd, .alpha = alpha, .power = power };

    return least_size(excess_of_pairs, &q, 1);
}

double visible_difference(double n, double sd, double alpha, double power)
{
    struct question q = { .n = n, .sd = sd, .alpha = alpha, .power = power };
    double least = normal_errors(alpha, power) * sd * sqrt(2 / n);

    if (!(n >= LEAST_RUNS) || isnan(sd))
        return NAN;
    return least > 0 ? crossing(excess_of_delta, &q, least) : 0;
}

double visible_by_welch(double n, double sd, double alpha, double power)
{
    struct question q = { .n = n, .sd = sd, .alpha = alpha, .power = power };
    double pooled = visible_difference(n, sd, alpha, power);

    return pooled > 0 && n < WELCH_ALIKE_FROM ? crossing(excess_of_welch_delta, &q, pooled)
                                              : pooled;
}

double runs_for_equivalence(double margin, double sd)
{
    double z = normal_quantile(.95) + normal_quantile(.9);

    return margin == 0 ? NAN : 2 * pow(z * sd / margin, 2);
}

static double excess_of_precision(const struct question *q, double n)
{
    return q->delta - student_quantile(.975, n - 1) * q->sd / sqrt(n);
}

double runs_for_precision(double half, double sd)
{
    struct question q = { .delta = half, .sd = sd };
    double normal = pow(normal_quantile(.975) * sd / half, 2);

    if (!(half > 0) || isnan(sd))
        return NAN;
    return normal > NORMAL_FROM ? normal
                                : crossing(excess_of_precision, &q, fmax(normal, LEAST_RUNS));
}

/* --- From history ------------------------------------------------------------------------ */

/* How far above `origin` the k-th smallest (k from 1) of a random subset of `size` lies in the
 * mean. That it is the j-th of all n has a chance that is proportional to C(j-1,k-1) C(n-j,size-k):
 * taken as 1 at the likeliest j, followed from there to both sides as long as it counts, and
 * divided by the sum. */
static double mean_order_statistic(const double *sorted, size_t n, size_t size, size_t k,
                                   double origin)
{
    double s = (double)size, all = (double)n, rank = (double)k;
    double likeliest = fmin(fmax(floor(all * (rank - 1) / (s - 1)) + 1, rank), all - s + rank);
    double weights = 1, sum = sorted[(size_t)likeliest - 1] - origin, weight = 1;

    for (double j = likeliest; j < all - s + rank && weight > 1e-18; j++) {
        weight *= j / (j - rank + 1) * ((all - j - s + rank) / (all - j));
        weights += weight;
        sum += weight * (sorted[(size_t)j] - origin);
    }
    weight = 1;
    for (double j = likeliest; j > rank && weight > 1e-18; j--) {
        weight *= (j - rank) / (j - 1) * ((all - j + 1) / (all - j + 1 - s + rank));
        weights += weight;
        sum += weight * (sorted[(size_t)j - 2] - origin);
    }
    return sum / weights;
}

size_t confirm_size(const double *sorted, size_t n, double r, double confidence)
{
    enum { LEAST = 6 };
    double median, room;

    if (n < LEAST)
        return 0;
    median = quantile_sorted(sorted, n, .5, QUANTILE_TYPE7);
    room = fabs(median) * r;
    for (size_t size = LEAST; size <= n; size++) {
        struct quantile_ranks ranks = quantile_interval(size, .5, confidence);

        if (ranks.l >= 1 && ranks.u <= size &&
            mean_order_statistic(sorted, n, size, ranks.l, median) >= -room &&
            mean_order_statistic(sorted, n, size, ranks.u, median) <= room)
            return size;
    }
    return 0;
}
