/* Least squares by the normal equations of a design whose columns hold small whole numbers, so that
 * they are exact; columns can be taken into the model and out of it again (the sweep operator:
 * Goodnight 1979). What depends on columns that are in is recognised, and stays out. One thread. */
#ifndef OU_STATS_NORMAL_EQUATIONS_H
#define OU_STATS_NORMAL_EQUATIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"

struct normal_equations {
    size_t columns;
    double *at;      /* (columns + 1) squared; the last row and column are the value's */
    double *squares; /* by column: its sum of squares before anything was taken in */
    bool *in;        /* by column */
};

/* For rows to be added; false without memory. All of it is the arena's. */
bool normal_begin(struct normal_equations *e, size_t columns, struct arena *memory);
/* A copy that can be changed on its own: with memory for as many columns. */
void normal_copy(const struct normal_equations *from, struct normal_equations *into);
/* One observation: its columns, and its value. The value is to be near 0: take the mean off first.
 */
void normal_add_row(struct normal_equations *e, const double *row, double value);

/* Takes a column in; false when it says no more than those that are in. In already: true. */
bool normal_take(struct normal_equations *e, size_t column);
void normal_drop(struct normal_equations *e, size_t column); /* not in: nothing happens */

double normal_residual(const struct normal_equations *e); /* the sum of squares that is left */
double normal_coefficient(const struct normal_equations *e, size_t column); /* 0: not in */
/* The covariance of two coefficients, in units of the residual variance; 0 where one is not in. */
double normal_covariance(const struct normal_equations *e, size_t a, size_t b);

#endif
