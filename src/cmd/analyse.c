/* ouroscope analyse: logs of nodes to block propagation and machine performance. */
#include "cmd/analyse.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "analyse/extract.h"
#include "base/interrupt.h"
#include "cmd/analyse_output.h"
#include "cmd/analyse_setup.h"
#include "cmd/help.h"
#include "cmd/progress.h"
#include "cmd/say.h"
#include "cmd/terminal.h"

#define FILE_WARNINGS_MAX 20

/* ---- what could not be read ---- */

static void warn_of_files(const struct command *command, const struct analysis *a)
{
    struct ou_error more = { 0 };
    size_t told = 0, count = 0;

    for (size_t i = 0; i < a->file_count; i++) {
        if (!a->files[i].problem)
            continue;
        count++;
        if (told < FILE_WARNINGS_MAX) {
            say_warning(command, a->files[i].problem);
            told++;
        }
    }
    if (count == told)
        return;
    ou_fail(&more, OU_IO, "%zu more files could not be read to their end", count - told);
    say_warning(command, more.text);
}

/* ---- nothing to analyse ---- */

static const char *cause_of(const char *reject_code)
{
    static const struct {
        const char *code, *cause;
    } causes[] = {
        { "not-json", "; does the node write its traces in machine format?" },
        { "no-time", "; it is JSON, but not the traces of a cardano-node" },
        { "no-name", "; it is JSON, but not the traces of a cardano-node" },
        { "bad-json", "; is the file damaged, or no log?" },
        { "cut-line", "; is the file damaged, or no log?" },
        { "journal-text", "; does the node write its traces in machine format?" },
    };

    for (size_t i = 0; i < sizeof causes / sizeof *causes; i++)
        if (strcmp(reject_code, causes[i].code) == 0)
            return causes[i].cause;
    return "";
}

static const struct reject_count *most_common_reject(const struct analysis *a)
{
    const struct reject_count *most = NULL;

    for (size_t i = 0; i < a->reject_count; i++)
        if (!most || a->rejects[i].lines > most->lines)
            most = &a->rejects[i];
    return most;
}

/* "24 lines in 1 file" */
static const char *extent_of(const struct analysis *a, char out[64])
{
    snprintf(out, 64, "%" PRIu64 " line%s in %zu file%s", a->lines, a->lines == 1 ? "" : "s",
             a->file_count, a->file_count == 1 ? "" : "s");
    return out;
}

static enum ou_status fail_for_want_of_events(const struct analysis *a, struct ou_error *err)
{
    const struct reject_count *most = most_common_reject(a);
    char extent[64];

    extent_of(a, extent);
    if (a->event_count > 0 && (!most || a->events[0].lines > most->lines))
        return ou_fail(err, OU_INVALID,
                       "none of %s is one that the analysis reads; most are %s. It wants the "
                       "traces of Forge.Loop, ChainSync, BlockFetch and ChainDB, or Resources",
                       extent, a->events[0].name);
    if (most)
        return ou_fail(err, OU_INVALID,
                       "no trace understood in %s; most often: %s (%s:%" PRIu64 ")%s", extent,
                       most->reason, most->first_path, most->first_line, cause_of(most->code));
    return ou_fail(err, OU_INVALID, "there is nothing to read: %s", extent);
}

/* ---- the work ---- */

static struct progress progress_for(const struct parsed_options *options)
{
    enum when when = when_of(option_value(options, ANALYSE_PROGRESS));

    return (struct progress){
        .shown = !option_given(options, ANALYSE_QUIET) && terminal_progress(STDERR_FILENO, when),
        .fd = STDERR_FILENO,
        .width = terminal_width(STDERR_FILENO),
    };
}

static struct analysis_request request_of(struct analyse_setup *s, struct progress *progress)
{
    return (struct analysis_request){
        .genesis = &s->genesis,
        .genesis_source = s->genesis.is_chainless ? NULL : s->genesis_source,
        .context = s->has_context ? &s->context : NULL,
        .map = s->has_map ? &s->map : NULL,
        .rts = &s->rts,
        .filters = &s->filters,
        .compat = s->compat,
        .rule = s->rule,
        .date = s->date,
        .reading = { .threads = s->threads,
                     .progress = progress_show,
                     .progress_context = progress },
    };
}

static enum ou_status analyse_extracts(struct analyse_setup *s,
                                       const struct analysis_request *request, struct analysis *ret,
                                       struct ou_error *err)
{
    const struct extract_list list = { (const char *const *)s->extracts.paths, s->extracts.count,
                                       s->run };

    return analysis_merge(request, &list, &s->rts, ret, err);
}

static enum ou_status analyse_logs(struct analyse_setup *s, const struct slot_sink *slots,
                                   struct analysis *ret, struct ou_error *err)
{
    struct progress progress = progress_for(s->options);
    struct analysis_request request = request_of(s, &progress);
    enum ou_status status;

    request.slots = slots;
    status = s->extracts.count ? analyse_extracts(s, &request, ret, err)
                               : analysis_run(&request, &s->inputs, ret, err);
    progress_erase(&progress);
    return status;
}

/* ---- extracts ---- */

/* An extract is no result, and has none of its forms. */
static enum ou_status check_extract_options(const struct parsed_options *options,
                                            struct ou_error *err)
{
    static const enum analyse_option senseless[] = {
        ANALYSE_FORMAT,   ANALYSE_JSON,          ANALYSE_TABLE,      ANALYSE_OUT,
        ANALYSE_NO_WRITE, ANALYSE_FILTER,        ANALYSE_NO_FILTERS, ANALYSE_QUANTILES,
        ANALYSE_META,     ANALYSE_FROM_EXTRACTS, ANALYSE_DATE,
    };

    for (size_t i = 0; i < sizeof senseless / sizeof *senseless; i++)
        if (option_given(options, senseless[i]))
            return ou_fail(err, OU_USAGE, "--extract and --%s do not go together",
                           options->command->options[senseless[i]].name);
    return OU_OK;
}

static void tell_extract(const struct parsed_options *options, const char *path)
{
    struct ou_error text = { 0 };

    if (option_given(options, ANALYSE_QUIET))
        return;
    ou_fail(&text, OU_OK, "wrote %s", path);
    say(options->command, text.text);
}

static enum ou_status make_extract(const struct parsed_options *options, struct ou_error *err)
{
    const char *path = option_value(options, ANALYSE_EXTRACT);
    struct progress progress = progress_for(options);
    struct analyse_setup setup = { 0 };
    enum ou_status status = check_extract_options(options, err);

    if (!status)
        status = analyse_setup(options, &setup, err);
    if (!status) {
        const struct analysis_request request = request_of(&setup, &progress);

        status = analysis_extract(&request, &setup.inputs, setup.run, path, err);
        progress_erase(&progress);
    }
    if (!status)
        tell_extract(options, path);
    analyse_setup_release(&setup);
    return status;
}

static enum ou_status analyse_and_write(struct analyse_setup *s, struct analyse_output *o,
                                        struct ou_error *err)
{
    struct analysis a = { 0 };
    enum ou_status status = analyse_logs(s, analyse_output_slots(o), &a, err);

    if (status)
        return status;
    warn_of_files(s->options->command, &a);
    if (a.objects == 0)
        status = fail_for_want_of_events(&a, err);
    else
        status = analyse_output_write(o, &a, err);
    analysis_release(&a);
    return status;
}

static enum ou_status analyse(const struct parsed_options *options, bool print,
                              struct ou_error *err)
{
    struct analyse_setup setup = { 0 };
    struct analyse_output output = { .prints_nothing = !print };
    enum ou_status status = analyse_output_plan(options, &output, err);

    if (!status)
        status = analyse_setup(options, &setup, err);
    if (!status)
        status = analyse_output_open(&output, setup.run, &setup.genesis, err);
    if (!status)
        status = analyse_and_write(&setup, &output, err);
    analyse_output_release(&output);
    analyse_setup_release(&setup);
    return status;
}

enum ou_status analyse_run_directory(const char *run, bool print, struct ou_error *err)
{
    char quiet[] = "--quiet", end[] = "--", *const argv[] = { quiet, end, (char *)run };
    struct parsed_options options = { 0 };
    enum ou_status status =
        options_parse(command_find("analyse"), allocator_libc(), 3, argv, &options, err);

    if (!status)
        status = analyse(&options, print, err);
    options_release(&options);
    return status;
}

static enum ou_status analyse_and_use(const struct command *command, struct analyse_setup *s,
                                      const struct slot_sink *slots, analysis_use *use,
                                      void *context, struct ou_error *err)
{
    struct analysis a = { 0 };
    enum ou_status status = analyse_logs(s, slots, &a, err);

    if (status)
        return status;
    warn_of_files(command, &a);
    status = a.objects == 0 ? fail_for_want_of_events(&a, err)
                            : use(context, &a, s->has_map ? &s->map : NULL, err);
    analysis_release(&a);
    return status;
}

enum ou_status analyse_run_logs(const struct command *command, const char *run,
                                const struct slot_sink *slots, analysis_use *use, void *context,
                                struct ou_error *err)
{
    char quiet[] = "--quiet", end[] = "--", *const argv[] = { quiet, end, (char *)run };
    struct parsed_options options = { 0 };
    struct analyse_setup setup = { 0 };
    enum ou_status status =
        options_parse(command_find("analyse"), allocator_libc(), 3, argv, &options, err);

    if (!status)
        status = analyse_setup(&options, &setup, err);
    if (!status && !setup.run)
        status =
            ou_fail(err, OU_USAGE, "%s is no run directory, which has logs and a genesis", run);
    if (!status)
        status = analyse_and_use(command, &setup, slots, use, context, err);
    analyse_setup_release(&setup);
    options_release(&options);
    return status;
}

enum exit_code cmd_analyse(const struct parsed_options *options)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    interrupt_install();
    status = option_given(options, ANALYSE_EXTRACT) ? make_extract(options, &err)
                                                    : analyse(options, true, &err);
    if (status == OU_OK)
        return EXIT_DONE;
    if (status == OU_USAGE)
        return say_usage_error(options->command, &err);
    say(options->command, status == OU_INTERRUPTED ? "interrupted" : err.text);
    return EXIT_FAILED;
}
