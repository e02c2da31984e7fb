/* One cell of a table. What is not known becomes CELL_NONE here: the writers of
 * tables never see a -1, a NaN or TIME_NONE. */
#ifndef OU_REPORT_CELL_H
#define OU_REPORT_CELL_H

#include <math.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/time.h"

enum cell_kind {
    CELL_NONE, /* not known */
    CELL_TEXT,
    CELL_COUNT,
    CELL_REAL,
    CELL_SECONDS, /* of integer, nanoseconds */
    CELL_INSTANT, /* likewise */
    CELL_BOOL,
};

struct cell {
    enum cell_kind kind;
    const char *text; /* valid until the next cell is asked for */
    int64_t integer;
    double real;
    bool yes;
};

static inline struct cell text_cell(const char *text)
{
    return (struct cell){ .kind = text ? CELL_TEXT : CELL_NONE, .text = text };
}

static inline struct cell count_cell(int64_t count)
{
    return (struct cell){ .kind = count >= 0 ? CELL_COUNT : CELL_NONE, .integer = count };
}

static inline struct cell real_cell(double value)
{
    return (struct cell){ .kind = isfinite(value) ? CELL_REAL : CELL_NONE, .real = value };
}

static inline struct cell seconds_cell(int64_t ns)
{
    return (struct cell){ .kind = ns != TIME_NONE ? CELL_SECONDS : CELL_NONE, .integer = ns };
}

static inline struct cell instant_cell(int64_t ns)
{
    return (struct cell){ .kind = ns != TIME_NONE ? CELL_INSTANT : CELL_NONE, .integer = ns };
}

static inline struct cell bool_cell(bool yes)
{
    return (struct cell){ .kind = CELL_BOOL, .yes = yes };
}

#endif
