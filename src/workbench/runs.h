/* The runs in a folder: what there is, in which state, and what can be done with it. */
#ifndef OU_WORKBENCH_RUNS_H
#define OU_WORKBENCH_RUNS_H

#include "base/arena.h"
#include <stdint.h>

#include "workbench/run_dir.h"

/* One run as its files tell it. Text in the list's memory, "" where not known. */
struct run_summary {
    const char *directory, *name, *profile, *ident, *batch, *node_version, *cause;
    enum run_state state;
    bool is_live; /* processes of it run now: of ours (pid files), or nodes that somebody started */
    int64_t allocated_ns; /* wall clock; TIME_NONE */
    int64_t changed_ns;   /* of the last change of state */
    uint64_t bytes;       /* on disk, links not followed */
    const char *broken;   /* why it cannot be read; NULL: it can */
};

struct run_list {
    struct arena memory;
    struct run_summary *runs; /* by allocation, oldest first */
    size_t count;
};

/* The runs directly below `parent`; folders that are none are passed over. OU_NOT_FOUND when there is no such folder. */
enum ou_status run_list_read(const char *parent, struct run_list *ret, struct ou_error *err);
void run_list_release(struct run_list *list); /* a zeroed one is fine */

/* One run by its directory. What cannot be read is told in ret->broken. */
enum ou_status run_summary_read(const char *directory, struct arena *memory,
                                struct run_summary *ret, struct ou_error *err);

/* Whether somebody watches the run, or processes of it run. */
bool run_is_live(const char *directory);

/* Finds a run by its path, its name below parent, or the beginning of its name or ident when only one has it ("latest": the
 * newest). The path goes to ret, of `room` bytes. */
enum ou_status run_find(const char *parent, const char *name, char *ret, size_t room,
                        struct ou_error *err);

/* Ends a run that another process watches, as Ctrl-C there would, and waits for it; where nobody watches, ends its
 * processes, first politely. *ret_ended: how many processes were ended. */
enum ou_status run_stop(const char *directory, size_t *ret_ended, struct ou_error *err);

/* Removes what a run no longer needs: databases, sockets, and funds and delegations of its genesis files, whose hashes stay in
 * hashes.json. Logs, results and everything small stay, whatever is asked: nothing deletes logs but the user.
 * Refuses a run that is live. *ret_bytes: what was freed; of a dry run, what about would be. */
enum ou_status run_clean(const char *directory, bool dry_run, uint64_t *ret_bytes,
                         struct ou_error *err);

#endif
