#include "report/cell_words.h"

#include <math.h>
#include <string.h>

#include "report/numbers.h"

enum { SIGNIFICANT = 4, DECIMALS_MAX = 9 };

/* So many that SIGNIFICANT digits are seen. */
static int decimals_for(double magnitude)
{
    double decimals;

    if (!(magnitude > 0) || isinf(magnitude))
        return 0;
    decimals = SIGNIFICANT - 1 - floor(log10(magnitude));
    return decimals < 0 ? 0 : decimals > DECIMALS_MAX ? DECIMALS_MAX : (int)decimals;
}

/* Appends "-1234.5" as "-1,234.5". */
static void append_grouped(struct buffer *out, const char *text)
{
    size_t digits;

    if (*text == '-')
        buffer_char(out, *text++);
    digits = strspn(text, "0123456789");
    if (strpbrk(text, "en")) /* an exponent, as very large numbers have */
        digits = 0;
    for (size_t i = 0; i < digits; i++) {
        if (i > 0 && (digits - i) % 3 == 0)
            buffer_char(out, ',');
        buffer_char(out, text[i]);
    }
    buffer_text(out, text + digits);
}

void number_words(struct buffer *out, double value, int decimals, bool sign)
{
    char text[NUMBER_ROOM + 1];

    if (isnan(value)) {
        buffer_text(out, "n/a");
        return;
    }
    if (isinf(value)) {
        buffer_text(out, "unbounded");
        return;
    }
    if (decimals > DECIMALS_MAX)
        decimals = DECIMALS_MAX;
    if (decimals >= 0)
        *put_fixed(text, value, decimals) = '\0';
    else
        *put_rounded(text, value, decimals_for(fabs(value))) = '\0';
    if (sign && value > 0)
        buffer_char(out, '+');
    append_grouped(out, text);
}

const char *cell_text(const struct doc_cell *cell)
{
    return cell->shown ? cell->shown : cell->text;
}

static double scale_of(const struct doc_cell *cell)
{
    return cell->scale != 0 ? cell->scale : 1;
}

/* Both ends have as many digits behind the point as the greater one needs. */
static void interval_words(struct buffer *out, const struct doc_cell *cell)
{
    double scale = scale_of(cell);
    struct interval i = { cell->interval.low * scale, cell->interval.high * scale };
    double low = isfinite(i.low) ? fabs(i.low) : 0, high = isfinite(i.high) ? fabs(i.high) : 0;
    int decimals = cell->decimals >= 0 ? cell->decimals : decimals_for(low > high ? low : high);

    if (!interval_known(i)) {
        buffer_text(out, "n/a");
        return;
    }
    if (isinf(i.low) && isinf(i.high)) {
        buffer_text(out, "unbounded");
        return;
    }
    buffer_char(out, '[');
    number_words(out, i.low, decimals, cell->sign);
    buffer_text(out, ", ");
    number_words(out, i.high, decimals, cell->sign);
    buffer_text(out, cell->percent ? "]%" : "]");
}

void cell_words(struct buffer *out, const struct doc_cell *cell)
{
    if (cell->kind == DOC_INTERVAL) {
        interval_words(out, cell);
    } else if (cell->kind == DOC_NUMBER) {
        number_words(out, cell->number * scale_of(cell), cell->decimals, cell->sign);
        if (cell->percent && isfinite(cell->number))
            buffer_char(out, '%');
    }
}

const char *column_unit(const struct doc_column *column)
{
    return column->shown_unit ? column->shown_unit : column->unit;
}

void column_words(struct buffer *out, const struct doc_column *column)
{
    const char *unit = column_unit(column);

    buffer_text(out, column->head);
    if (unit && *unit)
        buffer_printf(out, ", %s", unit);
}

const char *tone_mark(const struct doc_cell *cell)
{
    if (cell->kind != DOC_NUMBER && cell->kind != DOC_INTERVAL)
        return "";
    return cell->tone == TONE_BAD ? "!" : cell->tone == TONE_UNSURE ? "?" : "";
}

const char *tone_word(enum doc_tone tone)
{
    switch (tone) {
    case TONE_BAD: return "problem";
    case TONE_UNSURE: return "warning";
    case TONE_GOOD: return "good";
    case TONE_PLAIN:
    case TONE_QUIET: break;
    }
    return "note";
}
