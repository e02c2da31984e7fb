#include "stats/random.h"

#include "stats/laws.h"

double random_normal(struct random_stream *r)
{
    return normal_quantile(random_uniform(r));
}
