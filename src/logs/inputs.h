/* Which log files there are, and whose they are.
 *
 * Who a line belongs to is decided by the first of these that says something:
 *   1. the option: HOST=PATH
 *   2. the folder: in a run directory or a collector's log root, the folder
 *      that the file lies in (logs/HOST/..., node-0/...); likewise of a file that a pattern
 *      finds and that has a name of a collector's (HOST/node-TIME.json)
 *   3. the line itself: member "host"; of a journal export SYSLOG_IDENTIFIER,
 *      else _HOSTNAME
 *   4. the name of the file, without its endings. */
#ifndef OU_LOGS_INPUTS_H
#define OU_LOGS_INPUTS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

#define LOG_INPUTS_MAX 20000

struct log_input {
    const char *path; /* "-": standard input */
    const char *host; /* NULL: the lines tell (rules 3 and 4) */
    int64_t first_ns; /* stamp of its first trace; TIME_NONE when not known (pipes) */
    dev_t device;     /* which file it is; both 0 when it has none (yet) */
    ino_t inode;
};

/* Zero-initialise. One thread. */
struct log_inputs {
    struct arena memory;
    struct log_input *items; /* owned */
    size_t count, cap;
    size_t skipped_links; /* further names of files in the list, but for a collector's own links */
    size_t other_forms;   /* a collector's files passed over: a better form of them is read */
};

void log_inputs_release(struct log_inputs *inputs);

/* Adds what one argument of a command line names: "-", a file, a folder, a
 * glob pattern, each perhaps behind "HOST=". A folder's files belong to the
 * lines' hosts, those of its sub-folders to the sub-folders. Where a collector wrote several
 * forms into one folder, one is taken (collected.h). A path that does not exist is OU_NOT_FOUND; a
 * folder or pattern without any log is too. */
enum ou_status log_inputs_add(struct log_inputs *inputs, const char *argument,
                              struct ou_error *err);

/* Adds the logs of a run directory: logs/HOST/ files, or (as the existing
 * workbench lays them out) node-N/stdout and node-N/node-*.json. */
enum ou_status log_inputs_add_run(struct log_inputs *inputs, const char *run, struct ou_error *err);

/* The name of a file without folder, compression and format endings (rule 4):
 * "a/node-0.json.gz" is "node-0", "-" is "stdin". A view of path. */
struct span log_input_stem(const char *path);

/* Brings them into the order in which they are read: by host (those whose lines
 * tell first), then by the stamp of their first trace, then by path. Looks into
 * each regular file for that stamp. */
void log_inputs_sort(struct log_inputs *inputs);

/* Which of two is read first, when first_ns of both is as log_inputs_sort() finds it. For qsort. */
int log_inputs_order(const void *a_input, const void *b_input);

/* Finds out first_ns of each regular file of which it is not known. */
void log_inputs_look(struct log_inputs *inputs);

/* The earliest stamp of all first traces, for which each regular file is looked into; TIME_NONE when no file tells. */
int64_t log_inputs_first_ns(const struct log_inputs *inputs);

#endif
