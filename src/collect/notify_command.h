/* A command that is given a text on its standard input. Loop thread; the process ignores SIGPIPE. */
#ifndef OU_COLLECT_NOTIFY_COMMAND_H
#define OU_COLLECT_NOTIFY_COMMAND_H

#include <uv.h>

#include "base/span.h"
#include "base/status.h"

#define COMMAND_WHY_ROOM 256
#define COMMAND_GRACE_MS 5000 /* between SIGTERM and SIGKILL */

struct command_run;

/* Starts argv (found by PATH; NULL behind the last) in a session of its own, with a copy of text on standard input. What it
 * prints is read and forgotten, but for the last line. After timeout_ms its group gets SIGTERM, and SIGKILL after
 * a grace. done is called once, from the loop: ok is an exit status of 0, why "exit status 3: last line". OU_IO: it cannot be
 * started; OU_NO_MEMORY. */
enum ou_status command_start(uv_loop_t *loop, const char *const *argv, struct span text,
                             uint32_t timeout_ms,
                             void (*done)(void *owner, bool ok, const char *why), void *owner,
                             struct command_run **ret, struct ou_error *err);

/* SIGKILL for its group, now; done follows. */
void command_kill(struct command_run *c);

#endif
