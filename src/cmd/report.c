/* ouroscope report: what is known of runs, in any form. */
#include "cmd/report.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/analyse_setup.h"
#include "cmd/document_output.h"
#include "cmd/report_metrics.h"
#include "cmd/report_trace.h"
#include "cmd/say.h"
#include "cmd/study_inputs.h"
#include "report/builders.h"
#include "study/read_runs.h"

enum { SIDES_MAX = 16 };

/* What is worked on: a set of runs for each group of operands. */
struct report {
    const struct parsed_options *options;
    struct document_output output;
    struct run_set sets[SIDES_MAX];
    size_t set_count;
    struct document document;
};

/* --- Runs ------------------------------------------------------------------------ */

static enum ou_status load_set(struct report *r, size_t group, struct ou_error *err)
{
    const char *metrics = option_value(r->options, REPORT_OPTION_METRICS);
    struct run_set *set = &r->sets[group];
    size_t count;
    const char *const *operands = options_group(r->options, group, &count);
    enum ou_status status;

    run_set_init(set);
    r->set_count++;
    status = study_inputs_load(r->options->command, operands, count, set, err);
    if (!status && metrics)
        status = report_choose_metrics(set, metrics, err);
    if (!status)
        run_set_name(set, group == 0 ? "base" : "new");
    return status;
}

static enum ou_status load_runs(struct report *r, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (r->options->group_count > SIDES_MAX)
        return ou_fail(err, OU_USAGE, "%zu sides are more than the %d that a report may have",
                       r->options->group_count, SIDES_MAX);
    for (size_t i = 0; !status && i < r->options->group_count; i++)
        status = load_set(r, i, err);
    return status;
}

/* --- Documents ------------------------------------------------------------------- */

static enum ou_status write_document(struct report *r, struct ou_error *err)
{
    const char *title = option_value(r->options, REPORT_OPTION_TITLE);

    if (title)
        r->document.title = title;
    return document_output_write(&r->output, &r->document, NULL, NULL, err);
}

static enum ou_status report_one(struct report *r, struct ou_error *err)
{
    document_of_run(&r->sets[0].runs[0], &r->document);
    return write_document(r, err);
}

static enum ou_status report_variance(struct report *r, struct ou_error *err)
{
    struct variance_options options = VARIANCE_DEFAULTS;
    struct variance variance = { 0 };
    enum ou_status status;

    options.allow_different = option_given(r->options, REPORT_OPTION_ALLOW_DIFFERENT);
    status = variance_compute(&r->sets[0], &options, &variance, err);
    if (!status) {
        document_of_variance(&variance, &r->document);
        status = write_document(r, err);
    }
    variance_release(&variance);
    return status;
}

static enum ou_status report_comparison(struct report *r, struct ou_error *err)
{
    struct comparison_options options = COMPARISON_DEFAULTS;
    const struct run_set *variants[SIDES_MAX];
    struct comparison comparison = { 0 };
    enum ou_status status;

    options.allow_different = option_given(r->options, REPORT_OPTION_ALLOW_DIFFERENT);
    for (size_t i = 1; i < r->set_count; i++)
        variants[i - 1] = &r->sets[i];
    status =
        comparison_compute(&r->sets[0], variants, r->set_count - 1, &options, &comparison, err);
    if (!status) {
        document_of_comparison(&comparison, &r->document);
        status = write_document(r, err);
    }
    comparison_release(&comparison);
    return status;
}

static enum ou_status report_runs(struct report *r, struct ou_error *err)
{
    enum ou_status status = load_runs(r, err);

    if (status)
        return status;
    if (r->set_count > 1)
        return report_comparison(r, err);
    return r->sets[0].count == 1 ? report_one(r, err) : report_variance(r, err);
}

/* --- Files in a run directory ---------------------------------------------------- */

static const struct {
    const char *name;
    enum document_format format;
} run_files[] = { { "report.html", DOCUMENT_HTML }, { "report.md", DOCUMENT_MARKDOWN } };
#define RUN_FILES (sizeof run_files / sizeof *run_files)

static enum ou_status write_form(const struct document *d, enum document_format format,
                                 struct out_file *file, struct ou_error *err)
{
    enum ou_status status;
    struct buffer text;

    buffer_init(&text, allocator_libc(), DOCUMENT_BYTES_MAX);
    document_write(d, format, NULL, &text);
    status = buffer_status(&text);
    if (!status)
        out_write_text(file, &text);
    buffer_release(&text);
    return status ? ou_fail(err, status, "the report: %s", ou_status_name(status)) : OU_OK;
}

static enum ou_status write_run_files(const char *run, const struct document *d,
                                      struct ou_error *err)
{
    struct out_file files[RUN_FILES] = { 0 };
    enum ou_status status = document_status(d, err);
    char directory[PATH_MAX], path[PATH_MAX];

    if (!status)
        status = path_join(run, "analysis/", directory, err);
    for (size_t i = 0; !status && i < RUN_FILES; i++) {
        status = path_join(directory, run_files[i].name, path, err);
        if (!status)
            status = out_open(&files[i], path, err);
        if (!status)
            status = write_form(d, run_files[i].format, &files[i], err);
    }
    for (size_t i = 0; !status && i < RUN_FILES; i++)
        status = out_commit(&files[i], err);
    for (size_t i = 0; i < RUN_FILES; i++)
        out_release(&files[i]);
    return status;
}

enum ou_status report_run_directory(const char *run, struct ou_error *err)
{
    struct document document;
    struct run_set set;
    enum ou_status status;

    document_init(&document);
    run_set_init(&set);
    status = run_set_add(&set, run, err);
    if (!status) {
        document_of_run(&set.runs[0], &document);
        status = write_run_files(run, &document, err);
    }
    run_set_release(&set);
    document_release(&document);
    return status;
}

/* The report is a run directory's own when neither its form nor its place is told. */
static bool is_for_run_directory(const struct report *r)
{
    struct stat about;

    return r->options->operand_count == 1 && !r->output.format_told && !r->output.structured &&
           !r->output.path && stat(r->options->operands[0], &about) == 0 && S_ISDIR(about.st_mode);
}

static enum ou_status report_for_run_directory(struct report *r, struct ou_error *err)
{
    const char *run = r->options->operands[0],
               *title = option_value(r->options, REPORT_OPTION_TITLE);
    enum ou_status status = load_runs(r, err);
    struct ou_error told = { 0 };

    if (status)
        return status;
    document_of_run(&r->sets[0].runs[0], &r->document);
    if (title)
        r->document.title = title;
    status = write_run_files(run, &r->document, err);
    if (!status)
        document_output_warn(&r->output, &r->document, DOCUMENT_HTML);
    if (!status && !r->output.quiet) {
        ou_fail(&told, OU_OK, "wrote report.html, report.md in %s/analysis", run);
        say(r->options->command, told.text);
    }
    return status;
}

/* --- The journey of blocks ------------------------------------------------------- */

static bool wants_trace(const struct parsed_options *options)
{
    const char *format = option_value(options, REPORT_OPTION_OUTPUT + DOCUMENT_OPTION_FORMAT);

    return format && strcmp(format, "trace") == 0;
}

static enum ou_status check_trace_options(const struct parsed_options *options,
                                          struct ou_error *err)
{
    static const enum report_option limits[] = { REPORT_OPTION_FROM_SLOT, REPORT_OPTION_TO_SLOT,
                                                 REPORT_OPTION_BLOCK };
    struct stat about;

    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++)
        if (option_given(options, limits[i]) && !wants_trace(options))
            return ou_fail(err, OU_USAGE, "--%s goes with --format trace",
                           options->command->options[limits[i]].name);
    if (!wants_trace(options))
        return OU_OK;
    if (options->operand_count != 1)
        return ou_fail(err, OU_USAGE, "--format trace takes one run directory");
    if (option_given(options, REPORT_OPTION_METRICS))
        return ou_fail(err, OU_USAGE, "--metrics does not go with --format trace");
    if (stat(options->operands[0], &about) == 0 && !S_ISDIR(about.st_mode))
        return ou_fail(err, OU_USAGE, "a trace needs a run directory with logs; %s is a file",
                       options->operands[0]);
    return OU_OK;
}

static enum ou_status trace(struct report *r, struct ou_error *err)
{
    const struct report_trace_request request = {
        .command = r->options->command,
        .run = r->options->operands[0],
        .from_slot = option_value(r->options, REPORT_OPTION_FROM_SLOT),
        .to_slot = option_value(r->options, REPORT_OPTION_TO_SLOT),
        .block = option_value(r->options, REPORT_OPTION_BLOCK),
    };

    return report_trace(&request, &r->output, err);
}

/* --- The command ----------------------------------------------------------------- */

static enum ou_status report(struct report *r, struct ou_error *err)
{
    enum ou_status status = document_output_plan(r->options, REPORT_OPTION_OUTPUT, &r->output, err);

    if (!status)
        status = check_trace_options(r->options, err);
    if (status)
        return status;
    if (wants_trace(r->options))
        return trace(r, err);
    return is_for_run_directory(r) ? report_for_run_directory(r, err) : report_runs(r, err);
}

enum exit_code cmd_report(const struct parsed_options *options)
{
    struct report r = { .options = options };
    struct ou_error err = { 0 };
    enum ou_status status;

    interrupt_install();
    document_init(&r.document);
    status = report(&r, &err);
    document_release(&r.document);
    for (size_t i = 0; i < r.set_count; i++)
        run_set_release(&r.sets[i]);
    return document_output_end(options->command, status, &err);
}
