/* A cluster of nodes that forge and exchange blocks, as far as its logs show it.
 *
 * Time runs in slots of one second from a fixed system start. Slot leaders are
 * drawn as in Praos; headers and bodies travel hop by hop over a torus-dense
 * topology between three regions; every host keeps its own chain, so slot
 * battles, height battles and orphans arise as they do in reality. Whatever a
 * node would log on the way is recorded per host as a log_event.
 *
 * Deterministic: the same plan gives the same events. One thread. */
#ifndef OU_BENCH_CLUSTER_MODEL_H
#define OU_BENCH_CLUSTER_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cluster_lines.h"
#include "cluster_text.h"

#define CLUSTER_HOSTS_MAX 1000
#define CLUSTER_LINKS_MAX 32
#define CLUSTER_SYSTEM_START_S INT64_C(1772632800) /* 2026-03-04T14:00:00Z */
#define CLUSTER_NS INT64_C(1000000000)
#define NO_BLOCK (-1)

enum dialect_choice { DIALECT_NEW, DIALECT_LEGACY, DIALECT_MIXED };

struct cluster_plan {
    uint32_t hosts, slots;
    uint64_t lines_per_host; /* 0: as many as a node writes under the value workload */
    double active_slots;     /* f of the genesis */
    enum dialect_choice dialect;
    uint64_t seed;
};

struct block {
    char hash[64], issuer[56], vrf[128]; /* hexadecimal, not terminated */
    int32_t parent;                      /* NO_BLOCK: genesis */
    uint32_t number, slot, forger, size_bytes, txs;
    uint64_t rank; /* tie break: at equal height the lower one wins */
};

/* Something a host logs. Sorted by time, then by order of recording. */
struct log_event {
    int64_t at_ns; /* since system start */
    uint32_t order;
    int32_t block;
    uint32_t slot;
    uint16_t line;  /* enum line_kind */
    uint8_t link;   /* the peer it speaks of: index into the host's links */
    uint8_t length; /* blocks in a fetch request */
};

/* A connection, seen from one of its ends. */
struct link {
    uint32_t host;   /* at the other end */
    bool up, down;   /* we follow it; it follows us */
    uint8_t reverse; /* our index in its links */
    char peer[160];  /* how log lines name it: JSON, in the host's dialect */
};

/* What a host knows of a block. */
enum { KNOWN_REQUESTED = 1, KNOWN_PROCESSED = 2 };

struct host {
    char name[16];
    uint32_t index, region;
    bool legacy;
    double slowness; /* 1; more on the one slow host */

    struct link links[CLUSTER_LINKS_MAX];
    uint32_t link_count;

    /* Not running in slots [down_from, down_until): killed, then restarted. */
    uint32_t down_from, down_until;

    int32_t tip;      /* of its selected chain */
    int32_t target;   /* the best chain it has asked for */
    int64_t adopt_ns; /* when its chain database is next free */
    uint8_t *known;   /* per block: KNOWN_* */

    struct log_event *events;
    size_t event_count, event_room;
};

struct cluster {
    struct cluster_plan plan;
    struct host *hosts;
    struct block *blocks;
    size_t block_count, block_room;
    struct random random;
    struct happening *queue; /* private to cluster_model.c: a heap */
    size_t queue_count, queue_room;
    uint64_t queue_order;
};

/* Runs the whole cluster. Ends the program when memory runs out. */
void cluster_simulate(const struct cluster_plan *plan, struct cluster *ret);
void cluster_release(struct cluster *c);

extern const char *const cluster_regions[3];

/* memory or the end of the program. */
void *cluster_memory(void *old, size_t count, size_t size);

#endif
