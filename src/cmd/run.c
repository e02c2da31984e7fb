/* ouroscope run: a benchmark, from profile to report. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/help.h"
#include "cmd/run_publish.h"
#include "cmd/run_setup.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "json/write.h"
#include "workbench/run.h"

/* ---- results ---- */

/* What became of the run, also of one that failed: `status` is what it ended with, and `cause` why. */
static enum ou_status print_json(const struct run_result *result, enum ou_status status,
                                 struct ou_error *cause)
{
    enum ou_status printed;
    struct json_writer w;
    struct buffer text;

    buffer_init(&text, allocator_libc(), 1 << 20);
    json_writer_init(&w, &text, false);
    json_begin_object(&w);
    json_key(&w, "directory");
    json_cstring(&w, result->directory);
    json_key(&w, "state");
    json_cstring(&w, run_state_name(result->state));
    json_key(&w, "interrupted");
    json_bool(&w, result->interrupted);
    json_key(&w, "blocks");
    json_uint(&w, result->blocks);
    json_key(&w, "transactions");
    json_uint(&w, result->txs);
    json_key(&w, "nodes_died");
    json_uint(&w, result->nodes_died);
    json_key(&w, "cause");
    json_cstring(&w, cause->text);
    json_end(&w);
    buffer_char(&text, '\n');
    printed = fd_write_text(STDOUT_FILENO, &text, status ? NULL : cause);
    buffer_release(&text);
    return status ? status : printed;
}

static const char *place_of_results(const struct run_result *result)
{
    return result->state == RUN_analysed ? "/analysis" : "";
}

/* "run 2 of 3: 24 blocks, 1000 transactions; the analysis is in DIR/analysis" */
static void tell_result(const struct bench *b, const struct run_result *result)
{
    char line[PATH_MAX + 200], which[64] = "";

    if (b->repeat > 1)
        snprintf(which, sizeof which, "run %ld of %ld: ", b->done, b->repeat);
    if (result->state == RUN_genesis_ready)
        snprintf(line, sizeof line, "%sall is ready in %s%s; ouroscope run --resume starts it%s",
                 which, result->directory, b->on.open ? ", and its cluster stands" : "",
                 b->on.open ? ", ouroscope run stop ends it" : "");
    else if (result->blocks == 0)
        snprintf(line, sizeof line, "%s%s %s%s", which,
                 result->state == RUN_analysed ? "the analysis is in" : "all is in",
                 result->directory, place_of_results(result));
    else
        snprintf(line, sizeof line, "%s%" PRIu64 " block%s, %" PRIu64 " transaction%s; %s %s%s",
                 which, result->blocks, result->blocks == 1 ? "" : "s", result->txs,
                 result->txs == 1 ? "" : "s",
                 result->state == RUN_analysed ? "the analysis is in" : "all is in",
                 result->directory, place_of_results(result));
    say(b->options->command, line);
}

/* Of several runs only the files are wanted; to compare them is another command's business. */
static enum ou_status make_run(struct bench *b, uint32_t attempt, struct run_result *ret,
                               struct ou_error *err)
{
    bool print = b->repeat == 1 && !option_given(b->options, RUN_OPTION_JSON);
    const bool publishes = option_given(b->options, RUN_OPTION_PUBLISH_TO);
    struct run_options options = {
        .profile = &b->profile,
        .parent = run_parent(b),
        .ident = run_label_option(b, RUN_OPTION_IDENT),
        .batch = run_label_option(b, RUN_OPTION_BATCH),
        .place = b->place,
        .program = b->program,
        .keep_databases = option_given(b->options, RUN_OPTION_KEEP),
        .genesis_cache = b->genesis_cache,
        .prepare_only = option_given(b->options, RUN_OPTION_PREPARE),
        .resume = b->resume,
        .attempt = attempt,
        .open_backend = b->on.open,
        .open_context = &b->on,
        .cluster_stands = b->on.stands,
    };
    enum ou_status status = run_once(
        &b->watch, &options, !option_given(b->options, RUN_OPTION_NO_ANALYSIS), print, ret, err);

    if (!status && ret->interrupted)
        status = ou_fail(err, OU_INTERRUPTED,
                         "interrupted%s; ouroscope run --resume %s%s analyses %swhat was measured",
                         publishes ? ", and not published" : "", ret->directory,
                         publishes ? " --publish-to PLACE" : "", publishes ? "and publishes " : "");
    if (option_given(b->options, RUN_OPTION_JSON) && ret->directory[0])
        status = print_json(ret, status, err);
    return status;
}

/* Also a run that failed. What goes wrong with that stops no further runs: it can be made up for. */
static void publish(struct bench *b, const struct run_result *result)
{
    struct ou_error err = { 0 };

    if (!run_publish(b->options, result, &err))
        return;
    say(b->options->command, err.text);
    b->unpublished = true;
}

static bool is_worth_another(const struct bench *b, uint32_t attempt,
                             const struct run_result *result)
{
    return !b->resume && result->state == RUN_failed && result->directory[0] &&
           !result->interrupted && attempt < b->profile.attempts;
}

/* A run that failed stays as it is, and is made anew in another directory as often as its profile allows. */
static enum ou_status run_next(struct bench *b, struct ou_error *err)
{
    struct run_result result;
    enum ou_status status;
    uint32_t attempt = 1;
    char line[PATH_MAX + 1200];

    for (;; attempt++) {
        status = make_run(b, attempt, &result, err);
        publish(b, &result);
        if (!status || !is_worth_another(b, attempt, &result))
            break;
        snprintf(line, sizeof line, "attempt %" PRIu32 " of %" PRIu32 " failed: %s; it stays in %s",
                 attempt, b->profile.attempts, err->text, result.directory);
        say(b->options->command, line);
    }
    if (result.directory[0])
        snprintf(b->directories[b->done++], PATH_MAX, "%s", result.directory);
    if (!status)
        tell_result(b, &result);
    return status;
}

/* The next run is another block of the series, which is called after its first run. */
static void move_on(struct bench *b)
{
    if (!b->place.series || b->done == 0)
        return;
    if (!b->place.series[0])
        b->place.series = strrchr(b->directories[0], '/') + 1;
    b->place.block++;
}

static enum ou_status run_all(struct bench *b, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (long i = 0; !status && i < b->repeat; i++) {
        status = run_next(b, err);
        move_on(b);
    }
    if (b->repeat > 1 && !option_given(b->options, RUN_OPTION_JSON))
        for (long i = 0; i < b->done; i++)
            puts(b->directories[i]);
    return status;
}

/* ---- all of it ---- */

static void tell_remark(const struct bench *b, enum ou_status status)
{
    const char *remark = status ? NULL : run_on_remark(&b->on, &b->profile);

    if (remark)
        say(b->options->command, remark);
}

enum exit_code cmd_run(const struct parsed_options *options)
{
    struct bench b = {
        .options = options,
        .watch = run_watch_of(options, RUN_OPTION_PROGRESS),
    };
    struct ou_error err = { 0 };
    enum exit_code code = EXIT_DONE;
    enum ou_status status;

    status = run_setup(&b, &err);
    if (!status)
        status = run_publish_check(options, &err);
    if (status == OU_USAGE) {
        code = say_usage_error(options->command, &err);
    } else {
        interrupt_install();
        tell_remark(&b, status);
        if (!status && option_given(options, RUN_OPTION_PLAN))
            status = run_on_plan(&b.on, &b.profile, &err);
        else if (!status)
            status = run_all(&b, &err);
        if (status)
            say(options->command, err.text);
        if (status || b.unpublished)
            code = EXIT_FAILED;
    }
    run_setup_release(&b);
    return code;
}
