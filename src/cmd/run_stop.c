/* ouroscope run stop: ends runs from outside, and what is left of their clusters. */
#include <stdio.h>

#include "base/interrupt.h"
#include "cluster/backend_nomad.h"
#include "cmd/help.h"
#include "cmd/run_folder.h"
#include "cmd/say.h"

static void on_line(void *context, const char *line)
{
    say(context, line);
}

/* A cluster far away goes on when nobody watches it, or was kept on purpose. */
static enum ou_status stop_cluster(const struct command *command, const char *directory,
                                   bool *ret_was_there, struct ou_error *err)
{
    *ret_was_there = backend_nomad_is_there(directory);
    return *ret_was_there ? backend_nomad_end(directory, on_line, (void *)command, err) : OU_OK;
}

/* Whoever watched it ends the cluster, too, unless logs are there that did not come: only who asks once more means that they are
 * to be lost. */
static enum ou_status check_logs(const char *directory, struct ou_error *err)
{
    enum run_state state;

    if (!backend_nomad_is_there(directory) || run_state_get(directory, &state, err) ||
        (state != RUN_stopped && state != RUN_failed))
        return OU_OK;
    return ou_fail(err, OU_IO,
                   "%s: ended, but its cluster is kept, as it may have the only logs: ouroscope "
                   "run --resume %s tries to fetch them, another ouroscope run stop gives them up",
                   directory, directory);
}

static enum ou_status stop(const struct command *command, const char *directory,
                           struct ou_error *err)
{
    size_t ended = 0;
    char line[PATH_MAX + 80];
    bool was_live = run_is_live(directory), was_far_away = backend_nomad_is_there(directory),
         had_cluster = false;
    enum ou_status status = run_stop(directory, &ended, err);

    if (!status && was_live)
        status = check_logs(directory, err);
    if (!status)
        status = stop_cluster(command, directory, &had_cluster, err);
    if (status || (had_cluster && !was_live))
        return status;
    if (was_live && was_far_away)
        snprintf(line, sizeof line, "%s: ended, and its cluster", directory);
    else if (was_live)
        snprintf(line, sizeof line, "%s: ended, with %zu process%s", directory, ended,
                 ended == 1 ? "" : "es");
    else
        snprintf(line, sizeof line, "%s: nothing of it runs", directory);
    say(command, line);
    return OU_OK;
}

static enum ou_status stop_all(const struct parsed_options *options, struct ou_error *err)
{
    struct run_list list = { 0 };
    enum ou_status status = run_list_read(run_folder_of(options, RUN_STOP_DIR), &list, err);

    for (size_t i = 0; !status && i < list.count; i++)
        if (list.runs[i].is_live || backend_nomad_is_there(list.runs[i].directory))
            status = stop(options->command, list.runs[i].directory, err);
    run_list_release(&list);
    return status;
}

static enum ou_status stop_named(const struct parsed_options *options, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    char path[PATH_MAX];

    for (size_t i = 0; !status && i < options->operand_count; i++) {
        status = run_find(run_folder_of(options, RUN_STOP_DIR), options->operands[i], path,
                          sizeof path, err);
        if (!status)
            status = stop(options->command, path, err);
    }
    return status;
}

enum exit_code cmd_run_stop(const struct parsed_options *options)
{
    bool all = option_given(options, RUN_STOP_ALL);
    struct ou_error err = { 0 };
    enum ou_status status;

    if (all == (options->operand_count > 0)) {
        ou_fail(&err, OU_USAGE, "which run? Name some, or give --all");
        return say_usage_error(options->command, &err);
    }
    interrupt_install();
    status = all ? stop_all(options, &err) : stop_named(options, &err);
    if (status)
        say(options->command, err.text);
    return status ? EXIT_FAILED : EXIT_DONE;
}
