/* The task file of an agent: what it is to know of its run, and the keys that it speaks with. docs/formats/agent.md */
#ifndef OU_AGENT_AGENT_TASK_H
#define OU_AGENT_AGENT_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "agent/envelope.h"
#include "base/arena.h"
#include "base/span.h"

struct agent_task {
    struct arena memory;
    const char *run, *host;
    const char *node; /* Nomad's name of the machine; "" */
    unsigned char orders_key[ENVELOPE_PUBLIC_BYTES];
    unsigned char state_secret[ENVELOPE_SECRET_BYTES];
    const char *orders_url, *state_url, *probe_url;
    uint64_t probe_bytes;
    double poll_s;
    const char *ca_file; /* NULL: the system's */
};

/* OU_INVALID names the member, and never a value. `name` is what messages call the file. */
enum ou_status agent_task_parse(struct span text, const char *name, struct agent_task *ret,
                                struct ou_error *err);
/* The same of a file. *ret_open: others than its owner may read it, which its reader should tell. */
enum ou_status agent_task_load(const char *path, struct agent_task *ret, bool *ret_open,
                               struct ou_error *err);
/* Overwrites the key. A zeroed one is fine. */
void agent_task_release(struct agent_task *task);

#endif
