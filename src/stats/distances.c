/* How far two whole distributions are apart. */
#include <stdlib.h>

#include "stats/tie_groups.h"
#include "stats/two_samples.h"

#define EXACT_PRODUCT 10000
#define EXACT_SIDE 100 /* the smaller side of such a product */

static struct tie_walk walk_of(const struct two_samples *s)
{
    return (struct tie_walk){ .x = s->a, .nx = s->na, .y = s->b, .ny = s->nb };
}

/* na nb |Fa - Fb| after i values of a and j of b: whole, so that comparisons are exact. */
static uint64_t gap(const struct two_samples *s, size_t i, size_t j)
{
    uint64_t a = (uint64_t)i * s->nb, b = (uint64_t)j * s->na;

    return a > b ? a - b : b - a;
}

/* The greatest gap, and (where ret_ends is given) after how many values of both
 * sides together a group of equal ones ends. */
static uint64_t greatest_gap(const struct two_samples *s, bool *ret_ends)
{
    struct tie_walk walk = walk_of(s);
    uint64_t greatest = 0;

    for (struct tie_group g; tie_walk_next(&walk, &g);) {
        uint64_t here = gap(s, walk.i, walk.j);

        if (here > greatest)
            greatest = here;
        if (ret_ends)
            ret_ends[walk.i + walk.j] = true;
    }
    return greatest;
}

/* P(D >= d) over all orders of the values, given the ties: of the paths from (0,0)
 * to (i,j), touched[j] is the share that had such a gap at the end of a group.
 * The last step of a path came from a with probability i / (i + j). Counting those
 * that touch, not those that do not, keeps the digits of a small p. */
static double exact_p(const struct two_samples *s, uint64_t d, const bool *ends)
{
    double touched[EXACT_SIDE + 1];

    for (size_t i = 0; i <= s->na; i++)
        for (size_t j = 0; j <= s->nb; j++) {
            double from_a = i > 0 ? touched[j] * (double)i : 0;
            double from_b = j > 0 ? touched[j - 1] * (double)j : 0;

            if (ends[i + j] && gap(s, i, j) >= d)
                touched[j] = 1;
            else
                touched[j] = i + j > 0 ? (from_a + from_b) / (double)(i + j) : 0;
        }
    return touched[s->nb];
}

/* Kolmogorov's law, P(sup |bridge| >= x): one series is quick for large x, the
 * other (by Jacobi's theta function) for small. */
static double kolmogorov_tail(double x)
{
    double sum = 0;

    if (x < 1) {
        double step = -M_PI * M_PI / (8 * x * x);

        for (int k = 1; k <= 19; k += 2)
            sum += exp(step * k * k);
        return 1 - sqrt(2 * M_PI) / x * sum;
    }
    for (int k = 1; k <= 10; k++)
        sum += (k % 2 ? 2 : -2) * exp(-2 * x * x * k * k);
    return sum;
}

static double asymptotic_p(double d, double na, double nb)
{
    double x = sqrt(na * nb / (na + nb)) * d;

    return x > 0 ? kolmogorov_tail(x) : 1;
}

struct ks_test kolmogorov_smirnov(const struct two_samples *sorted)
{
    bool a_smaller = sorted->na <= sorted->nb;
    struct two_samples s =
        a_smaller ? (struct two_samples){ sorted->b, sorted->nb, sorted->a, sorted->na } : *sorted;
    bool ends[EXACT_PRODUCT + 2] = { false }; /* sides of 1 and 10,000 are the longest path */
    double product = (double)s.na * (double)s.nb;
    struct ks_test test = { NAN, NAN };
    uint64_t greatest;

    if (s.na == 0 || s.nb == 0)
        return test;
    greatest = greatest_gap(&s, product <= EXACT_PRODUCT ? ends : NULL);
    test.d = (double)greatest / product;
    test.p = product <= EXACT_PRODUCT ? exact_p(&s, greatest, ends)
                                      : asymptotic_p(test.d, (double)s.na, (double)s.nb);
    return test;
}

double wasserstein(const struct two_samples *sorted)
{
    struct tie_walk walk = walk_of(sorted);
    double area = 0, last = NAN, apart = 0;

    if (sorted->na == 0 || sorted->nb == 0)
        return NAN;
    for (struct tie_group g; tie_walk_next(&walk, &g);) {
        if (apart > 0)
            area += apart * (g.value - last);
        apart = (double)gap(sorted, walk.i, walk.j) / ((double)sorted->na * (double)sorted->nb);
        last = g.value;
    }
    return area;
}
