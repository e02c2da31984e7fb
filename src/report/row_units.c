#include "report/row_units.h"

#include <math.h>
#include <string.h>

enum { SIGNIFICANT = 4, DECIMALS_MAX = 9 };

static const struct unit_step {
    double least; /* of what is told in it */
    const char *name;
    double scale;
} of_seconds[] = { { 1, "s", 1 }, { 1e-3, "ms", 1e3 }, { 1e-6, "\u00b5s", 1e6 }, { 0, "ns", 1e9 } };

/* --- What a row is like ---------------------------------------------------------- */

static double size_of(const struct doc_cell *cell)
{
    double low, high;

    if (cell->kind == DOC_NUMBER)
        return isfinite(cell->number) ? fabs(cell->number) : 0;
    if (cell->kind != DOC_INTERVAL)
        return 0;
    low = isfinite(cell->interval.low) ? fabs(cell->interval.low) : 0;
    high = isfinite(cell->interval.high) ? fabs(cell->interval.high) : 0;
    return fmax(low, high);
}

static double typical_size(const struct doc_table *t, const struct doc_cell *cells)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].in_unit && size_of(&cells[i]) > 0)
            return size_of(&cells[i]);
    return 0;
}

static bool is_whole(double number)
{
    return !isfinite(number) || number == floor(number);
}

static bool all_whole(const struct doc_table *t, const struct doc_cell *cells)
{
    for (size_t i = 0; i < t->column_count; i++) {
        const struct doc_cell *cell = &cells[i];

        if (!t->columns[i].in_unit)
            continue;
        if (cell->kind == DOC_NUMBER && !is_whole(cell->number))
            return false;
        if (cell->kind == DOC_INTERVAL &&
            !(is_whole(cell->interval.low) && is_whole(cell->interval.high)))
            return false;
    }
    return true;
}

static bool has_unit_columns(const struct doc_table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].in_unit)
            return true;
    return false;
}

/* --- Choice ----------------------------------------------------------------------- */

static const struct unit_step *step_for(const char *unit, double size)
{
    const struct unit_step *step = of_seconds;

    if (!unit || strcmp(unit, "s") != 0 || size == 0)
        return NULL;
    while (size < step->least)
        step++;
    return step;
}

const char *shown_unit_of(const char *unit, double size, double *ret_scale)
{
    const struct unit_step *step = step_for(unit, isfinite(size) ? fabs(size) : 0);

    *ret_scale = step ? step->scale : 1;
    return step ? step->name : unit;
}

static int decimals_for(double size)
{
    double decimals = size > 0 ? SIGNIFICANT - 1 - floor(log10(size)) : 0;

    return decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : (int)decimals;
}

/* A number far below the others of its row is not shown as 0, and one that is 0 not as about 0. */
static void set_decimals(struct doc_cell *cell, double scale, int decimals)
{
    double size = size_of(cell) * scale;

    cell->scale = scale;
    cell->decimals = size < .5 * pow(10, -decimals) ? -1 : decimals;
}

/* The name with another unit, or with none where `unit` is NULL. */
static const char *renamed(struct document *d, const struct doc_cell *name, const char *unit)
{
    size_t len = strlen(name->text), tail = strlen(name->unit);

    if (unit)
        return document_text(d, "%.*s%s", (int)(len - tail), name->text, unit);
    return document_text(d, "%.*s", (int)(len - tail - strlen(", ")), name->text);
}

void row_units_choose(struct document *d, struct doc_table *t, size_t row)
{
    struct doc_cell *cells = &t->cells[row * t->column_count], *name = NULL;
    double size = typical_size(t, cells);
    const struct unit_step *step;
    int decimals;

    for (size_t i = 0; i < t->column_count && !name; i++)
        name = cells[i].unit ? &cells[i] : NULL;
    step = step_for(name ? name->unit : NULL, size);
    if (name && !has_unit_columns(t))
        name->shown = renamed(d, name, NULL);
    else if (name && step && step->scale != 1)
        name->shown = renamed(d, name, step->name);
    size *= step ? step->scale : 1;
    decimals = all_whole(t, cells) && !(step && step->scale != 1) ? 0 : decimals_for(size);
    for (size_t i = 0; i < t->column_count; i++)
        if (t->columns[i].in_unit && (cells[i].kind == DOC_NUMBER || cells[i].kind == DOC_INTERVAL))
            set_decimals(&cells[i], step ? step->scale : 1, decimals);
}
