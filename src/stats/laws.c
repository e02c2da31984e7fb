#include "stats/laws.h"

#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <gsl/gsl_version.h>
#include <math.h>
#include <stdbool.h>

#include "stats/number_order.h"

/* Where a series of GSL does not converge, GSL ends the program. We want its
 * NaN instead, and do the work in another way. Before main(), since the handler
 * is one for all threads. */
__attribute__((constructor)) static void let_gsl_return(void)
{
    gsl_set_error_handler_off();
}

static bool is_share(double p)
{
    return p > 0 && p < 1;
}

/* The least number in [0, high] at which a law reaches p. GSL's own inverses of the beta and the
 * chi-squared law fail for one set of parameters in ten; halving what numbers there are takes
 * 64 steps at most, whatever their size. */
static double inverse_of(double (*law)(double x, const double *parameters),
                         const double *parameters, double p, double high)
{
    uint64_t below = number_key(0), reached = number_key(high);

    while (reached - below > 1) {
        uint64_t middle = below + (reached - below) / 2;

        if (law(number_of_key(middle), parameters) < p)
            below = middle;
        else
            reached = middle;
    }
    return number_of_key(reached);
}

double normal_cdf(double z)
{
    return gsl_cdf_ugaussian_P(z);
}

double normal_quantile(double p)
{
    return is_share(p) ? gsl_cdf_ugaussian_Pinv(p) : NAN;
}

double student_cdf(double t, double dof)
{
    if (isnan(t) || !(dof > 0))
        return NAN;
    if (isinf(t))
        return t > 0;
    return gsl_cdf_tdist_P(t, dof);
}

double student_two_sided(double t, double dof)
{
    if (isnan(t) || !(dof > 0))
        return NAN;
    return isinf(t) ? 0 : 2 * gsl_cdf_tdist_Q(fabs(t), dof);
}

/* GSL's iteration gives up for a few pairs; dof / (dof + t^2) follows a beta law. */
double student_quantile(double p, double dof)
{
    double t, x;

    if (!is_share(p) || !(dof > 0))
        return NAN;
    t = gsl_cdf_tdist_Pinv(p, dof);
    if (!isnan(t))
        return t;
    x = beta_quantile(2 * fmin(p, 1 - p), dof / 2, 0.5);
    return copysign(sqrt(dof * (1 - x) / x), p - 0.5);
}

double chi_squared_tail(double x, double dof)
{
    if (isnan(x) || !(dof > 0))
        return NAN;
    return isinf(x) ? x < 0 : gsl_cdf_chisq_Q(x, dof);
}

double f_tail(double f, double dof1, double dof2)
{
    if (isnan(f) || !(dof1 > 0) || !(dof2 > 0))
        return NAN;
    return isinf(f) ? f < 0 : gsl_cdf_fdist_Q(f, dof1, dof2);
}

/* F = (dof2 / dof1) y / (1 - y) where y follows a beta law; taken from the side
 * on which y is small, so that 1 - y keeps its digits. */
double f_quantile(double p, double dof1, double dof2)
{
    double y;

    if (!is_share(p) || !(dof1 > 0) || !(dof2 > 0))
        return NAN;
    if (p < 0.5) {
        y = beta_quantile(p, dof1 / 2, dof2 / 2);
        return dof2 * y / (dof1 * (1 - y));
    }
    y = beta_quantile(1 - p, dof2 / 2, dof1 / 2);
    return dof2 * (1 - y) / (dof1 * y);
}

double binomial_pmf(unsigned k, double p, unsigned n)
{
    return p >= 0 && p <= 1 ? gsl_ran_binomial_pdf(k, p, n) : NAN;
}

/* GSL's continued fraction is NaN around the middle when both parameters are in
 * the millions; the law is normal there. */
static double beta_cdf(double x, double a, double b)
{
    double exact = gsl_cdf_beta_P(x, a, b);
    double mean = a / (a + b);

    if (!isnan(exact))
        return exact;
    return gsl_cdf_ugaussian_P((x - mean) / sqrt(mean * (1 - mean) / (a + b + 1)));
}

static double beta_below(double x, const double *ab)
{
    return beta_cdf(x, ab[0], ab[1]);
}

double beta_quantile(double p, double a, double b)
{
    if (!is_share(p) || !(a > 0) || !(b > 0))
        return NAN;
    return inverse_of(beta_below, (double[]){ a, b }, p, 1);
}

static double chi_squared_below(double x, const double *dof)
{
    return gsl_cdf_chisq_P(x, *dof);
}

double chi_squared_quantile(double p, double dof)
{
    if (!is_share(p) || !(dof > 0))
        return NAN;
    return inverse_of(chi_squared_below, &dof, p, DBL_MAX);
}

const char *laws_library_version(void)
{
    return gsl_version;
}
