#include "report/sketch_page.h"

#include "report/cell_words.h"
#include "report/safe_text.h"
#include "report/sketch.h"

enum { BOX_LABEL_MAX = 24, SKETCH_ROOM_MAX = 60, SCRATCH_MAX = 1 << 16 };

/* The names of the boxes, and how many columns they take. */
static size_t label_columns(const struct doc_sketch *sketch)
{
    size_t widest = 0;

    for (size_t i = 0; i < sketch->count; i++) {
        const char *label = sketch->boxes[i].label;
        size_t width = label ? text_columns(span_of(label)) : 0;

        widest = width > widest ? width : widest;
    }
    return widest < BOX_LABEL_MAX ? widest : BOX_LABEL_MAX;
}

struct box_pictures {
    const struct doc_sketch *sketch;
    double low, high;
};

static void draw_box(struct page *p, int room, size_t row, const void *context)
{
    const struct box_pictures *boxes = context;

    room = room < SKETCH_ROOM_MAX ? room : SKETCH_ROOM_MAX;
    sketch_box(p->out, &boxes->sketch->boxes[row], boxes->low, boxes->high, room, p->utf8);
}

static void add_scale(struct page *p, const char *kind, double low, double high)
{
    struct buffer words;

    buffer_init(&words, allocator_libc(), SCRATCH_MAX);
    buffer_printf(&words, "%s ", kind);
    number_words(&words, low, -1, false);
    buffer_text(&words, " to ");
    number_words(&words, high, -1, false);
    page_paragraph(p, buffer_string(&words));
    buffer_inherit(p->out, &words);
    buffer_release(&words);
}

static void add_boxes(struct page *p, const struct doc_sketch *sketch)
{
    static const struct text_column columns[] = { { "", false }, { "median", true } };
    struct box_pictures boxes = { .sketch = sketch };
    struct text_table t;
    struct buffer words;

    if (!sketch_scale(sketch, &boxes.low, &boxes.high))
        return;
    text_table_init(&t, p, columns, 2);
    for (size_t i = 0; i < sketch->count; i++) {
        const char *label = sketch->boxes[i].label;

        text_cell_foreign(&t, label ? label : "", label_columns(sketch));
        buffer_init(&words, allocator_libc(), SCRATCH_MAX);
        number_words(&words, sketch->boxes[i].median, -1, false);
        text_cell_own(&t, buffer_string(&words));
        buffer_inherit(&t.cells, &words);
        buffer_release(&words);
    }
    text_table_draw(p, &t, draw_box, &boxes);
    text_table_release(&t);
    add_scale(p, "scale:", boxes.low, boxes.high);
}

static void add_sparkline(struct page *p, const struct doc_sketch *sketch)
{
    double low, high;
    int room = p->width - 2 * PAGE_INDENT;

    if (!sketch_scale(sketch, &low, &high))
        return;
    for (int i = 0; i < PAGE_INDENT; i++)
        buffer_char(p->out, ' ');
    sketch_line(p->out, sketch->values, sketch->count,
                room < SKETCH_ROOM_MAX ? room : SKETCH_ROOM_MAX, p->utf8);
    page_line(p);
    add_scale(p, "from", low, high);
}

void page_sketch(struct page *p, const struct doc_sketch *sketch)
{
    if (sketch->kind == SKETCH_BOXES)
        add_boxes(p, sketch);
    else
        add_sparkline(p, sketch);
}
