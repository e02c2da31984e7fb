/* The machine that a run is on: what may make its numbers differ from another's. */
#ifndef OU_WORKBENCH_RUN_MACHINE_H
#define OU_WORKBENCH_RUN_MACHINE_H

#include <jansson.h>

/* {"cores", "memory_bytes", "kernel", "architecture", "cpu", "governor", "smt", "cpu_limit_cores", "memory_limit_bytes",
 * "load_average"}: null for what the system does not tell, and for limits that there are none of. The caller json_decref()s it;
 * NULL: no memory. Linux. */
json_t *run_machine_document(void);

/* The processors that a cgroup's cpu.max leaves: "200000 100000" is 2; negative: no limit, or no such text. Pure. */
double run_machine_cpu_limit(const char *cpu_max);

#endif
