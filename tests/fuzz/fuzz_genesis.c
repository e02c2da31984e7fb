/* Any bytes as a Shelley genesis. What is accepted has a clock that works: each
 * slot that has a start contains it, and the slot before does not. */
#include <stdint.h>
#include <stdlib.h>

#include "chain/genesis.h"

static void check_slot(const struct genesis *g, uint64_t slot)
{
    int64_t start_ns;
    uint64_t back;

    if (!slot_start(&g->clock, slot, &start_ns))
        return;
    if (!slot_at(&g->clock, start_ns, &back) || back != slot)
        abort();
    if (slot > 0 && (!slot_at(&g->clock, start_ns - 1, &back) || back != slot - 1))
        abort();
    if (slot_in_epoch(&g->clock, slot) >= epoch_length(&g->clock, slot))
        abort();
    genesis_safe_interval(g, slot);
}

/* Every refusal says why. */
static int refused(const struct ou_error *err)
{
    if (!err->text[0])
        abort();
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint64_t slots[] = { 0, 1, 599, 600, 86400, 4492800, 1000000007, UINT64_MAX };
    struct genesis g;
    struct ou_error err = { { 0 } };

    if (genesis_parse((struct span){ (const char *)data, size }, "fuzz", &g, &err))
        return refused(&err);
    for (size_t i = 0; i < sizeof slots / sizeof *slots; i++)
        check_slot(&g, slots[i]);
    return 0;
}
