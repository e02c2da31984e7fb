/* Slots and epochs of a chain, and their instants. A chain may change its slot
 * and epoch length once (Byron, then Shelley); a clock is a list of such
 * stretches. Pure; any thread. */
#ifndef OU_CHAIN_SLOT_CLOCK_H
#define OU_CHAIN_SLOT_CLOCK_H

#include <stdbool.h>
#include <stdint.h>

#define SLOT_CLOCK_STRETCHES 2

struct slot_stretch {
    uint64_t first_slot, first_epoch;
    int64_t start_ns;     /* instant at which first_slot begins */
    int64_t slot_ns;      /* length of a slot, > 0 */
    uint64_t epoch_slots; /* slots in an epoch, > 0 */
};

struct slot_clock {
    struct slot_stretch stretches[SLOT_CLOCK_STRETCHES]; /* ascending; the last one has no end */
    int count;                                           /* >= 1 */
};

/* The instant at which a slot begins. False when it lies after the year 2262. */
bool slot_start(const struct slot_clock *clock, uint64_t slot, int64_t *ret_ns);

/* The slot in progress at an instant; false before the chain's start. */
bool slot_at(const struct slot_clock *clock, int64_t at_ns, uint64_t *ret_slot);

uint64_t slot_epoch(const struct slot_clock *clock, uint64_t slot);
uint64_t slot_in_epoch(const struct slot_clock *clock, uint64_t slot); /* counted from 0 */
uint64_t epoch_length(const struct slot_clock *clock, uint64_t slot);  /* of the epoch of slot */

#endif
