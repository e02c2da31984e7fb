#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/interrupt.h"
#include "store/check_inside.h"
#include "store/records.h"

#define BLOB_MAX ((size_t)512 << 20)

/* What is packed, of one run: what it is called, how many bytes it has unpacked (0: not known), their hash or NULL, and the
 * packed bytes. Run by run there is never much in memory. */
static const struct {
    const char *table, *statement;
} PACKED[] = {
    { "artifacts", "SELECT name, bytes, sha256, data FROM artifacts WHERE run_no = $1" },
    { "samples",
      "SELECT m.section || '/' || m.id, s.count * 8, NULL, s.data FROM samples s JOIN metrics m ON "
      "m.no = s.metric_no WHERE s.run_no = $1" },
    { "host_values",
      "SELECT m.section || '/' || m.id, 0, NULL, h.data FROM host_values h JOIN metrics m ON "
      "m.no = h.metric_no WHERE h.run_no = $1" },
};

static void keep(struct span text, char *ret, size_t room)
{
    (void)snprintf(ret, room, "%.*s", (int)text.len, text.at);
}

struct blob {
    const char *table, *owner; /* "artifacts", the run's id */
    struct span name, hash, packed;
    int64_t bytes; /* 0: not known */
};

/* Whether memory was enough; what is wrong with the blob is found. */
static enum ou_status look_at(struct check *c, const struct blob *b, struct buffer *plain,
                              struct ou_error *err)
{
    struct ou_error why = { 0 };
    char hash[RECORD_HASH_ROOM] = "";
    enum ou_status status;

    buffer_clear(plain);
    status = record_unpack(b->packed, plain, &why);
    if (status == OU_NO_MEMORY)
        return ou_fail(err, status, "%s", why.text);
    if (!status && b->hash.at)
        record_hash((struct span){ buffer_string(plain), plain->len }, hash);
    c->report->blobs++;
    c->report->blob_bytes += plain->len;
    if (status)
        check_found(c, true, b->table, "%s%s%.*s: %s", b->owner, b->name.len ? " " : "",
                    (int)b->name.len, b->name.len ? b->name.at : "", why.text);
    else if ((b->bytes && (int64_t)plain->len != b->bytes) ||
             (b->hash.at && !span_is(b->hash, hash)))
        check_found(c, true, b->table, "%s %.*s: its bytes are not those that were published",
                    b->owner, (int)b->name.len, b->name.at);
    return OU_OK;
}

static enum ou_status look_at_rows(struct check *c, const char *table, const char *owner,
                                   struct sql_rows *rows, struct buffer *plain,
                                   struct ou_error *err)
{
    enum ou_status ended, status = OU_OK;

    while (!status && sql_next(rows))
        status = look_at(c,
                         &(struct blob){ .table = table,
                                         .owner = owner,
                                         .name = sql_get_text(rows, 0),
                                         .bytes = sql_get_int(rows, 1),
                                         .hash = sql_get_text(rows, 2),
                                         .packed = sql_get_blob(rows, 3) },
                         plain, err);
    ended = sql_rows_end(rows, status ? NULL : err);
    return status ? status : ended;
}

static enum ou_status check_run(struct check *c, int64_t no, const char *id, struct buffer *plain,
                                struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < sizeof PACKED / sizeof *PACKED; i++) {
        struct sql_rows *rows;

        status = sql_query(c->db, PACKED[i].statement, SQL_ARGS(sql_int(no)), &rows, err);
        if (!status)
            status = look_at_rows(c, PACKED[i].table, id, rows, plain, err);
    }
    return status;
}

/* The run behind number *no; *ret_id is empty when there is none. */
static enum ou_status next_run(struct check *c, int64_t *no, char ret_id[RECORD_ID_ROOM],
                               struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status =
        sql_query(c->db, "SELECT no, id FROM runs WHERE no > $1 ORDER BY no LIMIT 1",
                  SQL_ARGS(sql_int(*no)), &rows, err);

    if (status)
        return status;
    ret_id[0] = '\0';
    if (sql_next(rows)) {
        *no = sql_get_int(rows, 0);
        keep(sql_get_text(rows, 1), ret_id, RECORD_ID_ROOM);
    }
    return sql_rows_end(rows, err);
}

/* Of an answer that is kept, the packed bytes are counted: they are what has to have room (cached.c). */
static enum ou_status look_at_kept(struct check *c, const char *id, const struct sql_rows *rows,
                                   struct buffer *plain, struct ou_error *err)
{
    const struct blob blob = { .table = "comparisons",
                               .owner = id,
                               .packed = sql_get_blob(rows, 2) };

    if ((int64_t)blob.packed.len != sql_get_int(rows, 1))
        check_found(c, true, blob.table, "%s: its bytes are not as many as are counted", id);
    return look_at(c, &blob, plain, err);
}

static enum ou_status check_comparisons(struct check *c, struct buffer *plain, struct ou_error *err)
{
    char last[RECORD_HASH_ROOM] = "";

    for (;;) {
        char id[RECORD_HASH_ROOM] = "";
        struct sql_rows *rows;
        enum ou_status ended,
            status = sql_query(
                c->db, "SELECT id, bytes, data FROM comparisons WHERE id > $1 ORDER BY id LIMIT 1",
                SQL_ARGS(sql_text(last)), &rows, err);

        if (status)
            return status;
        if (sql_next(rows)) {
            keep(sql_get_text(rows, 0), id, sizeof id);
            status = look_at_kept(c, id, rows, plain, err);
        }
        ended = sql_rows_end(rows, status ? NULL : err);
        if (status || ended || !id[0])
            return status ? status : ended;
        memcpy(last, id, sizeof last);
    }
}

enum ou_status check_blobs(struct check *c, struct ou_error *err)
{
    struct buffer plain;
    char id[RECORD_ID_ROOM] = "-";
    int64_t no = 0;
    enum ou_status status = OU_OK;

    buffer_init(&plain, allocator_libc(), BLOB_MAX);
    while (!status && id[0]) {
        if (interrupt_pending())
            status = ou_fail(err, OU_INTERRUPTED, "check a database: interrupted");
        if (!status)
            status = next_run(c, &no, id, err);
        if (!status && id[0])
            status = check_run(c, no, id, &plain, err);
    }
    if (!status)
        status = check_comparisons(c, &plain, err);
    buffer_release(&plain);
    return status;
}
