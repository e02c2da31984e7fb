/* ouroscope variance: what a set of repeated runs tells about how much a metric varies. */
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "cmd/document_output.h"
#include "cmd/study_inputs.h"
#include "report/builders.h"
#include "report/variance_org.h"
#include "study/read_runs.h"
#include "study/variance_file.h"

enum { RESAMPLES_LEAST = 100, RESAMPLES_MOST = 100000, ORG_MAX = 256 << 20 };

/* A whole number of an option; the default stays where it is not given. */
static enum ou_status number_option(const struct parsed_options *options, size_t option,
                                    uint64_t least, uint64_t most, uint64_t *ret,
                                    struct ou_error *err)
{
    const char *text = option_value(options, option);
    char *end;
    uint64_t number;

    if (!text)
        return OU_OK;
    errno = 0;
    number = strtoull(text, &end, 10);
    if (errno || end == text || *end || *text == '-' || number < least || number > most)
        return ou_fail(err, OU_USAGE,
                       "--%s must be a number from %" PRIu64 " to %" PRIu64 ", not '%s'",
                       options->command->options[option].name, least, most, text);
    *ret = number;
    return OU_OK;
}

static enum ou_status read_options(const struct parsed_options *options,
                                   struct variance_options *ret, struct ou_error *err)
{
    uint64_t resamples = BOOTSTRAP_RESAMPLES;
    const char *aspect = option_value(options, VARIANCE_OPTION_ASPECT);
    enum ou_status status =
        number_option(options, VARIANCE_OPTION_SEED, 0, UINT64_MAX, &ret->seed, err);

    if (!status)
        status = number_option(options, VARIANCE_OPTION_RESAMPLES, RESAMPLES_LEAST, RESAMPLES_MOST,
                               &resamples, err);
    ret->resamples = (uint32_t)resamples;
    ret->aspect = aspect && *aspect == 'o' ? ASPECT_OVERALL : ASPECT_INTER_RUN;
    ret->allow_different = option_given(options, VARIANCE_OPTION_ALLOW_DIFFERENT);
    return status;
}

static void write_structured(const void *result, struct buffer *out)
{
    variance_file(result, out);
}

/* Org documents have the multi-run tables twice: to be read, and as existing formulas expect them. */
static enum ou_status write_org(const struct document_output *o, const struct document *d,
                                const struct variance *v, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status = document_status(d, err);

    buffer_init(&text, allocator_libc(), ORG_MAX);
    document_to_org(d, &text);
    variance_org(v, &text);
    if (!status)
        status = document_output_put(o, &text, err);
    buffer_release(&text);
    return status;
}

static enum ou_status report(const struct document_output *o, const struct variance *v,
                             struct ou_error *err)
{
    struct document d;
    enum ou_status status;

    document_init(&d);
    document_of_variance(v, &d);
    if (o->format == DOCUMENT_ORG && !o->structured)
        status = write_org(o, &d, v, err);
    else
        status = document_output_write(o, &d, write_structured, v, err);
    document_release(&d);
    return status;
}

static enum ou_status work(const struct parsed_options *options, const struct document_output *o,
                           const struct variance_options *wanted, struct ou_error *err)
{
    struct run_set runs;
    struct variance v = { 0 };
    enum ou_status status;

    run_set_init(&runs);
    status =
        study_inputs_load(options->command, options->operands, options->operand_count, &runs, err);
    if (!status) {
        run_set_sort(&runs);
        run_set_name(&runs, "runs");
        status = variance_compute(&runs, wanted, &v, err);
    }
    if (!status)
        status = report(o, &v, err);
    variance_release(&v);
    run_set_release(&runs);
    return status;
}

enum exit_code cmd_variance(const struct parsed_options *options)
{
    struct variance_options wanted = VARIANCE_DEFAULTS;
    struct document_output output = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status = document_output_plan(options, VARIANCE_OPTION_DOCUMENT, &output, &err);

    if (!status)
        status = read_options(options, &wanted, &err);
    if (!status)
        status = work(options, &output, &wanted, &err);
    return document_output_end(options->command, status, &err);
}
