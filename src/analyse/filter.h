/* The chain filter language: a JSON list of conditions, all of which must hold.
 *
 *   {"tag":"CBlock"|"CSlot","contents":{"tag":NAME,"contents":VALUE}}
 *
 * Block conditions speak of a block on the chain, slot conditions of the slot
 * of a block or of a host's slot record. An addition of ours:
 *   {"tag":"CAny","contents":[CONDITION, ...]}   one of them must hold
 * docs/formats/filters.md has the table. */
#ifndef OU_ANALYSE_FILTER_H
#define OU_ANALYSE_FILTER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

#define FILTER_CONDITIONS_MAX 256

enum filter_answer { FILTER_NO, FILTER_YES, FILTER_UNKNOWN };

/* What is known of a block; -1 stands for unknown in size and chain_delta. */
struct filter_block {
    uint64_t slot, epoch, slot_in_epoch, safe_interval;
    bool slot_unknown; /* and so are those four */
    int64_t size_bytes;
    int64_t chain_delta;  /* of its forger */
    uint32_t adoptions;   /* observers that adopted it, forger not counted */
    bool any_negative;    /* some interval of forger or observers is below zero */
    bool any_nonnegative; /* some is not; for compat only */
};

struct filter_slot {
    uint64_t slot, epoch, slot_in_epoch, safe_interval;
    uint32_t leads; /* positive leadership decisions */
};

struct filter_condition {
    struct span name; /* "BFullnessGEq 0.9": how reports name it; in the set's arena */
    struct span set;  /* the filter it came from: "size-full", "inline"; in the arena */
    int op;           /* private to filter.c */
    double number;
    struct filter_condition *any; /* CAny: its members; in the arena */
    size_t any_count;
    bool for_slots; /* it is a slot condition (or CAny of slot conditions) */
};

/* A conjunction. Zero-initialise, then filter_set_init. One thread while built,
 * any thread once built. */
struct filter_set {
    struct arena memory;
    struct filter_condition conditions[FILTER_CONDITIONS_MAX];
    size_t count;
    bool compat;                   /* locli's answers, quirks included */
    uint64_t max_block_body_bytes; /* for BFullness* */
};

void filter_set_init(struct filter_set *set, uint64_t max_block_body_bytes, bool compat);
void filter_set_release(struct filter_set *set);

/* Adds conditions to the set: from a text, from a file, from a shipped filter
 * by name ("unitary", "size-full", ...; OU_NOT_FOUND lists them), or
 * BMinimumAdoptions n. On failure the set is unchanged. */
enum ou_status filter_add_text(struct filter_set *set, struct span text, const char *from,
                               struct ou_error *err);
enum ou_status filter_add_file(struct filter_set *set, const char *path, struct ou_error *err);
enum ou_status filter_add_shipped(struct filter_set *set, const char *name, struct ou_error *err);
enum ou_status filter_add_minimum_adoptions(struct filter_set *set, uint32_t n,
                                            struct ou_error *err);

enum filter_answer filter_block(const struct filter_set *set, const struct filter_condition *c,
                                const struct filter_block *block);
/* Only for conditions with for_slots; others answer FILTER_YES. */
enum filter_answer filter_slot(const struct filter_set *set, const struct filter_condition *c,
                               const struct filter_slot *slot);

/* The shipped filters, for help and documentation; NULL-terminated names. */
struct shipped_filter {
    const char *name, *purpose, *text; /* text: JSON */
    const char *compat_text;           /* what locli ships, when different; else NULL */
};
extern const struct shipped_filter shipped_filters[];

#endif
