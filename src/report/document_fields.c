#include "report/document_fields.h"

#include <math.h>
#include <stdbool.h>

static const struct doc_cell *cell_at(const struct doc_table *t, size_t row, size_t column)
{
    return &t->cells[row * t->column_count + column];
}

static bool has_part(const struct doc_cell *cell, enum doc_field_part part)
{
    switch (part) {
    case FIELD_VALUE: return cell->kind == DOC_TEXT || cell->kind == DOC_NUMBER;
    case FIELD_LOW:
    case FIELD_HIGH: return cell->kind == DOC_INTERVAL;
    case FIELD_METRIC: return cell->metric != NULL;
    case FIELD_PARTS: break;
    }
    return false;
}

static bool column_has_part(const struct doc_table *t, size_t column, enum doc_field_part part)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (has_part(cell_at(t, row, column), part))
            return true;
    return false;
}

static bool column_is_sketched(const struct doc_table *t, size_t column)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (cell_at(t, row, column)->kind == DOC_SKETCH)
            return true;
    return false;
}

/* A column in which nothing is known keeps its name: the fields of a kind of table do not come and
 * go more than they must. */
void doc_fields_of(const struct doc_table *t, struct doc_fields *ret)
{
    ret->count = 0;
    for (size_t column = 0; column < t->column_count; column++) {
        size_t before = ret->count;

        for (int part = 0; part < FIELD_PARTS; part++)
            if (column_has_part(t, column, (enum doc_field_part)part))
                ret->at[ret->count++] = (struct doc_field){ column, (enum doc_field_part)part };
        if (ret->count == before && !column_is_sketched(t, column))
            ret->at[ret->count++] = (struct doc_field){ column, FIELD_VALUE };
    }
}

void doc_field_name(const struct doc_table *t, const struct doc_field *field, struct buffer *out)
{
    static const char *const endings[FIELD_PARTS] = {
        [FIELD_VALUE] = "",
        [FIELD_LOW] = "Low",
        [FIELD_HIGH] = "High",
        [FIELD_METRIC] = "Id",
    };

    buffer_text(out, t->columns[field->column].id);
    buffer_text(out, endings[field->part]);
}

static struct doc_field_value number_value(double number)
{
    if (isnan(number))
        return (struct doc_field_value){ .kind = FIELD_NOTHING };
    if (isinf(number))
        return (struct doc_field_value){ .kind = FIELD_TEXT, .text = "unbounded" };
    return (struct doc_field_value){ .kind = FIELD_NUMBER, .number = number };
}

struct doc_field_value doc_field_value(const struct doc_table *t, size_t row,
                                       const struct doc_field *field)
{
    const struct doc_cell *cell = cell_at(t, row, field->column);

    if (!has_part(cell, field->part))
        return (struct doc_field_value){ .kind = FIELD_NOTHING };
    switch (field->part) {
    case FIELD_LOW: return number_value(cell->interval.low);
    case FIELD_HIGH: return number_value(cell->interval.high);
    case FIELD_METRIC: return (struct doc_field_value){ .kind = FIELD_TEXT, .text = cell->metric };
    case FIELD_VALUE:
    case FIELD_PARTS: break;
    }
    if (cell->kind == DOC_NUMBER)
        return number_value(cell->number);
    return (struct doc_field_value){ .kind = FIELD_TEXT, .text = cell->text };
}
