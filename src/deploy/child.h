/* Processes on this machine: started, watched, stopped by their process ids, nothing left behind. libuv; one
 * thread, which must be the program's first one and live as long as the children. */
#ifndef OU_DEPLOY_CHILD_H
#define OU_DEPLOY_CHILD_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#include "base/status.h"

#define CHILD_LAST_LINES 10

struct child; /* opaque: one started process */

struct child_options {
    const char *name;        /* "node-3" */
    const char *const *argv; /* NULL behind the last; argv[0] is a path */
    const char *
        directory; /* to run in; stdout, stderr, pid, exit_status and usage.jsonl are written there */
    /* "NAME=VALUE" on top of ours, in place of those of the same name; NULL behind the last; NULL: nothing. */
    const char *const *environment;
    const char *cores; /* the processors it may use, "0-1,4" (affinity.h); "" or NULL: as we do */
    int stop_signal;   /* what child_stop() asks it to end with; 0: SIGTERM */
    /* Called once when it has ended, by itself or not. status: exit status, or 128 + signal. */
    void (*ended)(struct child *child, void *owner, int status);
    void *owner;
};

/* Starts a process with standard input from /dev/null; what it prints is added to its files. It has a process
 * group of its own, so that Ctrl-C at the terminal reaches only ours, which then stops it in order. When ours
 * dies, whatever the reason, the system kills it. OU_IO when it cannot be run at all; OU_INVALID for processors that
 * this machine does not have. */
enum ou_status child_start(uv_loop_t *loop, const struct child_options *options, struct child **ret,
                           struct ou_error *err);

/* Its stop signal to its group, and SIGKILL after grace_ms (0: at once). `ended` follows. A second call counts, too. */
void child_stop(struct child *child, uint64_t grace_ms);
bool child_is_running(const struct child *child);
int child_pid(const struct child *child);
const char *child_name(const struct child *child);

/* What a process used from its start to its end, as the system accounts it: exact, and with its children that it
 * waited for. */
struct child_spent {
    int64_t wall_ns, user_ns, system_ns;
    uint64_t max_rss_bytes;             /* the largest of it and of each of those children */
    uint64_t read_bytes, written_bytes; /* of storage, in blocks of 512 */
};

/* Of one that has ended, from `ended` on. */
struct child_spent child_spent(const struct child *child);

/* CPU time used so far (ns) and resident memory (bytes), from /proc; false when it is gone. */
bool child_usage(const struct child *child, int64_t *ret_cpu_ns, uint64_t *ret_rss_bytes);

/* The last lines of its stderr (or stdout, when that is empty), for messages; "" when there is nothing. */
void child_last_lines(const struct child *child, char *ret, size_t room);

/* Of one that has ended; NULL is fine. Its memory goes with the loop's next turns. */
void child_free(struct child *child);

#endif
