/* The URLs that an agent talks with its operator by: those of its task file, until orders renew them. They are good for a time
 * only, so renewed ones are kept beside the task file, as TASK.urls: whoever may read that one may read these. An agent that is started again
 * goes on with them, unless its task file was written anew meanwhile. One thread. */
#ifndef OU_AGENT_AGENT_URLS_H
#define OU_AGENT_AGENT_URLS_H

#include "agent/agent_task.h"

struct agent_urls {
    char *orders, *state;          /* owned */
    const struct agent_task *task; /* borrowed, as is its path */
    const char *task_file;
};

/* OU_NO_MEMORY. What cannot be read of TASK.urls is as good as none. */
enum ou_status agent_urls_begin(struct agent_urls *u, const struct agent_task *task,
                                const char *task_file, struct ou_error *err);
/* NULL: it stays. A failure says that they could not be kept; they are used all the same. */
enum ou_status agent_urls_renew(struct agent_urls *u, const char *orders, const char *state,
                                struct ou_error *err);
void agent_urls_release(struct agent_urls *u); /* a zeroed one is fine */

#endif
