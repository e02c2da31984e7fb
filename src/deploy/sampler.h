/* What processes use, for programs that trace nothing themselves: once a second a line of what a process and those of its
 * group have used, in the machine format and with the members that the Resources trace of a cardano-node has, from /proc.
 * At its end a line Process.Ended with what the system accounted. One for all processes of a loop: the list of processes is
 * looked through once for all of them. One thread. */
#ifndef OU_DEPLOY_SAMPLER_H
#define OU_DEPLOY_SAMPLER_H

#include <uv.h>

#include "base/status.h"
#include "deploy/child.h"

struct sampler;         /* opaque */
struct sampled_process; /* opaque: one whose log is being written */

enum ou_status sampler_open(uv_loop_t *loop, struct sampler **ret, struct ou_error *err);

/* Begins to write about a running child to the file `path`, at whose end lines are added; the first sample is written at once.
 * A log that cannot be written is OU_IO here; later, lines are lost. */
enum ou_status sampler_add(struct sampler *s, const struct child *child, const char *path,
                           struct sampled_process **ret, struct ou_error *err);

/* Writes the last sample and the end, from child_spent() and the status given to `ended`, and forgets the process. To be
 * called from `ended`; NULL is fine. */
void sampler_ended(struct sampled_process *process, const struct child *child, int status);

/* NULL is fine. Processes that it still has are forgotten. Its memory goes with the loop's next turns. */
void sampler_close(struct sampler *s);

#endif
