#include "report/csv.h"

#include <string.h>

#include "json/write.h"
#include "report/numbers.h"
#include "report/safe_text.h"

/* Quotes are doubled inside quotes. A lone carriage return is quoted too, as
 * some readers end a line at it. */
static void quoted_text(struct buffer *out, struct span text)
{
    buffer_char(out, '"');
    while (text.len > 0) {
        const char *quote = memchr(text.at, '"', text.len);
        size_t len = quote ? (size_t)(quote - text.at) : text.len;

        valid_text(out, (struct span){ text.at, len });
        if (quote)
            buffer_text(out, "\"\"");
        len += quote != NULL;
        text = (struct span){ text.at + len, text.len - len };
    }
    buffer_char(out, '"');
}

/* An empty text is quoted, so that it is told from a text that is not known. */
void csv_text(struct buffer *out, const char *text)
{
    if (*text && !strpbrk(text, ",\"\r\n"))
        valid_text(out, span_of(text));
    else
        quoted_text(out, span_of(text));
}

static void csv_number(struct buffer *out, const struct cell *cell)
{
    char text[NUMBER_ROOM], *end = text;

    switch (cell->kind) {
    case CELL_COUNT: end = put_i64(text, cell->integer); break;
    case CELL_SECONDS: end = put_seconds(text, cell->integer); break;
    case CELL_INSTANT: end += time_format_iso(cell->integer, text); break;
    case CELL_REAL: end += json_format_double(cell->real, text); break;
    default: break;
    }
    buffer_append(out, text, (size_t)(end - text));
}

static void csv_cell(struct buffer *out, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NONE: break;
    case CELL_TEXT: csv_text(out, cell->text); break;
    case CELL_BOOL: buffer_text(out, cell->yes ? "true" : "false"); break;
    default: csv_number(out, cell);
    }
}

void report_csv(const struct analysis *a, enum report_table table, struct buffer *out)
{
    struct table_columns columns = table_columns(table);
    struct buffer scratch;
    struct table_row row = { .a = a, .scratch = &scratch };

    buffer_init(&scratch, allocator_libc(), out->max);
    for (size_t i = 0; i < columns.count; i++) {
        if (i > 0)
            buffer_char(out, ',');
        csv_text(out, columns.at[i].id);
    }
    buffer_char(out, '\n');
    while (table_next(table, &row)) {
        for (size_t i = 0; i < columns.count; i++) {
            struct cell cell = columns.at[i].get(&row, columns.at[i].which);

            if (i > 0)
                buffer_char(out, ',');
            csv_cell(out, &cell);
        }
        buffer_char(out, '\n');
        buffer_inherit(out, &scratch); /* a cell that lost text is a failure of the table */
    }
    buffer_release(&scratch);
}
