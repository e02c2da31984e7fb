#include "logs/catalogue.h"

#include <assert.h>
#include <pthread.h>

#include <ouroscope/node.h>

#include "base/quick_hash.h"
#include "trace/legacy_names.h"
#include "trace/point_names.h"
#include "trace/reflection.h"

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

/* Which trace points mean which event. Names of other times come from the declarations and from the
 * tables of the older system. */
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
    { EVENT_GENERATOR_SETUP, &ou_point_node_generator_setup },
    { EVENT_GENERATOR_SUMMARY, &ou_point_node_generator_summary },

    { EVENT_RECORDS_LOST, &ou_point_records_lost },
    { EVENT_FORWARDER_LOST, &ou_point_forwarder_lost },
};

/* What no node traces: lines that a run writes of its programs. */
static const struct {
    enum event_kind event;
    const char *name;
} own_names[] = {
    { EVENT_PROCESS_ENDED, "Process.Ended" },
};

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define PLACES 256 /* a power of two, well above all names: most unknown ones meet a free place */

/* The tables above, findable: open addressing; what a name means in each
 * generation, EVENT_NONE where nothing. */
static struct place {
    struct span name; /* NULL: free */
    enum event_kind current, early, legacy;
} places[PLACES];
static size_t used;

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

    if (!place->name.at) {
        *place = (struct place){ span_of(name), EVENT_NONE, EVENT_NONE, EVENT_NONE };
        used++;
        assert(used < PLACES / 2);
    }
    switch (generation) {
    case CURRENT: place->current = event; break;
    case EARLY: place->early = event; break;
    case LEGACY: place->legacy = event; break;
    }
}

/* Kinds that tell of a roll back are none of an event. */
static void add_row(enum event_kind event, const struct legacy_name *row)
{
    switch (row->generation) {
    case LEGACY_KIND:
        if (!span_ends(span_of(row->old), ".RollBack"))
            add_name(event, LEGACY, row->old);
        break;
    case LEGACY_EARLY: add_name(event, EARLY, row->old); break;
    case LEGACY_FORMER:
    case LEGACY_READER: add_name(event, CURRENT, row->old); break;
    case LEGACY_MESSAGE:
    case LEGACY_PART: break;
    }
}

/* Names of other times that lead to ns, some by way of the name of 2023. */
static void add_old_names(enum event_kind event, struct span ns)
{
    size_t count;
    const struct legacy_name *rows = legacy_names(&count);

    for (size_t i = 0; i < count; i++) {
        if (!rows[i].ns || !span_is(ns, rows[i].ns))
            continue;
        add_row(event, &rows[i]);
        if (rows[i].generation == LEGACY_FORMER && !span_is(ns, rows[i].old))
            add_old_names(event, span_of(rows[i].old));
    }
}

static void build_index(void)
{
    for (size_t i = 0; i < COUNT(point_rows); i++) {
        const struct point_row *row = &point_rows[i];
        const struct point_names names = names_of_point(row->point);

        add_name(row->event, CURRENT, row->point->ns);
        add_name(row->event, EARLY, names.early ? names.early : row->point->ns);
        add_name(row->event, LEGACY, names.kind);
        add_old_names(row->event, span_of(row->point->ns));
    }
    for (size_t i = 0; i < COUNT(own_names); i++)
        add_name(own_names[i].event, CURRENT, own_names[i].name);
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
