/* The end that Student's tests have in common. Pure; any thread. */
#ifndef OU_STATS_T_TEST_H
#define OU_STATS_T_TEST_H

#include "stats/two_samples.h"

/* Everything NaN, without an interval. */
struct t_test t_test_none(void);

/* A difference with its standard error; se or dof NaN: none. With se 0 nothing varies, so that any
 * difference is certain: t is infinite and p 0, or p 1 for no difference. */
struct t_test t_test_of(double difference, double se, double dof, double confidence);

#endif
