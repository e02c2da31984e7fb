#include "stats/counts.h"

#include <stdbool.h>

#include "stats/laws.h"

#define COUNT_MAX UINT64_C(1000000000) /* of a side: both fit the law's unsigned number */

/* Above it GSL's gamma law loses digits, while the normal one is right within a part in 5,000 of
 * the interval. */
#define GARWOOD_MAX 1e6

/* The law of one count given the sum of both: binomial (Przyborowski and Wilenski 1940). */
struct binomial {
    unsigned n;
    double p;
};

/* The sum of the probabilities from k on, away from the middle of the law: there each term is
 * smaller than the one before, so that the rest can be left out once it is lost in rounding. */
static double upper_sum(struct binomial law, unsigned k)
{
    double term = binomial_pmf(k, law.p, law.n), sum = 0;

    while (k <= law.n && term > sum * 1e-18) {
        sum += term;
        term *= (double)(law.n - k) / ((double)k + 1) * law.p / (1 - law.p);
        k++;
    }
    return sum;
}

static struct binomial mirrored(struct binomial law)
{
    return (struct binomial){ law.n, 1 - law.p };
}

static unsigned likeliest(struct binomial law)
{
    return (unsigned)fmin((double)law.n, ((double)law.n + 1) * law.p);
}

/* The least k above the likeliest, which is likelier, whose probability is at most `pmf`; n + 1 if
 * none. */
static uint64_t first_as_rare(struct binomial law, double pmf)
{
    uint64_t no = likeliest(law), yes = (uint64_t)law.n + 1;

    while (yes - no > 1) {
        uint64_t middle = no + (yes - no) / 2;

        if (binomial_pmf((unsigned)middle, law.p, law.n) <= pmf)
            yes = middle;
        else
            no = middle;
    }
    return yes;
}

/* The probability of all outcomes that are not likelier than `seen`; those that
 * differ by rounding alone count as alike. */
static double not_likelier(struct binomial law, unsigned seen)
{
    double pmf = binomial_pmf(seen, law.p, law.n) * (1 + 1e-7);
    bool above = seen > likeliest(law);
    struct binomial here = above ? law : mirrored(law), there = mirrored(here);
    uint64_t other;
    double p;

    if (!(binomial_pmf(likeliest(law), law.p, law.n) > pmf))
        return 1;
    p = upper_sum(here, above ? seen : law.n - seen);
    other = first_as_rare(there, pmf);
    return other <= law.n ? fmin(1, p + upper_sum(there, (unsigned)other)) : p;
}

static double odds(double p)
{
    return p / (1 - p);
}

/* Clopper and Pearson 1934, of the share that the second count has of both, as
 * the ratio of the rates. */
static struct interval share_interval(double c1, double c2, double scale, double confidence)
{
    double tail = (1 - confidence) / 2;
    struct interval interval = { 0, INFINITY };

    if (c2 > 0)
        interval.low = odds(beta_quantile(tail, c2, c1 + 1)) * scale;
    if (c1 > 0)
        interval.high = odds(beta_quantile(1 - tail, c2 + 1, c1)) * scale;
    return interval;
}

struct rate_ratio rate_ratio(uint64_t c1, double e1, uint64_t c2, double e2, double confidence)
{
    double share = e1 > 0 && e2 > 0 ? e2 / (e1 + e2) : NAN;
    struct rate_ratio ratio = { NAN, NAN, interval_none() };

    if (!(share > 0 && share < 1) || c1 > COUNT_MAX || c2 > COUNT_MAX)
        return ratio;
    if (c1 > 0)
        ratio.ratio = ((double)c2 / e2) / ((double)c1 / e1);
    ratio.p = not_likelier((struct binomial){ (unsigned)(c1 + c2), share }, (unsigned)c2);
    ratio.interval = share_interval((double)c1, (double)c2, e1 / e2, confidence);
    return ratio;
}

/* Garwood 1936. */
static struct interval poisson_mean_interval(double k, double tail)
{
    double half;

    if (k > GARWOOD_MAX) {
        half = -normal_quantile(tail) * sqrt(k);
        return (struct interval){ k - half, k + half };
    }
    return (struct interval){ k > 0 ? chi_squared_quantile(tail, 2 * k) / 2 : 0,
                              chi_squared_quantile(1 - tail, 2 * k + 2) / 2 };
}

struct interval rate_interval(uint64_t count, double exposure, double confidence)
{
    struct interval mean = poisson_mean_interval((double)count, (1 - confidence) / 2);

    if (!(exposure > 0) || !isfinite(exposure))
        return interval_none();
    return (struct interval){ mean.low / exposure, mean.high / exposure };
}

double leader_within(double f, unsigned d)
{
    return -expm1((double)d * log1p(-f));
}

/* Fisher's index of dispersion, with expectations in proportion to the exposures. */
struct dispersion_test dispersion_test(const uint64_t *counts, const double *exposures, size_t n)
{
    double count = 0, exposure = 0, sum = 0;

    for (size_t i = 0; i < n; i++) {
        count += (double)counts[i];
        exposure += exposures[i];
    }
    if (n < 2 || count == 0 || !(exposure > 0))
        return (struct dispersion_test){ NAN, NAN };
    for (size_t i = 0; i < n; i++) {
        double expected = exposures[i] * count / exposure;
        double off = (double)counts[i] - expected;

        sum += off * off / expected;
    }
    return (struct dispersion_test){ sum / (double)(n - 1),
                                     chi_squared_tail(sum, (double)(n - 1)) };
}
