#include "genesis/check_set.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/digits.h"
#include "base/time.h"

__extension__ typedef unsigned __int128 wide;

#define MAINNET_MAGIC 764824073
#define NEWEST_MAJOR 12 /* Dijkstra's */

static uint64_t value_of(const struct genesis_facts *facts, enum genesis_role role)
{
    return (uint64_t)facts->at[role].value.above;
}

static bool knows(const struct genesis_facts *facts, enum genesis_role role)
{
    return facts->at[role].known;
}

#define AT(facts, role) (facts)->at[role].place.line, (facts)->at[role].place.column

/* Sums of funds may need more than 64 bits. */
#define WIDE_ROOM 48
static const char *wide_text(genesis_wide value, char room[WIDE_ROOM])
{
    char *at = &room[WIDE_ROOM - 1];

    *at = '\0';
    do
        *--at = (char)('0' + (int)(value % 10));
    while ((value /= 10) > 0);
    return at;
}

/* ---- within the Shelley file ---- */

/* Leaders of an epoch are drawn with a nonce and a stake that are settled 10 k/f slots before. */
static void check_epoch(const struct genesis_facts *s, struct genesis_teller *t)
{
    const struct genesis_number f = s->at[ROLE_f].value;
    const uint64_t epoch = value_of(s, ROLE_epoch_length), k = value_of(s, ROLE_k);
    wide needed;

    if (!knows(s, ROLE_f) || !knows(s, ROLE_epoch_length) || !knows(s, ROLE_k))
        return;
    if (!__builtin_mul_overflow((wide)k * f.below, (wide)10, &needed)) {
        needed = (needed + (wide)f.above - 1) / (wide)f.above;
        if (epoch >= needed)
            return;
    }
    genesis_tell(t, GENESIS_FAULT, "epoch", AT(s, ROLE_epoch_length), "epochLength",
                 "must be 10 x securityParam / activeSlotsCoeff at least, not %" PRIu64
                 ": 10 x %" PRIu64 " / (%" PRIu64 "/%" PRIu64 ")",
                 epoch, k, (uint64_t)f.above, f.below);
}

static void check_supply(const struct genesis_facts *s, struct genesis_teller *t)
{
    char room[WIDE_ROOM];

    if (knows(s, ROLE_supply) && s->funds > s->at[ROLE_supply].value.above)
        genesis_tell(t, GENESIS_FAULT, "supply", AT(s, ROLE_supply), "maxLovelaceSupply",
                     "is %" PRIu64 ", and initialFunds hold more: %s", value_of(s, ROLE_supply),
                     wide_text(s->funds, room));
}

static void check_delegates(const struct genesis_facts *s, struct genesis_teller *t)
{
    const uint64_t delegates = s->entries[ROLE_gen_delegate];
    const uint64_t quorum = value_of(s, ROLE_quorum);

    if (!knows(s, ROLE_quorum) || delegates == 0)
        return;
    if (quorum <= delegates / 2)
        genesis_tell(t, GENESIS_FAULT, "quorum", AT(s, ROLE_quorum), "updateQuorum",
                     "must be more than half of the %" PRIu64 " genDelegs, not %" PRIu64, delegates,
                     quorum);
    else if (quorum > delegates)
        genesis_tell(t, GENESIS_REMARK, "quorum", AT(s, ROLE_quorum), "updateQuorum",
                     "is %" PRIu64 " of %" PRIu64 " genDelegs: no update can pass", quorum,
                     delegates);
}

/* A certificate that is made at the start of the chain, with period 0, ends with its last period. */
static void check_kes(const struct genesis_facts *s, struct genesis_teller *t)
{
    if (!knows(s, ROLE_kes_period) || !knows(s, ROLE_kes_evolutions) ||
        !knows(s, ROLE_epoch_length))
        return;
    if ((wide)value_of(s, ROLE_kes_period) * value_of(s, ROLE_kes_evolutions) <
        value_of(s, ROLE_epoch_length))
        genesis_tell(t, GENESIS_REMARK, "kes", AT(s, ROLE_kes_period), "slotsPerKESPeriod",
                     "KES keys end after %" PRIu64 " x %" PRIu64
                     " slots, before the first epoch does",
                     value_of(s, ROLE_kes_period), value_of(s, ROLE_kes_evolutions));
}

static const char *network_name(int network)
{
    return network ? "Mainnet" : "Testnet";
}

static void check_network(const struct genesis_facts *s, struct genesis_teller *t)
{
    const int network = (int)value_of(s, ROLE_network);
    const struct genesis_place *address = &s->addresses[!network], *reward = &s->rewards[!network];

    if (!knows(s, ROLE_network))
        return;
    if (address->count)
        genesis_tell(t, GENESIS_FAULT, "address", address->line, address->column, "initialFunds",
                     "an address of %s, and networkId is %s (%" PRIu64 " of these)",
                     network_name(!network), network_name(network), address->count);
    if (reward->count)
        genesis_tell(t, GENESIS_FAULT, "reward", reward->line, reward->column, "staking.pools",
                     "a reward account of %s, and networkId is %s (%" PRIu64 " of these)",
                     network_name(!network), network_name(network), reward->count);
    if (knows(s, ROLE_magic) && (value_of(s, ROLE_magic) == MAINNET_MAGIC) != network)
        genesis_tell(t, GENESIS_REMARK, "magic", AT(s, ROLE_magic), "networkMagic",
                     "is %" PRIu64 ", and networkId is %s: %d is the magic of mainnet",
                     value_of(s, ROLE_magic), network_name(network), MAINNET_MAGIC);
}

static void check_version(const struct genesis_facts *s, struct genesis_teller *t)
{
    const uint64_t major = value_of(s, ROLE_major);

    if (knows(s, ROLE_major) && (major < 2 || major > NEWEST_MAJOR))
        genesis_tell(t, GENESIS_REMARK, "major", AT(s, ROLE_major),
                     "protocolParams.protocolVersion.major",
                     "is %" PRIu64 "; known are 2 (Shelley) to %d (Dijkstra)", major, NEWEST_MAJOR);
}

/* Nodes take it; but who makes a transaction by the one limit waits for ever by the other. */
static void check_sizes(const struct genesis_facts *s, struct genesis_teller *t)
{
    if (knows(s, ROLE_max_tx) && knows(s, ROLE_max_body) &&
        value_of(s, ROLE_max_tx) > value_of(s, ROLE_max_body))
        genesis_tell(t, GENESIS_REMARK, "sizes", AT(s, ROLE_max_tx), "protocolParams.maxTxSize",
                     "is %" PRIu64 ", and no block holds a transaction above maxBlockBodySize, "
                     "%" PRIu64,
                     value_of(s, ROLE_max_tx), value_of(s, ROLE_max_body));
}

static void tell_missing_pool(void *context, const uint8_t *id, const struct genesis_place *place)
{
    char text[2 * KEY_HASH_BYTES];

    digits_hex(id, sizeof text, text);
    genesis_tell(context, GENESIS_FAULT, "pool", place->line, place->column, "staking.stake",
                 "delegates to %.*s, which is not in staking.pools (%" PRIu64 " of these)",
                 (int)sizeof text, text, place->count);
}

static void tell_full(const struct genesis_references *r, struct genesis_teller *t,
                      const char *path)
{
    if (r->full)
        genesis_tell(t, GENESIS_REMARK, "full", 0, 0, path,
                     "not all targets were looked up: more than %zu ids", GENESIS_REFERENCES_MAX);
}

static enum ou_status check_shelley(const struct genesis_facts *s, struct genesis_teller *t)
{
    check_epoch(s, t);
    check_supply(s, t);
    check_delegates(s, t);
    check_kes(s, t);
    check_network(s, t);
    check_version(s, t);
    check_sizes(s, t);
    tell_full(&s->pools, t, "staking.stake");
    return genesis_references_missing(&s->pools, tell_missing_pool, t);
}

/* ---- within the Conway file ---- */

static void tell_missing_drep(void *context, const uint8_t *id, const struct genesis_place *place)
{
    char text[2 * KEY_HASH_BYTES];

    digits_hex(id + 1, sizeof text, text);
    genesis_tell(context, GENESIS_FAULT, "drep", place->line, place->column, "delegs",
                 "delegates to %s-%.*s, which is not in initialDReps (%" PRIu64 " of these)",
                 id[0] ? "scriptHash" : "keyHash", (int)sizeof text, text, place->count);
}

static void check_committee(const struct genesis_facts *c, struct genesis_teller *t)
{
    const uint64_t members = c->entries[ROLE_committee_member];

    if (knows(c, ROLE_committee_min) && members && value_of(c, ROLE_committee_min) > members)
        genesis_tell(t, GENESIS_REMARK, "committee", AT(c, ROLE_committee_min), "committeeMinSize",
                     "is %" PRIu64 ", and the committee has %" PRIu64 ": it can decide nothing",
                     value_of(c, ROLE_committee_min), members);
    if (knows(c, ROLE_committee_threshold) && members &&
        c->at[ROLE_committee_threshold].value.above == 0)
        genesis_tell(t, GENESIS_REMARK, "threshold", AT(c, ROLE_committee_threshold),
                     "committee.threshold", "is 0: the %" PRIu64 " members need not agree",
                     members);
}

enum ou_status genesis_check_facts(enum genesis_era era, const struct genesis_facts *facts,
                                   struct genesis_teller *teller)
{
    if (era == GENESIS_SHELLEY)
        return check_shelley(facts, teller);
    if (era != GENESIS_CONWAY)
        return OU_OK;
    check_committee(facts, teller);
    tell_full(&facts->dreps, teller, "delegs");
    return genesis_references_missing(&facts->dreps, tell_missing_drep, teller);
}

/* ---- between files ---- */

/* Both know the number, and it is another one. */
static bool differ(const struct genesis_facts *a, const struct genesis_facts *b,
                   enum genesis_role role)
{
    return knows(a, role) && knows(b, role) &&
           genesis_number_compare(a->at[role].value, b->at[role].value) != 0;
}

static void check_byron_start(const struct genesis_facts *byron,
                              const struct genesis_facts *shelley, struct genesis_teller *t)
{
    char time[TIME_ISO_ROOM];
    const uint64_t seconds = value_of(byron, ROLE_start);
    const genesis_wide ns = (genesis_wide)seconds * NS_PER_SECOND;

    if (!knows(byron, ROLE_start) || !knows(shelley, ROLE_start) ||
        ns == shelley->at[ROLE_start].value.above)
        return;
    time[time_format_iso((int64_t)shelley->at[ROLE_start].value.above, time)] = '\0';
    genesis_tell(t, GENESIS_FAULT, "start", AT(byron, ROLE_start), "startTime",
                 "must be the systemStart of the Shelley file, %s (%" PRId64 "), not %" PRIu64,
                 time, (int64_t)(shelley->at[ROLE_start].value.above / NS_PER_SECOND), seconds);
}

static void check_byron(const struct genesis_facts *byron, const struct genesis_facts *shelley,
                        struct genesis_teller *t)
{
    if (differ(byron, shelley, ROLE_magic))
        genesis_tell(t, GENESIS_FAULT, "magic", AT(byron, ROLE_magic),
                     "protocolConsts.protocolMagic",
                     "is %" PRIu64 ", and networkMagic of the Shelley file is %" PRIu64,
                     value_of(byron, ROLE_magic), value_of(shelley, ROLE_magic));
    if (differ(byron, shelley, ROLE_k))
        genesis_tell(t, GENESIS_FAULT, "k", AT(byron, ROLE_k), "protocolConsts.k",
                     "is %" PRIu64 ", and securityParam of the Shelley file is %" PRIu64,
                     value_of(byron, ROLE_k), value_of(shelley, ROLE_k));
    check_byron_start(byron, shelley, t);
}

/* The ledger begins with pools, stake keys and DReps as if their deposits had been paid; a set whose money cannot
 * have paid them works, but its sums never add up. */
static void check_deposits(const struct genesis_facts *s, const struct genesis_facts *conway,
                           struct genesis_teller *t)
{
    char room[WIDE_ROOM];
    genesis_wide deposits = conway->drep_deposits;

    if (!knows(s, ROLE_supply) || s->funds > s->at[ROLE_supply].value.above)
        return;
    deposits += (genesis_wide)s->entries[ROLE_pool] * value_of(s, ROLE_pool_deposit);
    deposits += (genesis_wide)s->entries[ROLE_delegation] * value_of(s, ROLE_key_deposit);
    if (s->funds + deposits > s->at[ROLE_supply].value.above)
        genesis_tell(t, GENESIS_REMARK, "deposits", AT(s, ROLE_supply), "maxLovelaceSupply",
                     "leaves less than the deposits of pools, stake keys and DReps beside "
                     "initialFunds: %s",
                     wide_text(deposits, room));
}

void genesis_check_agreement(const struct genesis_set *set,
                             const struct genesis_facts facts[GENESIS_ERAS],
                             struct genesis_teller *teller)
{
    const struct genesis_facts *shelley = &facts[GENESIS_SHELLEY];

    if (!shelley->given)
        return;
    genesis_tell_of_file(teller, set->files[GENESIS_SHELLEY]);
    check_deposits(shelley, &facts[GENESIS_CONWAY], teller);
    if (facts[GENESIS_BYRON].given) {
        genesis_tell_of_file(teller, set->files[GENESIS_BYRON]);
        check_byron(&facts[GENESIS_BYRON], shelley, teller);
    }
}
