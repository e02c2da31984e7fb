/* Events made by hand for the tests of analyse/, and a genesis with slots of one
 * second. */
#ifndef OU_ANALYSE_EVENTS_TEST_H
#define OU_ANALYSE_EVENTS_TEST_H

#include <math.h>

#include "base/time.h"
#include "chain/genesis.h"
#include "logs/event.h"
#include "support/near.h"
#include "support/test.h"

#define MS INT64_C(1000000)
#define START (INT64_C(1679443200) * NS_PER_SECOND) /* 2023-03-22T00:00:00Z */
#define AT(slot, ms) (START + NS_PER_SECOND * (int64_t)(slot) + MS * (int64_t)(ms))

static inline struct genesis second_genesis(uint64_t epoch_slots)
{
    struct genesis g = { .active_slots_coeff = 0.05,
                         .security_param = 3,
                         .epoch_slots = epoch_slots,
                         .system_start_ns = START,
                         .slot_ns = NS_PER_SECOND,
                         .max_block_body_bytes = 88000 };

    g.clock.count = 1;
    g.clock.stretches[0] = (struct slot_stretch){ .start_ns = START,
                                                  .slot_ns = NS_PER_SECOND,
                                                  .epoch_slots = epoch_slots };
    return g;
}

static inline struct event event_at(enum event_kind kind, int64_t at_ns)
{
    return (struct event){ .at_ns = at_ns,
                           .kind = kind,
                           .slot = -1,
                           .number = -1,
                           .size = -1,
                           .tip_number = -1,
                           .density = NAN };
}

static inline struct event slot_event(enum event_kind kind, int64_t at_ns, int64_t slot)
{
    struct event e = event_at(kind, at_ns);

    e.slot = slot;
    return e;
}

static inline struct event block_event(enum event_kind kind, int64_t at_ns, const char *hash)
{
    struct event e = event_at(kind, at_ns);

    e.hash = span_of(hash);
    return e;
}

/* BlockForged and SeenHeader. */
static inline struct event numbered_event(enum event_kind kind, int64_t at_ns, const char *hash,
                                          int64_t slot, int64_t number, const char *parent)
{
    struct event e = block_event(kind, at_ns, hash);

    e.slot = slot;
    e.number = number;
    if (parent)
        e.parent = span_of(parent);
    return e;
}

#endif
