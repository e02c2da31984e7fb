/* The documentation of trace points in Markdown: what there is, and what a
 * configuration makes of it. Sections are those of the document that
 * cardano-node writes of its own points; there are no data points yet. */
#include "trace/document.h"

#include <ouroscope/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "trace/config_read.h"
#include "trace/point_names.h"
#include "trace/points.h"

#define DOCUMENT_BYTES_MAX ((size_t)16 << 20)
#define NAMES_BYTES_MAX ((size_t)4 << 20)

/* A metric as a point feeds it. Copied: points may go while the rest is written. */
struct fed_metric {
    const char *shown, *help, *ns;
};

struct document {
    const struct config *config;
    const char *title;
    document_wanted *wanted; /* NULL: all */
    struct buffer *out;
    struct arena names;   /* of the copies */
    const char *previous; /* name of the point before; "" in front of the first */
    size_t messages;
    struct fed_metric *fed;
    size_t fed_count, fed_cap, metric_count;
    bool no_memory;
};

static struct rule rule_of(const struct document *d, const struct ou_point *point)
{
    return config_rule(d->config, point->ns);
}

bool document_is_unfiltered(const struct ou_point *point)
{
    return strncmp(point->ns, "Reflection.", strlen("Reflection.")) == 0;
}

static bool is_silent(const struct document *d, const struct ou_point *point)
{
    return !document_is_unfiltered(point) && point->severity < rule_of(d, point).severity;
}

/* A name that is declared twice is documented once. */
static bool is_left_out(struct document *d, const struct ou_point *point)
{
    bool again = strcmp(d->previous, point->ns) == 0;
    const char *copy;

    if (d->wanted && !d->wanted(point))
        return true;
    copy = arena_copy(&d->names, point->ns, strlen(point->ns));
    d->no_memory |= !copy;
    d->previous = copy ? copy : "";
    return again;
}

/* --- Contents ------------------------------------------------------------------------ */

/* As forges make it of a heading: lower case, without dots. */
static void write_anchor(struct buffer *out, const char *heading)
{
    for (; *heading; heading++)
        if (*heading >= 'A' && *heading <= 'Z')
            buffer_char(out, (char)(*heading | 0x20));
        else if (*heading != '.')
            buffer_char(out, *heading);
}

static void write_bullet(struct buffer *out, int depth)
{
    buffer_printf(out, "%*s- ", 2 * depth, "");
}

static void write_entry(struct document *d, const struct ou_point *point, const char *segment)
{
    buffer_printf(d->out, "[%s](#", segment);
    write_anchor(d->out, point->ns);
    buffer_printf(d->out, ")%s%s\n", is_silent(d, point) ? " \xe2\x93\xa2" : "",
                  point->metrics && point->metrics->name ? " \xe2\x93\x9c" : "");
}

/* The segments that the point before had not, the last one with a link. */
static void add_to_contents(void *context, struct ou_point *point)
{
    struct document *d = context;
    const char *before = d->previous, *at = point->ns;
    int depth = 0;

    if (is_left_out(d, point))
        return;
    for (;; depth++) {
        size_t len = strcspn(at, ".");
        bool shared = strncmp(before, at, len) == 0 && (before[len] == '.' || before[len] == 0);

        if (at[len] == 0)
            break;
        if (!shared) {
            write_bullet(d->out, depth);
            buffer_printf(d->out, "%.*s\n", (int)len, at);
            before = "";
        } else {
            before += len + (before[len] == '.');
        }
        at += len + 1;
    }
    write_bullet(d->out, depth);
    write_entry(d, point, at);
    d->messages++;
}

/* --- Messages ------------------------------------------------------------------------- */

/* What stands in the JSON, in words. */
static const char *const type_words[] = {
    [OU_TYPE_u64] = "number",
    [OU_TYPE_i64] = "number",
    [OU_TYPE_f64] = "number",
    [OU_TYPE_digits] = "string of digits",
    [OU_TYPE_boolean] = "true or false",
    [OU_TYPE_flag] = "true, or left out",
    [OU_TYPE_text] = "string",
    [OU_TYPE_json] = "any JSON",
    [OU_TYPE_hash] = "hash in hex",
    [OU_TYPE_parent] = "hash in hex, or `GenesisHash`",
    [OU_TYPE_txid] = "first 8 digits of a hash",
    [OU_TYPE_point] = "`hash@slot`",
    [OU_TYPE_block] = "object: `hash`, `kind`, `slot`",
    [OU_TYPE_peer] = "object: `connectionId`",
    [OU_TYPE_hashes] = "list of hashes in hex",
    [OU_TYPE_txids] = "list of objects: `txid`",
    [OU_TYPE_headers] = "list of headers",
};

_Static_assert(sizeof type_words / sizeof *type_words == OU_TYPES, "a type has no words");

/* Text in a cell of a table. */
static void write_cell(struct buffer *out, const char *text)
{
    for (; *text; text++) {
        if (*text == '|')
            buffer_char(out, '\\');
        buffer_char(out, *text == '\n' ? ' ' : *text);
    }
}

const char *document_type_words(enum ou_type type)
{
    return type < OU_TYPES ? type_words[type] : "?";
}

static void write_field(struct buffer *out, const struct ou_field *f)
{
    const char *type = document_type_words(f->type);

    if (f->detail == OU_HUMAN_ONLY)
        buffer_printf(out, "| `{%s}` | %s | in the human form only | ", f->name, type);
    else
        buffer_printf(out, "| `%s` | %s | `%s` | ", f->path, type, detail_name(f->detail));
    write_cell(out, f->help);
    buffer_text(out, " |\n");
}

static void write_constant(struct buffer *out, const char *path, int path_len, const char *text,
                           int text_len)
{
    buffer_printf(out, "| `%.*s` | string | `DMinimal` | always `%.*s` |\n", path_len, path,
                  text_len, text);
}

/* "path=text" in lines. */
static void write_constants(struct buffer *out, const char *lines)
{
    while (lines && *lines) {
        int path = (int)strcspn(lines, "=\n"), line = (int)strcspn(lines, "\n");
        int text = line > path ? line - path - 1 : 0;

        write_constant(out, lines, path, lines + line - text, text);
        lines += line + (lines[line] == '\n');
    }
}

static void write_fields(struct buffer *out, const struct ou_point *point)
{
    if (point->field_count == 0 && !point->kind && !point->constants)
        return;
    buffer_text(out, "| field | type | from detail | what it is |\n|---|---|---|---|\n");
    if (point->kind)
        write_constant(out, "kind", 4, point->kind, (int)strlen(point->kind));
    write_constants(out, point->constants);
    for (uint32_t i = 0; i < point->field_count; i++)
        write_field(out, &point->fields[i]);
    buffer_char(out, '\n');
    if (point->empty_below > OU_DMINIMAL)
        buffer_printf(out, "Below `%s` there are no fields at all.\n\n",
                      detail_name(point->empty_below));
}

static void write_formerly(struct buffer *out, const char *name, const char *year)
{
    if (name)
        buffer_printf(out, "`%s` (%s)", name, year);
}

static void write_names(struct buffer *out, const struct ou_point *point)
{
    const struct point_names names = names_of_point(point);
    const char *kind = names.kind;

    if (names.logger)
        buffer_printf(out, "In the legacy layout: logger `cardano.node.%s`%s%s%s%s\n\n",
                      names.logger, kind ? ", kind `" : "", kind ? kind : "", kind ? "`" : "",
                      names.wrapped ? ", wrapped in `credentials` and `val`" : "");
    if (!names.former && !names.early)
        return;
    buffer_text(out, "Formerly: ");
    write_formerly(out, names.former, "2023");
    buffer_text(out, names.former && names.early ? ", " : "");
    write_formerly(out, names.early, "2021");
    buffer_text(out, "\n\n");
}

static void write_backends(const struct document *d, unsigned backends)
{
    const struct config *c = d->config;

    buffer_text(d->out, "Backends:\n\n");
    if (!backends)
        buffer_text(d->out, "- none\n");
    for (const struct backend_word *word = config_backend_words; word->word; word++)
        if (backends & word->bit)
            buffer_printf(d->out, "- `%s`\n", word->word);
    for (int i = 0; i < c->file_count; i++)
        if (backends & BACKEND_FILE(i))
            buffer_printf(d->out, "- `%s %s`\n", config_file_words[c->files[i].format],
                          c->files[i].path);
    if (backends & BACKEND_PROMETHEUS)
        buffer_printf(d->out, "- `PrometheusSimple %s %s %d`\n",
                      c->prometheus.suffix ? "suffix" : "nosuffix", c->prometheus.host,
                      c->prometheus.port);
    buffer_char(d->out, '\n');
}

static void write_rule(const struct document *d, const struct ou_point *point)
{
    struct rule rule = rule_of(d, point);

    buffer_text(d->out, "From current configuration:\n\n");
    if (rule.detail != OU_DNORMAL)
        buffer_printf(d->out, "Details: `%s`\n\n", detail_name(rule.detail));
    write_backends(d, rule.backends);
    if (document_is_unfiltered(point)) {
        buffer_text(d->out, "Never filtered\n\n");
        return;
    }
    buffer_printf(d->out, "Filtered `%s` by config value: `%s`\n\n",
                  is_silent(d, point) ? "Invisible" : "Visible", severity_name(rule.severity));
    if (rule.max_frequency > 0) {
        char number[JSON_DOUBLE_ROOM];
        size_t len = json_format_double(rule.max_frequency, number);

        buffer_printf(d->out, "Limiter `%s` with frequency `%.*s%s`\n\n", point->ns, (int)len,
                      number, memchr(number, '.', len) ? "" : ".0");
    }
}

static void write_quoted(struct buffer *out, const char *text)
{
    buffer_text(out, "> ");
    for (; *text; text++) {
        buffer_char(out, *text);
        if (*text == '\n')
            buffer_text(out, "> ");
    }
    buffer_text(out, "\n\n");
}

static void add_message(void *context, struct ou_point *point)
{
    struct document *d = context;

    if (is_left_out(d, point))
        return;
    buffer_printf(d->out, "### %s\n\n", point->ns);
    write_quoted(d->out, point->help ? point->help : "");
    buffer_printf(d->out, "Severity: `%s`  \nPrivacy: `%s`  \nDetails: `%s`\n\n",
                  severity_name(point->severity),
                  point->privacy == OU_CONFIDENTIAL ? "Confidential" : "Public",
                  detail_name(OU_DNORMAL));
    write_fields(d->out, point);
    if (point->human)
        buffer_printf(d->out, "Human form: `%s`\n\n", point->human);
    write_names(d->out, point);
    write_rule(d, point);
}

/* --- Metrics --------------------------------------------------------------------------- */

/* The name in the store: with the prefix before and the kind behind. */
static const char *shown_name(struct document *d, const struct ou_metric *metric)
{
    static const char *const kinds[] = {
        [OU_GAUGE] = "_int", [OU_REAL] = "_real", [OU_COUNTER] = "_counter", [OU_LABEL] = ""
    };
    struct buffer name;
    const char *copy;

    buffer_init(&name, allocator_libc(), 4096);
    buffer_printf(&name, "%s%s%s", d->config->metrics_prefix, metric->name, kinds[metric->kind]);
    copy = arena_copy(&d->names, buffer_string(&name), name.len);
    buffer_release(&name);
    return copy;
}

static void add_metrics(void *context, struct ou_point *point)
{
    struct document *d = context;
    const char *ns = is_left_out(d, point) ? NULL : d->previous;

    for (const struct ou_metric *m = point->metrics; ns && m && m->name; m++) {
        const char *help = m->help ? m->help : "";
        struct fed_metric fed = { shown_name(d, m), NULL, ns };
        void *at = d->fed;

        fed.help = arena_copy(&d->names, help, strlen(help));
        d->no_memory |= !fed.shown || !fed.help ||
                        !array_reserve(allocator_libc(), &at, &d->fed_cap, d->fed_count + 1,
                                       sizeof(*d->fed), SIZE_MAX / sizeof(*d->fed));
        d->fed = at;
        if (d->no_memory)
            return;
        d->fed[d->fed_count++] = fed;
    }
}

static int compare_fed(const void *a, const void *b)
{
    const struct fed_metric *x = a, *y = b;
    int order = strcmp(x->shown, y->shown);

    return order ? order : strcmp(x->ns, y->ns);
}

static void write_metrics(struct document *d)
{
    if (d->fed_count == 0)
        return;
    qsort(d->fed, d->fed_count, sizeof(*d->fed), compare_fed);
    buffer_text(d->out, "## Metrics\n\n");
    for (size_t i = 0; i < d->fed_count; i++) {
        const struct fed_metric *m = &d->fed[i];

        if (i == 0 || strcmp(m->shown, m[-1].shown) != 0) {
            buffer_printf(d->out, "### %s\n\n", m->shown);
            write_quoted(d->out, m->help);
            buffer_text(d->out, "Dispatched by:\n\n");
            d->metric_count++;
        }
        buffer_printf(d->out, "- `%s`\n", m->ns);
        if (i + 1 == d->fed_count || strcmp(m->shown, m[1].shown) != 0)
            buffer_char(d->out, '\n');
    }
}

/* --- The whole ------------------------------------------------------------------------- */

static void each_point(struct document *d, void (*each)(void *context, struct ou_point *point))
{
    d->previous = "";
    points_each(each, d);
}

static void write_document(struct document *d)
{
    buffer_printf(d->out, "# %s\n\n## Contents\n\n", d->title);
    each_point(d, add_to_contents);
    buffer_text(d->out, "\n\xe2\x93\xa2 silent under this configuration, \xe2\x93\x9c feeds "
                        "metrics\n\n## Trace Messages\n\n");
    each_point(d, add_message);
    each_point(d, add_metrics);
    write_metrics(d);
    buffer_text(d->out, "## Configuration\n\n```json is tracing-configuration\n");
    config_json_indented(d->config, d->out);
    buffer_printf(d->out, "\n```\n\n%zu messages, %zu metrics.\n", d->messages, d->metric_count);
}

enum ou_status document_make(const struct config *config, const char *title,
                             document_wanted *wanted, char **ret, struct ou_error *err)
{
    struct buffer out;
    struct document d = { .config = config, .title = title, .wanted = wanted, .out = &out };
    enum ou_status status;

    buffer_init(&out, allocator_libc(), DOCUMENT_BYTES_MAX);
    arena_init(&d.names, allocator_libc(), NAMES_BYTES_MAX);
    write_document(&d);
    status = d.no_memory ? OU_NO_MEMORY : buffer_status(&out);
    if (status) {
        buffer_release(&out);
        status = ou_fail(err, status, "document trace points: %s", ou_status_name(status));
    } else {
        *ret = out.at; /* malloc's, as promised */
    }
    alloc_free(allocator_libc(), d.fed, d.fed_cap * sizeof(*d.fed));
    arena_release(&d.names);
    return status;
}

enum ou_status ou_trace_document(const char *path, char **ret, struct ou_error *err)
{
    struct config *config = NULL;
    enum ou_status status = OU_OK;

    if (path)
        status = config_load(path, NULL, &config, err);
    else if (!(config = config_default()))
        status = ou_fail(err, OU_NO_MEMORY, "document trace points: no memory");
    if (!status)
        status = document_make(config, "Trace documentation", NULL, ret, err);
    config_free(config);
    return status;
}
