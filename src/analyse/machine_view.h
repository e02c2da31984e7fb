/* What one host's log says about each block: when its header came, when it was
 * requested, fetched, announced, sent, adopted; and, where the host forged it,
 * the instants of its forge loop. The first event of a phase counts. */
#ifndef OU_ANALYSE_MACHINE_VIEW_H
#define OU_ANALYSE_MACHINE_VIEW_H

#include "base/intern.h"
#include "logs/event.h"

/* More blocks than this in one host's log are counted, not kept. */
#define MACHINE_BLOCKS_MAX (16u << 20)

enum record_kind {
    RECORD_OBSERVER, /* a header was seen first, or (default only) any other phase */
    RECORD_FORGER,   /* forged here */
    RECORD_ERROR,    /* compat only: a phase came that cannot come there; final */
};

/* Instants of the forge loop, as they were last when a block was forged. */
enum loop_instant {
    LOOP_STARTED,
    LOOP_CONTEXT,
    LOOP_STATE,
    LOOP_VIEW,
    LOOP_LEADING,
    LOOP_TICKED,
    LOOP_SNAPSHOT,
    LOOP_INSTANTS,
};

#define NO_PARENT UINT32_MAX
#define NO_PEER UINT32_MAX
#define MACHINE_ADDRESSES_MAX (1u << 16)

struct block_record {
    enum record_kind kind;
    int64_t slot, number, size; /* -1 unknown */
    uint32_t parent;            /* number in the view's hashes; NO_PARENT unknown */
    /* Instants, TIME_NONE when the phase is not in the log. */
    int64_t noticed_ns, requested_ns, fetched_ns, announced_ns, sending_ns, adopted_ns, forged_ns;
    int64_t last_adopted_ns; /* a block can be left and adopted again */
    int64_t loop_ns[LOOP_INSTANTS];
    int64_t chain_delta;                 /* blocks requested or adopted together; 0 unknown */
    uint32_t sent_by;                    /* number in the view's peers; NO_PEER unknown */
    uint32_t headers, requests, fetches; /* how often logged */
    bool header_seen;
    bool by_fork_switch;
    bool forged_twice;
};

/* One per host. Zero-initialise, then machine_view_init. One thread at a time. */
struct machine_view {
    bool compat;                  /* locli's rules for unexpected phases */
    struct intern hashes;         /* of blocks met, and of parents */
    struct block_record *records; /* by number in hashes; owned */
    size_t cap;
    bool *known; /* records[i] is filled (a parent may be none) */
    size_t known_cap;
    /* Addresses as connections tell them ("10.0.0.1:3001"): of this host, and of those that sent
     * it blocks. */
    struct intern own, peers;
    int64_t loop_ns[LOOP_INSTANTS]; /* the latest; by default of loop_slot alone */
    int64_t loop_slot;
    uint64_t repeated;  /* adoptions of blocks that had been adopted already */
    uint64_t lost;      /* events that found no room */
    uint64_t ambiguous; /* events whose shortened hash fits several blocks */
};

void machine_view_init(struct machine_view *view, bool compat);
void machine_view_release(struct machine_view *view);

/* Takes an event in the order of the log; those that are not about blocks are
 * ignored. */
void machine_view_event(struct machine_view *view, const struct event *event);

/* A record of which nothing is known. */
extern const struct block_record machine_view_empty_record;

/* Takes in the next hash of another view, in the order of its numbers, with what is known of the block; NULL: nothing, it
 * is a parent. OU_INVALID: it is here already. OU_TOO_LARGE, OU_NO_MEMORY. */
enum ou_status machine_view_restore(struct machine_view *view, struct span hash,
                                    const struct block_record *record);

/* The record of a hash; NULL when this host knows nothing of it. */
const struct block_record *machine_view_find(const struct machine_view *view, struct span hash);

#endif
