/* How a block spreads: the delay, from the start of its slot, after which the
 * first, the second, ... host of the cluster had adopted it. */
#ifndef OU_ANALYSE_ARRIVAL_H
#define OU_ANALYSE_ARRIVAL_H

#include "analyse/analysis.h"

#define ARRIVAL_POINTS_MAX 100

/* The number of hosts that point i of the curve is about, from 0 on: all numbers
 * where they are few, else the least that are i+1 hundredths of the cluster. */
uint32_t arrival_hosts(uint32_t cluster_size, size_t i);
size_t arrival_points(uint32_t cluster_size);

/* Fills a->arrival, but for the bound. At each point the quantiles (type 7) are
 * over the accepted blocks that so many hosts adopted; points that no block
 * reached are left out. */
enum ou_status arrival_fill(struct analysis *a, struct ou_error *err);

#endif
