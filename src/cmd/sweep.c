/* ouroscope sweep: one profile under many settings, in blocks, until all is made or the time is up. */
#include "cmd/sweep.h"

#include <limits.h>
#include <math.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "analyse/dictionary.h"
#include "base/file.h"
#include "base/interrupt.h"
#include "base/suggest.h"
#include "base/time.h"
#include "cmd/help.h"
#include "cmd/run_once.h"
#include "cmd/say.h"
#include "cmd/sweep_report.h"
#include "cmd/terminal.h"
#include "json/write.h"
#include "workbench/sweep_file.h"

#define DEFAULT_PARENT "sweeps"
#define PLAN_TEXT_MAX ((size_t)64 << 20)
#define DISK_BYTES_LEAST ((uint64_t)1 << 20) /* no run does with less */

/* One call of the command. */
struct sweeping {
    const struct parsed_options *options;
    struct sweep sweep;
    struct sweep_changes changes;
    char directory[PATH_MAX];
    char program[PATH_MAX];
    struct run_watch watch;
    struct run_live_wish report_to; /* its token is overwritten in the end */
    char lead[PROGRESS_ROOM], remark[REMARK_ROOM];
    const char *why; /* it stopped before all runs were made; "" */
};

/* ---- what is asked for ---- */

static enum ou_status read_changes(struct sweeping *w, struct ou_error *err)
{
    const char *repetitions = option_value(w->options, SWEEP_OPTION_REPETITIONS);
    const char *budget = option_value(w->options, SWEEP_OPTION_BUDGET);
    char *end;

    if (repetitions) {
        long n = strtol(repetitions, &end, 10);

        if (end == repetitions || *end || n < 1 || n > SWEEP_RUNS_MAX)
            return ou_fail(err, OU_USAGE, "--repetitions must be a number from 1 to %d, not '%s'",
                           SWEEP_RUNS_MAX, repetitions);
        w->changes.repetitions = (uint32_t)n;
    }
    if (budget && (!sweep_read_duration(budget, &w->changes.budget_s) || w->changes.budget_s <= 0))
        return ou_fail(err, OU_USAGE, "--budget must be a time as 90m, 2h or 1h30m, not '%s'",
                       budget);
    return OU_OK;
}

static enum ou_status check_operands(const struct sweeping *w, struct ou_error *err)
{
    bool resumes = option_given(w->options, SWEEP_OPTION_RESUME);

    if (resumes && w->options->operand_count)
        return ou_fail(err, OU_USAGE,
                       "--resume takes the sweep's directory, which knows its file; '%s' is one "
                       "too many",
                       w->options->operands[0]);
    if (resumes && option_given(w->options, SWEEP_OPTION_DIR))
        return ou_fail(err, OU_USAGE, "--resume names the directory already; leave --dir away");
    if (!resumes && !w->options->operand_count)
        return ou_fail(
            err, OU_USAGE,
            "which sweep? A name of one that is built in, a file, or --resume with a sweep's directory");
    return OU_OK;
}

/* "CentiCpu" or "machperf/CentiCpu". */
static enum ou_status check_metric(const struct sweep *s, const char *name, struct ou_error *err)
{
    const char *slash = strchr(name, '/'), *id = slash ? slash + 1 : name;
    struct suggestion near;

    suggest_for(&near, span_of(id));
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *row = dictionary_row(i);
        size_t len = slash ? (size_t)(slash - name) : 0;

        if (strcmp(row->id, id) == 0 &&
            (!slash || (strlen(section_name(row->section)) == len &&
                        strncmp(section_name(row->section), name, len) == 0)))
            return OU_OK;
        suggest_consider(&near, row->id);
    }
    return ou_fail(err, OU_INVALID, "%s: metrics: no metric is called \"%s\"%s%s%s", s->name, name,
                   near.best ? "; did you mean " : "", near.best ? near.best : "",
                   near.best ? "?" : "");
}

static enum ou_status check_point(const struct sweep *s, size_t point, bool is_to_run,
                                  struct ou_error *err)
{
    struct profile p = { 0 };
    struct ou_error why = { 0 };
    char label[200];
    enum ou_status status = sweep_profile(s, point, &p, &why);

    if (!status)
        status = run_check_filters(&p, &why);
    /* A missing program would be found out when its setting's turn comes, in the middle of the night. */
    if (!status && is_to_run)
        status = profile_check_machine(&p, &why);
    profile_release(&p);
    if (!status)
        return OU_OK;
    sweep_setting_label(s, point, label, sizeof label);
    return ou_fail(err, status, "%s: setting %s: %s", s->name, label, why.text);
}

/* What only the analysis and the runs know, and would find out later. */
static enum ou_status check_settings(const struct sweep *s, bool is_to_run, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < s->metric_count; i++)
        status = check_metric(s, s->metrics[i], err);
    for (size_t i = 0; !status && i < s->point_count; i++)
        status = check_point(s, i, is_to_run, err);
    return status;
}

/* Blocks are never taken away: who asks for fewer than there are would wait for something else. */
static enum ou_status check_repetitions(const struct sweeping *w, struct ou_error *err)
{
    uint32_t asked = w->changes.repetitions, there = w->sweep.repetitions;

    return asked == 0 || asked >= there
               ? OU_OK
               : ou_fail(err, OU_USAGE,
                         "--repetitions %u: %s has %u blocks, and none are taken away; a larger "
                         "number adds some",
                         asked, w->directory, there);
}

static enum ou_status place(struct sweeping *w, struct ou_error *err)
{
    const char *told = option_value(w->options, SWEEP_OPTION_DIR);
    int len =
        told ? snprintf(w->directory, sizeof w->directory, "%s", told)
             : snprintf(w->directory, sizeof w->directory, DEFAULT_PARENT "/%s", w->sweep.name);

    if (len >= (int)sizeof w->directory)
        return ou_fail(err, OU_TOO_LARGE, "--dir: the path is too long");
    return OU_OK;
}

/* A new sweep of a file, or one that its directory has. With --plan nothing is written. */
static enum ou_status load(struct sweeping *w, struct ou_error *err)
{
    const char *resumed = option_value(w->options, SWEEP_OPTION_RESUME);
    bool opens = !option_given(w->options, SWEEP_OPTION_PLAN);
    enum ou_status status;

    if (resumed) {
        snprintf(w->directory, sizeof w->directory, "%s", resumed);
        status = opens ? sweep_resume(resumed, &w->changes, &w->sweep, err)
                       : sweep_look(resumed, &w->changes, &w->sweep, err);
        return status ? status : check_settings(&w->sweep, opens, err);
    }
    status = sweep_load(w->options->operands[0], &w->changes, &w->sweep, err);
    if (!status)
        status = place(w, err);
    if (!status)
        status = check_settings(&w->sweep, opens, err);
    return status || !opens ? status : sweep_open(&w->sweep, w->directory, err);
}

/* What is wrong with a file is a mistake of whoever named it: nothing was begun. */
static enum ou_status prepare(struct sweeping *w, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = check_operands(w, err);

    if (!status)
        status = read_changes(w, err);
    if (!status)
        status = run_find_program(w->program, err);
    if (status)
        return status;
    status = load(w, &why);
    if (!status)
        status = check_repetitions(w, &why);
    if (!status)
        return OU_OK;
    return ou_fail(err, status == OU_NO_MEMORY || status == OU_IO ? status : OU_USAGE, "%s",
                   why.text);
}

/* ---- the plan ---- */

static enum ou_status print_plan(const struct sweeping *w, struct ou_error *err)
{
    struct buffer out;
    enum ou_status status;

    buffer_init(&out, allocator_libc(), PLAN_TEXT_MAX);
    status = option_given(w->options, SWEEP_OPTION_JSON)
                 ? sweep_plan_json(&w->sweep, &out, err)
                 : sweep_plan_text(&w->sweep, terminal_width(STDOUT_FILENO), &out, err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, err);
    buffer_release(&out);
    return status;
}

/* ---- runs ---- */

/* "7/27 -A16m, 2  1.2 h left  " in front of how the run goes. */
static void set_lead(struct sweeping *w, size_t run)
{
    char label[48], left[SWEEP_TIME_ROOM];

    sweep_setting_label(&w->sweep, w->sweep.order[run].point, label, sizeof label);
    snprintf(w->lead, sizeof w->lead, "%zu/%zu %s  %s left  ", run + 1, w->sweep.run_count, label,
             sweep_time_text(sweep_time_left(&w->sweep), left));
    w->watch.lead = w->lead;
}

/* "run 7 of 27, block 1, -A16m, cores 2: made in 63 s, 20 min left", and behind that what was worth a word. On a terminal the
 * line that is drawn anew says as much of runs that went as they should. */
static void tell_run(struct sweeping *w, size_t run, const char *what, double seconds,
                     const char *cause)
{
    char line[REMARK_ROOM + 400], label[200], took[SWEEP_TIME_ROOM], left[SWEEP_TIME_ROOM];
    const char *more = *cause ? cause : w->remark;
    const struct sweep *s = &w->sweep;

    if (w->watch.progress.shown && !*more)
        return;
    sweep_setting_label(s, s->order[run].point, label, sizeof label);
    snprintf(line, sizeof line, "run %zu of %zu, block %u, %s: %s in %s, %s left%s%s", run + 1,
             s->run_count, s->order[run].block + 1, label, what, sweep_time_text(seconds, took),
             sweep_time_text(sweep_time_left(s), left), *more ? ": " : "", more);
    say(w->options->command, line);
}

/* The run itself. *ret_cause: why it is none; "" when it was made. */
static enum ou_status make_run(struct sweeping *w, size_t run, struct run_result *ret,
                               struct ou_error *ret_cause)
{
    const struct sweep *s = &w->sweep;
    const struct sweep_run *planned = &s->order[run];
    struct profile profile = { 0 };
    char parent[PATH_MAX + 8], ident[16], cache[PATH_MAX];
    json_t *setting = sweep_setting(s, planned->point);
    struct run_options options = {
        .profile = &profile,
        .parent = parent,
        .ident = ident,
        .batch = s->name,
        .place = { s->name, planned->block, planned->position },
        .program = w->program,
        .keep_databases = option_given(w->options, SWEEP_OPTION_KEEP),
        .attempt = s->attempts[run] + 1,
        .setting = setting,
        .is_one_of_many = true,
    };
    enum ou_status status;

    snprintf(parent, sizeof parent, "%s/runs", w->directory);
    snprintf(ident, sizeof ident, "p%u", planned->point);
    status = setting ? sweep_profile(s, planned->point, &profile, ret_cause)
                     : ou_fail(ret_cause, OU_NO_MEMORY, "no memory for the setting");
    if (!status) {
        options.genesis_cache = run_default_cache(&profile, cache);
        status = run_once(&w->watch, &options, true, false, ret, ret_cause);
    }
    json_decref(setting);
    profile_release(&profile);
    return status;
}

static const char *outcome_of(const struct sweep *s, size_t run)
{
    switch (s->states[run]) {
    case SWEEP_RUN_DONE: return "made";
    case SWEEP_RUN_GIVEN_UP: return "given up";
    case SWEEP_RUN_OPEN: break;
    }
    return "failed, to be made again,";
}

/* A full disk is no fault of the setting, and would be one of all that come behind it. */
static bool disk_is_full(const struct sweeping *w)
{
    struct statvfs disk;

    return statvfs(w->directory, &disk) == 0 &&
           (uint64_t)disk.f_bavail * disk.f_frsize < DISK_BYTES_LEAST;
}

/* The run has no results, and that is no attempt. */
static enum ou_status stop_at(struct sweeping *w, size_t run, const struct run_result *result,
                              double seconds, const char *why, struct ou_error *err)
{
    enum ou_status status = sweep_interrupt(&w->sweep, run, result->directory, seconds, err);

    return status ? status
                  : ou_fail(err, OU_INTERRUPTED, "%s; ouroscope sweep --resume %s goes on", why,
                            w->directory);
}

static enum ou_status run_next(struct sweeping *w, size_t run, struct ou_error *err)
{
    struct sweep *s = &w->sweep;
    struct run_result result = { 0 };
    struct ou_error cause = { 0 };
    int64_t begun_ns = time_monotonic_ns();
    double seconds;
    enum ou_status made, status = sweep_begin(s, run, err);

    if (status)
        return status;
    set_lead(w, run);
    w->remark[0] = '\0';
    made = make_run(w, run, &result, &cause);
    interrupt_install(); /* again: the run had handlers of its own */
    seconds = (double)(time_monotonic_ns() - begun_ns) / NS_PER_SECOND;
    if (made == OU_INTERRUPTED || result.interrupted)
        return stop_at(w, run, &result, seconds, "interrupted", err);
    if (made && disk_is_full(w))
        return stop_at(w, run, &result, seconds, "the disk is full", err);
    if (!made)
        cause.text[0] = '\0'; /* what did not keep the run from being made */
    status = sweep_finish(s, run, result.directory, made == OU_OK, seconds, cause.text, err);
    if (!status)
        tell_run(w, run, outcome_of(s, run), seconds, cause.text);
    return status;
}

static enum ou_status run_all(struct sweeping *w, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    while (!status) {
        size_t next = sweep_next(&w->sweep, &w->why);

        if (next == SIZE_MAX)
            break;
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "interrupted; ouroscope sweep --resume %s goes on",
                           w->directory);
        status = run_next(w, next, err);
    }
    return status;
}

/* ---- the end ---- */

/* How many runs the settings have, where they do not all have the same number. */
static void tell_balance(const struct sweeping *w)
{
    const struct sweep *s = &w->sweep;
    size_t least = SIZE_MAX, most = 0;

    for (size_t point = 0; point < s->point_count; point++) {
        size_t runs = 0;

        for (size_t i = 0; i < s->run_count; i++)
            runs += s->order[i].point == point && s->states[i] == SWEEP_RUN_DONE;
        least = runs < least ? runs : least;
        most = runs > most ? runs : most;
    }
    if (least != most) {
        char line[120];

        snprintf(line, sizeof line, "settings have %zu to %zu runs each", least, most);
        say(w->options->command, line);
    }
}

static void tell_end(const struct sweeping *w)
{
    const struct sweep *s = &w->sweep;
    char line[PATH_MAX + 400];

    if (w->why && *w->why) {
        snprintf(line, sizeof line, "stopped: %s", w->why);
        say(w->options->command, line);
    }
    tell_balance(w);
    snprintf(line, sizeof line, "%zu of %zu runs were made, %zu given up; all is in %s",
             s->done_count, s->run_count, s->given_up_count, w->directory);
    say(w->options->command, line);
}

static enum ou_status print_end(const struct sweeping *w, struct ou_error *err)
{
    enum ou_status status;
    const struct sweep *s = &w->sweep;
    struct json_writer j;
    struct buffer text;

    buffer_init(&text, allocator_libc(), 1 << 20);
    json_writer_init(&j, &text, false);
    json_begin_object(&j);
    json_key(&j, "directory");
    json_cstring(&j, w->directory);
    json_key(&j, "planned");
    json_uint(&j, s->run_count);
    json_key(&j, "done");
    json_uint(&j, s->done_count);
    json_key(&j, "given_up");
    json_uint(&j, s->given_up_count);
    json_key(&j, "seconds");
    json_double(&j, s->spent_s);
    json_key(&j, "stopped");
    json_cstring(&j, w->why ? w->why : "");
    json_end(&j);
    buffer_char(&text, '\n');
    status = fd_write_text(STDOUT_FILENO, &text, err);
    buffer_release(&text);
    return status;
}

/* Whatever there is can be read: also of a sweep that was stopped, if a run was made. Why there is no report is a warning:
 * the runs are not lost. */
static void write_report(const struct sweeping *w)
{
    struct ou_error why = { 0 };
    char line[PATH_MAX + 60];

    if (w->sweep.done_count == 0)
        return;
    if (sweep_report_write(w->directory, &why)) {
        say_warning(w->options->command, why.text);
        return;
    }
    snprintf(line, sizeof line, "the report is in %s/report.html", w->directory);
    say(w->options->command, line);
}

static enum ou_status sweep_all(struct sweeping *w, struct ou_error *err)
{
    enum ou_status status = run_all(w, err), printed = OU_OK;

    tell_end(w);
    write_report(w);
    if (option_given(w->options, SWEEP_OPTION_JSON))
        printed = print_end(w, status ? NULL : err);
    if (!status && w->sweep.given_up_count)
        status = ou_fail(err, OU_INVALID, "%zu runs were given up; %s/journal.jsonl tells why",
                         w->sweep.given_up_count, w->directory);
    return status ? status : printed;
}

static enum ou_status read_report_to(struct sweeping *w, struct ou_error *err)
{
    const struct run_live_rows rows = { SWEEP_OPTION_REPORT_TO, SWEEP_OPTION_PROJECT,
                                        SWEEP_OPTION_TOKEN_FILE };

    w->watch.report_to = &w->report_to;
    return run_live_wish_of(w->options, rows, &w->report_to, err);
}

enum exit_code cmd_sweep(const struct parsed_options *options)
{
    struct sweeping w = {
        .options = options,
        .watch = run_watch_of(options, SWEEP_OPTION_PROGRESS),
    };
    struct ou_error err = { 0 };
    enum exit_code code = EXIT_DONE;
    enum ou_status status = prepare(&w, &err);

    if (!status)
        status = read_report_to(&w, &err);
    w.watch.remark = w.remark;
    if (status == OU_USAGE) {
        code = say_usage_error(options->command, &err);
    } else {
        interrupt_install();
        if (!status)
            status = option_given(options, SWEEP_OPTION_PLAN) ? print_plan(&w, &err)
                                                              : sweep_all(&w, &err);
        if (status) {
            say(options->command, err.text);
            code = EXIT_FAILED;
        }
    }
    sodium_memzero(w.report_to.token, sizeof w.report_to.token);
    sweep_release(&w.sweep);
    return code;
}
