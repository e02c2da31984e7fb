#include "report/block_columns.h"

#include <math.h>

/* --- Facts of a block ------------------------------------------------------ */

const char *block_fate_name(enum block_fate fate)
{
    static const char *const names[] = {
        [BLOCK_CHAINED] = "chained",
        [BLOCK_UNCHAINED] = "unchained",
        [BLOCK_PENDING] = "pending",
    };

    return names[fate];
}

static struct cell host_cell(const struct table_row *row, uint32_t host)
{
    return text_cell(host < row->a->host_count ? row->a->hosts[host].name : NULL);
}

enum block_member {
    BLOCK_HASH,
    BLOCK_PARENT,
    BLOCK_FORGER,
    BLOCK_FATE,
    BLOCK_NUMBER,
    BLOCK_SLOT,
    BLOCK_SIZE,
    BLOCK_BATTLES,
    BLOCK_VALID_OBSERVATIONS,
    BLOCK_EPOCH,
    BLOCK_SLOT_IN_EPOCH,
    BLOCK_SAFE_INTERVAL,
    BLOCK_OBSERVATIONS,
    BLOCK_ADOPTERS,
    BLOCK_FORGER_CHAIN_DELTA,
    BLOCK_DUPLICATE_FORGES,
    BLOCK_STRAY_RECORDS,
};

static struct cell block_text(const struct table_row *row, int which)
{
    const struct chain_block *b = row->block;

    switch (which) {
    case BLOCK_HASH: return text_cell(b->hash);
    case BLOCK_PARENT: return text_cell(b->parent);
    case BLOCK_FORGER: return host_cell(row, b->forger);
    default: return text_cell(block_fate_name(b->fate));
    }
}

/* Epoch and the like follow from the slot: without it they are not known. */
static struct cell of_slot(const struct chain_block *b, uint64_t value)
{
    return count_cell(b->slot >= 0 ? (int64_t)value : -1);
}

static struct cell block_count(const struct table_row *row, int which)
{
    const struct chain_block *b = row->block;

    switch (which) {
    case BLOCK_NUMBER: return count_cell(b->number);
    case BLOCK_SLOT: return count_cell(b->slot);
    case BLOCK_SIZE: return count_cell(b->size_bytes);
    case BLOCK_BATTLES: return count_cell(b->battles);
    case BLOCK_VALID_OBSERVATIONS: return count_cell(b->valid_observations);
    case BLOCK_EPOCH: return of_slot(b, b->epoch);
    case BLOCK_SLOT_IN_EPOCH: return of_slot(b, b->slot_in_epoch);
    case BLOCK_SAFE_INTERVAL: return of_slot(b, b->safe_interval);
    case BLOCK_OBSERVATIONS: return count_cell(b->observation_count);
    case BLOCK_ADOPTERS: return count_cell(b->adopters);
    case BLOCK_FORGER_CHAIN_DELTA: return count_cell(b->forger_chain_delta);
    case BLOCK_DUPLICATE_FORGES: return count_cell(b->duplicate_forges);
    default: return count_cell(b->stray_records);
    }
}

static struct cell block_gap(const struct table_row *row, int which)
{
    (void)which;
    return seconds_cell(row->block->block_gap_ns);
}

static struct cell slot_start_cell(const struct table_row *row, int which)
{
    (void)which;
    return instant_cell(row->block->slot_start_ns);
}

static struct cell forged_at(const struct table_row *row, int which)
{
    (void)which;
    return instant_cell(row->block->forged_at_ns);
}

static struct cell forger_adoption(const struct table_row *row, int which)
{
    (void)which;
    return seconds_cell(row->block->forger_adoption_ns);
}

static struct cell forger_delta(const struct table_row *row, int which)
{
    return seconds_cell(row->block->forger_delta_ns[which]);
}

static struct cell adoption_fraction(const struct table_row *row, int which)
{
    return seconds_cell(row->block->adoption_ns[which]);
}

/* The filters only look at blocks on the chain. */
static struct cell block_accepted(const struct table_row *row, int which)
{
    (void)which;
    return row->block->fate == BLOCK_CHAINED ? bool_cell(row->block->accepted) : text_cell(NULL);
}

/* The conditions that gave the answer `which`, with "; " between them. */
static struct cell block_answers(const struct table_row *row, int which)
{
    const struct chain_block *b = row->block;

    buffer_clear(row->scratch);
    for (size_t i = 0; b->fate == BLOCK_CHAINED && i < row->a->filter_count; i++) {
        if (b->answers[i] != which)
            continue;
        if (row->scratch->len > 0)
            buffer_text(row->scratch, "; ");
        buffer_text(row->scratch, row->a->filters[i].name);
    }
    return text_cell(row->scratch->len > 0 ? buffer_string(row->scratch) : NULL);
}

/* Mean over the valid observations that have the phase, to the nanosecond. */
static struct cell observer_mean(const struct table_row *row, int which)
{
    const struct chain_block *b = row->block;
    double sum = 0, count = 0;

    for (uint32_t i = 0; i < b->observation_count; i++) {
        const struct block_observation *o = &b->observations[i];

        if (o->valid && o->delta_ns[which] != TIME_NONE) {
            sum += (double)o->delta_ns[which];
            count++;
        }
    }
    return seconds_cell(count > 0 ? (int64_t)llround(sum / count) : TIME_NONE);
}

/* --- Errors: phases that are missing or come before their predecessor ------ */

/* The phases whose absence counts, and how the forger calls them too;
 * FORGER_PHASES where the forger has no such phase. */
static const enum forger_phase forger_twins[OBSERVER_PHASES] = {
    [OBSERVER_NOTICED] = FORGER_PHASES,  [OBSERVER_REQUESTED] = FORGER_PHASES,
    [OBSERVER_FETCHED] = FORGER_PHASES,  [OBSERVER_ANNOUNCED] = FORGER_ANNOUNCED,
    [OBSERVER_SENDING] = FORGER_SENDING, [OBSERVER_ADOPTED] = FORGER_ADOPTED,
};

static bool has_bit(unsigned bits, unsigned bit)
{
    return bits >> bit & 1;
}

static int64_t missing_phase(const struct chain_block *b, int phase)
{
    unsigned twin = forger_twins[phase];
    int64_t count = twin < FORGER_PHASES && has_bit(b->forger_missing, twin);

    for (uint32_t i = 0; i < b->observation_count; i++)
        count += has_bit(b->observations[i].missing, (unsigned)phase);
    return count;
}

static int64_t negative_phase(const struct chain_block *b, int phase)
{
    unsigned twin = forger_twins[phase];
    int64_t count = twin < FORGER_PHASES && has_bit(b->forger_negative, twin);

    for (uint32_t i = 0; i < b->observation_count; i++)
        count += has_bit(b->observations[i].negative, (unsigned)phase);
    return count;
}

static struct cell missing_cell(const struct table_row *row, int which)
{
    return count_cell(missing_phase(row->block, which));
}

static struct cell negative_cell(const struct table_row *row, int which)
{
    return count_cell(negative_phase(row->block, which));
}

static struct cell all_errors(const struct table_row *row, int which)
{
    const struct chain_block *b = row->block;
    int64_t count = b->battles + (int64_t)b->stray_records + b->duplicate_forges;

    (void)which;
    count += has_bit(b->forger_missing, FORGER_FORGED) + has_bit(b->forger_negative, FORGER_FORGED);
    for (int phase = 0; phase < OBSERVER_PHASES; phase++)
        count += missing_phase(b, phase) + negative_phase(b, phase);
    return count_cell(count);
}

/* --- The table of blocks --------------------------------------------------- */

enum { TIMELINE_COLUMNS = 41 }; /* those of the dictionary, in its order */

static const struct table_column block_column_list[] = {
    { "beBlockNo", block_count, BLOCK_NUMBER, 5 },
    { "beSlotNo", block_count, BLOCK_SLOT, 5 },
    { "beBlock", block_text, BLOCK_HASH, 6 },
    { "beBlockPrev", block_text, BLOCK_PARENT, 6 },
    { "bfForger", block_text, BLOCK_FORGER, 0 },
    { "bfBlockSize", block_count, BLOCK_SIZE, 6 },
    { "bfBlockGap", block_gap, 0, 5 },
    { "bpeIsFork", block_count, BLOCK_BATTLES, 3 },
    { "bfStarted", forger_delta, FORGER_STARTED, 4 },
    { "bfBlkCtx", forger_delta, FORGER_BLOCK_CONTEXT, 4 },
    { "bfLgrState", forger_delta, FORGER_LEDGER_STATE, 4 },
    { "bfLgrView", forger_delta, FORGER_LEDGER_VIEW, 4 },
    { "bfLeading", forger_delta, FORGER_LEADING, 4 },
    { "bfTicked", forger_delta, FORGER_TICKED, 4 },
    { "bfMemSnap", forger_delta, FORGER_MEMPOOL_SNAPSHOT, 4 },
    { "bfForged", forger_delta, FORGER_FORGED, 4 },
    { "bfAnnounced", forger_delta, FORGER_ANNOUNCED, 4 },
    { "bfSending", forger_delta, FORGER_SENDING, 4 },
    { "bfAdopted", forger_delta, FORGER_ADOPTED, 4 },
    { "bfAnnouncedCum", forger_delta, FORGER_ANNOUNCED_CUM, 4 },
    { "boNoticed", observer_mean, OBSERVER_NOTICED, 4 },
    { "boRequested", observer_mean, OBSERVER_REQUESTED, 4 },
    { "boFetched", observer_mean, OBSERVER_FETCHED, 4 },
    { "boAnnounced", observer_mean, OBSERVER_ANNOUNCED, 4 },
    { "boSending", observer_mean, OBSERVER_SENDING, 4 },
    { "pAdopted", observer_mean, OBSERVER_ADOPTED, 4 },
    { "0.50", adoption_fraction, 0, 4 },
    { "0.80", adoption_fraction, 1, 4 },
    { "0.96", adoption_fraction, 5, 4 },
    { "1.00", adoption_fraction, 7, 4 },
    { "beAcceptance", block_accepted, 0, 3 },
    { "valids", block_count, BLOCK_VALID_OBSERVATIONS, 3 },
    { "beErrors", all_errors, 0, 3 },
    { "missNotic", missing_cell, OBSERVER_NOTICED, 3 },
    { "missReque", missing_cell, OBSERVER_REQUESTED, 3 },
    { "missFetch", missing_cell, OBSERVER_FETCHED, 3 },
    { "missAnnou", missing_cell, OBSERVER_ANNOUNCED, 3 },
    { "missAdopt", missing_cell, OBSERVER_ADOPTED, 3 },
    { "missSend", missing_cell, OBSERVER_SENDING, 3 },
    { "negAnnou", negative_cell, OBSERVER_ANNOUNCED, 3 },
    { "negSend", negative_cell, OBSERVER_SENDING, 3 },

    { "fate", block_text, BLOCK_FATE, 0 },
    { "epoch", block_count, BLOCK_EPOCH, 0 },
    { "epochSlot", block_count, BLOCK_SLOT_IN_EPOCH, 0 },
    { "safetyInt", block_count, BLOCK_SAFE_INTERVAL, 0 },
    { "slotStart", slot_start_cell, 0, 0 },
    { "forgedAt", forged_at, 0, 0 },
    { "forgerAdoption", forger_adoption, 0, 0 },
    { "forgerChainDelta", block_count, BLOCK_FORGER_CHAIN_DELTA, 0 },
    { "adopters", block_count, BLOCK_ADOPTERS, 0 },
    { "observers", block_count, BLOCK_OBSERVATIONS, 0 },
    { "strayRecords", block_count, BLOCK_STRAY_RECORDS, 0 },
    { "duplicateForges", block_count, BLOCK_DUPLICATE_FORGES, 0 },
    { "0.90", adoption_fraction, 2, 0 },
    { "0.92", adoption_fraction, 3, 0 },
    { "0.94", adoption_fraction, 4, 0 },
    { "0.98", adoption_fraction, 6, 0 },
    { "failed", block_answers, FILTER_NO, 0 },
    { "undecided", block_answers, FILTER_UNKNOWN, 0 },
};

struct table_columns block_columns(void)
{
    return (struct table_columns){ block_column_list,
                                   sizeof block_column_list / sizeof *block_column_list };
}

struct table_columns table_block_timeline(void)
{
    return (struct table_columns){ block_column_list, TIMELINE_COLUMNS };
}

/* --- The table of observations --------------------------------------------- */

static struct cell observer_host(const struct table_row *row, int which)
{
    (void)which;
    return host_cell(row, row->observation->host);
}

static struct cell observer_delta(const struct table_row *row, int which)
{
    return seconds_cell(row->observation->delta_ns[which]);
}

static struct cell observer_adoption(const struct table_row *row, int which)
{
    (void)which;
    return seconds_cell(row->observation->adoption_ns);
}

enum observation_member {
    OBSERVATION_CHAIN_DELTA,
    OBSERVATION_HEADERS,
    OBSERVATION_REQUESTS,
    OBSERVATION_FETCHES,
    OBSERVATION_FORK_SWITCH,
    OBSERVATION_VALID,
};

static struct cell observation_member(const struct table_row *row, int which)
{
    const struct block_observation *o = row->observation;

    switch (which) {
    case OBSERVATION_CHAIN_DELTA: return count_cell(o->chain_delta);
    case OBSERVATION_HEADERS: return count_cell(o->headers);
    case OBSERVATION_REQUESTS: return count_cell(o->requests);
    case OBSERVATION_FETCHES: return count_cell(o->fetches);
    case OBSERVATION_FORK_SWITCH: return bool_cell(o->by_fork_switch);
    default: return bool_cell(o->valid);
    }
}

static const struct table_column observation_column_list[] = {
    { "beBlock", block_text, BLOCK_HASH, 0 },
    { "beBlockNo", block_count, BLOCK_NUMBER, 0 },
    { "beSlotNo", block_count, BLOCK_SLOT, 0 },
    { "fate", block_text, BLOCK_FATE, 0 },
    { "host", observer_host, 0, 0 },
    { "boNoticed", observer_delta, OBSERVER_NOTICED, 0 },
    { "boRequested", observer_delta, OBSERVER_REQUESTED, 0 },
    { "boFetched", observer_delta, OBSERVER_FETCHED, 0 },
    { "boAnnounced", observer_delta, OBSERVER_ANNOUNCED, 0 },
    { "boSending", observer_delta, OBSERVER_SENDING, 0 },
    { "boAdopted", observer_delta, OBSERVER_ADOPTED, 0 },
    { "adoption", observer_adoption, 0, 0 },
    { "chainDelta", observation_member, OBSERVATION_CHAIN_DELTA, 0 },
    { "headers", observation_member, OBSERVATION_HEADERS, 0 },
    { "requests", observation_member, OBSERVATION_REQUESTS, 0 },
    { "fetches", observation_member, OBSERVATION_FETCHES, 0 },
    { "forkSwitch", observation_member, OBSERVATION_FORK_SWITCH, 0 },
    { "valid", observation_member, OBSERVATION_VALID, 0 },
};

struct table_columns observation_columns(void)
{
    return (struct table_columns){ observation_column_list, sizeof observation_column_list /
                                                                sizeof *observation_column_list };
}
