/* ouroscope history: since when is a metric what it is? */
#include <stdlib.h>
#include <string.h>

#include "cmd/document_output.h"
#include "cmd/study_inputs.h"
#include "report/builders.h"
#include "report/history_json.h"
#include "study/read_runs.h"

/* A number of an option, from `least` to `most`; what is in *ret stays where it is not given. */
static enum ou_status read_number(const struct parsed_options *options, size_t option, double least,
                                  double most, double *ret, struct ou_error *err)
{
    const char *text = option_value(options, option);
    char *end;
    double number;

    if (!text)
        return OU_OK;
    number = strtod(text, &end);
    if (end == text || *end || !(number >= least && number <= most))
        return ou_fail(err, OU_USAGE, "--%s must be a number from %g to %g, not '%s'",
                       options->command->options[option].name, least, most, text);
    *ret = number;
    return OU_OK;
}

static enum ou_status read_options(const struct parsed_options *options,
                                   struct history_options *ret, struct ou_error *err)
{
    const char *order = option_value(options, HISTORY_OPTION_BY);
    const size_t most_least = ret->change.window / 2;
    double percent = 0, least = (double)ret->change.least_segment;
    enum ou_status status;

    ret->by_version = order && strcmp(order, "version") == 0;
    status =
        read_number(options, HISTORY_OPTION_THRESHOLD, 1e-12, 0.5, &ret->change.threshold, err);
    if (!status)
        status = read_number(options, HISTORY_OPTION_MINIMUM, 0, 1e6, &percent, err);
    if (!status)
        status = read_number(options, HISTORY_OPTION_LEAST, 2, (double)most_least, &least, err);
    if (!status && least != (double)(size_t)least)
        status = ou_fail(err, OU_USAGE, "--least-runs must be a whole number");
    ret->change.minimum_change = percent / 100;
    ret->change.least_segment = (size_t)least;
    return status;
}

static void write_structured(const void *result, struct buffer *out)
{
    history_json(result, out);
}

static enum ou_status report(const struct document_output *o, const struct history *h,
                             struct ou_error *err)
{
    struct document d;
    enum ou_status status;

    document_init(&d);
    document_of_history(h, &d);
    status = document_output_write(o, &d, write_structured, h, err);
    document_release(&d);
    return status;
}

/* The first operand is the metric, the others are runs. */
static enum ou_status work(const struct parsed_options *options, const struct document_output *o,
                           const struct history_options *wanted, struct ou_error *err)
{
    const char *metric = options->operands[0];
    const size_t metrics = strcmp(metric, "all") == 0 ? 0 : 1;
    struct run_set runs;
    struct history h = { .set = NULL };
    enum ou_status status;

    run_set_init(&runs);
    status = study_inputs_load(options->command, options->operands + 1, options->operand_count - 1,
                               &runs, err);
    if (!status) {
        run_set_name(&runs, "runs");
        status = history_compute(&runs, &metric, metrics, wanted, &h, err);
    }
    if (!status)
        status = report(o, &h, err);
    history_release(&h);
    run_set_release(&runs);
    return status;
}

enum exit_code cmd_history(const struct parsed_options *options)
{
    struct history_options wanted = HISTORY_DEFAULTS;
    struct document_output output = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = document_output_plan(options, HISTORY_OPTION_DOCUMENT, &output, &err);

    if (!status)
        status = read_options(options, &wanted, &err);
    if (!status)
        status = work(options, &output, &wanted, &err);
    return document_output_end(options->command, status, &err);
}
