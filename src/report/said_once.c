#include "report/said_once.h"

#include <string.h>

#include "report/cell_words.h"

enum { WORDS_MAX = 1 << 10 };

static const struct doc_cell *row_at(const struct doc_table *t, size_t row)
{
    return &t->cells[row * t->column_count];
}

static bool is_same(const struct doc_cell *a, const struct doc_cell *b, struct buffer *out)
{
    struct buffer one, other;
    bool same;

    buffer_init(&one, allocator_libc(), WORDS_MAX);
    buffer_init(&other, allocator_libc(), WORDS_MAX);
    cell_words(&one, a);
    cell_words(&other, b);
    same = strcmp(buffer_string(&one), buffer_string(&other)) == 0;
    buffer_inherit(out, &one);
    buffer_inherit(out, &other);
    buffer_release(&one);
    buffer_release(&other);
    return same;
}

/* The first row that people see; NULL without. */
static const struct doc_cell *first_seen(const struct doc_table *t)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (!row_at(t, row)->unseen)
            return row_at(t, row);
    return NULL;
}

bool is_said_once(const struct doc_table *t, size_t column, struct buffer *out)
{
    const struct doc_cell *first = first_seen(t);
    size_t rows = 0;

    if (!first || !t->columns[column].said_once || first[column].kind != DOC_NUMBER)
        return false;
    for (size_t row = 0; row < t->row_count; row++) {
        const struct doc_cell *cells = row_at(t, row);

        if (cells->unseen)
            continue;
        if (!is_same(&cells[column], &first[column], out))
            return false;
        rows++;
    }
    return rows > 1;
}

void table_note(struct buffer *out, const struct doc_table *t)
{
    const char *before = t->note ? " In each row: " : "In each row: ";
    bool some = false;

    buffer_text(out, t->note ? t->note : "");
    for (size_t i = 0; i < t->column_count; i++) {
        if (!is_said_once(t, i, out))
            continue;
        buffer_printf(out, "%s%s ", some ? ", " : before, t->columns[i].head);
        cell_words(out, &first_seen(t)[i]);
        some = true;
    }
    if (some)
        buffer_char(out, '.');
}
