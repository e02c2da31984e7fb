#include "node/header_trap.h"

#include <string.h>

bool header_trap_allows(const struct header_trap *t, const struct selection_view *header)
{
    if (t->count == 0 || header->number > t->number)
        return true;
    if (header->number < t->number || t->count == HEADER_TRAP_ISSUERS)
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (memcmp(t->issuers[i].issuer, header->issuer, 32) == 0 &&
            t->issuers[i].counter == header->counter)
            return false;
    return true;
}

void header_trap_spring(struct header_trap *t, const struct selection_view *header)
{
    if (!header_trap_allows(t, header))
        return;
    if (header->number > t->number)
        t->count = 0;
    t->number = header->number;
    memcpy(t->issuers[t->count].issuer, header->issuer, 32);
    t->issuers[t->count++].counter = header->counter;
}
