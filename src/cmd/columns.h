/* A plain table of text: columns as wide as their widest cell, two blanks between. For lists that commands print. */
#ifndef OU_CMD_COLUMNS_H
#define OU_CMD_COLUMNS_H

#include "base/arena.h"
#include "base/buffer.h"

#define COLUMNS_MAX 8
#define COLUMNS_ROWS_MAX 200000

struct columns {
    struct arena memory;
    size_t count;       /* of columns */
    unsigned right;     /* bit i: column i is aligned at its right edge, as numbers are */
    size_t width;       /* of the whole; the last column is cut to it. 0: no limit */
    const char **cells; /* row after row; owned */
    size_t cap, used;   /* of cells */
    bool failed;        /* no memory; told by columns_write() */
};

void columns_init(struct columns *c, size_t count, unsigned right, size_t width);
void columns_release(struct columns *c);

/* Adds a cell to the last row, or the first one to the next; a copy, made safe for terminals (report/safe_text.h). */
void columns_add(struct columns *c, const char *text);
void columns_printf(struct columns *c, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Appends all rows to out. Lines have no blanks at their end. */
enum ou_status columns_write(const struct columns *c, struct buffer *out, struct ou_error *err);

#endif
