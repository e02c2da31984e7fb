#include <math.h>

#include "base/time.h"
#include "stats/quantile.h"
#include "store/list_statement.h"

/* [[0, 0.1], [0.5, 1.25], ...] without those that are not known. Stored as little-endian doubles. */
static void quantiles_to_json(struct span blob, struct json_writer *w)
{
    json_begin_array(w);
    for (size_t i = 0; i < STANDARD_QUANTILES && (i + 1) * sizeof(double) <= blob.len; i++) {
        double value;

        memcpy(&value, blob.at + i * sizeof value, sizeof value);
        if (!isfinite(value))
            continue;
        json_begin_array(w);
        json_double(w, standard_quantiles[i]);
        json_double(w, value);
        json_end(w);
    }
    json_end(w);
}

void value_to_json(const struct list_field *field, const struct sql_rows *rows, int column,
                   struct json_writer *w)
{
    if (sql_is_null(rows, column)) {
        json_none(w);
        return;
    }
    switch (field->type) {
    case FIELD_TEXT: json_text(w, sql_get_text(rows, column)); break;
    case FIELD_INT: json_int(w, sql_get_int(rows, column)); break;
    case FIELD_REAL: json_double(w, sql_get_real(rows, column)); break;
    case FIELD_BOOL: json_bool(w, sql_get_int(rows, column) != 0); break;
    case FIELD_TIME: json_instant(w, sql_get_time(rows, column)); break;
    case FIELD_JSON: json_raw(w, sql_get_text(rows, column)); break;
    case FIELD_QUANTILES: quantiles_to_json(sql_get_blob(rows, column), w); break;
    }
}

/* ---- CSV ---- */

static bool wants_quotes(struct span text)
{
    for (size_t i = 0; i < text.len; i++)
        if (text.at[i] == ',' || text.at[i] == '"' || text.at[i] == '\r' || text.at[i] == '\n')
            return true;
    return false;
}

static void csv_cell(struct buffer *out, struct span text)
{
    if (!wants_quotes(text)) {
        buffer_append(out, text.at, text.len);
        return;
    }
    buffer_char(out, '"');
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] == '"')
            buffer_char(out, '"');
        buffer_char(out, text.at[i]);
    }
    buffer_char(out, '"');
}

/* Spreadsheets compute what begins like a formula, and texts are foreign: an apostrophe in front makes it a text. */
static void csv_foreign(struct buffer *out, struct span text)
{
    struct buffer marked;

    if (text.len == 0 || !*text.at || !strchr("=+-@\t\r", *text.at)) {
        csv_cell(out, text);
        return;
    }
    buffer_init(&marked, out->from, text.len + 1);
    buffer_char(&marked, '\'');
    buffer_append(&marked, text.at, text.len);
    if (buffer_status(&marked))
        out->status = buffer_status(&marked);
    else
        csv_cell(out, (struct span){ marked.at, marked.len });
    buffer_release(&marked);
}

static void csv_json(const struct list_field *field, const struct sql_rows *rows, int column,
                     struct buffer *out)
{
    struct json_writer w;
    struct buffer text;

    buffer_init(&text, out->from, out->max);
    json_writer_init(&w, &text, false);
    value_to_json(field, rows, column, &w);
    if (buffer_status(&text))
        out->status = buffer_status(&text);
    else
        csv_cell(out, (struct span){ buffer_string(&text), text.len });
    buffer_release(&text);
}

void value_to_csv(const struct list_field *field, const struct sql_rows *rows, int column,
                  struct buffer *out)
{
    char instant[TIME_ISO_ROOM];

    if (sql_is_null(rows, column))
        return;
    switch (field->type) {
    case FIELD_TEXT: csv_foreign(out, sql_get_text(rows, column)); break;
    case FIELD_TIME:
        buffer_append(out, instant, time_format_iso(sql_get_time(rows, column), instant));
        break;
    case FIELD_INT:
    case FIELD_REAL:
    case FIELD_BOOL:
    case FIELD_JSON:
    case FIELD_QUANTILES: csv_json(field, rows, column, out); break;
    }
}
