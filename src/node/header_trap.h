/* The limit on headers that are announced before their bodies are validated: a header that later
 * proves invalid is tolerated once for each block number and each pair of issuer and certificate
 * counter, and none at a number below the last such one. A node applies it to itself and to each
 * of its peers. Pure. */
#ifndef OU_NODE_HEADER_TRAP_H
#define OU_NODE_HEADER_TRAP_H

#include "chain/selection.h"

#define HEADER_TRAP_ISSUERS 64 /* at one number; all others are refused then */

/* Zero-initialised, it allows all. */
struct header_trap {
    uint64_t number; /* of the last headers that proved invalid */
    size_t count;
    struct header_trap_issuer {
        uint8_t issuer[32];
        uint64_t counter;
    } issuers[HEADER_TRAP_ISSUERS];
};

/* Whether a header may be announced on trust. */
bool header_trap_allows(const struct header_trap *t, const struct selection_view *header);

/* A header that was announced on trust proved invalid. */
void header_trap_spring(struct header_trap *t, const struct selection_view *header);

#endif
