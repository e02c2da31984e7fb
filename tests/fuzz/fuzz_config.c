/* Any bytes as a configuration. What is accepted is written, reads back, is
 * written in the same words, and gives the same rules. */
#include <stdint.h>
#include <string.h>

#include "guarded.h"
#include "trace/config.h"

#define WRITTEN_MAX ((size_t)16 << 20)
#define READABLE_MAX ((size_t)1 << 20)

static struct config *read_config(const char *text, size_t len, struct buffer *warnings)
{
    struct ou_error err = { { 0 } };
    struct config *config = NULL;
    enum ou_status status = config_parse(text, len, "fuzz", warnings, &config, &err);

    MUST(status ? !config && err.text[0] : config != NULL);
    return config;
}

static void check_rules(const struct config *a, const struct config *b)
{
    static const char *const names[] = {
        "",
        "ChainDB",
        "ChainDB.AddBlockEvent",
        "ChainDB.AddBlockEvent.AddedBlockToQueue",
        "Forge",
        "Forge.Loop.NodeIsLeader",
        "Resources",
        "X.Y.Z",
        "Mempool.A",
    };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct rule x = config_rule(a, names[i]), y = config_rule(b, names[i]);

        MUST(x.severity == y.severity && x.severity <= OU_SILENCE);
        MUST(x.detail == y.detail && x.detail <= OU_DMAXIMUM);
        MUST(x.backends == y.backends);
        MUST(x.max_frequency == y.max_frequency && x.max_frequency >= 0);
    }
    MUST(a->file_count == b->file_count && a->file_count <= CONFIG_FILES_MAX);
    MUST(a->prometheus.wanted == b->prometheus.wanted && a->prometheus.port == b->prometheus.port);
    MUST(a->legacy.wanted == b->legacy.wanted);
}

static void check_round_trip(const struct config *config)
{
    struct buffer once, twice;
    struct config *again;

    buffer_init(&once, allocator_libc(), WRITTEN_MAX);
    buffer_init(&twice, allocator_libc(), WRITTEN_MAX);
    config_json(config, &once);
    if (once.len > READABLE_MAX || buffer_status(&once)) { /* aliases can make much of little */
        buffer_release(&once);
        return;
    }
    again = read_config(once.at, once.len, NULL);
    MUST(again);
    check_rules(config, again);
    config_json(again, &twice);
    MUST(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
    config_free(again);
    buffer_release(&once);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct buffer warnings;
    struct config *config;

    buffer_init(&warnings, allocator_libc(), WRITTEN_MAX);
    config = read_config((const char *)data, size, &warnings);
    MUST(buffer_status(&warnings) == OU_OK);
    MUST(warnings.len == 0 || warnings.at[warnings.len - 1] == '\n');
    if (config)
        check_round_trip(config);
    config_free(config);
    buffer_release(&warnings);
    return 0;
}
