#include "trace/configured.h"

#include <string.h>

#include "trace/prometheus.h"
#include "trace/render.h"

/* The outputs one by one: i is -1 for standard output. */
static struct output *output_at(struct configured *c, int i)
{
    return i < 0 ? &c->to_stdout : &c->files[i];
}

static void each_output(struct configured *c, void (*what)(struct output *o))
{
    for (int i = -1; i < c->file_count; i++)
        what(output_at(c, i));
}

enum ou_status configured_open(const struct config *config, const char *env, const char *host,
                               struct configured *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct configured){ .to_stdout = { .fd = -1 } };
    legacy_texts_set(&ret->legacy, env, host);
    status = output_open(&ret->to_stdout, NULL, err);
    for (int i = 0; i < config->file_count && !status; i++) {
        status = output_open(&ret->files[i], config->files[i].path, err);
        ret->formats[i] = config->files[i].format;
        ret->file_count += !status;
    }
    if (status)
        configured_abandon(ret);
    return status;
}

/* DMaximum is what the older system's greatest verbosity was. */
static void render_older(const struct configured *c, const struct plan *plan,
                         const struct ou_message *m, struct buffer *out)
{
    const struct legacy_frame frame = legacy_frame_of(&c->legacy, m->detail == OU_DMAXIMUM);

    render_legacy(plan, m, &frame, out);
}

static void write_line(struct configured *c, struct output *o, enum file_format format,
                       const struct plan *plan, const struct ou_message *m, struct span line)
{
    switch (format) {
    case FILE_MACHINE:
        if (line.at)
            buffer_append(output_line(o), line.at, line.len);
        else
            render_machine(plan, m, output_line(o));
        break;
    case FILE_HUMAN:
    case FILE_COLOURED: render_human(plan, m, format == FILE_COLOURED, output_line(o)); break;
    case FILE_LEGACY: render_older(c, plan, m, output_line(o)); break;
    }
    output_line_end(o);
}

static enum file_format format_of_stdout(unsigned backends)
{
    if (backends & BACKEND_STDOUT_MACHINE)
        return FILE_MACHINE;
    if (backends & BACKEND_STDOUT_LEGACY)
        return FILE_LEGACY;
    return backends & BACKEND_STDOUT_COLOURED ? FILE_COLOURED : FILE_HUMAN;
}

void configured_write(struct configured *c, const struct point_runtime *rt,
                      const struct ou_message *m, struct span line)
{
    unsigned backends = rt->rule.backends;

    if (backends & BACKEND_STDOUT)
        write_line(c, &c->to_stdout, format_of_stdout(backends), rt->plan, m, line);
    for (int i = 0; i < c->file_count; i++)
        if (backends & BACKEND_FILE(i))
            write_line(c, &c->files[i], c->formats[i], rt->plan, m, line);
}

static void flush_output(struct output *o)
{
    output_flush(o, NULL);
}

void configured_flush(struct configured *c)
{
    each_output(c, flush_output);
}

static void reopen_output(struct output *o)
{
    output_reopen(o, NULL);
}

void configured_reopen(struct configured *c)
{
    each_output(c, reopen_output);
}

void configured_counts(const struct configured *c, uint64_t *ret_lines, uint64_t *ret_lost)
{
    uint64_t lines = c->to_stdout.lines, lost = c->to_stdout.lost_lines;

    for (int i = 0; i < c->file_count; i++) {
        lines += c->files[i].lines;
        lost += c->files[i].lost_lines;
    }
    *ret_lines = lines;
    *ret_lost = lost;
}

void configured_close(struct configured *c)
{
    each_output(c, output_close);
    c->file_count = 0;
}

void configured_abandon(struct configured *c)
{
    each_output(c, output_abandon);
    c->file_count = 0;
}

static bool same_page(const struct config_prometheus *a, const struct config_prometheus *b)
{
    return a->wanted == b->wanted && a->suffix == b->suffix && a->port == b->port &&
           (!a->wanted || strcmp(a->host, b->host) == 0) &&
           a->conn_timeout_s == b->conn_timeout_s && a->conn_global == b->conn_global &&
           a->conn_per_host == b->conn_per_host && a->conn_per_second == b->conn_per_second;
}

enum ou_status configured_page(const struct config *from, const struct config *to,
                               struct prometheus **page, struct ou_error *err)
{
    enum ou_status status;

    if (from && same_page(&from->prometheus, &to->prometheus) &&
        strcmp(from->metrics_prefix, to->metrics_prefix) == 0 &&
        (*page != NULL) == to->prometheus.wanted)
        return OU_OK;
    prometheus_stop(*page);
    *page = NULL;
    if (!to->prometheus.wanted)
        return OU_OK;
    status = prometheus_start(&to->prometheus, to->metrics_prefix, page, err);
    if (status && from && from->prometheus.wanted)
        prometheus_start(&from->prometheus, from->metrics_prefix, page, NULL);
    return status;
}
