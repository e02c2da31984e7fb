/* ouroscope run: a benchmark on this machine, from profile to report. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"
#include "cmd/help.h"
#include "cmd/run_once.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "json/write.h"
#include "workbench/run.h"

#define REPEAT_MAX 10000
#define DEFAULT_PARENT "runs"

/* One call of the command. */
struct bench {
    const struct parsed_options *options;
    struct profile profile;
    char program[PATH_MAX];
    long repeat;
    struct run_watch watch;
    char (*directories)[PATH_MAX]; /* of the runs so far, `done` of them; owned */
    long done;
    char series[RUN_LABEL_MAX + 1]; /* of --design */
    struct run_place place;         /* of the next run */
};

/* ---- what is asked for ---- */

static enum ou_status read_repeat(struct bench *b, struct ou_error *err)
{
    const char *text = option_value(b->options, RUN_OPTION_REPEAT);
    char *end;

    b->repeat = text ? strtol(text, &end, 10) : 1;
    if (text && (end == text || *end || b->repeat < 1 || b->repeat > REPEAT_MAX))
        return ou_fail(err, OU_USAGE, "--repeat must be a number from 1 to %d, not '%s'",
                       REPEAT_MAX, text);
    return OU_OK;
}

/* One number of --design; *ret_rest is what stands behind it. */
static bool read_ordinal(const char *text, int64_t *ret, const char **ret_rest)
{
    char *end;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *ret = strtoll(text, &end, 10);
    *ret_rest = end;
    return errno == 0 && *ret < INT64_MAX - REPEAT_MAX;
}

/* SERIES/BLOCK/POSITION. Runs that are repeated without it are a series of their own. */
static enum ou_status read_place(struct bench *b, struct ou_error *err)
{
    const char *text = option_value(b->options, RUN_OPTION_DESIGN), *rest = text;
    size_t len = text ? strcspn(text, "/") : 0;

    if (!text) {
        b->place.series = b->repeat > 1 ? "" : NULL;
        return OU_OK;
    }
    if (len == 0 || len > RUN_LABEL_MAX || text[len] != '/' ||
        !read_ordinal(text + len + 1, &b->place.block, &rest) || *rest != '/' ||
        !read_ordinal(rest + 1, &b->place.position, &rest) || *rest)
        return ou_fail(err, OU_USAGE,
                       "--design must be the name of a series and two numbers from 0 on, as "
                       "release/3/1, not '%s'",
                       text);
    memcpy(b->series, text, len);
    b->place.series = b->series;
    return run_label_check("--design: the name of a series", b->series, err);
}

static const char *label_option(const struct bench *b, size_t option)
{
    const char *text = option_value(b->options, option);

    return text ? text : "";
}

static enum ou_status check_labels(const struct bench *b, struct ou_error *err)
{
    enum ou_status status = run_label_check("--ident", label_option(b, RUN_OPTION_IDENT), err);

    return status ? status : run_label_check("--batch", label_option(b, RUN_OPTION_BATCH), err);
}

static enum ou_status no_profile(struct ou_error *err)
{
    char names[512] = "";
    size_t len = 0;

    for (size_t i = 0; profile_builtin_name(i) && len < sizeof names; i++)
        len += (size_t)snprintf(names + len, sizeof names - len, "%s%s", i ? ", " : "",
                                profile_builtin_name(i));
    return ou_fail(err, OU_USAGE, "which profile? There are %s; a file of your own will do, too",
                   names);
}

/* An overlay is JSON, or a file of it: then its text is read into *text. */
static enum ou_status read_overlay(const char *value, struct buffer *text, const char **ret,
                                   struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status;

    *ret = value;
    if (value[strspn(value, " \t\r\n")] == '{')
        return OU_OK;
    status = file_read(value, text, &why);
    if (status)
        return ou_fail(err, status == OU_NOT_FOUND ? OU_USAGE : status, "--overlay: %s", why.text);
    *ret = buffer_string(text);
    return OU_OK;
}

static enum ou_status load_with_overlays(struct bench *b, struct buffer *texts,
                                         const char **overlays, struct ou_error *err)
{
    const struct parsed_options *options = b->options;
    enum ou_status status = OU_OK;
    size_t count = 0;

    for (size_t i = 0; !status && i < options->given_count; i++) {
        if (options->given[i].option != RUN_OPTION_OVERLAY)
            continue;
        buffer_init(&texts[count], allocator_libc(), PROFILE_MAX_BYTES);
        status = read_overlay(options->given[i].value, &texts[count], &overlays[count], err);
        count++;
    }
    return status ? status : profile_load(options->operands[0], overlays, count, &b->profile, err);
}

static enum ou_status load_profile(struct bench *b, struct ou_error *err)
{
    size_t most = b->options->given_count + 1;
    struct buffer *texts = calloc(most, sizeof *texts);
    const char **overlays = calloc(most, sizeof *overlays);
    struct ou_error why = { 0 };
    enum ou_status status = texts && overlays
                                ? load_with_overlays(b, texts, overlays, &why)
                                : ou_fail(&why, OU_NO_MEMORY, "no memory for the overlays");

    for (size_t i = 0; texts && i < most; i++)
        buffer_release(&texts[i]);
    free(texts);
    free(overlays);
    if (!status)
        return OU_OK;
    /* A profile that means nothing is a mistake of whoever named it: nothing was begun. */
    return ou_fail(err, status == OU_NO_MEMORY ? status : OU_USAGE, "%s", why.text);
}

static enum ou_status prepare(struct bench *b, struct ou_error *err)
{
    enum ou_status status = read_repeat(b, err);

    if (!status)
        status = read_place(b, err);
    if (!status)
        status = check_labels(b, err);
    if (!status && b->options->operand_count == 0)
        status = no_profile(err);
    if (!status)
        status = load_profile(b, err);
    if (!status)
        status = run_check_filters(&b->profile, err);
    if (!status)
        status = run_find_program(b->program, err);
    if (status)
        return status;
    b->directories = calloc((size_t)b->repeat, sizeof *b->directories);
    return b->directories ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for %ld runs", b->repeat);
}

/* ---- results ---- */

static void print_json(const struct run_result *result, struct ou_error *err)
{
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
    json_cstring(&w, err->text);
    json_end(&w);
    puts(buffer_string(&text));
    buffer_release(&text);
}

/* "run 2 of 3: 24 blocks, 1000 transactions; the analysis is in DIR/analysis" */
static void tell_result(const struct bench *b, const struct run_result *result)
{
    char line[PATH_MAX + 200], which[64] = "";

    if (b->repeat > 1)
        snprintf(which, sizeof which, "run %ld of %ld: ", b->done, b->repeat);
    snprintf(line, sizeof line, "%s%" PRIu64 " block%s, %" PRIu64 " transaction%s; %s %s%s", which,
             result->blocks, result->blocks == 1 ? "" : "s", result->txs,
             result->txs == 1 ? "" : "s",
             result->state == RUN_analysed ? "the analysis is in" : "all is in", result->directory,
             result->state == RUN_analysed ? "/analysis" : "");
    say(b->options->command, line);
}

/* Of several runs only the files are wanted; to compare them is another command's business. */
static enum ou_status run_next(struct bench *b, struct ou_error *err)
{
    bool print = b->repeat == 1 && !option_given(b->options, RUN_OPTION_JSON);
    struct run_options options = {
        .profile = &b->profile,
        .parent = option_given(b->options, RUN_OPTION_DIR)
                      ? option_value(b->options, RUN_OPTION_DIR)
                      : DEFAULT_PARENT,
        .ident = label_option(b, RUN_OPTION_IDENT),
        .batch = label_option(b, RUN_OPTION_BATCH),
        .place = b->place,
        .program = b->program,
        .keep_databases = option_given(b->options, RUN_OPTION_KEEP),
    };
    struct run_result result;
    enum ou_status status =
        run_once(&b->watch, &options, !option_given(b->options, RUN_OPTION_NO_ANALYSIS), print,
                 &result, err);

    if (result.directory[0])
        snprintf(b->directories[b->done++], PATH_MAX, "%s", result.directory);
    if (!status && result.interrupted)
        status = ou_fail(err, OU_INTERRUPTED,
                         "interrupted; what was measured can be analysed: ouroscope analyse %s",
                         result.directory);
    if (option_given(b->options, RUN_OPTION_JSON) && result.directory[0])
        print_json(&result, err);
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

static enum exit_code list_profiles(void)
{
    for (size_t i = 0; profile_builtin_name(i); i++)
        printf("%-12s%s\n", profile_builtin_name(i), profile_builtin_description(i));
    return EXIT_DONE;
}

enum exit_code cmd_run(const struct parsed_options *options)
{
    enum when when = when_of(option_value(options, RUN_OPTION_PROGRESS));
    struct bench b = {
        .options = options,
        .watch = { .command = options->command,
                   .progress = { .shown = terminal_progress(STDERR_FILENO, when),
                                 .fd = STDERR_FILENO,
                                 .width = terminal_width(STDERR_FILENO) } },
    };
    struct ou_error err = { 0 };
    enum exit_code code = EXIT_DONE;
    enum ou_status status;

    if (option_given(options, RUN_OPTION_LIST))
        return list_profiles();
    status = prepare(&b, &err);
    if (status == OU_USAGE) {
        code = say_usage_error(options->command, &err);
    } else {
        interrupt_install();
        if (!status)
            status = run_all(&b, &err);
        if (status) {
            say(options->command, err.text);
            code = EXIT_FAILED;
        }
    }
    free(b.directories);
    profile_release(&b.profile);
    return code;
}
