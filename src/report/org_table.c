#include "report/org_table.h"

#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "report/numbers.h"
#include "report/safe_text.h"

enum { CELLS_MAX = 1 << 28, COLUMNS_MAX = 64 };

void org_table_init(struct org_table *t, bool extended, size_t columns)
{
    assert(columns > 0 && columns <= COLUMNS_MAX);
    *t = (struct org_table){ .extended = extended, .columns = columns };
    buffer_init(&t->cells, allocator_libc(), CELLS_MAX);
}

void org_table_release(struct org_table *t)
{
    buffer_release(&t->cells);
}

void org_cell(struct org_table *t, const char *text)
{
    buffer_append(&t->cells, text, strlen(text) + 1);
}

void org_escape(struct buffer *out, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "|");

        safe_text(out, (struct span){ text, len }, false);
        text += len;
        if (*text == '|') {
            buffer_text(out, "\\vert{}");
            text++;
        }
    }
}

/* --- Numbers --------------------------------------------------------------- */

/* text is a number in plain decimal. */
static void lay_out(const char *text, int width, char cell[ORG_NUMBER_ROOM])
{
    size_t room, len, left, before_point;

    text += text[0] == '0' && text[1] == '.';
    before_point = strcspn(text, ".");
    len = strlen(text);
    room = width > 0 ? (size_t)width : len;
    if (len > room)
        len = before_point < room ? room : before_point;
    if (len > 1 && text[len - 1] == '.')
        len--;
    left = len < room ? (room - len + 1) / 2 : 0;
    memset(cell, ' ', ORG_NUMBER_ROOM);
    memcpy(cell + left, text, len);
    cell[len < room ? room : len] = '\0';
}

static void number_cell(struct org_table *t, const char *text, int width)
{
    char cell[ORG_NUMBER_ROOM];

    lay_out(text, width, cell);
    org_cell(t, cell);
}

void org_number(struct org_table *t, double value, int width)
{
    char text[ORG_NUMBER_ROOM], *end = put_plain(text, value);

    *end = '\0';
    if (!strpbrk(text, ".e"))
        memcpy(end, ".0", 3); /* a real number shows that it is one */
    number_cell(t, text, width);
}

void org_seconds(struct org_table *t, int64_t ns, int width)
{
    char text[ORG_NUMBER_ROOM];

    *put_seconds(text, ns) = '\0';
    number_cell(t, text, width);
}

void org_count_text(int64_t count, int width, char out[ORG_NUMBER_ROOM])
{
    char text[ORG_NUMBER_ROOM];

    *put_i64(text, count) = '\0';
    lay_out(text, width, out);
}

void org_count(struct org_table *t, int64_t count, int width)
{
    char cell[ORG_NUMBER_ROOM];

    org_count_text(count, width, cell);
    org_cell(t, cell);
}

/* --- Drawing --------------------------------------------------------------- */

struct drawing {
    const struct org_table *table;
    struct buffer *out;
    size_t widths[COLUMNS_MAX];
};

static size_t constant_columns(const struct org_table *t, size_t from)
{
    size_t left = t->constant_count - from;

    return left < t->columns ? left : t->columns;
}

static void widen(size_t *width, const char *text)
{
    size_t columns = text_columns(span_of(text));

    if (columns > *width)
        *width = columns;
}

static void measure(struct drawing *d)
{
    const struct org_table *t = d->table;
    const char *cell = t->cells.at, *end = cell + t->cells.len;

    for (size_t i = 0; cell < end; i++, cell += strlen(cell) + 1)
        widen(&d->widths[i % t->columns], cell);
    for (size_t i = 0; i < t->constant_count; i++) {
        widen(&d->widths[i % t->columns], t->constants[i].name);
        widen(&d->widths[i % t->columns], t->constants[i].value);
    }
}

static void blanks(struct buffer *out, char c, size_t count)
{
    while (count-- > 0)
        buffer_char(out, c);
}

static void draw_rule(struct drawing *d)
{
    buffer_text(d->out, d->table->extended ? "|---+" : "|");
    for (size_t i = 0; i < d->table->columns; i++) {
        blanks(d->out, '-', d->widths[i] + 2);
        buffer_char(d->out, i + 1 < d->table->columns ? '+' : '|');
    }
    buffer_char(d->out, '\n');
}

static void begin_row(struct drawing *d, char mark)
{
    buffer_char(d->out, '|');
    if (d->table->extended)
        buffer_printf(d->out, " %c |", mark);
}

static void draw_cell(struct drawing *d, size_t column, const char *text)
{
    blanks(d->out, ' ', 1 + d->widths[column] - text_columns(span_of(text)));
    buffer_text(d->out, text);
    buffer_text(d->out, " |");
}

/* Returns the first cell of the next row. */
static const char *draw_row(struct drawing *d, char mark, const char *cell)
{
    begin_row(d, mark);
    for (size_t i = 0; i < d->table->columns; i++, cell += strlen(cell) + 1)
        draw_cell(d, i, cell);
    buffer_char(d->out, '\n');
    return cell;
}

/* Pairs of rows: the names, and below them the values. */
static void draw_constants(struct drawing *d)
{
    const struct org_table *t = d->table;

    for (size_t from = 0; from < t->constant_count; from += t->columns) {
        size_t here = constant_columns(t, from);

        for (int values = 0; values < 2; values++) {
            begin_row(d, values ? '#' : '_');
            for (size_t i = 0; i < t->columns; i++) {
                const struct org_constant *c = &t->constants[from + i];

                draw_cell(d, i, i >= here ? "" : values ? c->value : c->name);
            }
            buffer_char(d->out, '\n');
        }
    }
}

static size_t row_count(const struct org_table *t)
{
    size_t cells = 0;

    for (size_t i = 0; i < t->cells.len; i++)
        cells += t->cells.at[i] == '\0';
    assert(cells % t->columns == 0 && cells >= t->columns);
    return cells / t->columns;
}

void org_table_draw(const struct org_table *t, struct buffer *out)
{
    struct drawing d = { .table = t, .out = out };
    const char *cell = t->cells.at;
    size_t rows;

    if (buffer_status(&t->cells) != OU_OK) {
        buffer_inherit(out, &t->cells);
        return;
    }
    rows = row_count(t);
    measure(&d);
    draw_rule(&d);
    cell = draw_row(&d, '!', cell);
    draw_rule(&d);
    for (size_t row = 1; row < rows; row++) {
        if (row > 1 && row == rows - t->summary_rows)
            draw_rule(&d);
        cell = draw_row(&d, '#', cell);
    }
    if (t->constant_count > 0) {
        draw_rule(&d);
        draw_constants(&d);
    }
}
