#include "chain/stake.h"

#include <assert.h>
#include <stdlib.h>

/* Leaders of an epoch are decided by the stake at the end of the epoch two before. */
enum { EPOCHS_BACK = 2 };

static uint64_t *array_of(size_t count)
{
    return calloc(count ? count : 1, sizeof(uint64_t));
}

enum ou_status stake_init(struct stake_history *s, const struct genesis_ledger *genesis)
{
    *s = (struct stake_history){
        .pool_count = genesis->pool_count,
        .genesis = array_of(genesis->pool_count),
        .genesis_total = genesis->total_stake,
        .now = array_of(genesis->pool_count),
    };
    if (!s->genesis || !s->now) {
        stake_release(s);
        return OU_NO_MEMORY;
    }
    for (size_t i = 0; i < s->pool_count; i++)
        s->genesis[i] = genesis->pools[i].stake;
    return OU_OK;
}

void stake_release(struct stake_history *s)
{
    while (s->count > 0)
        stake_forget_end(s);
    free(s->snapshots);
    free(s->genesis);
    free(s->now);
    *s = (struct stake_history){ 0 };
}

void stake_add(struct stake_history *s, int32_t pool, uint64_t coin)
{
    if (pool < 0)
        return;
    s->now[pool] += coin;
    s->now_total += coin;
}

void stake_subtract(struct stake_history *s, int32_t pool, uint64_t coin)
{
    if (pool < 0)
        return;
    assert(s->now[pool] >= coin);
    s->now[pool] -= coin;
    s->now_total -= coin;
}

enum ou_status stake_end_epoch(struct stake_history *s, uint64_t epoch)
{
    void *snapshots = s->snapshots;
    uint64_t *by_pool;

    assert(s->count == 0 || s->snapshots[s->count - 1].epoch < epoch);
    if (!array_reserve(allocator_libc(), &snapshots, &s->cap, s->count + 1, sizeof *s->snapshots,
                       SIZE_MAX))
        return OU_NO_MEMORY;
    s->snapshots = snapshots;
    by_pool = array_of(s->pool_count);
    if (!by_pool)
        return OU_NO_MEMORY;
    memcpy(by_pool, s->now, s->pool_count * sizeof *by_pool);
    s->snapshots[s->count++] =
        (struct stake_snapshot){ .epoch = epoch, .total = s->now_total, .by_pool = by_pool };
    return OU_OK;
}

void stake_forget_end(struct stake_history *s)
{
    assert(s->count > 0);
    free(s->snapshots[--s->count].by_pool);
}

void stake_drop_before(struct stake_history *s, uint64_t epoch)
{
    size_t drop = 0;

    /* The last one that ended early enough is in force. */
    while (drop + 1 < s->count && s->snapshots[drop + 1].epoch + EPOCHS_BACK <= epoch)
        free(s->snapshots[drop++].by_pool);
    if (drop == 0)
        return;
    s->count -= drop;
    memmove(s->snapshots, s->snapshots + drop, s->count * sizeof *s->snapshots);
}

bool stake_of(const struct stake_history *s, uint64_t epoch, uint64_t reached,
              struct ledger_stake *ret)
{
    if (epoch < EPOCHS_BACK) {
        *ret = (struct ledger_stake){ s->genesis, s->genesis_total };
        return true;
    }
    if (epoch - EPOCHS_BACK >= reached)
        return false;
    for (size_t i = s->count; i > 0; i--) {
        const struct stake_snapshot *one = &s->snapshots[i - 1];

        if (one->epoch <= epoch - EPOCHS_BACK) {
            *ret = (struct ledger_stake){ one->by_pool, one->total };
            return true;
        }
    }
    return false; /* dropped */
}
