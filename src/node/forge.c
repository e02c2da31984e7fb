#include "node/forge.h"

#include "base/time.h"
#include "node/forger.h"
#include "node/sharp_timer.h"

/* Two wakes in a slot: one at its start, and one somewhere in its middle for what can be done
 * beforehand or afterwards. */
struct forge {
    struct sharp_timer timer;
    struct forge_pool {
        struct forger *forger;
    } * pools; /* of a relay one that only reports; owned */
    size_t pool_count;
    const struct slot_clock *clock;
    bool forges;
    struct forge_counts slots; /* of slots: what is the node's, not a pool's */
    uint64_t next_slot;        /* to begin */
    bool is_prepared;          /* and the next wake is its start */
    int64_t middle_ns;         /* from a slot's start to its middle wake */
};

static int64_t start_of(const struct forge *f, uint64_t slot)
{
    int64_t at_ns;

    return slot_start(f->clock, slot, &at_ns) ? at_ns : INT64_MAX;
}

/* Within the middle three fifths of a slot; where, a node's key decides. */
static int64_t middle_of(const struct forge_options *o)
{
    int64_t slot_ns = o->genesis->shelley.slot_ns;
    const uint8_t *key = o->credential_count ? o->credentials->vrf.public_key : NULL;

    return slot_ns / 5 + (key ? slot_ns * 3 / 5 / 256 * key[0] : 0);
}

/* Slots that passed unseen were missed; forging in them now would be late for everybody. */
static void begin_slot(struct forge *f)
{
    struct forge_counts *counts = &f->slots;
    int64_t now_ns = time_wall_ns(), late_ns;
    uint64_t slot;

    if (!slot_at(f->clock, now_ns, &slot) || slot < f->next_slot) {
        sharp_timer_set(&f->timer, start_of(f, f->next_slot)); /* the clock was set back */
        return;
    }
    for (size_t i = 0; f->forges && i < f->pool_count; i++)
        forger_slot(f->pools[i].forger, slot);
    counts->slots++;
    late_ns = now_ns - start_of(f, slot);
    counts->missed += slot - f->next_slot;
    counts->late_ns += late_ns;
    if (late_ns > counts->latest_ns)
        counts->latest_ns = late_ns;
    f->next_slot = slot + 1;
    f->is_prepared = false;
    sharp_timer_set(&f->timer, start_of(f, slot) + f->middle_ns);
}

static void prepare_slot(struct forge *f)
{
    struct forge_counts counts;

    for (size_t i = 0; f->forges && i < f->pool_count; i++)
        forger_prepare(f->pools[i].forger, f->next_slot);
    forge_counts(f, &counts);
    if (f->next_slot > 0)
        forger_report(f->pools[0].forger, f->next_slot - 1, &counts);
    f->is_prepared = true;
    sharp_timer_set(&f->timer, start_of(f, f->next_slot));
}

static void on_time(void *context)
{
    struct forge *f = context;

    if (f->is_prepared)
        begin_slot(f);
    else
        prepare_slot(f);
}

static void release(struct forge *f)
{
    for (size_t i = 0; i < f->pool_count; i++)
        forger_free(f->pools[i].forger);
    alloc_free(allocator_libc(), f->pools, f->pool_count * sizeof(*f->pools));
    f->pools = NULL;
    f->pool_count = 0;
}

static enum ou_status create_forgers(struct forge *f, const struct forge_options *options,
                                     struct ou_error *err)
{
    size_t count = f->forges ? options->credential_count : 1;
    enum ou_status status = OU_OK;

    f->pools = alloc_zeroed(allocator_libc(), count * sizeof(*f->pools));
    if (!f->pools)
        return ou_fail(err, OU_NO_MEMORY, "start forging: no memory");
    f->pool_count = count;
    for (size_t i = 0; i < count && !status; i++) {
        struct forge_options own = *options;

        own.credentials = f->forges ? &options->credentials[i] : NULL;
        status = forger_create(&own, &f->pools[i].forger, err);
    }
    return status;
}

enum ou_status forge_start(const struct forge_options *options, struct forge **ret,
                           struct ou_error *err)
{
    struct forge *f = alloc_zeroed(allocator_libc(), sizeof *f);
    enum ou_status status;
    uint64_t slot;

    if (!f)
        return ou_fail(err, OU_NO_MEMORY, "start forging: no memory");
    f->clock = &options->genesis->shelley.clock;
    f->forges = options->credential_count > 0;
    f->middle_ns = middle_of(options);
    f->next_slot = slot_at(f->clock, time_wall_ns(), &slot) ? slot + 1 : 0;
    status = create_forgers(f, options, err);
    if (!status)
        status = sharp_timer_open(&f->timer, options->loop, CLOCK_REALTIME, on_time, f, err);
    if (status) {
        release(f);
        alloc_free(allocator_libc(), f, sizeof *f);
        return status;
    }
    sharp_timer_set(&f->timer, time_wall_ns());
    *ret = f;
    return OU_OK;
}

static void on_closed(void *context)
{
    alloc_free(allocator_libc(), context, sizeof(struct forge));
}

void forge_stop(struct forge *f)
{
    if (!f)
        return;
    release(f);
    sharp_timer_close(&f->timer, on_closed);
}

void forge_counts(const struct forge *f, struct forge_counts *ret)
{
    *ret = f->slots;
    for (size_t i = 0; i < f->pool_count; i++) {
        const struct forge_counts *own = forger_counts(f->pools[i].forger);

        ret->led += own->led;
        ret->could_not_forge += own->could_not_forge;
        ret->forged += own->forged;
        ret->adopted += own->adopted;
    }
}
