#include "json/members.h"
#include "report/analysis_json_parts.h"
#include "report/tables.h"

/* --- What was read ----------------------------------------------------------- */

static void write_files(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "files");
    json_begin_array(w);
    for (size_t i = 0; i < a->file_count; i++) {
        const struct file_read_result *f = &a->files[i];

        json_begin_object(w);
        json_member_string(w, "path", f->path);
        json_member_string(w, "host", f->host);
        json_member_string(w, "compression", f->compression);
        json_member_count(w, "lines", f->lines);
        json_member_count(w, "bytes", f->bytes);
        json_member_string(w, "xxh128", f->checksum);
        json_member_instant(w, "first", f->first_ns);
        json_member_instant(w, "last", f->last_ns);
        json_member_string(w, "problem", f->problem);
        json_end(w);
    }
    json_end(w);
}

static void write_events(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "events");
    json_begin_array(w);
    for (size_t i = 0; i < a->event_count; i++) {
        const struct event_count *e = &a->events[i];

        json_begin_object_inline(w);
        json_member_string(w, "name", e->name);
        json_member_string(w, "event", e->event < EVENT_KINDS ? event_infos[e->event].name : NULL);
        json_member_count(w, "lines", e->lines);
        json_end(w);
    }
    json_end(w);
}

static void write_rejects(struct json_writer *w, const struct analysis *a, const char *key,
                          bool expected)
{
    json_key(w, key);
    json_begin_array(w);
    for (size_t i = 0; i < a->reject_count; i++) {
        const struct reject_count *r = &a->rejects[i];

        if (r->expected != expected)
            continue;
        json_begin_object(w);
        json_member_string(w, "code", r->code);
        json_member_string(w, "reason", r->reason);
        json_member_count(w, "lines", r->lines);
        json_member_string(w, "firstPath", r->first_path);
        json_member_count(w, "firstLine", r->first_line);
        json_end(w);
    }
    json_end(w);
}

void analysis_json_reading(struct json_writer *w, const struct analysis *a)
{
    json_key(w, "read");
    json_begin_object(w);
    json_member_count(w, "lines", a->lines);
    json_member_count(w, "bytes", a->bytes);
    json_member_count(w, "objects", a->objects);
    json_member_instant(w, "first", a->first_ns);
    json_member_instant(w, "last", a->last_ns);
    write_files(w, a);
    write_events(w, a);
    write_rejects(w, a, "notUnderstood", false);
    write_rejects(w, a, "setAside", true);
    json_end(w);
}

/* Only where there was a load generator's log. */
void analysis_json_load(struct json_writer *w, const struct analysis *a)
{
    if (a->load.generators == 0)
        return;
    json_key(w, "load");
    json_begin_object(w);
    json_member_count(w, "generators", a->load.generators);
    json_key(w, "transactionsSent");
    if (a->load.txs_sent < 0)
        json_none(w);
    else
        json_int(w, a->load.txs_sent);
    json_end(w);
}

/* --- Tables of the report as arrays of objects -------------------------------- */

static void write_cell(struct json_writer *w, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NONE: json_none(w); break;
    case CELL_TEXT: json_cstring(w, cell->text); break;
    case CELL_COUNT: json_int(w, cell->integer); break;
    case CELL_REAL: json_double(w, cell->real); break;
    case CELL_SECONDS: json_seconds(w, cell->integer); break;
    case CELL_INSTANT: json_instant(w, cell->integer); break;
    case CELL_BOOL: json_bool(w, cell->yes); break;
    }
}

void analysis_json_hosts(struct json_writer *w, const struct analysis *a)
{
    struct table_columns columns = table_columns(TABLE_HOSTS);
    struct table_row row = { .a = a };

    json_key(w, "hosts");
    json_begin_array(w);
    while (table_next(TABLE_HOSTS, &row)) {
        json_begin_object(w);
        for (size_t i = 0; i < columns.count; i++) {
            struct cell cell = columns.at[i].get(&row, columns.at[i].which);

            json_key(w, columns.at[i].id);
            write_cell(w, &cell);
        }
        json_end(w);
    }
    json_end(w);
}
