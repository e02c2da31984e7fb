/* Random numbers that follow a law, from the streams of base/random.h. One stream belongs to one thread. */
#ifndef OU_STATS_RANDOM_H
#define OU_STATS_RANDOM_H

#include "base/random.h"

double random_normal(struct random_stream *r); /* mean 0, deviation 1 */

#endif
