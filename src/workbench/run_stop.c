/* Ending a run from outside. */
#include <signal.h>
#include <unistd.h>

#include "base/interrupt.h"
#include "workbench/run_dir.h"
#include "workbench/run_live.h"
#include "workbench/runs.h"

#define PATIENCE_S 60 /* nodes and generator have ten seconds each, and the collector twenty */
#define LOOKS_PER_S 10

/* Nothing of it is measured any more, but logs may come from far away, which takes as long as it takes: a second signal would have them
 * left there, where they are lost when the cluster is ended. */
static bool brings_logs_home(const char *directory)
{
    enum run_state state;

    return !run_state_get(directory, &state, NULL) &&
           (state == RUN_stopped || state == RUN_fetched || state == RUN_failed);
}

static bool watcher_is_gone(const char *directory, int patience_s)
{
    for (int i = 0; i < patience_s * LOOKS_PER_S && !interrupt_pending();
         i += !brings_logs_home(directory)) {
        if (!run_watcher(directory))
            return true;
        usleep(1000000 / LOOKS_PER_S);
    }
    return false;
}

/* SIGTERM and not SIGINT, which a shell has its background jobs ignore. The second one has it kill what is left. */
static enum ou_status end_watched(const char *directory, int watcher, struct ou_error *err)
{
    if (kill(watcher, SIGTERM) < 0)
        return run_watcher(directory)
                   ? ou_fail(err, OU_IO, "%s: process %d, which watches it, is not ours to end",
                             directory, watcher)
                   : OU_OK;
    if (watcher_is_gone(directory, PATIENCE_S))
        return OU_OK;
    if (interrupt_pending())
        return ou_fail(err, OU_INTERRUPTED, "interrupted; %s goes on to end", directory);
    kill(watcher, SIGTERM);
    if (watcher_is_gone(directory, PATIENCE_S))
        return OU_OK;
    return ou_fail(err, OU_IO, "%s: process %d, which watches it, does not end", directory,
                   watcher);
}

enum ou_status run_stop(const char *directory, size_t *ret_ended, struct ou_error *err)
{
    int pids[RUN_PROCESSES_MAX], watcher = run_watcher(directory);
    size_t before = run_processes(directory, "/proc/self/exe", pids, RUN_PROCESSES_MAX), ended;
    enum ou_status status = watcher ? end_watched(directory, watcher, err) : OU_OK;

    if (!status) /* what nobody watched, and what a watcher that was killed has left */
        status = run_end_processes(directory, "/proc/self/exe", &ended, err);
    *ret_ended = before;
    return status;
}
