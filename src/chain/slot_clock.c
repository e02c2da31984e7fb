#include "chain/slot_clock.h"

static const struct slot_stretch *stretch_of_slot(const struct slot_clock *clock, uint64_t slot)
{
    int i = clock->count - 1;

    while (i > 0 && slot < clock->stretches[i].first_slot)
        i--;
    return &clock->stretches[i];
}

bool slot_start(const struct slot_clock *clock, uint64_t slot, int64_t *ret_ns)
{
    const struct slot_stretch *s = stretch_of_slot(clock, slot);
    int64_t since_ns, at_ns;

    if (__builtin_mul_overflow(slot - s->first_slot, s->slot_ns, &since_ns) ||
        __builtin_add_overflow(s->start_ns, since_ns, &at_ns))
        return false;
    *ret_ns = at_ns;
    return true;
}

bool slot_at(const struct slot_clock *clock, int64_t at_ns, uint64_t *ret_slot)
{
    const struct slot_stretch *s;
    int i = clock->count - 1;
    uint64_t since_ns;

    if (at_ns < clock->stretches[0].start_ns)
        return false;
    while (at_ns < clock->stretches[i].start_ns)
        i--;
    s = &clock->stretches[i];
    since_ns = (uint64_t)at_ns - (uint64_t)s->start_ns;
    *ret_slot = s->first_slot + since_ns / (uint64_t)s->slot_ns;
    return true;
}

uint64_t slot_epoch(const struct slot_clock *clock, uint64_t slot)
{
    const struct slot_stretch *s = stretch_of_slot(clock, slot);

    return s->first_epoch + (slot - s->first_slot) / s->epoch_slots;
}

uint64_t slot_in_epoch(const struct slot_clock *clock, uint64_t slot)
{
    const struct slot_stretch *s = stretch_of_slot(clock, slot);

    return (slot - s->first_slot) % s->epoch_slots;
}

uint64_t epoch_length(const struct slot_clock *clock, uint64_t slot)
{
    return stretch_of_slot(clock, slot)->epoch_slots;
}
