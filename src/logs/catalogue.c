#include "logs/catalogue.h"

#include <pthread.h>

#include <ouroscope/node.h>

#include "base/quick_hash.h"

const struct event_info event_infos[EVENT_KINDS] = {
#define X(id, name, help) [EVENT_##id] = { name, help },
    OU_EVENTS(X)
#undef X
};

enum generation {
    CURRENT = 1, /* namespaces that nodes write */
    EARLY = 2,   /* of the first iteration of the new tracing; read as kinds too */
    LEGACY = 4,  /* kinds of the legacy tracing */
};

/* Which trace points mean which event. Their declarations hold the names. */
static const struct point_row {
    enum event_kind event;
    const struct ou_point *point;
} point_rows[] = {
    { EVENT_RESOURCES, &ou_point_node_resources },

    { EVENT_START_LEADERSHIP_CHECK, &ou_point_node_start_leadership_check },
    { EVENT_START_LEADERSHIP_CHECK, &ou_point_node_start_leadership_check_plus },
    { EVENT_BLOCK_CONTEXT, &ou_point_node_block_context },
    { EVENT_LEDGER_STATE, &ou_point_node_ledger_state },
    { EVENT_LEDGER_VIEW, &ou_point_node_ledger_view },
    { EVENT_NODE_IS_LEADER, &ou_point_node_is_leader },
    { EVENT_NODE_NOT_LEADER, &ou_point_node_not_leader },
    { EVENT_TICKED_LEDGER_STATE, &ou_point_node_ticked_ledger_state },
    { EVENT_MEMPOOL_SNAPSHOT, &ou_point_node_forging_mempool_snapshot },
    { EVENT_FORGED_BLOCK, &ou_point_node_forged_block },
    { EVENT_ADOPTED_BLOCK, &ou_point_node_adopted_block },

    { EVENT_SEEN_HEADER, &ou_point_node_downloaded_header },
    { EVENT_FETCH_REQUESTED, &ou_point_node_send_fetch_request },
    { EVENT_FETCH_COMPLETED, &ou_point_node_completed_block_fetch },
    { EVENT_SEND_HEADER, &ou_point_node_server_header_update },
    { EVENT_SENDING_BODY, &ou_point_node_send_block },
    { EVENT_ADDED_TO_CHAIN, &ou_point_node_added_to_current_chain },
    { EVENT_SWITCHED_TO_FORK, &ou_point_node_switched_to_a_fork },

    { EVENT_LEDGER_SNAPSHOT, &ou_point_node_took_snapshot },
    { EVENT_LEDGER_METRICS, &ou_point_node_ledger_metrics },

    { EVENT_TXS_COLLECTED, &ou_point_node_txs_collected },
    { EVENT_TXS_PROCESSED, &ou_point_node_txs_processed },
    { EVENT_MEMPOOL_TXS, &ou_point_node_mempool_added_tx },
    { EVENT_MEMPOOL_TXS, &ou_point_node_mempool_remove_txs },
    { EVENT_MEMPOOL_REJECTED, &ou_point_node_mempool_rejected_tx },

    { EVENT_GENERATOR_ACKED, &ou_point_node_generator_ack },
    { EVENT_GENERATOR_SUMMARY, &ou_point_node_generator_summary },
};

/* Further names: those that analysis tools have in their tables though no node writes them, and
 * those that only older nodes have written. */
static const struct name_row {
    enum event_kind event;
    enum generation generation;
    const char *name;
} name_rows[] = {
    { EVENT_RESOURCES, LEGACY, "Resources" },
    { EVENT_TICKED_LEDGER_STATE, CURRENT, "Forge.Loop.TickedLedgerState" },
    { EVENT_MEMPOOL_SNAPSHOT, CURRENT, "Forge.Loop.MempoolSnapshot" },
    { EVENT_SEND_HEADER, LEGACY, "ChainSyncServerEvent.TraceChainSyncServerReadBlocked.AddBlock" },
    { EVENT_SEND_HEADER, LEGACY, "ChainSyncServerEvent.TraceChainSyncServerRead.AddBlock" },
    { EVENT_LEDGER_SNAPSHOT, EARLY, "TraceLedgerEvent.TookSnapshot" },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define NAMES_OF_POINT 4
#define PLACES 256 /* a power of two, well above all names: most unknown ones meet a free place */

/* The tables above, findable: open addressing; what a name means in each
 * generation, EVENT_NONE where nothing. */
static struct place {
    struct span name; /* NULL: free */
    enum event_kind current, early, legacy;
} places[PLACES];

static pthread_once_t index_once = PTHREAD_ONCE_INIT;

/* The place of a name, or the free one where it would stand. */
static struct place *find_place(struct span name)
{
    uint32_t i = quick_hash(name) % PLACES;

    while (places[i].name.at && !span_equal(places[i].name, name))
        i = (i + 1) % PLACES;
    return &places[i];
}

static void add_name(enum event_kind event, enum generation generation, const char *name)
{
    struct place *place = find_place(span_of(name));

    if (!place->name.at)
        *place = (struct place){ span_of(name), EVENT_NONE, EVENT_NONE, EVENT_NONE };
    switch (generation) {
    case CURRENT: place->current = event; break;
    case EARLY: place->early = event; break;
    case LEGACY: place->legacy = event; break;
    }
}

static void build_index(void)
{
    _Static_assert(COUNT(point_rows) * NAMES_OF_POINT + COUNT(name_rows) < PLACES / 2,
                   "PLACES is too small");

    for (size_t i = 0; i < COUNT(point_rows); i++) {
        const struct point_row *row = &point_rows[i];
        const struct ou_point *point = row->point;

        add_name(row->event, CURRENT, point->ns);
        if (point->former)
            add_name(row->event, CURRENT, point->former);
        add_name(row->event, EARLY, point->early ? point->early : point->ns);
        add_name(row->event, LEGACY, point->legacy.kind ? point->legacy.kind : point->kind);
    }
    for (size_t i = 0; i < COUNT(name_rows); i++)
        add_name(name_rows[i].event, name_rows[i].generation, name_rows[i].name);
}

enum event_kind catalogue_find_namespace(struct span ns)
{
    const struct place *place;

    pthread_once(&index_once, build_index);
    place = find_place(ns);
    if (!place->name.at)
        return EVENT_NONE;
    return place->current != EVENT_NONE ? place->current : place->early;
}

enum event_kind catalogue_find(struct span ns, struct span kind)
{
    static const char application[] = "Cardano.Node.";
    enum event_kind event = catalogue_find_namespace(ns);
    const struct place *place;
    struct span bare = kind;

    if (event != EVENT_NONE)
        return event;
    if (span_starts(kind, application))
        bare = (struct span){ kind.at + sizeof(application) - 1,
                              kind.len - (sizeof(application) - 1) };
    place = find_place(bare);
    if (place->name.at && place->early != EVENT_NONE)
        return place->early;
    place = find_place(kind);
    return place->name.at ? place->legacy : EVENT_NONE;
}
