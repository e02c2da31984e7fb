/* Which processors a process may use. */
#ifndef OU_DEPLOY_AFFINITY_H
#define OU_DEPLOY_AFFINITY_H

#include <sched.h>
#include <stddef.h>

#include "base/span.h"
#include "base/status.h"

/* Reads a list as taskset(1) has it: numbers and ranges, "0-1,4". OU_INVALID, with what is wrong, for anything else, and for
 * processors that we may not use ourselves: this machine has none such, or somebody has set us apart from them.
 * Any thread. */
enum ou_status affinity_parse(const char *list, cpu_set_t *ret, struct ou_error *err);

/* Of several lists, separated by ";", which are taken in turn, that of the process with this number: "0;1" gives number 3
 * the second one. A view of `lists`; empty when that is. */
struct span affinity_turn(const char *lists, size_t number);

#endif
