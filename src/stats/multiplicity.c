#include "stats/multiplicity.h"

#include <math.h>
#include <stdlib.h>

#include "stats/scratch.h"

/* A p value and where it came from. */
struct asked {
    double p;
    size_t at;
};

/* By p; equal ones as they came, so that the order is the same everywhere. */
static int compare_asked(const void *a, const void *b)
{
    const struct asked *x = a, *y = b;

    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* Those that are no NaN, in order. NULL, with *ret_m 0, where there are none or no memory. */
static struct asked *sorted_questions(const double *p, size_t n, size_t *ret_m)
{
    struct asked *questions = n > 0 ? scratch_take(n, sizeof *questions) : NULL;

    *ret_m = 0;
    if (!questions)
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!isnan(p[i]))
            questions[(*ret_m)++] = (struct asked){ p[i], i };
    qsort(questions, *ret_m, sizeof *questions, compare_asked);
    return questions;
}

static void fill_nan(double *ret, size_t n)
{
    for (size_t i = 0; i < n; i++)
        ret[i] = NAN;
}

/* Holm 1979: the least p counts m times, the next m - 1 times, ...; never less than one before. */
void adjust_holm(const double *p, size_t n, double *ret)
{
    size_t m;
    struct asked *questions = sorted_questions(p, n, &m);
    double most = 0;

    fill_nan(ret, n);
    for (size_t i = 0; i < m; i++) {
        most = fmax(most, fmin(1, (double)(m - i) * questions[i].p));
        ret[questions[i].at] = most;
    }
    free(questions);
}

/* Benjamini and Hochberg 1995: m p / rank, never more than one behind. */
void adjust_benjamini_hochberg(const double *p, size_t n, double *ret)
{
    size_t m;
    struct asked *questions = sorted_questions(p, n, &m);
    double least = 1;

    fill_nan(ret, n);
    for (size_t i = m; i-- > 0;) {
        least = fmin(least, (double)m * questions[i].p / (double)(i + 1));
        ret[questions[i].at] = least;
    }
    free(questions);
}
