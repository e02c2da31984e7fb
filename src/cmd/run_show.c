/* ouroscope run show: all about one run on a page. */
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "cluster/backend_nomad.h"
#include "cmd/columns.h"
#include "cmd/run_folder.h"
#include "cmd/say.h"
#include "json/tree.h"
#include "study/read_runs.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)
#define VERSION_SHOWN 19 /* characters: of a checksum, its kind and twelve digits */
#define DOCUMENT_BYTES_MAX ((size_t)64 << 20)

/* One page being made. */
struct page {
    const char *directory;
    struct run_summary run;
    json_t *status, *meta; /* documents; NULL: not there; owned */
    struct buffer *out;
};

static json_t *load(const char *directory, const char *name)
{
    json_t *document = NULL;

    return run_file_load(directory, name, DOCUMENT_BYTES_MAX, &document, NULL) ? NULL : document;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* ---- parts ---- */

static void add_pair(struct columns *c, const char *head, const char *text)
{
    if (!text[0])
        return;
    columns_add(c, head);
    columns_add(c, text);
}

static void add_components(struct columns *c, const json_t *meta)
{
    const json_t *row;
    size_t i;

    json_array_foreach(json_object_get(meta, "components"), i, row)
    {
        const char *commit = text_of(row, "commit"), *compiler = text_of(row, "compiler");

        columns_add(c, i == 0 ? "made of" : "");
        columns_printf(c, "%s %.*s%s%.12s%s%s", text_of(row, "name"), VERSION_SHOWN,
                       text_of(row, "version"), commit[0] ? ", commit " : "", commit,
                       compiler[0] ? ", " : "", compiler);
    }
}

static void add_machine(struct columns *c, const json_t *machine)
{
    if (!machine)
        return;
    columns_add(c, "machine");
    columns_printf(c, "%s, %" JSON_INTEGER_FORMAT " cores, %.1f GB, %s", text_of(machine, "cpu"),
                   json_integer_value(json_object_get(machine, "cores")),
                   json_number_value(json_object_get(machine, "memory_bytes")) / 1e9,
                   text_of(machine, "kernel"));
}

static void add_setting(struct columns *c, const json_t *setting)
{
    const char *axis;
    json_t *level;

    json_object_foreach((json_t *)setting, axis, level)
    {
        columns_add(c, "setting");
        columns_printf(c, "%s: %s", axis, json_string_value(level));
    }
}

static void add_resumed(struct columns *c, json_int_t times)
{
    if (times == 0)
        return;
    columns_add(c, "resumed");
    if (times == 1)
        columns_add(c, "once");
    else
        columns_printf(c, "%" JSON_INTEGER_FORMAT " times", times);
}

/* "nomad, job ouroscope-... of 6 hosts; it still stands, and ouroscope run stop ends it" */
static void add_cluster(const struct page *p, struct columns *c, const json_t *backend)
{
    if (strcmp(text_of(backend, "name"), "nomad") != 0)
        return;
    columns_add(c, "cluster");
    columns_printf(c, "nomad, job %s of %zu hosts%s", text_of(backend, "job"),
                   json_array_size(json_object_get(backend, "hosts")),
                   backend_nomad_is_there(p->directory)
                       ? "; it still stands, and ouroscope run stop ends it"
                       : "");
}

/* What was chosen for a start that never came tells nothing. */
static bool has_begun(const struct page *p)
{
    const json_t *change;
    size_t i;

    json_array_foreach(json_object_get(p->status, "history"), i, change)
    {
        if (strcmp(text_of(change, "state"), run_state_name(RUN_running)) == 0)
            return true;
    }
    return p->run.is_live;
}

/* Most runs end before that, by their last block or load. */
static void add_times(const struct page *p, struct columns *c, const json_t *timing)
{
    if (!has_begun(p))
        return;
    add_pair(c, "slot 0", text_of(timing, "systemStart"));
    add_pair(c, "latest end", text_of(timing, "latestEndTime"));
}

static void add_facts(const struct page *p, struct columns *c)
{
    const json_t *meta = json_object_get(p->meta, "meta");
    char bytes[RUN_BYTES_ROOM];

    add_pair(c, "run", p->run.name);
    add_pair(c, "directory", p->directory);
    columns_add(c, "state");
    columns_printf(c, "%s%s", run_state_shown(&p->run), p->run.is_live ? " (live)" : "");
    add_pair(c, "broken", p->run.broken ? p->run.broken : "");
    add_pair(c, "profile", p->run.profile);
    add_pair(c, "scenario", text_of(meta, "scenario"));
    add_pair(c, "nodes are", text_of(meta, "node_kind"));
    add_pair(c, "ident", p->run.ident);
    add_pair(c, "batch", p->run.batch);
    add_setting(c, json_object_get(meta, "setting"));
    add_times(p, c, json_object_get(meta, "timing"));
    add_resumed(c, json_integer_value(json_object_get(meta, "resumed")));
    add_components(c, meta);
    add_cluster(p, c, json_object_get(meta, "backend"));
    add_machine(c, json_object_get(meta, "machine"));
    run_bytes_text(p->run.bytes, bytes);
    add_pair(c, "on disk", bytes);
}

static void add_history(const struct page *p, struct columns *c)
{
    const json_t *change;
    size_t i;

    json_array_foreach(json_object_get(p->status, "history"), i, change)
    {
        columns_add(c, text_of(change, "at"));
        columns_add(c, text_of(change, "state"));
        columns_add(c, text_of(change, "cause"));
    }
}

/* What a reader looks for first. */
static const struct {
    enum metric_section section;
    const char *id;
} headline[] = {
    { SECTION_ENDTOEND, "cdf0.50" },
    { SECTION_ENDTOEND, "cdf0.96" },
    { SECTION_FORGER, "cdfForgerAdoption" },
    { SECTION_MACHPERF, "CentiCpu" },
    { SECTION_MACHPERF, "RSS" },
};

static void add_metrics(const struct page *p, struct columns *c)
{
    struct run_set set = { 0 };
    const struct finished_run *run;

    run_set_init(&set);
    if (p->run.state == RUN_analysed && !run_set_add(&set, p->directory, NULL) && set.count == 1) {
        run = &set.runs[0];
        if (run->block_count > 0) {
            columns_add(c, "blocks accepted");
            columns_printf(c, "%zu", run->block_count);
            columns_add(c, "");
        }
        for (size_t i = 0; i < sizeof headline / sizeof *headline; i++) {
            const struct run_value *v = run_value_find(run, headline[i].section, headline[i].id);

            if (!v || isnan(v->mean))
                continue;
            columns_add(c, v->info->label);
            columns_printf(c, "%.*f", v->info->precision, v->mean);
            columns_add(c, v->info->unit);
        }
    }
    run_set_release(&set);
}

/* ---- what to do next ---- */

static void add_advice(const struct page *p)
{
    const char *d = p->directory;
    bool over = p->run.state >= RUN_stopped && p->run.state != RUN_failed;

    buffer_text(p->out, "\n");
    if (p->run.broken)
        buffer_printf(p->out, "ouroscope analyse %s  may still read its logs\n", d);
    else if (p->run.is_live)
        buffer_printf(p->out, "ouroscope run stop %s  ends it\n", d);
    else if (p->run.state == RUN_analysed)
        buffer_printf(p->out, "%s/analysis/report.html  is its report\n", d);
    else if (over)
        buffer_printf(p->out, "ouroscope run --resume %s  analyses it\n", d);
    else
        buffer_printf(p->out, "ouroscope run --resume %s  goes on with it\n", d);
}

static enum ou_status write_part(const struct page *p, size_t count, unsigned right,
                                 void (*fill)(const struct page *p, struct columns *c),
                                 struct ou_error *err)
{
    struct columns c;
    enum ou_status status;

    columns_init(&c, count, right, 0);
    fill(p, &c);
    if (c.used > 0 && p->out->len > 0)
        buffer_char(p->out, '\n');
    status = columns_write(&c, p->out, err);
    columns_release(&c);
    return status;
}

static enum ou_status write_page(const struct page *p, struct ou_error *err)
{
    enum ou_status status = write_part(p, 2, 0, add_facts, err);

    if (!status)
        status = write_part(p, 3, 0, add_history, err);
    if (!status)
        status = write_part(p, 3, 1U << 1, add_metrics, err);
    add_advice(p);
    return status;
}

/* status.json and meta.json as they are, and what no file tells. */
static enum ou_status write_json(const struct page *p, struct ou_error *err)
{
    json_t *document =
        json_pack("{s:s, s:s, s:b, s:I, s:O?, s:O?}", "directory", p->directory, "name",
                  p->run.name, "live", p->run.is_live, "bytes", (json_int_t)p->run.bytes, "status",
                  p->status, "meta", json_object_get(p->meta, "meta"));

    if (!document)
        return ou_fail(err, OU_NO_MEMORY, "no memory");
    json_tree_append(p->out, document);
    buffer_char(p->out, '\n');
    json_decref(document);
    return OU_OK;
}

enum exit_code cmd_run_show(const struct parsed_options *options)
{
    const char *name = options->operand_count ? options->operands[0] : "latest";
    char path[PATH_MAX];
    struct ou_error err = { 0 };
    struct arena memory;
    struct buffer out;
    struct page p = { .directory = path, .out = &out };
    enum ou_status status =
        run_find(run_folder_of(options, RUN_SHOW_DIR), name, path, sizeof path, &err);

    arena_init(&memory, allocator_libc(), OUT_BYTES_MAX);
    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = run_summary_read(path, &memory, &p.run, &err);
    if (!status) {
        p.status = load(path, "status.json");
        p.meta = load(path, "meta.json");
        status = option_given(options, RUN_SHOW_JSON) ? write_json(&p, &err) : write_page(&p, &err);
    }
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    if (status)
        say(options->command, err.text);
    json_decref(p.status);
    json_decref(p.meta);
    buffer_release(&out);
    arena_release(&memory);
    return status ? EXIT_FAILED : EXIT_DONE;
}
