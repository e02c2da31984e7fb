/* ouroscope sweep list: what is built in. */
#include <math.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/columns.h"
#include "cmd/say.h"
#include "cmd/sweep.h"
#include "cmd/terminal.h"
#include "json/members.h"
#include "workbench/sweep_catalogue.h"

#define OUT_BYTES_MAX ((size_t)1 << 20)

enum { LIST_COLUMNS = 5 };

static void add_row(struct columns *c, const struct sweep *s)
{
    char time[SWEEP_TIME_ROOM];

    columns_add(c, s->name);
    columns_printf(c, "%zu", s->point_count);
    columns_printf(c, "%zu", s->run_count);
    columns_add(c, sweep_time_text(sweep_time_left(s), time));
    columns_add(c, s->description);
}

static void add_json(struct json_writer *w, const struct sweep *s)
{
    json_begin_object(w);
    json_member_string(w, "name", s->name);
    json_member_string(w, "description", s->description);
    json_member_string(w, "profile", s->profile);
    json_member_count(w, "settings", s->point_count);
    json_member_count(w, "repetitions", s->repetitions);
    json_member_count(w, "runs", s->run_count);
    json_member_double(w, "estimate_s", sweep_time_left(s));
    json_end(w);
}

/* Rows go to one of the two, which is not NULL. */
static enum ou_status add_all(struct columns *c, struct json_writer *w, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    const char *name;

    for (size_t i = 0; !status && (name = sweep_catalogue_name(i)); i++) {
        struct sweep s = { 0 };

        status = sweep_load(name, NULL, &s, err);
        if (status)
            break;
        if (c)
            add_row(c, &s);
        else
            add_json(w, &s);
        sweep_release(&s);
    }
    return status;
}

static enum ou_status list_text(struct buffer *out, struct ou_error *err)
{
    static const char *const titles[LIST_COLUMNS] = { "SWEEP", "SETTINGS", "RUNS", "TIME", "WHAT" };
    struct columns c;
    enum ou_status status;

    columns_init(&c, LIST_COLUMNS, 0, (size_t)terminal_width(STDOUT_FILENO));
    for (size_t i = 0; i < LIST_COLUMNS; i++)
        columns_add(&c, titles[i]);
    status = add_all(&c, NULL, err);
    if (!status)
        status = columns_write(&c, out, err);
    columns_release(&c);
    return status;
}

static enum ou_status list_json(struct buffer *out, struct ou_error *err)
{
    struct json_writer w;
    enum ou_status status;

    json_writer_init(&w, out, true);
    json_begin_array(&w);
    status = add_all(NULL, &w, err);
    json_end(&w);
    buffer_char(out, '\n');
    return status ? status : buffer_status(out);
}

enum exit_code cmd_sweep_list(const struct parsed_options *options)
{
    struct ou_error err = { 0 };
    struct buffer out;
    enum ou_status status;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    status = option_given(options, SWEEP_LIST_JSON) ? list_json(&out, &err) : list_text(&out, &err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, &err);
    buffer_release(&out);
    if (!status)
        return EXIT_DONE;
    say(options->command, err.text);
    return EXIT_FAILED;
}
