#include "cmd/run_once.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyse/filter.h"
#include "base/interrupt.h"
#include "cmd/analyse.h"
#include "cmd/report.h"
#include "cmd/run_progress.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "genesis/cache.h"

#define LINE_ROOM 1100

/* Entries of a genesis: fewer are made in no time. */
#define CACHED_ENTRIES_LEAST 10000

/* ---- before ---- */

struct run_watch run_watch_of(const struct parsed_options *options, size_t progress_option)
{
    const enum when when = when_of(option_value(options, progress_option));

    return (struct run_watch){
        .command = options->command,
        .progress = { .shown = terminal_progress(STDERR_FILENO, when),
                      .fd = STDERR_FILENO,
                      .width = terminal_width(STDERR_FILENO) },
    };
}

static enum ou_status add_condition(struct filter_set *set, const json_t *expr,
                                    struct ou_error *err)
{
    /* A condition alone is a list of one. */
    json_t *list = json_is_array(expr) ? json_deep_copy(expr) : json_pack("[O]", expr);
    char *text = json_dumps(list, JSON_COMPACT);
    enum ou_status status = text ? filter_add_text(set, span_of(text), "filter_exprs", err)
                                 : ou_fail(err, OU_NO_MEMORY, "no memory for the filters");

    free(text);
    json_decref(list);
    return status;
}

enum ou_status run_check_filters(const struct profile *profile, struct ou_error *err)
{
    const json_t *analysis = json_object_get(profile->document, "analysis");
    const json_t *names = json_object_get(analysis, "filters");
    const json_t *exprs = json_object_get(analysis, "filter_exprs");
    struct filter_set set = { 0 };
    struct ou_error why = { 0 };
    enum ou_status status = OU_OK;

    filter_set_init(&set, 0, false);
    for (size_t i = 0; !status && i < json_array_size(names); i++)
        status = filter_add_shipped(&set, json_string_value(json_array_get(names, i)), &why);
    for (size_t i = 0; !status && i < json_array_size(exprs); i++)
        status = add_condition(&set, json_array_get(exprs, i), &why);
    filter_set_release(&set);
    if (!status)
        return OU_OK;
    return ou_fail(err, status == OU_NO_MEMORY ? status : OU_USAGE, "profile %s: analysis: %s",
                   profile->name, why.text);
}

enum ou_status run_find_program(char ret[PATH_MAX], struct ou_error *err)
{
    ssize_t len = readlink("/proc/self/exe", ret, PATH_MAX - 1);

    if (len < 0)
        return ou_fail(err, OU_IO, "/proc/self/exe: where this program is cannot be found out");
    ret[len] = '\0';
    return OU_OK;
}

const char *run_default_cache(const struct profile *profile, char ret[PATH_MAX])
{
    uint64_t entries = (uint64_t)profile->delegators + profile->stuffed_utxo + profile->dreps;

    return entries >= CACHED_ENTRIES_LEAST && !genesis_cache_default(ret, PATH_MAX, NULL) ? ret
                                                                                          : NULL;
}

/* ---- while it runs ---- */

/* Reports that do not arrive are told once, each time that it begins; the run goes on. */
static void tell_trouble(struct run_watch *w)
{
    char why[LINE_ROOM], line[LINE_ROOM + 100];

    if (!run_live_trouble(w->live, why, sizeof why))
        return;
    snprintf(line, sizeof line, "nobody can see this run go on, it is not reported: %s", why);
    progress_erase(&w->progress);
    say_warning(w->command, line);
}

static void draw(struct run_watch *w, const char *line)
{
    size_t room = (size_t)w->progress.width + 1;
    char all[PROGRESS_ROOM];

    snprintf(all, room < sizeof all ? room : sizeof all, "%s%s", w->lead ? w->lead : "", line);
    progress_draw(&w->progress, all);
}

static void on_progress(void *context, const char *line)
{
    struct run_watch *w = context;

    run_live_phase(w->live, w->result, line);
    tell_trouble(w);
    draw(w, line);
}

static void on_view(void *context, const struct run_view *view)
{
    struct run_watch *w = context;
    int lead = w->lead ? (int)strlen(w->lead) : 0;
    char line[PROGRESS_ROOM];

    run_live_view(w->live, w->result, view);
    tell_trouble(w);
    run_progress_line(view, w->progress.width - lead, line);
    draw(w, line);
}

/* Where no line tells what is waited for, a log has one for each step that takes its time. */
static void on_step(void *context, const struct backend_step *step)
{
    static const char *const told[] = { "job registered",   "hosts placed", "agents ready",
                                        "bundles uploaded", "nodes begun",  "nodes up" };
    struct run_watch *w = context;

    for (size_t i = 0; !w->progress.shown && !w->remark && i < sizeof told / sizeof *told; i++)
        if (strcmp(step->name, told[i]) == 0)
            say(w->command, told[i]);
}

static void on_line(void *context, const char *line)
{
    struct run_watch *w = context;

    run_live_notice(w->live, line);
    if (w->remark && !w->result->interrupted) {
        snprintf(w->remark, REMARK_ROOM, "%s", line);
        return;
    }
    progress_erase(&w->progress);
    say(w->command, line);
}

/* ---- behind ---- */

static enum ou_status analyse(struct run_result *result, bool print, struct ou_error *err)
{
    enum ou_status status;

    interrupt_install(); /* again: the run had handlers of its own */
    status = analyse_run_directory(result->directory, print, err);
    if (!status)
        status = report_run_directory(result->directory, err);
    if (!status)
        status = run_state_set(result->directory, RUN_analysed, "", err);
    if (!status)
        result->state = RUN_analysed;
    return status;
}

/* ---- reports ---- */

static void begin_reports(struct run_watch *w, const struct run_options *options)
{
    struct ou_error why = { "" };

    w->live = NULL;
    if (w->report_to && w->report_to->place && run_live_open(w->report_to, options, &w->live, &why))
        say_warning(w->command, why.text);
}

static void end_reports(struct run_watch *w, enum ou_status status, const struct ou_error *cause)
{
    char remark[LINE_ROOM];

    tell_trouble(w);
    run_live_close(w->live, w->result, status ? cause->text : "", remark, sizeof remark);
    w->live = NULL;
    if (*remark)
        say_warning(w->command, remark);
}

/* ---- all of it ---- */

static enum ou_status make(struct run_watch *watch, struct run_options *options, bool analysed,
                           bool print, struct run_result *ret, struct ou_error *err)
{
    enum ou_status status = run_perform(options, ret, err);

    progress_erase(&watch->progress);
    if (status || ret->interrupted || !analysed || !ret->is_analysable || ret->state != RUN_fetched)
        return status;
    run_live_state(watch->live, ret, "analysing");
    return analyse(ret, print, err);
}

enum ou_status run_once(struct run_watch *watch, struct run_options *options, bool analysed,
                        bool print, struct run_result *ret, struct ou_error *err)
{
    enum ou_status status;

    options->show = on_view;
    options->say = on_line;
    options->progress = on_progress;
    options->stepped = on_step;
    options->context = watch;
    watch->result = ret;
    *ret = (struct run_result){ 0 };
    begin_reports(watch, options);
    status = make(watch, options, analysed, print, ret, err);
    end_reports(watch, status, err);
    return status;
}
