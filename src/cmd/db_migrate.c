/* ouroscope db migrate: brings a database to this program's schema. */
#include <inttypes.h>
#include <unistd.h>

#include "base/buffer.h"
#include "base/file.h"
#include "cmd/db.h"
#include "json/write.h"
#include "report/safe_text.h"
#include "store/migrate.h"

#define OUT_BYTES_MAX ((size_t)64 << 10)

static void write_json(struct sql *db, int64_t before, int64_t now, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "database");
    json_cstring(&w, sql_shown(db));
    json_key(&w, "before");
    json_int(&w, before);
    json_key(&w, "now");
    json_int(&w, now);
    json_key(&w, "applied");
    json_begin_array(&w);
    for (int64_t version = before; version < now; version++)
        json_cstring(&w, migrate_version((size_t)version).name);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}

static void write_text(struct sql *db, int64_t before, int64_t now, struct buffer *out)
{
    for (int64_t version = before; version < now; version++)
        buffer_printf(out, "applied %s\n", migrate_version((size_t)version).name);
    safe_text(out, span_of(sql_shown(db)), false);
    buffer_printf(out,
                  before == now ? ": is up to date: schema version %" PRId64 "\n"
                                : ": schema version %" PRId64 "\n",
                  now);
}

enum exit_code cmd_db_migrate(const struct parsed_options *options)
{
    struct ou_error err = { 0 };
    struct sql *db = NULL;
    struct buffer out;
    int64_t before = 0, now = 0;
    enum ou_status status = db_open(options, DB_MAKE, &db, &err);
    enum exit_code code = EXIT_DONE;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = migrate_current(db, &before, &err);
    if (!status)
        status = migrate(db, 0, NULL, &err);
    if (!status)
        status = migrate_current(db, &now, &err);
    if (!status) {
        (option_given(options, DB_MIGRATE_JSON) ? write_json : write_text)(db, before, now, &out);
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    }
    if (status)
        code = db_failed(options, status, &err);
    buffer_release(&out);
    sql_close(db);
    return code;
}
