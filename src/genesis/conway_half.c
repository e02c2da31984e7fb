/* initialDReps and delegs: the voting side of a ledger, which may be as large as its delegators are many. */

#include "genesis/halves.h"

/* The epoch in which those of a genesis expire, in the ledger's own tool for test networks. */
#define DREP_EXPIRY_EPOCH 1000

static bool has_key(const struct genesis_making *m, uint64_t drep)
{
    return drep < m->set->pools;
}

void genesis_drep_hash(const struct genesis_making *m, uint64_t drep, uint8_t ret[KEY_HASH_BYTES])
{
    uint8_t secret[32];

    if (has_key(m, drep)) {
        memcpy(ret, m->dreps[drep], KEY_HASH_BYTES);
        return;
    }
    genesis_secret(m->seed, SECRET_DREP, drep, secret);
    memcpy(ret, secret, KEY_HASH_BYTES);
}

static void append_dreps(struct genesis_stream *s, struct genesis_making *m)
{
    for (uint64_t i = 0; i < m->set->dreps && !s->status; i++) {
        uint8_t hash[KEY_HASH_BYTES];

        if (has_key(m, i))
            s->status = genesis_write_drep(m->directory, m->seed, (uint32_t)i, m->dreps[i], s->err);
        if (s->status)
            return;
        genesis_drep_hash(m, i, hash);
        genesis_stream_entry(s, "keyHash-", hash, sizeof hash);
        genesis_stream_text(s, "{ \"deposit\": ");
        genesis_stream_number(s, m->set->drep_deposit);
        genesis_stream_text(s, ", \"expiry\": ");
        genesis_stream_number(s, DREP_EXPIRY_EPOCH);
        genesis_stream_text(s, " }");
    }
}

/* In turn: delegator i gives its vote to DRep i mod n. */
static void append_votes(struct genesis_stream *s, const struct genesis_making *m)
{
    for (uint64_t i = 0; i < m->set->delegators && !s->status; i++) {
        uint8_t stake[KEY_HASH_BYTES], drep[KEY_HASH_BYTES];

        genesis_stake_hash(m, i, stake);
        genesis_drep_hash(m, i % m->set->dreps, drep);
        genesis_stream_entry(s, "keyHash-", stake, sizeof stake);
        genesis_stream_text(s, "{ \"dRep\": \"drep-keyHash-");
        genesis_stream_hex(s, drep, sizeof drep);
        genesis_stream_text(s, "\", \"kind\": \"DelegVote\" }");
    }
}

/* Without DReps both members are left out: parsers of Conway's early days do not know them. */
void genesis_conway_half(struct genesis_stream *s, struct genesis_making *m)
{
    genesis_stream_text(s, "{");
    if (m->set->dreps == 0)
        return;
    genesis_stream_begin(s, "\n  \"initialDReps\": {", "    ");
    append_dreps(s, m);
    genesis_stream_begin(s, "\n  },\n  \"delegs\": {", "    ");
    append_votes(s, m);
    genesis_stream_text(s, "\n  }");
}
