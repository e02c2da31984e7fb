#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json/write.h"
#include "trace/metrics.h"
#include "trace/metrics_table.h"

/* Above what METRICS_MAX metrics of the longest names, helps and labels come to. */
#define TEXT_MAX ((size_t)32 << 20)

/* NUL: left out. */
static char mangled(char c)
{
    if (c == ' ' || c == '-' || c == '.')
        return '_';
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'
               ? c
               : '\0';
}

size_t metric_mangle(const char *name, char *out)
{
    size_t len = 0;

    for (; *name; name++)
        if (mangled(*name))
            out[len++] = mangled(*name);
    return len;
}

/* A page in the making. */
struct page {
    struct buffer *out;
    const char *prefix;
    bool suffix;
};

static void put_name(const struct page *p, const struct metric *m)
{
    for (const char *at = p->prefix; *at; at++)
        if (mangled(*at))
            buffer_char(p->out, mangled(*at));
    buffer_append(p->out, m->shown, p->suffix ? m->shown_bytes : m->bare_bytes);
}

/* Two metrics of one name, a name of nothing, or one that begins with a digit would spoil
 * the page for its reader: of the former the first is shown, the latter are not. */
static bool is_shown(const struct page *p, const struct metric *m)
{
    const char *at = p->prefix;
    char first;

    while (*at && !mangled(*at))
        at++;
    if (*at)
        first = mangled(*at);
    else
        first = (p->suffix ? m->shown_bytes : m->bare_bytes) ? m->shown[0] : '\0';
    return first && (first < '0' || first > '9') &&
           !(p->suffix ? m->shown_doubled : m->bare_doubled);
}

/* A quote becomes another one: of the two text formats that the page is read as, one wants it
 * escaped and the other refuses that. */
static void put_help(const struct page *p, const struct metric *m)
{
    const char *help = atomic_load_explicit(&m->help, memory_order_acquire);

    if (!help || !*help)
        return;
    buffer_text(p->out, "# HELP ");
    put_name(p, m);
    buffer_char(p->out, ' ');
    for (; *help; help++)
        switch (*help) {
        case '\n': buffer_text(p->out, "\\n"); break;
        case '\\': buffer_text(p->out, "\\\\"); break;
        case '"': buffer_char(p->out, '\''); break;
        default: buffer_char(p->out, *help);
        }
    buffer_char(p->out, '\n');
}

static void put_type(const struct page *p, const struct metric *m, const char *type)
{
    buffer_text(p->out, "# TYPE ");
    put_name(p, m);
    buffer_printf(p->out, " %s\n", type);
}

void metric_put_real(double value, struct buffer *out)
{
    char text[JSON_DOUBLE_ROOM];

    if (isfinite(value))
        buffer_append(out, text, json_format_double(value, text));
    else
        buffer_text(out, isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
}

static void put_number(const struct page *p, const struct metric *m)
{
    uint64_t bits = atomic_load_explicit(&m->bits, memory_order_relaxed);
    double real;

    /* A real is a text in the stores of Cardano nodes, hence without a type. */
    if (m->kind != OU_REAL)
        put_type(p, m, m->kind == OU_GAUGE ? "gauge" : "counter");
    put_help(p, m);
    put_name(p, m);
    buffer_char(p->out, ' ');
    if (m->kind == OU_GAUGE)
        buffer_printf(p->out, "%" PRId64, (int64_t)bits);
    else if (m->kind == OU_COUNTER)
        buffer_printf(p->out, "%" PRIu64, bits);
    else
        metric_put_real((memcpy(&real, &bits, sizeof real), real), p->out);
    buffer_char(p->out, '\n');
}

/* The type is OpenMetrics', but stands in the page whatever the client takes, as it does in that of
 * Cardano nodes. Prometheus asks for OpenMetrics; a strict reader of the older format (promtool) refuses
 * a page with such a metric. */
static void put_labels(const struct page *p, const struct metric *m)
{
    char labels[METRIC_LABELS_MAX];
    size_t len = metric_labels_get(m, labels);

    if (len == 0) /* it is being set for the first time just now */
        return;
    put_type(p, m, "info");
    put_help(p, m);
    put_name(p, m);
    buffer_append(p->out, labels, len);
    buffer_text(p->out, " 1\n");
}

void metrics_text(const char *prefix, bool suffix, struct buffer *out)
{
    struct page p = { out, prefix, suffix };
    const struct metric *m;

    for (unsigned i = 0; (m = metric_table_at(i)); i++) {
        if (!is_shown(&p, m))
            continue;
        if (m->kind == OU_LABEL)
            put_labels(&p, m);
        else
            put_number(&p, m);
    }
    buffer_text(out, "# EOF\n");
}

enum ou_status ou_metrics_text(char **ret, struct ou_error *err)
{
    char *prefix = metric_table_prefix();
    struct buffer out;
    enum ou_status status = prefix ? OU_OK : OU_NO_MEMORY;

    buffer_init(&out, allocator_libc(), TEXT_MAX);
    if (!status) {
        metrics_text(prefix, true, &out);
        status = buffer_status(&out);
    }
    free(prefix);
    if (status) {
        buffer_release(&out);
        return ou_fail(err, status, "text of the metrics: %s", ou_status_name(status));
    }
    *ret = out.at; /* the libc allocator's memory is malloc's */
    return OU_OK;
}
