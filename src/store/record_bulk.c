#include "store/record_bulk.h"

#include <assert.h>
#include <string.h>

#include "base/buffer.h"

/* Two shapes of a statement, one row and BULK_ROWS of them, so that both stay prepared. */
static enum ou_status insert(struct bulk *b, const struct sql_value *values, size_t rows)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), (size_t)64 << 10);
    buffer_printf(&text, "%s VALUES ", b->head);
    for (size_t i = 0; i < rows * b->columns; i++)
        buffer_printf(&text, "%s$%zu%s",
                      i % b->columns ? ", "
                      : i            ? ", ("
                                     : "(",
                      i + 1, (i + 1) % b->columns ? "" : ")");
    status = buffer_status(&text);
    if (status)
        ou_fail(b->err, status, "no memory for a statement");
    else
        status = sql_run(b->db, buffer_string(&text), values, rows * b->columns, NULL, b->err);
    buffer_release(&text);
    return status;
}

void bulk_add(struct bulk *b, const struct sql_value *row)
{
    assert(b->columns <= BULK_COLUMNS_MAX);
    if (b->status)
        return;
    memcpy(b->values + b->rows * b->columns, row, b->columns * sizeof *row);
    if (++b->rows < BULK_ROWS)
        return;
    b->status = insert(b, b->values, b->rows);
    b->rows = 0;
}

enum ou_status bulk_end(struct bulk *b)
{
    for (size_t i = 0; !b->status && i < b->rows; i++)
        b->status = insert(b, b->values + i * b->columns, 1);
    b->rows = 0;
    return b->status;
}
