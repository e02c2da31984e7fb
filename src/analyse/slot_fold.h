/* From one host's events to its slot records. */
#ifndef OU_ANALYSE_SLOT_FOLD_H
#define OU_ANALYSE_SLOT_FOLD_H

#include "analyse/filter.h"
#include "analyse/slot_table.h"
#include "base/intern.h"
#include "chain/genesis.h"
#include "logs/event.h"

/* A host without a sign of its slots for this long was silent: the slots are
 * neither counted as missed nor given records. */
#define SILENT_SLOTS 1000
#define SLOT_RECORDS_MAX (8u << 20) /* 97 days of seconds, 2.6 GB */
/* Threads whose collected transactions are remembered. Above that all are
 * forgotten: nodes start hundreds of short-lived threads an hour. */
#define COLLECTING_THREADS_MAX (64u << 10)
/* Events of a forge loop that wait for a wild-looking slot to be confirmed. */
#define WAITING_EVENTS_MAX 8

/* One per host. Zero-initialise, then slot_fold_init. One thread at a time. */
struct slot_fold {
    const struct genesis *genesis;
    bool compat;

    struct slot_record *records; /* by slot, ascending; owned */
    size_t count, cap;

    /* The last resource sample. */
    bool sampled;
    int64_t sample_at_ns;
    uint64_t sample_slot;
    struct resource_sample sample;
    uint64_t rated_slot; /* rates are filled in up to here, and not again */
    /* What it leaves to slots without a sample: NaN nothing. */
    double carried[RESOURCE_MEMBERS];

    int64_t mempool_txs; /* -1 unknown */
    int64_t tip_number;  /* -1 unknown (compat: 0) */
    int64_t tip_slot;    /* slot of its last change; -1 unknown (compat: 0) */

    /* An event far ahead of all others waits here for a second one: a single
     * wild stamp must not open thousands of slots. */
    struct event waiting[WAITING_EVENTS_MAX]; /* the first one, and what its loop did */
    size_t waiting_count;
    struct resource_sample waiting_sample;
    uint64_t waiting_slot;

    struct intern threads; /* names of threads that collected transactions */
    int64_t *collected_ns; /* when, by number in threads; TIME_NONE: processed since; owned */
    size_t collected_cap;

    bool has_leadership;     /* some leadership check was logged: the node forges */
    uint64_t silent_slots;   /* in stretches of SILENT_SLOTS and more */
    uint64_t wild_stamps;    /* events far ahead that nothing confirmed */
    uint64_t early_events;   /* of no record: before the chain's start or the first record, or
                                in a silent stretch */
    uint64_t counter_resets; /* resource counters that went back */
    uint64_t lost;           /* events without room */
};

void slot_fold_init(struct slot_fold *fold, const struct genesis *genesis, bool compat);
void slot_fold_release(struct slot_fold *fold);

/* Takes an event in the order of the log. */
void slot_fold_event(struct slot_fold *fold, const struct event *event);

/* Turns instants into deltas and applies the slot conditions; adds to dropped[i]
 * the records that condition i drops. Nothing may be folded afterwards. */
void slot_fold_finish(struct slot_fold *fold, const struct filter_set *filters, uint64_t *dropped);

#endif
