#include "study/table_lines.h"

#include <stdio.h>

#include "base/buffer.h"
#include "study/table_parts.h"

#define LINES_MAX ((size_t)64 << 20)
#define NAME_ROOM 512

struct lines {
    table_lines_taker *take;
    void *context;
};

static const char header[] = "report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n";

/* A row as it stands in the file, without its line end. */
static void append_row(const struct row *row, struct buffer *out)
{
    const struct span *last = &row->fields[FIELDS - 1];

    buffer_append(out, row->fields[0].at, (size_t)(last->at + last->len - row->fields[0].at));
    buffer_char(out, '\n');
}

/* Newest last, as readers take the last of reports that are equally new for the newest. */
static void append_columns(const struct table *t, const struct column *const *columns, size_t count,
                           struct buffer *out)
{
    buffer_text(out, header);
    for (size_t i = count; i > 0; i--) {
        const struct column *c = columns[i - 1];

        for (size_t k = c->first_row; k < c->first_row + c->row_count; k++)
            append_row(&t->sorted[k], out);
    }
}

static void take_lines(struct table *t, const struct column *const *columns, size_t count,
                       const struct column *named)
{
    struct lines *to = t->context;
    struct buffer text;
    char name[NAME_ROOM];

    buffer_init(&text, allocator_libc(), LINES_MAX);
    append_columns(t, columns, count, &text);
    snprintf(name, sizeof name, "%.*s/%.*s", SPAN(named->workload), SPAN(named->name));
    if (buffer_status(&text))
        reading_fail(t->r, buffer_status(&text), "no room for the lines of %s", name);
    else
        t->r->status =
            to->take(to->context, &(struct table_lines){ name, { text.at, text.len } }, t->r->err);
    buffer_release(&text);
}

enum ou_status table_lines_each(struct span table, const char *path, const char *selector,
                                table_lines_taker *take, void *context, struct ou_error *err)
{
    struct run_set none = { 0 };
    struct reading r = { .set = &none, .path = path, .operand = path, .err = err };

    table_walk(&r, table, selector, take_lines, &(struct lines){ take, context });
    return r.status;
}
