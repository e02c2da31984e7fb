/* ouroscope db backup: a copy of a whole database. */
#include <inttypes.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "cmd/db.h"
#include "json/write.h"
#include "report/safe_text.h"
#include "store/backup.h"

#define OUT_BYTES_MAX ((size_t)64 << 10)

/* A URL may have a password, which is not to be shown. */
static const char *shown(const char *to, const struct backup_done *done)
{
    return sql_is_postgres(to) ? done->shown : to;
}

static void write_json(struct sql *db, const char *to, const struct backup_done *done,
                       struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "database");
    json_cstring(&w, sql_shown(db));
    json_key(&w, "copy");
    json_cstring(&w, shown(to, done));
    json_key(&w, "runs");
    json_uint(&w, done->runs);
    json_end(&w);
    buffer_char(out, '\n');
}

static void write_text(struct sql *db, const char *to, const struct backup_done *done,
                       struct buffer *out)
{
    safe_text(out, span_of(sql_shown(db)), false);
    buffer_printf(out, ": copied, with %" PRIu64 " runs, to ", done->runs);
    safe_text(out, span_of(shown(to, done)), false);
    buffer_char(out, '\n');
}

enum exit_code cmd_db_backup(const struct parsed_options *options)
{
    const char *to = options->operands[0];
    struct backup_done done = { 0 };
    struct ou_error err = { 0 };
    struct sql *db = NULL;
    struct buffer out;
    enum ou_status status = db_open(options, DB_READ, &db, &err);
    enum exit_code code = EXIT_DONE;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = store_backup(db, to, option_given(options, DB_BACKUP_REPLACE), &done, &err);
    if (!status) {
        (option_given(options, DB_BACKUP_JSON) ? write_json : write_text)(db, to, &done, &out);
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    }
    if (status)
        code = db_failed(options, status, &err);
    buffer_release(&out);
    sql_close(db);
    return code;
}
