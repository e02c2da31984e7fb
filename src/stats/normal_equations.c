#include "stats/normal_equations.h"

#include <math.h>
#include <string.h>

/* What is left of a column's square when others have explained it. Designs of whole numbers that
 * are not dependent keep a share that is far greater. */
static const double dependent = 1e-9;

static double *cell(const struct normal_equations *e, size_t row, size_t column)
{
    return &e->at[row * (e->columns + 1) + column];
}

bool normal_begin(struct normal_equations *e, size_t columns, struct arena *memory)
{
    size_t side = columns + 1;

    e->columns = columns;
    e->at = arena_take(memory, side * side * sizeof *e->at, _Alignof(double));
    e->squares = arena_take(memory, side * sizeof *e->squares, _Alignof(double));
    e->in = arena_take(memory, side * sizeof *e->in, _Alignof(bool));
    return e->at && e->squares && e->in;
}

void normal_copy(const struct normal_equations *from, struct normal_equations *into)
{
    size_t side = from->columns + 1;

    memcpy(into->at, from->at, side * side * sizeof *from->at);
    memcpy(into->squares, from->squares, side * sizeof *from->squares);
    memcpy(into->in, from->in, side * sizeof *from->in);
}

void normal_add_row(struct normal_equations *e, const double *row, double value)
{
    size_t n = e->columns;

    for (size_t i = 0; i < n; i++) {
        if (row[i] == 0)
            continue;
        for (size_t k = 0; k < n; k++)
            *cell(e, i, k) += row[i] * row[k];
        *cell(e, i, n) += row[i] * value;
        *cell(e, n, i) += row[i] * value;
        e->squares[i] += row[i] * row[i];
    }
    *cell(e, n, n) += value * value;
}

/* Sweeps the matrix on a pivot: as of then the rows of columns that are in hold the inverse, with a
 * minus, and their coefficients, the last cell the residual. sign -1 undoes it. */
static void sweep(struct normal_equations *e, size_t pivot, double sign)
{
    size_t side = e->columns + 1;
    double at = *cell(e, pivot, pivot);

    for (size_t i = 0; i < side; i++) {
        double factor = *cell(e, i, pivot) / at;

        if (i == pivot || factor == 0)
            continue;
        for (size_t k = 0; k < side; k++)
            if (k != pivot)
                *cell(e, i, k) -= factor * *cell(e, pivot, k);
    }
    for (size_t i = 0; i < side; i++) {
        if (i == pivot)
            continue;
        *cell(e, i, pivot) *= sign / at;
        *cell(e, pivot, i) *= sign / at;
    }
    *cell(e, pivot, pivot) = -1 / at;
}

bool normal_take(struct normal_equations *e, size_t column)
{
    if (e->in[column])
        return true;
    if (!(*cell(e, column, column) > dependent * e->squares[column]))
        return false;
    sweep(e, column, 1);
    e->in[column] = true;
    return true;
}

void normal_drop(struct normal_equations *e, size_t column)
{
    if (!e->in[column])
        return;
    sweep(e, column, -1);
    e->in[column] = false;
}

double normal_residual(const struct normal_equations *e)
{
    return fmax(*cell(e, e->columns, e->columns), 0);
}

double normal_coefficient(const struct normal_equations *e, size_t column)
{
    return e->in[column] ? *cell(e, column, e->columns) : 0;
}

double normal_covariance(const struct normal_equations *e, size_t a, size_t b)
{
    return e->in[a] && e->in[b] ? -*cell(e, a, b) : 0;
}
