/* ouroscope db check: whether a database is whole. */
#include <inttypes.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/db.h"
#include "cmd/run_folder.h"
#include "json/write.h"
#include "report/numbers.h"
#include "report/safe_text.h"
#include "store/check.h"

#define OUT_BYTES_MAX ((size_t)1 << 20)

static void write_findings(const struct check_report *report, struct json_writer *w)
{
    json_key(w, "findings");
    json_begin_array(w);
    for (size_t i = 0; i < report->finding_count; i++) {
        json_begin_object_inline(w);
        json_key(w, "damage");
        json_bool(w, report->findings[i].is_damage);
        json_key(w, "where");
        json_cstring(w, report->findings[i].where);
        json_key(w, "says");
        json_cstring(w, report->findings[i].says);
        json_end(w);
    }
    json_end(w);
    json_key(w, "leftOut");
    json_uint(w, report->left_out);
}

static void write_json(struct sql *db, const struct check_report *report, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    json_key(&w, "database");
    json_cstring(&w, sql_shown(db));
    json_key(&w, "whole");
    json_bool(&w, report->damage_count == 0);
    json_key(&w, "schemaVersion");
    json_int(&w, report->schema_version);
    json_key(&w, "rows");
    json_begin_object(&w);
    for (size_t i = 0; i < store_table_count; i++) {
        json_key(&w, store_tables[i].name);
        json_int(&w, report->rows[i]);
    }
    json_end(&w);
    json_key(&w, "compared");
    json_uint(&w, report->blobs);
    json_key(&w, "comparedBytes");
    json_uint(&w, report->blob_bytes);
    write_findings(report, &w);
    json_end(&w);
    buffer_char(out, '\n');
}

static uint64_t rows_of(const struct check_report *report, const char *table)
{
    uint64_t all = 0;

    for (size_t i = 0; i < store_table_count; i++)
        if (!table || strcmp(table, store_tables[i].name) == 0)
            all += (uint64_t)report->rows[i];
    return all;
}

static void put_number(uint64_t number, const char *behind, struct buffer *out)
{
    char text[64];

    buffer_append(out, text, (size_t)(put_grouped(text, number) - text));
    buffer_text(out, behind);
}

static void write_text(struct sql *db, const struct check_report *report, struct buffer *out)
{
    char bytes[RUN_BYTES_ROOM];

    for (size_t i = 0; i < report->finding_count; i++) {
        const struct check_finding *finding = &report->findings[i];

        buffer_printf(out, "%s in %s: ", finding->is_damage ? "damage" : "remark", finding->where);
        safe_text(out, span_of(finding->says), false);
        buffer_char(out, '\n');
    }
    if (report->left_out)
        put_number(report->left_out, " further findings are left out\n", out);
    safe_text(out, span_of(sql_shown(db)), false);
    buffer_text(out, report->damage_count ? ": is damaged: " : ": is whole: ");
    put_number(rows_of(report, "runs"), " runs, ", out);
    put_number(rows_of(report, NULL), " rows in all, ", out);
    put_number(report->blobs, " packed values compared", out);
    run_bytes_text(report->blob_bytes, bytes);
    buffer_printf(out, " (%s); schema version %" PRId64 "\n", bytes, report->schema_version);
}

enum exit_code cmd_db_check(const struct parsed_options *options)
{
    struct check_report report = { 0 };
    struct ou_error err = { 0 };
    struct sql *db = NULL;
    struct arena memory;
    struct buffer out;
    enum ou_status status = db_open(options, DB_READ, &db, &err);
    enum exit_code code = EXIT_DONE;

    arena_init(&memory, allocator_libc(), CHECK_MEMORY_MAX);
    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = store_check(db, &memory, &report, &err);
    if (!status) {
        (option_given(options, DB_CHECK_JSON) ? write_json : write_text)(db, &report, &out);
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    }
    if (status)
        code = db_failed(options, status, &err);
    else if (report.damage_count)
        code = EXIT_FAILED;
    buffer_release(&out);
    arena_release(&memory);
    sql_close(db);
    return code;
}
