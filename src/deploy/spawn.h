/* Runs a program to its end and keeps what it says: other tools that are asked something (their version, say) or make
 * files for us. Blocks the calling thread; any thread, and none may reap our children meanwhile (libuv's loop does). */
#ifndef OU_DEPLOY_SPAWN_H
#define OU_DEPLOY_SPAWN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

struct spawn_options {
    const char *const
        *argv; /* NULL behind the last; argv[0] is a path, or a name to look for in PATH */
    const char *directory;     /* to run in; NULL: ours */
    uint64_t limit_ms;         /* it is killed then; 0: it may take as long as it likes */
    struct span input;         /* what its standard input has; empty: nothing */
    const atomic_bool *cancel; /* not NULL: once it is true, we are interrupted */
};

struct spawn_result {
    int status;             /* exit status, or 128 + signal */
    struct buffer out, err; /* what it printed, the first SPAWN_OUTPUT_MAX bytes each; owned */
};
#define SPAWN_OUTPUT_MAX ((size_t)1 << 20)

/* The program has a process group of its own, which is killed with it when time is up
 * (OU_IO) or we are interrupted (OU_INTERRUPTED), and when we die. A program that ends with another status than 0 is
 * OU_OK here. OU_NOT_FOUND: there is no such program. *ret is to be released even after a failure. */
enum ou_status spawn_run(const struct spawn_options *options, struct spawn_result *ret,
                         struct ou_error *err);
void spawn_release(struct spawn_result *result);

/* The last line that it printed to standard error, else to standard output, without blanks around: for messages. */
void spawn_last_line(const struct spawn_result *result, char *ret, size_t room);

#endif
