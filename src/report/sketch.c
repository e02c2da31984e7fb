#include "report/sketch.h"

#include <math.h>

/* --- Scales ------------------------------------------------------------------ */

static void widen(double value, double *low, double *high)
{
    if (!isfinite(value))
        return;
    *low = fmin(*low, value);
    *high = fmax(*high, value);
}

bool sketch_scale(const struct doc_sketch *sketch, double *ret_low, double *ret_high)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < sketch->count; i++) {
        if (sketch->kind == SKETCH_LINE) {
            widen(sketch->values[i], &low, &high);
        } else {
            widen(sketch->boxes[i].min, &low, &high);
            widen(sketch->boxes[i].max, &low, &high);
        }
    }
    if (sketch->low < sketch->high) {
        low = sketch->low;
        high = sketch->high;
    }
    *ret_low = low;
    *ret_high = high;
    return low <= high;
}

/* --- Boxes ------------------------------------------------------------------- */

/* The pieces of a box plot, from the left to the right. */
struct box_letters {
    const char *left, *line, *box, *median, *right;
};

static const struct box_letters box_letters_utf8 = { "\u251c", "\u2500", "\u2592", "\u2503",
                                                     "\u2524" };
static const struct box_letters box_letters_ascii = { "|", "-", "=", "#", "|" };

static int column_of(double value, double low, double high, int room)
{
    double at = round((value - low) / (high - low) * (room - 1));

    return at < 0 ? 0 : at > room - 1 ? room - 1 : (int)at;
}

void sketch_box(struct buffer *out, const struct doc_box *box, double low, double high, int room,
                bool utf8)
{
    const struct box_letters *letters = utf8 ? &box_letters_utf8 : &box_letters_ascii;
    const double numbers[] = { box->min, box->q1, box->median, box->q3, box->max };
    int columns[5];

    if (!(low < high)) {
        low = box->min;
        high = box->max;
    }
    for (int i = 0; i < 5; i++) {
        if (!isfinite(numbers[i]) || room < 1 || !(low <= high))
            return;
        columns[i] = low < high ? column_of(numbers[i], low, high, room) : room / 2;
    }
    for (int i = 0; i <= columns[4]; i++) {
        if (i == columns[2])
            buffer_text(out, letters->median);
        else if (i < columns[0])
            buffer_char(out, ' ');
        else if (i >= columns[1] && i <= columns[3])
            buffer_text(out, letters->box);
        else if (i == columns[0])
            buffer_text(out, letters->left);
        else
            buffer_text(out, i == columns[4] ? letters->right : letters->line);
    }
}

/* --- Lines ------------------------------------------------------------------- */

enum { LEVELS = 8 };

static const char *const levels_utf8[LEVELS] = { "\u2581", "\u2582", "\u2583", "\u2584",
                                                 "\u2585", "\u2586", "\u2587", "\u2588" };
static const char *const levels_ascii[LEVELS] = { "_", ".", "-", "=", "+", "*", "#", "@" };

/* The mean of the finite ones among the values that a column stands for; NaN when there is none. */
static double mean_of_column(const double *values, size_t count, size_t column, size_t columns)
{
    size_t from = column * count / columns, to = (column + 1) * count / columns, n = 0;
    double sum = 0;

    for (size_t i = from; i < to; i++) {
        if (isfinite(values[i])) {
            sum += values[i];
            n++;
        }
    }
    return n > 0 ? sum / (double)n : NAN;
}

static const char *letter_of(double value, double low, double high, const char *const *levels)
{
    int level = LEVELS / 2;

    if (isnan(value))
        return " ";
    if (low < high)
        level = (int)((value - low) / (high - low) * LEVELS);
    return levels[level < 0 ? 0 : level >= LEVELS ? LEVELS - 1 : level];
}

void sketch_line(struct buffer *out, const double *values, size_t count, int room, bool utf8)
{
    size_t columns = room < 1 ? 0 : (size_t)room < count ? (size_t)room : count;
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < columns; i++)
        widen(mean_of_column(values, count, i, columns), &low, &high);
    for (size_t i = 0; i < columns; i++)
        buffer_text(out, letter_of(mean_of_column(values, count, i, columns), low, high,
                                   utf8 ? levels_utf8 : levels_ascii));
}
