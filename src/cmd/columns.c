#include "cmd/columns.h"

#include <stdint.h>
#include <string.h>

#include "report/safe_text.h"

#define MEMORY_BYTES_MAX ((size_t)64 << 20)
#define CELL_BYTES_MAX ((size_t)1 << 20)
#define GAP 2

void columns_init(struct columns *c, size_t count, unsigned right, size_t width)
{
    *c = (struct columns){ .count = count, .right = right, .width = width };
    arena_init(&c->memory, allocator_libc(), MEMORY_BYTES_MAX);
}

void columns_release(struct columns *c)
{
    alloc_free(allocator_libc(), c->cells, c->cap * sizeof *c->cells);
    arena_release(&c->memory);
}

void columns_add(struct columns *c, const char *text)
{
    struct buffer safe;
    char *copy = NULL;

    buffer_init(&safe, allocator_libc(), CELL_BYTES_MAX);
    safe_text(&safe, span_of(text), false);
    if (!buffer_status(&safe))
        copy = arena_copy(&c->memory, buffer_string(&safe), safe.len);
    buffer_release(&safe);
    if (!copy || !array_reserve(allocator_libc(), (void **)&c->cells, &c->cap, c->used + 1,
                                sizeof *c->cells, COLUMNS_ROWS_MAX * c->count))
        c->failed = true;
    else
        c->cells[c->used++] = copy;
}

void columns_printf(struct columns *c, const char *format, ...)
{
    struct buffer text;
    va_list args;

    buffer_init(&text, allocator_libc(), CELL_BYTES_MAX);
    va_start(args, format);
    buffer_vprintf(&text, format, args);
    va_end(args);
    if (buffer_status(&text))
        c->failed = true;
    else
        columns_add(c, buffer_string(&text));
    buffer_release(&text);
}

static size_t width_of(const char *cell)
{
    return text_columns(span_of(cell));
}

static void measure(const struct columns *c, size_t widths[COLUMNS_MAX])
{
    memset(widths, 0, COLUMNS_MAX * sizeof *widths);
    for (size_t i = 0; i < c->used; i++) {
        size_t width = width_of(c->cells[i]);

        if (width > widths[i % c->count])
            widths[i % c->count] = width;
    }
}

/* As much of a text as fits, with dots where something is missing. */
static void append_cut(struct buffer *out, const char *text, size_t room)
{
    size_t len = 0, taken = 0;

    if (width_of(text) <= room) {
        buffer_text(out, text);
        return;
    }
    while (text[len] && taken + 3 < room) {
        do
            len++;
        while (((unsigned char)text[len] & 0xc0) == 0x80);
        taken++;
    }
    buffer_append(out, text, len);
    buffer_text(out, "...");
}

static void append_row(const struct columns *c, const size_t *widths, const char *const *row,
                       struct buffer *out)
{
    size_t column = 0, start = out->len;

    for (size_t i = 0; i < c->count; i++) {
        int fill = (int)(widths[i] - width_of(row[i]));

        if (i > 0)
            buffer_printf(out, "%*s", GAP, "");
        if (c->right >> i & 1)
            buffer_printf(out, "%*s", fill, "");
        if (i + 1 < c->count)
            buffer_text(out, row[i]);
        else
            append_cut(out, row[i], c->width > column + 20 ? c->width - column : SIZE_MAX);
        if (!(c->right >> i & 1))
            buffer_printf(out, "%*s", fill, "");
        column += widths[i] + GAP;
    }
    while (!buffer_status(out) && out->len > start && out->at[out->len - 1] == ' ')
        buffer_drop(out, 1);
    buffer_char(out, '\n');
}

enum ou_status columns_write(const struct columns *c, struct buffer *out, struct ou_error *err)
{
    size_t widths[COLUMNS_MAX];

    if (c->failed)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a table");
    measure(c, widths);
    for (size_t i = 0; i + c->count <= c->used; i += c->count)
        append_row(c, widths, &c->cells[i], out);
    return buffer_status(out) ? ou_fail(err, buffer_status(out), "no memory for a table") : OU_OK;
}
