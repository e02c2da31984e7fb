#include "chain/selection.h"

void selection_view_of(const struct header *h, struct selection_view *ret)
{
    ret->number = h->number;
    ret->slot = h->slot;
    memcpy(ret->issuer, h->issuer, sizeof(ret->issuer));
    ret->counter = h->certificate.counter;
    memcpy(ret->vrf_output, h->vrf_output, sizeof(ret->vrf_output));
}

static bool same_leader(const struct selection_view *a, const struct selection_view *b)
{
    return a->slot == b->slot && memcmp(a->issuer, b->issuer, sizeof(a->issuer)) == 0;
}

static uint64_t slots_apart(const struct selection_view *a, const struct selection_view *b)
{
    return a->slot > b->slot ? a->slot - b->slot : b->slot - a->slot;
}

bool selection_prefers(const struct selection_view *candidate, const struct selection_view *current)
{
    if (!current)
        return true;
    if (candidate->number != current->number)
        return candidate->number > current->number;
    if (same_leader(candidate, current) && candidate->counter != current->counter)
        return candidate->counter > current->counter;
    return slots_apart(candidate, current) <= SELECTION_VRF_SLOTS &&
           memcmp(candidate->vrf_output, current->vrf_output, VRF_OUTPUT_BYTES) < 0;
}
