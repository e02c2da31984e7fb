/* Any bytes as the collector's configuration. What is accepted is within its limits, is written, reads back,
 * and is written in the same words. */
#include <stdint.h>
#include <string.h>

#include "collect/config.h"
#include "guarded.h"

#define WRITTEN_MAX ((size_t)16 << 20)
#define READABLE_MAX ((size_t)1 << 20)

static struct collector_config *read_config(struct span text)
{
    struct ou_error err = { "" };
    struct collector_config *config = NULL;
    struct buffer warnings;
    enum ou_status status;

    buffer_init(&warnings, allocator_libc(), READABLE_MAX);
    status = collector_config_parse(text, "fuzz", &warnings, &config, &err);
    MUST(status ? !config && err.text[0] : config != NULL);
    MUST(warnings.len == 0 || warnings.at[warnings.len - 1] == '\n');
    buffer_release(&warnings);
    return config;
}

static void check_network(const struct collector_network *network)
{
    char text[ENDPOINT_ROOM];

    MUST(network->count >= 1 && network->count <= COLLECTOR_ENDPOINTS_MAX);
    MUST(!network->listen || network->count == 1);
    for (size_t i = 0; i < network->count; i++)
        MUST(endpoint_format(&network->at[i], text) > 0);
}

static void check_limits(const struct collector_config *c)
{
    check_network(&c->network);
    MUST(c->log_count >= 1 && c->log_count <= COLLECTOR_LOGS_MAX);
    for (size_t i = 0; i < c->log_count; i++)
        MUST(c->logs[i].root && (c->logs[i].root[0] || c->logs[i].mode == LOG_JOURNAL));
    MUST(!c->rotation.wanted || (c->rotation.period_s >= 1 && c->rotation.limit_bytes >= 1));
    MUST(c->request_count >= 1 && c->metrics_period_s >= 0.01);
    MUST(!c->prometheus.wanted || c->prometheus.host[0]);
    MUST(!c->certificate_file == !c->key_file);
    MUST(c->connections_max >= 1 && c->message_bytes >= 1 && c->history_step_s >= 1);
    MUST(c->rule_count <= COLLECTOR_RULES_MAX);
    for (size_t i = 0; i < c->rule_count; i++)
        MUST(c->rules[i].name && (c->rules[i].webhook || c->rules[i].command));
    if (c->forwarding.wanted)
        check_network(&c->forwarding.network);
}

static void check_round_trip(const struct collector_config *config)
{
    struct buffer once, twice;
    struct collector_config *again;

    buffer_init(&once, allocator_libc(), WRITTEN_MAX);
    buffer_init(&twice, allocator_libc(), WRITTEN_MAX);
    collector_config_json(config, &once, CONFIG_FOR_OWNER);
    if (once.len <= READABLE_MAX && !buffer_status(&once)) { /* aliases can make much of little */
        again = read_config((struct span){ once.at, once.len });
        MUST(again);
        collector_config_json(again, &twice, CONFIG_FOR_OWNER);
        MUST(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
        collector_config_free(again);
    }
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct collector_config *config = read_config((struct span){ (const char *)data, size });

    if (config) {
        check_limits(config);
        check_round_trip(config);
    }
    collector_config_free(config);
    return 0;
}
