#include "cmd/analyse_on.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cluster/backend_nomad.h"
#include "cmd/say.h"
#include "deploy/folders.h"
#include "logs/inputs.h"

/* ---- where the logs are ---- */

static bool has_logs_of(const struct log_inputs *logs, const char *host)
{
    for (size_t i = 0; i < logs->count; i++)
        if (logs->items[i].host && strcmp(logs->items[i].host, host) == 0)
            return true;
    return false;
}

/* Each node of the run, which has its folder here before it is sent out, has logs here. */
static bool logs_are_here(const char *run)
{
    struct log_inputs logs = { 0 };
    DIR *nodes = NULL;
    const struct dirent *entry;
    char path[PATH_MAX];
    bool here = log_inputs_add_run(&logs, run, NULL) == OU_OK;

    if (here && snprintf(path, sizeof path, "%s/nodes", run) < (int)sizeof path)
        nodes = opendir(path);
    while (nodes && here && (entry = readdir(nodes)))
        here = entry->d_name[0] == '.' || has_logs_of(&logs, entry->d_name);
    if (nodes)
        closedir(nodes);
    log_inputs_release(&logs);
    return here;
}

static enum ou_status check_usage(const struct parsed_options *options, const char *run,
                                  struct ou_error *err)
{
    static const enum analyse_option others[] = { ANALYSE_EXTRACT, ANALYSE_FROM_EXTRACTS };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (option_given(options, others[i]))
            return ou_fail(err, OU_USAGE, "--on nomad and --%s do not go together",
                           options->command->options[others[i]].name);
    if (!run)
        return ou_fail(err, OU_USAGE, "--on nomad: give the directory of a run");
    return OU_OK;
}

static void say_of_cluster(void *context, const char *line)
{
    const struct parsed_options *options = context;

    if (!option_given(options, ANALYSE_QUIET))
        say(options->command, line);
}

enum ou_status analyse_on(const struct parsed_options *options, const char *run, bool *ret,
                          struct ou_error *err)
{
    const char *on = option_value(options, ANALYSE_ON);
    enum ou_status status;

    *ret = false;
    if (!on || strcmp(on, "nomad") != 0)
        return OU_OK;
    status = check_usage(options, run, err);
    if (status)
        return status;
    if (logs_are_here(run)) {
        say_of_cluster((void *)options, "its logs are here, and are read here: no host is asked");
        return OU_OK;
    }
    if (!backend_nomad_is_there(run))
        return ou_fail(err, OU_NOT_FOUND,
                       "the logs of %s are not here, and its cluster has been left, or there was "
                       "none",
                       run);
    *ret = true;
    return OU_OK;
}

/* ---- bringing extracts ---- */

/* What changes what is kept of a log; all else is decided here. */
static size_t list_arguments(const struct parsed_options *options, const char *ret[4])
{
    static const enum analyse_option kept[] = { ANALYSE_COMPAT, ANALYSE_NETWORK };
    static const char *const names[] = { "--compat", "--network" };
    size_t count = 0;

    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        if (!option_given(options, kept[i]))
            continue;
        ret[count++] = names[i];
        ret[count++] = option_value(options, kept[i]);
    }
    return count;
}

enum ou_status analyse_on_bring(const struct parsed_options *options, const char *run,
                                char ret_folder[PATH_MAX], struct ou_error *err)
{
    const char *arguments[4];
    size_t count = list_arguments(options, arguments);

    if (snprintf(ret_folder, PATH_MAX, "%s/deploy/extracts-XXXXXX", run) >= PATH_MAX) {
        ret_folder[0] = '\0';
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", run);
    }
    if (!mkdtemp(ret_folder)) {
        ret_folder[0] = '\0';
        return ou_fail(err, OU_IO, "make a folder in %s/deploy: %s", run, strerror(errno));
    }
    return backend_nomad_extract(run, arguments, count, ret_folder, say_of_cluster, (void *)options,
                                 err);
}

void analyse_on_forget(const char *folder)
{
    if (folder[0])
        folder_remove(folder, NULL);
}
