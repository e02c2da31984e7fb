/* What the analysis needs of a Shelley genesis, and the networks whose clocks
 * are built in. */
#ifndef OU_CHAIN_GENESIS_H
#define OU_CHAIN_GENESIS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "chain/slot_clock.h"

struct genesis {
    char name[16];             /* "mainnet", ...; "" when it is no public network */
    double active_slots_coeff; /* f */
    uint64_t security_param;   /* k */
    uint64_t epoch_slots;      /* epochLength */
    int64_t system_start_ns;
    int64_t slot_ns; /* slotLength */
    uint64_t network_magic;
    uint64_t max_tx_bytes;         /* protocolParams.maxTxSize */
    uint64_t max_block_body_bytes; /* protocolParams.maxBlockBodySize; built-in networks: 90112,
                                     today's value (their genesis files still say 65536) */
    uint64_t slots_per_kes_period, max_kes_evolutions;
    struct slot_clock clock;
    bool is_chainless; /* there is no chain: genesis_chainless() */
};

/* What stands for a genesis where programs ran that are no nodes: slots are seconds since `start_ns`, all of one epoch, and nothing
 * else is known. */
struct genesis genesis_chainless(int64_t start_ns);

/* Reads a shelley genesis file. initialFunds and staking may be as large as
 * they like: of a file they are passed over, and may stand before or behind the
 * rest. A text is held as a tree, which takes about ten times its size in
 * memory; more than 1 GiB is refused. A file with the networkMagic, start and
 * slots of a public network gets its name and its clock: the file itself does
 * not tell the Byron past of mainnet and preprod. Messages say PATH:LINE or
 * the member. */
enum ou_status genesis_load(const char *path, struct genesis *ret, struct ou_error *err);
enum ou_status genesis_parse(struct span text, const char *name, struct genesis *ret,
                             struct ou_error *err);

/* mainnet, preprod, preview; OU_NOT_FOUND names them all. */
enum ou_status genesis_of_network(const char *network, struct genesis *ret, struct ou_error *err);

/* Which k/f-th of its epoch a slot lies in, usually 0..9: floor(slot in epoch / k * f). */
uint64_t genesis_safe_interval(const struct genesis *g, uint64_t slot);

#endif
