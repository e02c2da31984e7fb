#include "analyse/block_metrics.h"

#include <math.h>

static const struct block_metric rows[] = {
    { SECTION_CONTROL, "cdfBlockBattle", OF_BATTLES, 0 },
    { SECTION_CONTROL, "cdfBlockSize", OF_SIZE, 0 },
    { SECTION_FORGER, "cdfForgerStart", OF_FORGER_PHASE, FORGER_STARTED },
    { SECTION_FORGER, "cdfForgerBlkCtx", OF_FORGER_PHASE, FORGER_BLOCK_CONTEXT },
    { SECTION_FORGER, "cdfForgerLgrState", OF_FORGER_PHASE, FORGER_LEDGER_STATE },
    { SECTION_FORGER, "cdfForgerLgrView", OF_FORGER_PHASE, FORGER_LEDGER_VIEW },
    { SECTION_FORGER, "cdfForgerLead", OF_FORGER_PHASE, FORGER_LEADING },
    { SECTION_FORGER, "cdfForgerTicked", OF_FORGER_PHASE, FORGER_TICKED },
    { SECTION_FORGER, "cdfForgerMemSnap", OF_FORGER_PHASE, FORGER_MEMPOOL_SNAPSHOT },
    { SECTION_FORGER, "cdfForgerForge", OF_FORGER_PHASE, FORGER_FORGED },
    { SECTION_FORGER, "cdfForgerAnnounce", OF_FORGER_PHASE, FORGER_ANNOUNCED },
    { SECTION_FORGER, "cdfForgerSend", OF_FORGER_PHASE, FORGER_SENDING },
    { SECTION_FORGER, "cdfForgerAdoption", OF_FORGER_PHASE, FORGER_ADOPTED },
    { SECTION_FORGER, "cdfForgerAnnounceCum", OF_FORGER_PHASE, FORGER_ANNOUNCED_CUM },
    { SECTION_PEERS, "cdfPeerNoticeFirst", OF_FIRST_NOTICE, 0 },
    { SECTION_PEERS, "cdfPeerFetchFirst", OF_FIRST_BODY, 0 },
    { SECTION_PEERS, "cdfPeerRequest", OF_OBSERVER_PHASE, OBSERVER_REQUESTED },
    { SECTION_PEERS, "cdfPeerFetch", OF_OBSERVER_PHASE, OBSERVER_FETCHED },
    { SECTION_PEERS, "cdfPeerAnnounce", OF_OBSERVER_PHASE, OBSERVER_ANNOUNCED },
    { SECTION_PEERS, "cdfPeerSend", OF_OBSERVER_PHASE, OBSERVER_SENDING },
    { SECTION_PEERS, "cdfPeerAdoption", OF_OBSERVER_PHASE, OBSERVER_ADOPTED },
    { SECTION_ENDTOEND, "cdf0.50", OF_ADOPTION, 0 },
    { SECTION_ENDTOEND, "cdf0.80", OF_ADOPTION, 1 },
    { SECTION_ENDTOEND, "cdf0.90", OF_ADOPTION, 2 },
    { SECTION_ENDTOEND, "cdf0.92", OF_ADOPTION, 3 },
    { SECTION_ENDTOEND, "cdf0.94", OF_ADOPTION, 4 },
    { SECTION_ENDTOEND, "cdf0.96", OF_ADOPTION, 5 },
    { SECTION_ENDTOEND, "cdf0.98", OF_ADOPTION, 6 },
    { SECTION_ENDTOEND, "cdf1.00", OF_ADOPTION, 7 },
};

_Static_assert(sizeof(rows) / sizeof(*rows) <= BLOCK_METRICS_MAX, "room for all metrics of blocks");

size_t block_metric_count(void)
{
    return sizeof(rows) / sizeof(*rows);
}

const struct block_metric *block_metric_row(size_t i)
{
    return &rows[i];
}

const struct block_metric *block_metric_find(enum metric_section section, const char *id)
{
    for (size_t i = 0; i < block_metric_count(); i++)
        if (rows[i].section == section && strcmp(rows[i].id, id) == 0)
            return &rows[i];
    return NULL;
}

bool block_metric_counts(const struct chain_block *block)
{
    return block->fate == BLOCK_CHAINED && block->accepted;
}

static double seconds(int64_t ns)
{
    return ns == TIME_NONE ? NAN : (double)ns / NS_PER_SECOND;
}

/* --- Observations ---------------------------------------------------------- */

double block_metric_observed(const struct block_metric *m, const struct block_observation *o)
{
    return o->valid ? seconds(o->delta_ns[m->which]) : NAN;
}

/* The phases up to the header, or to the body, are there in a valid observation. */
static int64_t since_slot_start_ns(const struct block_observation *o, bool body)
{
    int64_t noticed_ns = o->delta_ns[OBSERVER_NOTICED];

    return body ? noticed_ns + o->delta_ns[OBSERVER_REQUESTED] + o->delta_ns[OBSERVER_FETCHED]
                : noticed_ns;
}

static double least_observed(const struct chain_block *block, bool body)
{
    int64_t least_ns = TIME_NONE;

    for (uint32_t i = 0; i < block->observation_count; i++) {
        const struct block_observation *o = &block->observations[i];
        int64_t ns = o->valid ? since_slot_start_ns(o, body) : TIME_NONE;

        if (ns != TIME_NONE && (least_ns == TIME_NONE || ns < least_ns))
            least_ns = ns;
    }
    return seconds(least_ns);
}

static double mean_observed(const struct block_metric *m, const struct chain_block *block)
{
    double sum_ns = 0;
    uint32_t n = 0;

    for (uint32_t i = 0; i < block->observation_count; i++) {
        const struct block_observation *o = &block->observations[i];

        if (!o->valid || o->delta_ns[m->which] == TIME_NONE)
            continue;
        sum_ns += (double)o->delta_ns[m->which];
        n++;
    }
    return n ? nearbyint(sum_ns / n) / NS_PER_SECOND : NAN;
}

/* --- One block --------------------------------------------------------------- */

double block_metric_value(const struct block_metric *m, const struct chain_block *block)
{
    switch (m->source) {
    case OF_FORGER_PHASE:
        return block->forger == NO_HOST ? NAN : seconds(block->forger_delta_ns[m->which]);
    case OF_OBSERVER_PHASE: return mean_observed(m, block);
    case OF_FIRST_NOTICE: return least_observed(block, false);
    case OF_FIRST_BODY: return least_observed(block, true);
    case OF_ADOPTION: return seconds(block->adoption_ns[m->which]);
    case OF_SIZE: return block->size_bytes < 0 ? NAN : (double)block->size_bytes;
    case OF_BATTLES: break;
    }
    return block->battles;
}
