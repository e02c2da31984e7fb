/* Any bytes as a Shelley file and, behind a NUL, an Alonzo file. What is accepted is in order, its sums are
 * right, and a ledger that begins with it has all its money. */
#include <stdlib.h>

#include "chain/ledger.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
    if (!holds)
        abort();
}

static void check_order(const struct genesis_ledger *g)
{
    uint64_t stake = 0;

    for (size_t i = 0; i < g->pool_count; i++) {
        check(genesis_find_pool(g, g->pools[i].id) == &g->pools[i]);
        stake += g->pools[i].stake;
    }
    check(stake == g->total_stake);
    for (size_t i = 0; i < g->delegation_count; i++) {
        check(g->delegations[i].pool < g->pool_count);
        check(genesis_find_delegation(g, g->delegations[i].stake_key) ==
              (long)g->delegations[i].pool);
    }
}

static void check_money(const struct genesis_ledger *g)
{
    struct ou_error err = { { 0 } };
    struct ledger *ledger;
    uint64_t sum = 0;

    for (size_t i = 0; i < g->fund_count; i++) {
        check(g->funds[i].address_bytes > 0 && g->funds[i].address_bytes <= ADDRESS_MAX_BYTES);
        sum += g->funds[i].coin;
    }
    check(sum <= g->max_lovelace && g->total_stake <= sum);
    /* An address may be there twice, in small and in capital digits. */
    if (ledger_create(g, &ledger, &err)) {
        check(err.text[0] != '\0');
        return;
    }
    check(ledger_totals(ledger).outputs == sum && ledger_output_count(ledger) == g->fund_count);
    ledger_free(ledger);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    const char *nul = size ? memchr(text, '\0', size) : NULL;
    size_t first = nul ? (size_t)(nul - text) : size;
    struct span alonzo = { nul ? nul + 1 : NULL, nul ? size - first - 1 : 0 };
    struct ou_error err = { { 0 } };
    struct genesis_ledger g;

    if (genesis_ledger_parse((struct span){ text, first }, "s", alonzo, "a", &g, &err)) {
        check(err.text[0] != '\0');
        return 0;
    }
    check_order(&g);
    check_money(&g);
    genesis_ledger_release(&g);
    return 0;
}
