/* ouroscope token list: which tokens there are. */
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "cmd/columns.h"
#include "cmd/terminal.h"
#include "cmd/token.h"
#include "json/write.h"

#define OUT_BYTES_MAX ((size_t)16 << 20)

enum { SQL_ID, SQL_NAME, SQL_SCOPES, SQL_PROJECT, SQL_CREATED, SQL_EXPIRES, SQL_REVOKED, SQL_USED };

static const char statement[] =
    "SELECT k.id, k.name, k.scopes, p.name, k.created_ns, k.expires_ns, k.revoked_ns, k.used_ns "
    "FROM tokens k LEFT JOIN projects p ON p.no = k.project_no ORDER BY k.no";

static void row_to_json(const struct sql_rows *rows, struct json_writer *w)
{
    static const char *const times[] = { "createdAt", "expiresAt", "revokedAt", "usedAt" };

    json_begin_object(w);
    json_key(w, "id");
    json_text(w, sql_get_text(rows, SQL_ID));
    json_key(w, "name");
    json_text(w, sql_get_text(rows, SQL_NAME));
    json_key(w, "scopes");
    json_raw(w, sql_get_text(rows, SQL_SCOPES));
    json_key(w, "project");
    if (sql_is_null(rows, SQL_PROJECT))
        json_none(w);
    else
        json_text(w, sql_get_text(rows, SQL_PROJECT));
    for (int i = 0; i < 4; i++) {
        json_key(w, times[i]);
        json_instant(w, sql_get_time(rows, SQL_CREATED + i));
    }
    json_end(w);
}

static void write_json(struct sql_rows *rows, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_array(&w);
    while (sql_next(rows))
        row_to_json(rows, &w);
    json_end(&w);
    buffer_char(out, '\n');
}

static const char *state_of(const struct sql_rows *rows, int64_t now_ns)
{
    int64_t expires_ns = sql_get_time(rows, SQL_EXPIRES);

    if (!sql_is_null(rows, SQL_REVOKED))
        return "revoked";
    return expires_ns != TIME_NONE && expires_ns <= now_ns ? "expired" : "good";
}

/* The day of an instant, "-" where there is none. */
static void add_day(struct columns *c, int64_t ns)
{
    char text[TIME_ISO_ROOM];

    if (ns == TIME_NONE) {
        columns_add(c, "-");
        return;
    }
    time_format_iso(ns, text);
    columns_printf(c, "%.10s", text);
}

static void add_text(struct columns *c, struct span text)
{
    columns_printf(c, "%.*s", (int)text.len, text.len ? text.at : "");
}

/* ["read","publish"]: as --scopes takes them. */
static void add_scopes(struct columns *c, struct span list)
{
    char text[64];
    size_t len = 0;

    for (size_t i = 0; i < list.len && len + 1 < sizeof text; i++)
        if (!strchr("[]\" ", list.at[i]))
            text[len++] = list.at[i];
    text[len] = '\0';
    columns_add(c, text);
}

static enum ou_status write_table(struct sql_rows *rows, struct buffer *out, struct ou_error *err)
{
    static const char *const heads[] = { "ID",      "NAME", "SCOPES",  "PROJECT",
                                         "CREATED", "USED", "EXPIRES", "STATE" };
    const size_t count = sizeof heads / sizeof *heads;
    const int64_t now_ns = time_wall_ns();
    struct columns c;
    enum ou_status status;

    columns_init(&c, count, 0, isatty(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    for (size_t i = 0; i < count; i++)
        columns_add(&c, heads[i]);
    while (sql_next(rows)) {
        add_text(&c, sql_get_text(rows, SQL_ID));
        add_text(&c, sql_get_text(rows, SQL_NAME));
        add_scopes(&c, sql_get_text(rows, SQL_SCOPES));
        add_text(&c, sql_is_null(rows, SQL_PROJECT) ? span_of("(all)")
                                                    : sql_get_text(rows, SQL_PROJECT));
        add_day(&c, sql_get_time(rows, SQL_CREATED));
        add_day(&c, sql_get_time(rows, SQL_USED));
        add_day(&c, sql_get_time(rows, SQL_EXPIRES));
        columns_add(&c, state_of(rows, now_ns));
    }
    status = columns_write(&c, out, err);
    columns_release(&c);
    return status;
}

static enum ou_status write_list(const struct parsed_options *options, struct sql *db,
                                 struct buffer *out, struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, statement, SQL_NO_ARGS, &rows, err), ended;

    if (status)
        return status;
    if (option_given(options, TOKEN_LIST_JSON))
        write_json(rows, out);
    else
        status = write_table(rows, out, err);
    ended = sql_rows_end(rows, status ? NULL : err);
    return status ? status : ended;
}

enum exit_code cmd_token_list(const struct parsed_options *options)
{
    struct ou_error err = { 0 };
    struct sql *db = NULL;
    struct buffer out;
    enum ou_status status = token_open(options, DB_READ, &db, &err);
    enum exit_code code = EXIT_DONE;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = write_list(options, db, &out, &err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    if (status)
        code = token_failed(options, status, &err);
    buffer_release(&out);
    sql_close(db);
    return code;
}
