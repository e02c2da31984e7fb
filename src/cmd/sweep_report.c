/* ouroscope sweep report: what a sweep has found. */
#include "cmd/sweep_report.h"

#include <limits.h>
#include <stdio.h>

#include "cmd/document_output.h"
#include "report/builders.h"
#include "report/sweep_json.h"

static const struct sweep_study_options margins_of_the_table = { .margin_scale = 1 };

static void write_structured(const void *results, struct buffer *out)
{
    sweep_json(results, out);
}

static enum ou_status report(const struct document_output *o, const struct sweep_results *r,
                             struct ou_error *err)
{
    struct document d;
    enum ou_status status;

    document_init(&d);
    document_of_sweep(r, &d);
    status = document_output_write(o, &d, write_structured, r, err);
    document_release(&d);
    return status;
}

/* --- The files of a sweep ----------------------------------------------------------------- */

static enum ou_status write_file(const char *directory, const char *name,
                                 struct document_output form, const struct sweep_results *r,
                                 struct ou_error *err)
{
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/%s", directory, name) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    form.path = path;
    form.quiet = true;
    return report(&form, r, err);
}

enum ou_status sweep_report_write(const char *directory, struct ou_error *err)
{
    struct sweep_results r = { 0 };
    enum ou_status status = sweep_results_compute(directory, &margins_of_the_table, &r, err);

    if (!status)
        status = write_file(directory, "results.json",
                            (struct document_output){ .structured = true }, &r, err);
    if (!status)
        status = write_file(directory, "report.md",
                            (struct document_output){ .format = DOCUMENT_MARKDOWN }, &r, err);
    if (!status)
        status = write_file(directory, "report.html",
                            (struct document_output){ .format = DOCUMENT_HTML }, &r, err);
    sweep_results_release(&r);
    return status;
}

/* --- The command -------------------------------------------------------------------------- */

enum exit_code cmd_sweep_report(const struct parsed_options *options)
{
    struct document_output output = { 0 };
    struct sweep_results r = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = document_output_plan(options, SWEEP_REPORT_DOCUMENT, &output, &err);

    if (!status)
        status = sweep_results_compute(options->operands[0], &margins_of_the_table, &r, &err);
    if (!status)
        status = report(&output, &r, &err);
    sweep_results_release(&r);
    return document_output_end(options->command, status, &err);
}
