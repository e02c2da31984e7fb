/* Doubles in assertions: cmocka 1.1.5 compares as float only, which would let
 * nine wrong digits pass. */
#ifndef OU_SUPPORT_NEAR_H
#define OU_SUPPORT_NEAR_H

#include <math.h>

#include "support/test.h"

/* got and want differ by `tolerance` at most (0: they are equal); never so for NaN. */
#define assert_near(got, want, tolerance) \
    assert_near_at((got), (want), (tolerance), #got, __FILE__, __LINE__)

static inline void assert_near_at(double got, double want, double tolerance, const char *what,
                                  const char *file, int line)
{
    if (fabs(got - want) <= tolerance)
        return;
    print_error("%s is %.17g, not %.17g\n", what, got, want);
    _fail(file, line);
}

#endif
