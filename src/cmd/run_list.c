/* ouroscope run list: the runs of a folder. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "cluster/backend_nomad.h"
#include "cmd/columns.h"
#include "cmd/run_folder.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "json/write.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)

enum { COLUMN_NAME, COLUMN_STATE, COLUMN_AGE, COLUMN_SIZE, COLUMN_CAUSE, COLUMN_COUNT };

/* A state may be asked for as it is shown, or as status.json has it. */
static bool is_wanted(const struct parsed_options *options, const struct run_summary *run)
{
    const char *state = option_value(options, RUN_LIST_STATE);
    const char *batch = option_value(options, RUN_LIST_BATCH);

    if (batch && strcmp(batch, run->batch) != 0)
        return false;
    return !state || strcmp(state, run_state_shown(run)) == 0 ||
           (strcmp(state, "live") == 0 && run->is_live);
}

static void add_row(struct columns *c, const struct run_summary *run, int64_t now_ns)
{
    char age[RUN_AGE_ROOM], bytes[RUN_BYTES_ROOM];

    run_age_text(run->changed_ns, now_ns, age);
    run_bytes_text(run->bytes, bytes);
    columns_add(c, run->name);
    columns_printf(c, "%s%s", run_state_shown(run),
                   run->is_live                             ? " (live)"
                   : backend_nomad_is_there(run->directory) ? " (cluster)"
                                                            : "");
    columns_add(c, age);
    columns_add(c, bytes);
    columns_add(c, run_cause_shown(run));
}

static enum ou_status write_table(const struct parsed_options *options, const struct run_list *list,
                                  struct buffer *out, struct ou_error *err)
{
    static const char *const heads[] = { "RUN", "STATE", "SINCE", "SIZE", "CAUSE" };
    int64_t now_ns = time_wall_ns();
    struct columns c;
    enum ou_status status;

    columns_init(&c, COLUMN_COUNT, 1U << COLUMN_AGE | 1U << COLUMN_SIZE,
                 isatty(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        columns_add(&c, heads[i]);
    for (size_t i = 0; i < list->count; i++)
        if (is_wanted(options, &list->runs[i]))
            add_row(&c, &list->runs[i], now_ns);
    status = columns_write(&c, out, err);
    columns_release(&c);
    return status;
}

static void add_text(struct json_writer *w, const char *key, const char *text)
{
    json_key(w, key);
    json_cstring(w, text);
}

static void add_object(struct json_writer *w, const struct run_summary *run)
{
    json_begin_object(w);
    add_text(w, "name", run->name);
    add_text(w, "directory", run->directory);
    add_text(w, "profile", run->profile);
    add_text(w, "ident", run->ident);
    add_text(w, "batch", run->batch);
    add_text(w, "node_version", run->node_version);
    add_text(w, "state", run->broken ? NULL : run_state_name(run->state));
    add_text(w, "cause", run->cause);
    json_key(w, "live");
    json_bool(w, run->is_live);
    json_key(w, "cluster");
    json_bool(w, backend_nomad_is_there(run->directory));
    json_key(w, "allocated");
    json_instant(w, run->allocated_ns);
    json_key(w, "changed");
    json_instant(w, run->changed_ns);
    json_key(w, "bytes");
    json_uint(w, run->bytes);
    add_text(w, "broken", run->broken);
    json_end(w);
}

static enum ou_status write_json(const struct parsed_options *options, const struct run_list *list,
                                 struct buffer *out, struct ou_error *err)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_array(&w);
    for (size_t i = 0; i < list->count; i++)
        if (is_wanted(options, &list->runs[i]))
            add_object(&w, &list->runs[i]);
    json_end(&w);
    buffer_char(out, '\n');
    return buffer_status(out) ? ou_fail(err, buffer_status(out), "the list is too long") : OU_OK;
}

enum exit_code cmd_run_list(const struct parsed_options *options)
{
    const char *parent = options->operand_count ? options->operands[0] : RUN_FOLDER_DEFAULT;
    struct run_list list = { 0 };
    struct ou_error err = { 0 };
    struct buffer out;
    enum ou_status status = run_list_read(parent, &list, &err);

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = option_given(options, RUN_LIST_JSON) ? write_json(options, &list, &out, &err)
                                                      : write_table(options, &list, &out, &err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    if (status)
        say(options->command, err.text);
    buffer_release(&out);
    run_list_release(&list);
    return status ? EXIT_FAILED : EXIT_DONE;
}
