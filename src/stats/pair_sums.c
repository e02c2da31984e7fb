#include "stats/pair_sums.h"

#include "stats/number_order.h"

/* Of each unordered pair of two different ones there are two ordered ones. */
static uint64_t count_of(const struct pair_sums *p, uint64_t ordered, uint64_t diagonal)
{
    return p->walsh ? (ordered + diagonal) / 2 : ordered;
}

uint64_t pair_sums_count(const struct pair_sums *p)
{
    return count_of(p, (uint64_t)p->nx * p->ny, p->nx);
}

/* How many sums are at most v. Rounded addition keeps the order of its operands,
 * so what fits beside x[i] fits beside x[i - 1], too. */
static uint64_t count_at_most(const struct pair_sums *p, double v)
{
    uint64_t ordered = 0, diagonal = 0;
    size_t fitting = p->ny;

    for (size_t i = 0; i < p->nx && fitting > 0; i++) {
        while (fitting > 0 && p->x[i] + p->y[fitting - 1] > v)
            fitting--;
        ordered += fitting;
        diagonal += fitting > i;
    }
    return count_of(p, ordered, diagonal);
}

double pair_sums_at(const struct pair_sums *p, uint64_t k)
{
    uint64_t low = number_key(p->x[0] + p->y[0]);
    uint64_t high = number_key(p->x[p->nx - 1] + p->y[p->ny - 1]);

    while (low < high) {
        uint64_t middle = low + (high - low) / 2;

        if (count_at_most(p, number_of_key(middle)) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return number_of_key(low) + 0.0; /* no -0 */
}

double pair_sums_median(const struct pair_sums *p)
{
    uint64_t n = pair_sums_count(p);
    double low = pair_sums_at(p, (n + 1) / 2);

    if (n % 2)
        return low;
    return low + (pair_sums_at(p, n / 2 + 1) - low) / 2;
}
