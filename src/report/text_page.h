/* What the text report is set with: headings, wrapped text, tables whose
 * numbers stand under each other, and bars. */
#ifndef OU_REPORT_TEXT_PAGE_H
#define OU_REPORT_TEXT_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"
#include "report/text.h"

struct page {
    struct buffer *out; /* not owned */
    int width;
    bool colour, utf8;
};

enum emphasis {
    EMPHASIS_NONE,
    EMPHASIS_BOLD,
    EMPHASIS_DIM,
    EMPHASIS_BAR,
    EMPHASIS_BAD,
    EMPHASIS_DOUBTFUL,
    EMPHASIS_GOOD
};

enum { PAGE_INDENT = 2 };

void page_init(struct page *p, const struct text_style *style, struct buffer *out);

/* Appends text of our own between the marks of an emphasis. */
void page_emphasis(struct page *p, enum emphasis emphasis, const char *text);

void page_line(struct page *p); /* an empty one */
void page_heading(struct page *p, const char *title);

/* Words, which may be foreign, on as many lines as they need. `lead`, of our
 * own, stands in front of the first one, `indent` columns from the left; the
 * others begin below the text behind it, `hang` columns further. */
void page_words(struct page *p, int indent, int hang, enum emphasis emphasis, const char *lead,
                const char *words);

/* A paragraph at the usual indentation, and a named fact. */
void page_paragraph(struct page *p, const char *words);
void page_fact(struct page *p, const char *name, const char *words);
void page_paragraphf(struct page *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
void page_factf(struct page *p, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A bar in `room` columns, which stand for 0 to 1: solid from `from` to `to`,
 * light from there to `tail`. What is not finite, or below 0, is not drawn. */
void page_bar(struct page *p, double from, double to, double tail, int room);

/* --- Tables ---------------------------------------------------------------- */

struct text_column {
    const char *head;
    bool number; /* points stand under each other; else the text begins at the left */
};

enum { TEXT_COLUMNS_MAX = 64, TEXT_PICTURE_MIN = 8 /* a narrower one says nothing */ };

struct text_table {
    const struct text_column *columns; /* not owned */
    size_t column_count;
    struct buffer cells; /* row by row, each ends in a NUL */
    size_t cell_count;
    struct buffer emphases; /* a byte a cell; those that are not there have none */
    /* A bit for each column of numbers in different units: their ends stand under each other. */
    uint64_t right;
    size_t keys; /* columns behind the first that stand in each part of a wide table, too */
    bool ascii;
};

void text_table_init(struct text_table *t, const struct page *p, const struct text_column *columns,
                     size_t column_count);
void text_table_release(struct text_table *t);

void text_cell_foreign(struct text_table *t, const char *text,
                       size_t columns_max); /* cut with ... */
void text_cell_own(struct text_table *t, const char *text);
void text_cell_count(struct text_table *t, uint64_t count);
void text_cell_number(struct text_table *t, double value, int decimals); /* "-" when not finite */

/* Gives the last cell an emphasis. */
void text_cell_emphasis(struct text_table *t, enum emphasis emphasis);

/* The columns that each column of the table takes, heads included: column_count of them. */
void text_table_widths(const struct text_table *t, size_t *ret);

/* Draws the table; `picture`, when not NULL, is asked to fill what room is left
 * at the end of each row. */
typedef void text_picture(struct page *p, int room, size_t row, const void *context);
void text_table_draw(struct page *p, const struct text_table *t, text_picture *picture,
                     const void *context);

/* The same with the first column, keys, and those from `from` to before `to`: a table too wide for the
 * page is drawn in parts. */
void text_table_draw_part(struct page *p, const struct text_table *t, size_t from, size_t to,
                          text_picture *picture, const void *context);

#endif
