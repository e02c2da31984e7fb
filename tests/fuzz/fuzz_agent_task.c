/* Any bytes as an agent's task file, and as a signed document. A task that is accepted has all that an agent needs; a document is
 * never accepted unless its author signed it, which a fuzzer cannot. */
#include <stdint.h>
#include <string.h>

#include "agent/agent_task.h"
#include "guarded.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_task(const struct agent_task *t)
{
    MUST(t->run && t->host && t->node && t->orders_url && t->state_url && t->probe_url);
    MUST(strncmp(t->orders_url, "http", 4) == 0 && !strchr(t->host, '/'));
    MUST(t->poll_s > 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const unsigned char key[ENVELOPE_PUBLIC_BYTES] = { 1, 2, 3 };
    const struct span text = { (const char *)data, size };
    struct agent_task task;
    struct ou_error err = { "" };
    json_t *document = NULL;

    if (size > GUARDED_MAX)
        return 0;
    if (!agent_task_parse(text, "task", &task, &err)) {
        check_task(&task);
        agent_task_release(&task);
    }
    MUST(envelope_open(ENVELOPE_ORDERS, text, key, &document, &err) != OU_OK && !document);
    return 0;
}
