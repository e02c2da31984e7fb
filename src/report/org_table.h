/* Tables in Emacs Org mode, drawn as the field's existing tool draws them, so
 * that its documents and formulas find what they expect:
 *
 *   |---+--------+------|
 *   | ! | metric | size |        `!` names the columns, `#` is data, `_` names
 *   |---+--------+------|        the constants below it; only extended tables
 *   | # |    one |  1.0 |        have this first column
 *   |---+--------+------|
 *   | _ |  count |      |
 *   | # |      1 |      |
 */
#ifndef OU_REPORT_ORG_TABLE_H
#define OU_REPORT_ORG_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buffer.h"

/* A number named below the table, for formulas. */
struct org_constant {
    const char *name, *value;
};

/* Cells come one after the other, row by row: the header first, then the rows
 * of the body, then those of the summary. Init, cells, draw, release. */
struct org_table {
    bool extended;
    size_t columns;                       /* the marker not counted */
    size_t summary_rows;                  /* the last rows stand below a rule of their own */
    const struct org_constant *constants; /* not owned */
    size_t constant_count;
    struct buffer cells; /* each ends in a NUL */
};

void org_table_init(struct org_table *t, bool extended, size_t columns);
void org_table_release(struct org_table *t);

/* One cell of text that is fit for a table: org_escape() made it so. */
void org_cell(struct org_table *t, const char *text);

/* Appends the table; *out fails as t->cells has. */
void org_table_draw(const struct org_table *t, struct buffer *out);

/* Appends foreign text so that it can neither end its cell nor its line. */
void org_escape(struct buffer *out, const char *text);

/* A number in a cell `width` characters wide, as the published tables have it:
 * in plain decimal, without the 0 before its point, cut - not rounded - to the
 * width, and centred in it with the odd blank to the left. Digits before the
 * point are never cut: the cell grows. With width 0 nothing is cut or centred. */
void org_number(struct org_table *t, double value, int width);
void org_seconds(struct org_table *t, int64_t ns, int width);
void org_count(struct org_table *t, int64_t count, int width);

/* The text of the cell that org_count() makes: for a constant. */
#define ORG_NUMBER_ROOM 96
void org_count_text(int64_t count, int width, char out[ORG_NUMBER_ROOM]);

#endif
