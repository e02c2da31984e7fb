#include "analyse/slot_fold.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc.h"
#include "base/time.h"

/* A node that is up before the chain starts waits for it; what it does meanwhile is of no slot. */
#define WAIT_FOR_START_NS (3600 * NS_PER_SECOND)

#define THREAD_NAME_BYTES_MAX (4u << 20) /* of all threads together */

/* How the value of a resource comes from the samples. */
enum resource_rule { PERCENT, COUNT, MEGABYTES_RATE, KILOBYTES_RATE, MEGABYTES, PLAIN };

static const enum resource_rule rules[RESOURCE_MEMBERS] = {
    [RESOURCE_CENTI_CPU] = PERCENT,     [RESOURCE_CENTI_GC] = PERCENT,
    [RESOURCE_CENTI_MUT] = PERCENT,     [RESOURCE_CENTI_BLK_IO] = PERCENT,
    [RESOURCE_GCS_MAJOR] = COUNT,       [RESOURCE_GCS_MINOR] = COUNT,
    [RESOURCE_ALLOC] = MEGABYTES_RATE,  [RESOURCE_NET_RD] = KILOBYTES_RATE,
    [RESOURCE_NET_WR] = KILOBYTES_RATE, [RESOURCE_FS_RD] = KILOBYTES_RATE,
    [RESOURCE_FS_WR] = KILOBYTES_RATE,  [RESOURCE_RSS] = MEGABYTES,
    [RESOURCE_HEAP] = MEGABYTES,        [RESOURCE_LIVE] = MEGABYTES,
    [RESOURCE_THREADS] = PLAIN,
};

static bool is_gauge(int resource)
{
    return rules[resource] == MEGABYTES || rules[resource] == PLAIN;
}

void slot_fold_init(struct slot_fold *fold, const struct genesis *genesis, bool compat)
{
    *fold = (struct slot_fold){ .genesis = genesis,
                                .compat = compat,
                                .mempool_txs = compat ? 0 : -1,
                                .tip_number = compat ? 0 : -1,
                                .tip_slot = compat ? 0 : -1 };
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        fold->carried[i] = compat ? 0 : NAN;
    intern_init(&fold->threads, allocator_libc(), COLLECTING_THREADS_MAX, THREAD_NAME_BYTES_MAX);
}

void slot_fold_release(struct slot_fold *fold)
{
    free(fold->records);
    free(fold->collected_ns);
    intern_release(&fold->threads);
    fold->records = NULL;
    fold->collected_ns = NULL;
    fold->count = fold->cap = fold->collected_cap = 0;
}

/* Counters of hostile logs stop at the end of their range. */
static void add_to(int64_t *sum, int64_t value)
{
    if (__builtin_add_overflow(*sum, value, sum))
        *sum = value < 0 ? -INT64_MAX : INT64_MAX;
}

/* --- Records ------------------------------------------------------------ */

static struct slot_record *newest(struct slot_fold *fold)
{
    return &fold->records[fold->count - 1];
}

/* The record of a slot; NULL when it has none. Almost always one of the last. */
static struct slot_record *find(struct slot_fold *fold, uint64_t slot)
{
    size_t low = 0, high = fold->count;

    if (fold->count == 0 || slot > newest(fold)->slot)
        return NULL;
    if (newest(fold)->slot - slot < fold->count) {
        struct slot_record *guess = newest(fold) - (newest(fold)->slot - slot);

        if (guess->slot == slot)
            return guess;
    }
    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (fold->records[middle].slot < slot)
            low = middle + 1;
        else
            high = middle;
    }
    return low < fold->count && fold->records[low].slot == slot ? &fold->records[low] : NULL;
}

/* Appends a record for a slot beyond the newest. is_gap: nothing happened in it. */
static struct slot_record *append(struct slot_fold *fold, uint64_t slot, bool is_gap, bool carry)
{
    struct slot_record *r;
    const struct slot_record *before;

    if (!array_reserve(allocator_libc(), (void **)&fold->records, &fold->cap, fold->count + 1,
                       sizeof(*fold->records), SLOT_RECORDS_MAX)) {
        fold->lost++;
        return NULL;
    }
    before = carry && fold->count ? &fold->records[fold->count - 1] : NULL;
    r = &fold->records[fold->count++];
    *r = (struct slot_record){ .slot = slot,
                               .start_ns = TIME_NONE,
                               .block_number = fold->tip_number,
                               .block_gap = -1,
                               .utxo_size = fold->compat ? 0 : -1,
                               .density = fold->compat ? 0 : NAN,
                               .mempool_txs = fold->mempool_txs };
    slot_start(&fold->genesis->clock, slot, &r->start_ns);
    for (int i = 0; i < SLOT_PHASES; i++)
        r->phase_ns[i] = TIME_NONE;
    if (fold->tip_slot >= 0)
        r->block_gap = (int64_t)slot - fold->tip_slot;
    if (fold->compat && is_gap && before) {
        r->utxo_size = before->utxo_size;
        r->density = before->density;
    }
    /* locli knows all resources from the second record on: they are 0 */
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        r->resources[i] = before ? fold->carried[i] : NAN;
    return r;
}

/* The first record stands for the slot of the host's first line. */
static void open_first(struct slot_fold *fold, int64_t at_ns)
{
    uint64_t slot;

    if (slot_at(&fold->genesis->clock, at_ns, &slot))
        append(fold, slot, false, false);
}

/* Makes records up to `slot`; gaps get records of their own, unless the host was
 * silent for long. */
static void extend(struct slot_fold *fold, uint64_t slot)
{
    uint64_t next;

    if (slot <= newest(fold)->slot)
        return;
    next = newest(fold)->slot + 1;
    if (slot - next >= SILENT_SLOTS) {
        fold->silent_slots += slot - next;
        append(fold, slot, false, false);
        return;
    }
    for (; next < slot; next++)
        if (!append(fold, next, true, true))
            return;
    append(fold, slot, false, true);
}

/* --- Resources ---------------------------------------------------------- */

/* locli rounds up into 64 bits without sign, where a step back in time wraps.
 * What it makes of a division by no time at all depends on its compiler. */
static double compat_percent(uint64_t ticks, int64_t elapsed_ns)
{
    float seconds = (float)((double)elapsed_ns / NS_PER_SECOND);
    double percent = ceil((double)((float)(ticks * 100) / (seconds * 100.0f)));

    if (!isfinite(percent))
        return 0;
    return percent < 0 ? percent + 0x1p64 : percent;
}

/* locli's arithmetic: 32-bit quotients rounded up, whole units, no division of
 * increments by the elapsed time, counters that wrap. */
static double compat_value(enum resource_rule rule, int64_t now, int64_t before, int64_t elapsed_ns)
{
    uint64_t grown = (uint64_t)now - (uint64_t)before;

    switch (rule) {
    case PERCENT: return compat_percent(grown, elapsed_ns);
    case COUNT: return (double)grown;
    case MEGABYTES_RATE: return (double)(grown >> 20);
    case KILOBYTES_RATE: return (double)(grown >> 10);
    case MEGABYTES: return (double)(now >> 20);
    case PLAIN: break;
    }
    return (double)now;
}

/* r: NULL when the slot has no record. Later slots inherit percentages and
 * gauges; their increments are 0. */
static void compat_sample(struct slot_fold *fold, const struct event *e, struct slot_record *r)
{
    int64_t before_ns = fold->sampled ? fold->sample_at_ns : 0;

    for (int i = 0; i < RESOURCE_MEMBERS; i++) {
        int64_t now = e->resources->values[i] < 0 ? 0 : e->resources->values[i];
        int64_t before = fold->sampled && fold->sample.values[i] > 0 ? fold->sample.values[i] : 0;
        double value = compat_value(rules[i], now, before, e->at_ns - before_ns);

        if (r)
            r->resources[i] = value;
        if (is_gauge(i) || rules[i] == PERCENT)
            fold->carried[i] = value;
    }
}

/* NaN where one of the samples does not have the counter. */
static double rate(enum resource_rule rule, int64_t now, int64_t before, int64_t elapsed_ns)
{
    double per_second;

    if (now < 0 || before < 0)
        return NAN;
    per_second = (double)(now - before) / ((double)elapsed_ns / NS_PER_SECOND);
    if (rule == MEGABYTES_RATE)
        return per_second / (1 << 20);
    if (rule == KILOBYTES_RATE)
        return per_second / (1 << 10);
    return per_second; /* percent: 1/100 s of CPU a second */
}

static bool went_back(const struct resource_sample *now, const struct resource_sample *before)
{
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        if (!is_gauge(i) && now->values[i] >= 0 && now->values[i] < before->values[i])
            return true;
    return false;
}

/* The rates of the interval between the last two samples hold for the slots
 * behind the first one's, up to the second one's. Each slot is filled once, so
 * that a clock which jumps to and fro costs no time. */
static void set_rates(struct slot_fold *fold, const struct event *e, struct slot_record *last)
{
    uint64_t floor_slot = fold->sample_slot;
    double rates[RESOURCE_MEMBERS];
    size_t at = (size_t)(last - fold->records);

    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        rates[i] = rate(rules[i], e->resources->values[i], fold->sample.values[i],
                        e->at_ns - fold->sample_at_ns);
    if (floor_slot < fold->rated_slot)
        floor_slot = fold->rated_slot;
    if (fold->rated_slot < last->slot)
        fold->rated_slot = last->slot;
    do {
        for (int i = 0; i < RESOURCE_MEMBERS; i++)
            if (!is_gauge(i))
                fold->records[at].resources[i] = rates[i];
    } while (at-- > 0 && fold->records[at].slot > floor_slot);
}

static void set_gauges(struct slot_fold *fold, struct slot_record *r,
                       const struct resource_sample *sample)
{
    for (int i = 0; i < RESOURCE_MEMBERS; i++) {
        double value = (double)sample->values[i];

        if (is_gauge(i) && sample->values[i] >= 0)
            r->resources[i] = fold->carried[i] = rules[i] == MEGABYTES ? value / (1 << 20) : value;
    }
}

/* Takes a sample's rates; false when it tells none and the one before it stays. */
static bool take_rates(struct slot_fold *fold, const struct event *e, struct slot_record *r)
{
    bool back = went_back(e->resources, &fold->sample);

    if (memcmp(&fold->sample, e->resources, sizeof(fold->sample)) == 0)
        return false; /* written twice */
    if (e->at_ns <= fold->sample_at_ns)
        return !back; /* an older one out of order; else the clock was set back */
    if (back)
        fold->counter_resets++;
    else
        set_rates(fold, e, r);
    return true;
}

static void take_sample(struct slot_fold *fold, const struct event *e, uint64_t slot)
{
    struct slot_record *r = find(fold, slot);

    fold->early_events += !r;
    if (fold->compat) {
        compat_sample(fold, e, r);
    } else {
        if (!r)
            return;
        set_gauges(fold, r, e->resources);
        if (fold->sampled && !take_rates(fold, e, r))
            return;
    }
    fold->sampled = true;
    fold->sample = *e->resources;
    fold->sample_at_ns = e->at_ns;
    fold->sample_slot = slot;
}

/* --- Events ------------------------------------------------------------- */

static void start_check(struct slot_fold *fold, const struct event *e)
{
    struct slot_record *r = find(fold, (uint64_t)e->slot);

    fold->has_leadership = true;
    if (!r) {
        fold->early_events++;
        return;
    }
    r->starts++;
    r->phase_ns[SLOT_STARTED] = e->at_ns;
    if (e->size > 0 || (!fold->compat && e->size == 0))
        r->utxo_size = e->size;
    if (e->density > 0 || (!fold->compat && e->density == 0))
        r->density = e->density;
}

/* locli: the change belongs to the newest slot, whichever slot the event names. */
static void compat_context(struct slot_fold *fold, const struct event *e, struct slot_record *r)
{
    bool changed = e->number != fold->tip_number;

    if (changed)
        fold->tip_slot = (int64_t)newest(fold)->slot;
    r->block_gap = changed ? 0 : newest(fold)->block_gap;
}

static void block_context(struct slot_fold *fold, const struct event *e, struct slot_record *r)
{
    r->contexts++;
    r->phase_ns[SLOT_BLOCK_CONTEXT] = e->at_ns;
    if (fold->compat) {
        compat_context(fold, e, r);
    } else if (fold->tip_number >= 0 && e->number != fold->tip_number) {
        fold->tip_slot = (int64_t)r->slot;
        r->block_gap = 0;
        newest(fold)->block_gap = (int64_t)(newest(fold)->slot - r->slot);
    }
    newest(fold)->block_number = e->number;
    fold->tip_number = e->number;
}

/* When a thread last collected transactions; NULL when it is not known, or there
 * is no room to remember it. */
static int64_t *collected_by(struct slot_fold *fold, struct span thread, bool make)
{
    bool is_new;
    uint32_t id;

    if (intern_find(&fold->threads, thread, &id))
        return &fold->collected_ns[id];
    if (!make || !array_reserve(allocator_libc(), (void **)&fold->collected_ns,
                                &fold->collected_cap, fold->threads.count + 1,
                                sizeof(*fold->collected_ns), COLLECTING_THREADS_MAX + 1))
        return NULL;
    if (intern_put(&fold->threads, thread, &id, &is_new) != OU_OK) {
        intern_release(&fold->threads);
        intern_init(&fold->threads, allocator_libc(), COLLECTING_THREADS_MAX,
                    THREAD_NAME_BYTES_MAX);
        if (intern_put(&fold->threads, thread, &id, &is_new) != OU_OK)
            return NULL;
    }
    return &fold->collected_ns[id];
}

static void txs_collected(struct slot_fold *fold, const struct event *e)
{
    int64_t *collected_ns = collected_by(fold, e->thread, true);

    add_to(&newest(fold)->txs_collected, e->number);
    if (collected_ns)
        *collected_ns = e->at_ns;
}

static void txs_processed(struct slot_fold *fold, const struct event *e)
{
    int64_t *collected_ns = collected_by(fold, e->thread, false);
    struct slot_record *r = newest(fold);

    add_to(&r->txs_accepted, e->number);
    add_to(&r->txs_rejected, e->size);
    if (collected_ns && *collected_ns != TIME_NONE) {
        add_to(&r->txs_span_ns, e->at_ns - *collected_ns);
        *collected_ns = TIME_NONE;
    } else if (fold->compat) {
        add_to(&r->txs_span_ns, NS_PER_SECOND);
    }
}

static bool is_near(uint64_t a, uint64_t b)
{
    return (a > b ? a - b : b - a) <= SILENT_SLOTS;
}

static void keep_waiting(struct slot_fold *fold, const struct event *e)
{
    struct event *kept = &fold->waiting[fold->waiting_count++];

    *kept = *e;
    kept->hash = kept->parent = kept->thread = (struct span){ 0 }; /* not ours to keep */
    /* Only the first one can have some: the others are of the forge loop. */
    if (e->resources) {
        fold->waiting_sample = *e->resources;
        kept->resources = &fold->waiting_sample;
    }
}

/* An event of the forge loop whose slot has no record. */
static void without_record(struct slot_fold *fold, const struct event *e)
{
    if (fold->waiting_count && fold->waiting_count < WAITING_EVENTS_MAX &&
        is_near((uint64_t)e->slot, fold->waiting_slot))
        keep_waiting(fold, e);
    else
        fold->early_events++;
}

/* Events that tell their slot, other than StartLeadershipCheck. */
static void forge_event(struct slot_fold *fold, const struct event *e)
{
    struct slot_record *r = find(fold, (uint64_t)e->slot);

    if (!r) {
        without_record(fold, e);
        return;
    }
    switch (e->kind) {
    case EVENT_BLOCK_CONTEXT: block_context(fold, e, r); break;
    case EVENT_LEDGER_STATE:
        r->ledger_states++;
        r->phase_ns[SLOT_LEDGER_STATE] = e->at_ns;
        break;
    case EVENT_LEDGER_VIEW:
        r->ledger_views++;
        r->phase_ns[SLOT_LEDGER_VIEW] = e->at_ns;
        break;
    case EVENT_NODE_IS_LEADER:
        r->leads++;
        r->phase_ns[SLOT_LEADING] = e->at_ns;
        break;
    case EVENT_NODE_NOT_LEADER: r->phase_ns[SLOT_LEADING] = e->at_ns; break;
    case EVENT_TICKED_LEDGER_STATE: r->phase_ns[SLOT_TICKED] = e->at_ns; break;
    case EVENT_MEMPOOL_SNAPSHOT: r->phase_ns[SLOT_MEMPOOL_SNAPSHOT] = e->at_ns; break;
    default: /* forged */
        r->forges++;
        r->phase_ns[SLOT_FORGED] = e->at_ns;
        break;
    }
}

/* The slot up to which an event makes records; false for those that make none. */
static bool extending_slot(struct slot_fold *fold, const struct event *e, uint64_t *ret)
{
    if (e->kind == EVENT_RESOURCES)
        return slot_at(&fold->genesis->clock, e->at_ns, ret);
    *ret = (uint64_t)e->slot;
    return e->kind == EVENT_START_LEADERSHIP_CHECK;
}

static void take_extending(struct slot_fold *fold, const struct event *e, uint64_t slot)
{
    extend(fold, slot);
    if (e->kind == EVENT_RESOURCES)
        take_sample(fold, e, slot);
    else
        start_check(fold, e);
}

/* What waited is far ahead all the same when nothing like it followed. */
static void give_up_waiting(struct slot_fold *fold)
{
    fold->wild_stamps += fold->waiting_count;
    fold->waiting_count = 0;
}

static void take_waiting(struct slot_fold *fold)
{
    size_t count = fold->waiting_count;

    fold->waiting_count = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0)
            take_extending(fold, &fold->waiting[i], fold->waiting_slot);
        else
            forge_event(fold, &fold->waiting[i]);
}

/* An extending event: it waits when it is far ahead, until one like it follows. A slot that no
 * time can be told of is none, however often it is named. */
static void extending_event(struct slot_fold *fold, const struct event *e, uint64_t slot)
{
    bool far = slot > newest(fold)->slot && !is_near(slot, newest(fold)->slot);
    int64_t start_ns;

    if (!slot_start(&fold->genesis->clock, slot, &start_ns)) {
        fold->wild_stamps++;
        return;
    }
    if (far && fold->waiting_count && is_near(slot, fold->waiting_slot)) {
        take_waiting(fold);
    } else {
        give_up_waiting(fold);
        if (far) {
            fold->waiting_slot = slot;
            keep_waiting(fold, e);
            return;
        }
    }
    take_extending(fold, e, slot);
}

void slot_fold_event(struct slot_fold *fold, const struct event *e)
{
    uint64_t slot;

    if (e->at_ns < fold->genesis->system_start_ns) {
        fold->early_events +=
            !fold->compat && fold->genesis->system_start_ns - e->at_ns > WAIT_FOR_START_NS;
        if (fold->count == 0 && fold->compat)
            open_first(fold, fold->genesis->system_start_ns);
        return;
    }
    if (fold->count == 0)
        open_first(fold, e->at_ns);
    if (fold->count == 0)
        return;
    if (extending_slot(fold, e, &slot)) {
        extending_event(fold, e, slot);
        return;
    }
    switch (e->kind) {
    case EVENT_BLOCK_CONTEXT:
    case EVENT_LEDGER_STATE:
    case EVENT_LEDGER_VIEW:
    case EVENT_NODE_IS_LEADER:
    case EVENT_NODE_NOT_LEADER:
    case EVENT_TICKED_LEDGER_STATE:
    case EVENT_MEMPOOL_SNAPSHOT:
    case EVENT_FORGED_BLOCK: forge_event(fold, e); break;
    case EVENT_MEMPOOL_TXS: fold->mempool_txs = newest(fold)->mempool_txs = e->number; break;
    case EVENT_MEMPOOL_REJECTED: newest(fold)->rejected_txs++; break;
    case EVENT_LEDGER_SNAPSHOT: newest(fold)->snapshots++; break;
    case EVENT_LEDGER_METRICS:
        if (e->size >= 0)
            newest(fold)->utxo_size = e->size;
        if (e->density >= 0)
            newest(fold)->density = e->density;
        break;
    case EVENT_TXS_COLLECTED: txs_collected(fold, e); break;
    case EVENT_TXS_PROCESSED: txs_processed(fold, e); break;
    default: break;
    }
}

/* --- The end ------------------------------------------------------------ */

static int64_t delta(int64_t at_ns, int64_t from_ns)
{
    return at_ns == TIME_NONE || from_ns == TIME_NONE ? TIME_NONE : at_ns - from_ns;
}

/* Each phase against the one before it; analysis of a forger's block likewise. */
static void make_deltas(struct slot_record *r)
{
    int64_t at[SLOT_PHASES];

    memcpy(at, r->phase_ns, sizeof(at));
    r->phase_ns[SLOT_STARTED] = delta(at[SLOT_STARTED], r->start_ns);
    r->phase_ns[SLOT_BLOCK_CONTEXT] = delta(at[SLOT_BLOCK_CONTEXT], at[SLOT_STARTED]);
    r->phase_ns[SLOT_LEDGER_STATE] = delta(at[SLOT_LEDGER_STATE], at[SLOT_BLOCK_CONTEXT]);
    r->phase_ns[SLOT_LEDGER_VIEW] = delta(at[SLOT_LEDGER_VIEW], at[SLOT_LEDGER_STATE]);
    r->phase_ns[SLOT_LEADING] =
        delta(at[SLOT_LEADING],
              at[SLOT_LEDGER_VIEW] != TIME_NONE ? at[SLOT_LEDGER_VIEW] : at[SLOT_STARTED]);
    r->phase_ns[SLOT_TICKED] = delta(at[SLOT_TICKED], at[SLOT_LEADING]);
    r->phase_ns[SLOT_MEMPOOL_SNAPSHOT] = delta(at[SLOT_MEMPOOL_SNAPSHOT], at[SLOT_TICKED]);
    r->phase_ns[SLOT_FORGED] =
        delta(at[SLOT_FORGED], at[SLOT_MEMPOOL_SNAPSHOT] != TIME_NONE ? at[SLOT_MEMPOOL_SNAPSHOT]
                                                                      : at[SLOT_LEADING]);
}

static void apply_filters(struct slot_fold *fold, struct slot_record *r, bool is_first,
                          const struct filter_set *filters, uint64_t *dropped)
{
    struct filter_slot facts = { .slot = r->slot, .leads = r->leads };

    if (!(is_first && fold->compat)) { /* there locli's epoch fields are 0 */
        facts.epoch = slot_epoch(&fold->genesis->clock, r->slot);
        facts.slot_in_epoch = slot_in_epoch(&fold->genesis->clock, r->slot);
        facts.safe_interval = genesis_safe_interval(fold->genesis, r->slot);
    }
    for (size_t i = 0; i < filters->count; i++) {
        const struct filter_condition *c = &filters->conditions[i];

        if (c->for_slots && filter_slot(filters, c, &facts) == FILTER_NO) {
            dropped[i]++;
            r->filtered_out = true;
        }
    }
}

void slot_fold_finish(struct slot_fold *fold, const struct filter_set *filters, uint64_t *dropped)
{
    give_up_waiting(fold);
    for (size_t i = 0; i < fold->count; i++) {
        make_deltas(&fold->records[i]);
        apply_filters(fold, &fold->records[i], i == 0, filters, dropped);
    }
    /* A slot whose beginning is not in the log cannot be told from a missed one; a program that is no node misses none. */
    if (fold->count && !fold->compat && !fold->genesis->is_chainless &&
        fold->records[0].starts == 0)
        fold->records[0].filtered_out = true;
}
