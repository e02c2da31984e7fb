/* Any bytes as a snapshot of a ledger. What is accepted has all the money that its genesis gave, and is the
 * same when it is written and read once more. */
#include <stdlib.h>

#include "chain/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SUPPLY = 1000, ROOM = 1 << 22 };

static void check(bool holds)
{
    if (!holds)
        abort();
}

static struct genesis_pool pools[2];
static struct genesis_fund funds[1] = { { { 0x60 }, 29, SUPPLY } };

/* Whose hash is all zeros. */
static const struct genesis_ledger genesis = {
    .shelley = { .security_param = 3,
                 .epoch_slots = 100,
                 .clock = { { { .slot_ns = 1000000000, .epoch_slots = 100 } }, 1 } },
    .max_lovelace = SUPPLY,
    .pools = pools,
    .pool_count = 2,
    .funds = funds,
    .fund_count = 1,
};

static void check_same(const struct ledger *a, const struct ledger *b)
{
    uint64_t last = ledger_slot(a) / 100 + 1;
    struct ledger_stake one, two;

    check(ledger_slot(a) == ledger_slot(b) && ledger_output_count(a) == ledger_output_count(b));
    check(ledger_totals(a).fees == ledger_totals(b).fees);
    for (uint64_t epoch = last < 10 ? 0 : last - 10; epoch <= last; epoch++) {
        bool known = ledger_stake_of(a, epoch, &one);

        check(known == ledger_stake_of(b, epoch, &two));
        check(!known || (one.total == two.total && one.by_pool[0] == two.by_pool[0] &&
                         one.by_pool[0] + one.by_pool[1] == one.total && one.total <= SUPPLY));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ou_error err = { { 0 } };
    struct ledger *ledger, *again;
    struct buffer written;

    if (ledger_snapshot_read((struct bytes){ data, size }, &genesis, &ledger, &err)) {
        check(err.text[0] != '\0');
        return 0;
    }
    check(ledger_totals(ledger).outputs + ledger_totals(ledger).fees == SUPPLY);
    buffer_init(&written, allocator_libc(), ROOM);
    ledger_snapshot_write(ledger, &written);
    check(!ledger_snapshot_read(bytes_of(&written), &genesis, &again, NULL));
    check_same(ledger, again);
    ledger_free(ledger);
    ledger_free(again);
    buffer_release(&written);
    return 0;
}
