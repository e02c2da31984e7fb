#include "cmd/run_setup.h"

#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "cmd/profile.h"
#include "cmd/run_folder.h"

#define REPEAT_MAX 10000

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

const char *run_label_option(const struct bench *b, size_t option)
{
    const char *text = option_value(b->options, option);

    return text ? text : "";
}

static enum ou_status check_labels(const struct bench *b, struct ou_error *err)
{
    enum ou_status status = run_label_check("--ident", run_label_option(b, RUN_OPTION_IDENT), err);

    return status ? status : run_label_check("--batch", run_label_option(b, RUN_OPTION_BATCH), err);
}

static enum ou_status no_profile(struct ou_error *err)
{
    return ou_fail(err, OU_USAGE,
                   "which profile? `ouroscope profile list` tells what there is; a file of your "
                   "own will do, too");
}

/* A profile that cannot be run here is a mistake of whoever named it: nothing was begun. */
static enum ou_status load_profile(struct bench *b, struct ou_error *err)
{
    enum ou_status status = profile_of_options(b->options, b->options->operands[0],
                                               RUN_OPTION_OVERLAY, &b->profile, err);
    struct ou_error why = { 0 };

    if (!status &&
        (profile_check_runnable(&b->profile, &why) ||
         (!run_on_nomad_is_asked(b->options) && profile_check_machine(&b->profile, &why))))
        status = ou_fail(err, OU_USAGE, "%s", why.text);
    if (!status)
        profile_tell_remarks(b->options, &b->profile);
    return status ? status : run_check_filters(&b->profile, err);
}

/* ---- the cache of genesis data ---- */

static enum ou_status choose_cache(struct bench *b, struct ou_error *err)
{
    const char *given = option_value(b->options, RUN_OPTION_GENESIS_CACHE);

    if (given && strcmp(given, "none") != 0) {
        b->genesis_cache = given;
        return file_make_directory(given, err);
    }
    if (!given)
        b->genesis_cache = run_default_cache(&b->profile, b->cache_path);
    return OU_OK;
}

/* ---- who sees it go on ---- */

static enum ou_status read_report_to(struct bench *b, struct ou_error *err)
{
    const struct run_live_rows rows = { RUN_OPTION_REPORT_TO, RUN_OPTION_PROJECT,
                                        RUN_OPTION_TOKEN_FILE };

    b->watch.report_to = &b->report_to;
    return run_live_wish_of(b->options, rows, &b->report_to, err);
}

/* ---- a run that is there ---- */

/* What is said of a new run says nothing of one that has it in its files. */
static enum ou_status check_alone(const struct bench *b, struct ou_error *err)
{
    static const size_t of_new_runs[] = { RUN_OPTION_IDENT,   RUN_OPTION_BATCH,
                                          RUN_OPTION_REPEAT,  RUN_OPTION_DESIGN,
                                          RUN_OPTION_OVERLAY, RUN_OPTION_PREPARE,
                                          RUN_OPTION_ON,      RUN_OPTION_PLACEMENT,
                                          RUN_OPTION_PLAN };

    if (b->options->operand_count > 0)
        return ou_fail(err, OU_USAGE,
                       "--resume takes up a run, whose profile is in its directory: there can be "
                       "no other one");
    for (size_t i = 0; i < sizeof of_new_runs / sizeof *of_new_runs; i++)
        if (option_given(b->options, of_new_runs[i]))
            return ou_fail(err, OU_USAGE, "--%s is of new runs, and cannot be given with --resume",
                           b->options->command->options[of_new_runs[i]].name);
    return OU_OK;
}

static enum ou_status find_resumed(struct bench *b, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = check_alone(b, err);

    if (status)
        return status;
    status = run_find(run_parent(b), option_value(b->options, RUN_OPTION_RESUME), b->resume_path,
                      sizeof b->resume_path, &why);
    if (status)
        return ou_fail(err, OU_USAGE, "--resume: %s", why.text);
    b->resume = b->resume_path;
    status = run_on_resume(b->options, b->resume_path, &b->on, err);
    return status ? status : choose_cache(b, err);
}

/* ---- all of it ---- */

static enum ou_status set_up_new(struct bench *b, struct ou_error *err)
{
    enum ou_status status = read_place(b, err);

    if (!status)
        status = check_labels(b, err);
    if (!status && b->options->operand_count == 0)
        status = no_profile(err);
    if (!status)
        status = load_profile(b, err);
    if (!status)
        status = run_on_new(b->options, &b->profile, &b->on, err);
    return status ? status : choose_cache(b, err);
}

enum ou_status run_setup(struct bench *b, struct ou_error *err)
{
    enum ou_status status = read_repeat(b, err);

    if (!status)
        status =
            option_given(b->options, RUN_OPTION_RESUME) ? find_resumed(b, err) : set_up_new(b, err);
    if (!status)
        status = run_find_program(b->program, err);
    if (!status)
        status = read_report_to(b, err);
    if (status)
        return status;
    b->directories = calloc((size_t)b->repeat, sizeof *b->directories);
    return b->directories ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for %ld runs", b->repeat);
}

void run_setup_release(struct bench *b)
{
    sodium_memzero(b->report_to.token, sizeof b->report_to.token);
    free(b->directories);
    run_on_release(&b->on);
    profile_release(&b->profile);
}

const char *run_parent(const struct bench *b)
{
    return run_folder_of(b->options, RUN_OPTION_DIR);
}
