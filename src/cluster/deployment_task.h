/* The task file of an agent (agent.h): all that a host is told before it runs. It is secret, and goes nowhere but into the job. */
#ifndef OU_CLUSTER_DEPLOYMENT_TASK_H
#define OU_CLUSTER_DEPLOYMENT_TASK_H

#include "cluster/deployment.h"

#define PROBE_NAME "probe"

/* The caller gives it to deployment_task_forget(). */
enum ou_status deployment_task_file(const struct deployment *d, const struct deployed_host *h,
                                    char **ret, struct ou_error *err);
void deployment_task_forget(char *file); /* overwrites it; NULL is fine */

#endif
