/* Any bytes as the state of an agent on a machine in wrong hands. What is accepted stays within its limits, has no order to a
 * terminal in it, and is the same when it is written and read again. */
#include <stdint.h>
#include <string.h>

#include "agent/agent_state.h"
#include "guarded.h"
#include "json/tree.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text)
{
    MUST(text);
    for (; *text; text++)
        MUST((unsigned char)*text >= ' ' ? *text != 0x7f : *text == '\n');
}

static void check_job(const struct agent_job *j)
{
    MUST(j->part_count <= ORDERS_PARTS_MAX && j->state <= JOB_FAILED);
    check_text(j->problem);
    MUST(*j->sha256 == '\0' || strlen(j->sha256) == SHA256_HEX - 1);
    for (size_t i = 0; i < j->part_count; i++) {
        check_text(j->parts[i].etag);
        MUST(strlen(j->parts[i].etag) < 3 * 128);
    }
}

static void check_state(const struct agent_state *s)
{
    MUST(s->directory[0] == '/' && s->program[0] == '/' && !strstr(s->directory, "/../"));
    MUST(s->bundle_count <= ORDERS_BUNDLES_MAX && s->service_count <= ORDERS_SERVICES_MAX &&
         s->job_count <= ORDERS_JOBS_MAX);
    check_text(s->run);
    check_text(s->allocation);
    check_text(s->node);
    check_text(s->version);
    check_text(s->problem);
    for (size_t i = 0; i < s->bundle_count; i++)
        check_text(s->bundles[i].problem);
    for (size_t i = 0; i < s->service_count; i++) {
        check_text(s->services[i].last_lines);
        check_text(s->services[i].problem);
        MUST(s->services[i].facts.status >= 0 && s->services[i].facts.height >= -1);
    }
    for (size_t i = 0; i < s->job_count; i++)
        check_job(&s->jobs[i]);
    MUST(agent_ready_in_s(s, 1000000, 1000000) > 0);
}

static void check_again(const struct agent_state *s)
{
    struct agent_state again;
    json_t *written = agent_state_document(s), *twice;

    MUST(written && !agent_state_read(written, &again, NULL));
    twice = agent_state_document(&again);
    MUST(twice && json_equal(written, twice));
    agent_state_release(&again);
    json_decref(written);
    json_decref(twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    json_t *document = NULL;
    struct agent_state state;

    if (size > GUARDED_MAX ||
        json_tree_parse((struct span){ (const char *)data, size }, "state", &document, NULL))
        return 0;
    if (!agent_state_read(document, &state, NULL)) {
        check_state(&state);
        check_again(&state);
        agent_state_release(&state);
    }
    json_decref(document);
    return 0;
}
