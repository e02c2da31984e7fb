#include "report/html_sketch.h"

#include <math.h>

#include "report/numbers.h"

enum { WIDTH = 120, HEIGHT = 16, EDGE = 2 };

/* Where a value stands from left to right, or from bottom to top, on a stretch of so many units. */
struct scale {
    double low, high;
};

static double place(struct scale s, double value, int stretch)
{
    double share = (value - s.low) / (s.high - s.low);

    return EDGE + fmin(fmax(share, 0), 1) * (stretch - 2 * EDGE);
}

static void put(struct buffer *out, const char *before, double value)
{
    char text[NUMBER_ROOM];

    buffer_text(out, before);
    buffer_append(out, text, (size_t)(put_rounded(text, value, 1) - text));
}

static void widen(struct scale *s, double value)
{
    if (!isfinite(value))
        return;
    s->low = isnan(s->low) ? value : fmin(s->low, value);
    s->high = isnan(s->high) ? value : fmax(s->high, value);
}

static struct scale scale_of(const struct doc_sketch *sketch)
{
    struct scale s = { NAN, NAN };

    if (sketch->low < sketch->high)
        return (struct scale){ sketch->low, sketch->high };
    for (size_t i = 0; i < sketch->count; i++) {
        widen(&s, sketch->kind == SKETCH_LINE ? sketch->values[i] : sketch->boxes[i].min);
        widen(&s, sketch->kind == SKETCH_LINE ? sketch->values[i] : sketch->boxes[i].max);
    }
    if (s.low == s.high) {
        s.low -= 1;
        s.high += 1;
    }
    return s;
}

static void draw_stroke(struct buffer *out, double x1, double y1, double x2, double y2)
{
    put(out, "<path d=\"M", x1);
    put(out, " ", y1);
    put(out, "L", x2);
    put(out, " ", y2);
    buffer_text(out, "\"/>");
}

static void draw_box(const struct doc_box *box, struct scale s, struct buffer *out)
{
    double middle = HEIGHT / 2.0, median = place(s, box->median, WIDTH);
    double q1 = place(s, box->q1, WIDTH), q3 = place(s, box->q3, WIDTH);

    draw_stroke(out, place(s, box->min, WIDTH), middle, q1, middle);
    draw_stroke(out, q3, middle, place(s, box->max, WIDTH), middle);
    put(out, "<rect x=\"", q1);
    put(out, "\" y=\"", EDGE);
    put(out, "\" width=\"", fmax(q3 - q1, 0.5));
    put(out, "\" height=\"", HEIGHT - 2 * EDGE);
    buffer_text(out, "\"/><g stroke-width=\"2.5\">");
    draw_stroke(out, median, EDGE, median, HEIGHT - EDGE);
    buffer_text(out, "</g>");
}

/* A gap in the values is one in the line. */
static void draw_line(const struct doc_sketch *sketch, struct scale s, struct buffer *out)
{
    struct scale across = { 0, sketch->count > 1 ? (double)(sketch->count - 1) : 1 };
    bool pen_down = false;

    buffer_text(out, "<path d=\"");
    for (size_t i = 0; i < sketch->count; i++) {
        bool known = isfinite(sketch->values[i]);

        if (known) {
            put(out, pen_down ? "L" : "M", place(across, (double)i, WIDTH));
            put(out, " ", HEIGHT - place(s, sketch->values[i], HEIGHT));
        }
        pen_down = known;
    }
    buffer_text(out, "\"/>");
}

static bool box_is_known(const struct doc_box *box)
{
    return isfinite(box->min) && isfinite(box->q1) && isfinite(box->median) && isfinite(box->q3) &&
           isfinite(box->max);
}

void html_sketch(const struct doc_sketch *sketch, struct buffer *out)
{
    struct scale s = scale_of(sketch);

    if (isnan(s.low))
        return;
    buffer_printf(
        out,
        "<svg class=\"sketch\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" aria-hidden=\"true\">",
        WIDTH, HEIGHT, WIDTH, HEIGHT);
    if (sketch->kind == SKETCH_LINE)
        draw_line(sketch, s, out);
    else if (sketch->count > 0 && box_is_known(&sketch->boxes[0]))
        draw_box(&sketch->boxes[0], s, out);
    buffer_text(out, "</svg>");
}
