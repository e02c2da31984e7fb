#include "report/document.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "report/row_units.h"
#include "stats/scratch.h"

#define CHECKSUM_DIGITS_SHOWN 12

enum { FIRST_ROWS = 8 };

void document_init(struct document *d)
{
    *d = (struct document){ .title = "", .subtitle = "" };
    d->spare.id = d->spare.title = d->spare.units = d->spare.reading = d->spare.spec = "";
    arena_init(&d->memory, allocator_libc(), DOCUMENT_BYTES_MAX);
}

void document_release(struct document *d)
{
    arena_release(&d->memory);
    *d = (struct document){ 0 };
}

enum ou_status document_status(const struct document *d, struct ou_error *err)
{
    const enum ou_status status =
        d->status ? ou_fail(err, d->status, "the report: %s", ou_status_name(d->status)) : OU_OK;

    return scratch_settle(status, err);
}

/* Zeroed memory for count things; NULL, and the document has failed, when there is none. */
static void *take(struct document *d, size_t count, size_t bytes, size_t align)
{
    void *at = NULL;

    if (d->status)
        return NULL;
    if (count <= DOCUMENT_BYTES_MAX / bytes)
        at = arena_take(&d->memory, count * bytes, align);
    if (!at)
        d->status =
            count <= DOCUMENT_BYTES_MAX / bytes && arena_has_room(&d->memory, count * bytes, align)
                ? OU_NO_MEMORY
                : OU_TOO_LARGE;
    return at;
}

#define TAKE(d, count, type) ((type *)take(d, count, sizeof(type), _Alignof(type)))

/* An array of count items that grows by doubling, from a power of two on: no room needs to be
 * remembered. Returns the array with room for one more. */
static void *grown(struct document *d, const void *at, size_t count, size_t bytes, size_t align)
{
    void *more;

    if (count > 0 && (count & (count - 1)) != 0)
        return (void *)at;
    more = take(d, count > 0 ? count * 2 : 1, bytes, align);
    if (more && count > 0)
        memcpy(more, at, count * bytes);
    return more;
}

const char *document_kept(struct document *d, struct buffer *text)
{
    const char *copy = document_text(d, "%s", buffer_string(text));

    if (!d->status)
        d->status = buffer_status(text);
    buffer_release(text);
    return copy;
}

/* --- Text and blocks --------------------------------------------------------- */

__attribute__((format(printf, 2, 0))) static const char *text_of(struct document *d,
                                                                 const char *format, va_list args)
{
    va_list again;
    char *text;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0)
        return "";
    text = TAKE(d, (size_t)len + 1, char);
    if (!text)
        return "";
    vsnprintf(text, (size_t)len + 1, format, args);
    return text;
}

const char *document_text(struct document *d, const char *format, ...)
{
    const char *text;
    va_list args;

    va_start(args, format);
    text = text_of(d, format, args);
    va_end(args);
    return text;
}

const char *document_version(struct document *d, const char *version)
{
    static const char mark[] = "sha256:";

    return strncmp(version, mark, sizeof mark - 1) == 0
               ? document_text(d, "%.*s", (int)(sizeof mark - 1 + CHECKSUM_DIGITS_SHOWN), version)
               : version;
}

static bool is_taken(const struct document *d, const char *id)
{
    for (const struct doc_block *block = d->first; block; block = block->next)
        if (block->id && strcmp(block->id, id) == 0)
            return true;
    return false;
}

/* The id, or with a number behind it where something else has it already: each is an anchor. */
static const char *own_id(struct document *d, const char *id)
{
    const char *own = id;

    for (int i = 2; d->status == OU_OK && is_taken(d, own); i++)
        own = document_text(d, "%s-%d", id, i);
    return own;
}

static struct doc_block *add_block(struct document *d, enum doc_block_kind kind)
{
    struct doc_block *block = TAKE(d, 1, struct doc_block);

    if (!block)
        return NULL;
    block->kind = kind;
    block->detail = d->in_detail;
    if (d->last)
        d->last->next = block;
    else
        d->first = block;
    d->last = block;
    return block;
}

void document_heading(struct document *d, int level, const char *id, const char *text)
{
    const char *own = own_id(d, id);
    struct doc_block *block = add_block(d, DOC_HEADING);

    if (!block)
        return;
    block->level = level;
    block->id = own;
    block->text = text;
}

__attribute__((format(printf, 4, 0))) static void add_words(struct document *d,
                                                            enum doc_block_kind kind,
                                                            enum doc_tone tone, const char *format,
                                                            va_list args)
{
    const char *text = text_of(d, format, args);
    struct doc_block *block = add_block(d, kind);

    if (!block)
        return;
    block->text = text;
    block->tone = tone;
}

void document_paragraph(struct document *d, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_words(d, DOC_PARAGRAPH, TONE_PLAIN, format, args);
    va_end(args);
}

void document_notice(struct document *d, enum doc_tone tone, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_words(d, DOC_NOTICE, tone, format, args);
    va_end(args);
}

void document_fact(struct document *d, const char *name, const char *value)
{
    bool joins = d->last && d->last->kind == DOC_FACTS;
    struct doc_block *block = joins ? d->last : add_block(d, DOC_FACTS);
    struct doc_fact *facts;

    if (!block)
        return;
    facts = grown(d, block->facts, block->fact_count, sizeof *facts, _Alignof(struct doc_fact));
    if (!facts)
        return;
    block->facts = facts;
    facts[block->fact_count++] = (struct doc_fact){ name, value };
}

void document_footer(struct document *d, const char *name, const char *value)
{
    size_t room = sizeof d->footer / sizeof *d->footer;

    assert(d->footer_count < room);
    if (d->footer_count < room)
        d->footer[d->footer_count++] = (struct doc_fact){ name, value };
}

/* --- Tables ------------------------------------------------------------------ */

static void table_init(struct document *d, struct doc_table *t, const char *id, const char *title,
                       const struct doc_column *columns, size_t column_count)
{
    assert(column_count > 0 && column_count <= DOC_COLUMNS_MAX);
    t->id = own_id(d, id);
    t->title = title;
    t->columns = TAKE(d, column_count, struct doc_column);
    if (!t->columns)
        return;
    memcpy(t->columns, columns, column_count * sizeof *columns);
    t->column_count = column_count;
}

struct doc_table *document_table(struct document *d, const char *id, const char *title,
                                 const struct doc_column *columns, size_t column_count)
{
    struct doc_table *t = TAKE(d, 1, struct doc_table);
    struct doc_block *block;

    if (!t)
        return &d->spare.data;
    table_init(d, t, id, title, columns, column_count);
    block = add_block(d, DOC_TABLE);
    if (!block)
        return &d->spare.data;
    block->id = t->id;
    block->table = t;
    return t;
}

static bool make_room_for_row(struct document *d, struct doc_table *t)
{
    size_t room = t->row_room > 0 ? t->row_room * 2 : FIRST_ROWS;
    struct doc_cell *cells;

    if (t->row_count < t->row_room)
        return true;
    cells = take(d, room, t->column_count * sizeof *cells, _Alignof(struct doc_cell));
    if (!cells)
        return false;
    if (t->row_count > 0)
        memcpy(cells, t->cells, t->row_count * t->column_count * sizeof *cells);
    t->cells = cells;
    t->row_room = room;
    return true;
}

void doc_add_cell(struct document *d, struct doc_table *t, struct doc_cell cell)
{
    if (d->status)
        return;
    if (t->cell_count == t->row_count * t->column_count) {
        if (!make_room_for_row(d, t))
            return;
        t->row_count++;
    }
    t->cells[t->cell_count++] = cell;
    if (t->cell_count == t->row_count * t->column_count)
        row_units_choose(d, t, t->row_count - 1);
}

void doc_hide_row(struct doc_table *t)
{
    if (t->row_count > 0)
        t->cells[(t->row_count - 1) * t->column_count].unseen = true;
}

void doc_add_text(struct document *d, struct doc_table *t, const char *text)
{
    doc_add_cell(d, t, (struct doc_cell){ .kind = text ? DOC_TEXT : DOC_NONE, .text = text });
}

void doc_add_number(struct document *d, struct doc_table *t, double value, int decimals)
{
    enum doc_cell_kind kind = isfinite(value) ? DOC_NUMBER : DOC_NONE;

    doc_add_cell(d, t, (struct doc_cell){ .kind = kind, .number = value, .decimals = decimals });
}

void doc_add_count(struct document *d, struct doc_table *t, int64_t count)
{
    enum doc_cell_kind kind = count >= 0 ? DOC_NUMBER : DOC_NONE;

    doc_add_cell(d, t, (struct doc_cell){ .kind = kind, .number = (double)count });
}

void doc_add_interval(struct document *d, struct doc_table *t, struct interval interval,
                      int decimals)
{
    enum doc_cell_kind kind = interval_known(interval) ? DOC_INTERVAL : DOC_NONE;

    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = kind, .interval = interval, .decimals = decimals });
}

void doc_add_none(struct document *d, struct doc_table *t)
{
    doc_add_cell(d, t, (struct doc_cell){ .kind = DOC_NONE });
}

void doc_end_row(struct document *d, struct doc_table *t)
{
    while (!d->status && t->cell_count < t->row_count * t->column_count)
        doc_add_none(d, t);
}

/* --- Sketches ---------------------------------------------------------------- */

static bool box_is_known(const struct doc_box *box)
{
    return isfinite(box->min) && isfinite(box->q1) && isfinite(box->median) && isfinite(box->q3) &&
           isfinite(box->max);
}

void doc_add_box(struct document *d, struct doc_table *t, struct doc_box box, double low,
                 double high)
{
    struct doc_sketch *sketch = box_is_known(&box) ? TAKE(d, 1, struct doc_sketch) : NULL;
    struct doc_box *boxes = sketch ? TAKE(d, 1, struct doc_box) : NULL;

    if (!boxes) {
        doc_add_none(d, t);
        return;
    }
    *boxes = box;
    *sketch = (struct doc_sketch){ SKETCH_BOXES, boxes, NULL, 1, low, high };
    doc_add_cell(d, t, (struct doc_cell){ .kind = DOC_SKETCH, .sketch = sketch });
}

struct doc_figure *document_figure(struct document *d, const char *id, const char *title,
                                   const char *spec, const struct doc_column *columns,
                                   size_t column_count)
{
    struct doc_figure *f = TAKE(d, 1, struct doc_figure);
    struct doc_block *block;

    if (!f)
        return &d->spare;
    *f = (struct doc_figure){ .id = id, .title = title, .units = "", .reading = "", .spec = spec };
    table_init(d, &f->data, id, title, columns, column_count);
    block = add_block(d, DOC_FIGURE);
    if (!block)
        return &d->spare;
    f->id = f->data.id;
    block->id = f->id;
    block->figure = f;
    return f;
}

static struct doc_sketch *sketch_of(struct document *d, struct doc_figure *f)
{
    if (!f->sketch)
        f->sketch = TAKE(d, 1, struct doc_sketch);
    return d->status ? NULL : f->sketch;
}

void doc_figure_box(struct document *d, struct doc_figure *f, struct doc_box box)
{
    struct doc_sketch *sketch = sketch_of(d, f);
    struct doc_box *boxes;

    if (!sketch || !box_is_known(&box))
        return;
    boxes = grown(d, sketch->boxes, sketch->count, sizeof *boxes, _Alignof(struct doc_box));
    if (!boxes)
        return;
    sketch->kind = SKETCH_BOXES;
    sketch->boxes = boxes;
    boxes[sketch->count++] = box;
}

void doc_figure_line(struct document *d, struct doc_figure *f, const double *values, size_t count)
{
    struct doc_sketch *sketch = sketch_of(d, f);
    double *copy = sketch && count > 0 ? TAKE(d, count, double) : NULL;

    if (!copy)
        return;
    memcpy(copy, values, count * sizeof *copy);
    *sketch = (struct doc_sketch){ .kind = SKETCH_LINE, .values = copy, .count = count };
}
