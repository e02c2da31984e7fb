#include "cmd/analyse_output.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/analyse_setup.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "report/analysis_json.h"
#include "report/csv.h"
#include "report/org.h"
#include "report/text.h"

/* Above any report: a block and host that saw it take a kilobyte at most. */
#define REPORT_BYTES_MAX ((size_t)8 << 30)

/* ---- what is asked for ---- */

static enum ou_status read_format(struct analyse_output *o, struct ou_error *err)
{
    static const char *const names[] = {
        [FORMAT_TEXT] = "text",
        [FORMAT_JSON] = "json",
        [FORMAT_CSV] = "csv",
        [FORMAT_ORG] = "org",
    };
    const char *name = option_value(o->options, ANALYSE_FORMAT);
    bool json = option_given(o->options, ANALYSE_JSON);

    if (json && name && strcmp(name, "json") != 0)
        return ou_fail(err, OU_USAGE, "--json and --format %s contradict each other", name);
    if (json)
        name = "json";
    for (size_t i = 0; name && i < sizeof names / sizeof *names; i++)
        if (strcmp(name, names[i]) == 0)
            o->format = (enum output_format)i;
    return OU_OK;
}

static enum ou_status read_table(struct analyse_output *o, struct ou_error *err)
{
    const char *name = option_value(o->options, ANALYSE_TABLE);

    if (!name)
        return OU_OK;
    if (o->format != FORMAT_CSV && o->format != FORMAT_ORG)
        return ou_fail(err, OU_USAGE, "--table goes with --format csv or --format org");
    if (!report_table_find(name, &o->table))
        return ou_fail(err, OU_USAGE, "--table: there is no table '%s'", name);
    if (o->table == TABLE_SLOTS && o->format == FORMAT_ORG)
        return ou_fail(err, OU_USAGE, "the table of slots is too large for org; try --format csv");
    return OU_OK;
}

enum ou_status analyse_output_plan(const struct parsed_options *options, struct analyse_output *o,
                                   struct ou_error *err)
{
    enum ou_status status;

    o->options = options;
    if (option_given(options, ANALYSE_OUT) && option_given(options, ANALYSE_NO_WRITE))
        return ou_fail(err, OU_USAGE, "--out and --no-write contradict each other");
    status = read_format(o, err);
    return status ? status : read_table(o, err);
}

/* ---- making ready ---- */

static enum ou_status find_directory(struct analyse_output *o, const char *run,
                                     struct ou_error *err)
{
    const char *out = option_value(o->options, ANALYSE_OUT);

    if (out && !*out)
        return ou_fail(err, OU_USAGE, "--out: the name of the directory is empty");
    if (out)
        return path_join(out, "", o->directory, err);
    if (run && !option_given(o->options, ANALYSE_NO_WRITE))
        return path_join(run, "analysis/", o->directory, err);
    return OU_OK;
}

static enum ou_status make_directory(struct analyse_output *o, struct ou_error *err)
{
    struct stat st;
    enum ou_status status;

    if (stat(o->directory, &st) == 0 && S_ISDIR(st.st_mode))
        return OU_OK;
    status = file_make_directory(o->directory, err);
    o->made_directory = status == OU_OK;
    return status;
}

enum ou_status analyse_output_open(struct analyse_output *o, const char *run,
                                   const struct genesis *genesis, struct ou_error *err)
{
    enum ou_status status = find_directory(o, run, err);

    if (!status && o->directory[0])
        status = make_directory(o, err);
    o->wants_slots = o->directory[0] || (o->format == FORMAT_CSV && o->table == TABLE_SLOTS);
    if (status || !o->wants_slots)
        return status;
    status = slot_table_open(&o->slots, genesis, o->directory[0] ? o->directory : NULL, err);
    if (status)
        return status;
    o->slots_are_open = true;
    o->slot_sink = slot_table_sink(&o->slots);
    return OU_OK;
}

const struct slot_sink *analyse_output_slots(const struct analyse_output *o)
{
    return o->slots_are_open ? &o->slot_sink : NULL;
}

/* ---- files ---- */

/* analysis.json is put in its place last: where it is, all of them are. */
static const struct result_file {
    const char *name;
    enum report_table table; /* REPORT_TABLES: the analysis file */
} result_files[] = {
    { "blocks.csv", TABLE_BLOCKS },
    { "metrics.csv", TABLE_METRICS },
    { "slots.csv", TABLE_SLOTS },
    { "analysis.json", REPORT_TABLES },
};
#define RESULT_FILES (sizeof result_files / sizeof *result_files)

static enum ou_status report_status(const struct buffer *text, struct ou_error *err)
{
    enum ou_status status = buffer_status(text);

    return status ? ou_fail(err, status, "the report: %s", ou_status_name(status)) : OU_OK;
}

static enum ou_status write_result(struct analyse_output *o, const struct analysis *a,
                                   const struct result_file *what, struct out_file *to,
                                   struct ou_error *err)
{
    enum ou_status status;
    struct buffer text;

    if (what->table == TABLE_SLOTS)
        return slot_table_write_file(&o->slots, to, err);
    buffer_init(&text, allocator_libc(), REPORT_BYTES_MAX);
    if (what->table == REPORT_TABLES)
        report_json(a, &text);
    else
        report_csv(a, what->table, &text);
    status = report_status(&text, err);
    out_write_text(to, &text);
    buffer_release(&text);
    return status;
}

static enum ou_status write_file(struct analyse_output *o, const struct analysis *a,
                                 const struct result_file *what, struct out_file *to,
                                 struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status = path_join(o->directory, what->name, path, err);

    if (!status)
        status = out_open(to, path, err);
    return status ? status : write_result(o, a, what, to, err);
}

static void tell_files(const struct analyse_output *o)
{
    char text[PATH_MAX + 100];
    int len = snprintf(text, sizeof text, "wrote");

    if (option_given(o->options, ANALYSE_QUIET))
        return;
    for (size_t i = 0; i < RESULT_FILES; i++)
        len += snprintf(text + len, sizeof text - (size_t)len, "%s %s", i ? "," : "",
                        result_files[i].name);
    snprintf(text + len, sizeof text - (size_t)len, " in %s", o->directory);
    say(o->options->command, text);
}

static enum ou_status write_files(struct analyse_output *o, const struct analysis *a,
                                  struct ou_error *err)
{
    struct out_file files[RESULT_FILES] = { 0 };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < RESULT_FILES; i++)
        status = write_file(o, a, &result_files[i], &files[i], err);
    if (!status && interrupt_pending())
        status = ou_fail(err, OU_INTERRUPTED, "interrupted");
    for (size_t i = 0; !status && i < RESULT_FILES; i++)
        status = out_commit(&files[i], err);
    for (size_t i = 0; i < RESULT_FILES; i++)
        out_release(&files[i]);
    if (status)
        return status;
    o->kept_directory = true;
    tell_files(o);
    return OU_OK;
}

/* ---- standard output ---- */

static void format_text(const struct analyse_output *o, const struct analysis *a,
                        struct buffer *text)
{
    enum when colour = when_of(option_value(o->options, ANALYSE_COLOR));
    struct text_style style = {
        .width = terminal_width(STDOUT_FILENO),
        .colour = terminal_colour(STDOUT_FILENO, colour),
        .utf8 = terminal_utf8(),
    };

    report_text(a, &style, text);
}

static enum ou_status print_report(const struct analyse_output *o, const struct analysis *a,
                                   struct ou_error *err)
{
    enum ou_status status;
    struct buffer text;

    buffer_init(&text, allocator_libc(), REPORT_BYTES_MAX);
    switch (o->format) {
    case FORMAT_TEXT: format_text(o, a, &text); break;
    case FORMAT_JSON: report_json(a, &text); break;
    case FORMAT_CSV: report_csv(a, o->table, &text); break;
    case FORMAT_ORG: report_org(a, o->table, &text); break;
    }
    status = report_status(&text, err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &text, err);
    buffer_release(&text);
    return status;
}

enum ou_status analyse_output_write(struct analyse_output *o, const struct analysis *a,
                                    struct ou_error *err)
{
    enum ou_status status = o->directory[0] ? write_files(o, a, err) : OU_OK;
    struct ou_error why = { 0 };

    if (status || o->prints_nothing)
        return status;
    if (o->format == FORMAT_CSV && o->table == TABLE_SLOTS)
        status = slot_table_write_fd(&o->slots, STDOUT_FILENO, &why);
    else
        status = print_report(o, a, &why);
    return status ? ou_fail(err, status, "standard output: %s", why.text) : OU_OK;
}

void analyse_output_release(struct analyse_output *o)
{
    if (o->slots_are_open)
        slot_table_release(&o->slots);
    if (o->made_directory && !o->kept_directory)
        rmdir(o->directory); /* stays when somebody else has put something in */
    *o = (struct analyse_output){ 0 };
}
