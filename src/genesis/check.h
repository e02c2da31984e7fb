/* Whether genesis files are what a node would take: field by field, each fault with its reason and place. Files may be of any
 * size: they are walked through, not held as trees. docs/reference/genesis-fields.md has the members. */
#ifndef OU_GENESIS_CHECK_H
#define OU_GENESIS_CHECK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum genesis_era {
    GENESIS_BYRON,
    GENESIS_SHELLEY,
    GENESIS_ALONZO,
    GENESIS_CONWAY,
    GENESIS_DIJKSTRA,
    GENESIS_ERAS
};

const char *genesis_era_name(enum genesis_era era); /* "byron" */

/* Which era a file is of, by its members, whatever it is called. OU_INVALID with what was looked for. */
enum ou_status genesis_era_of(const char *path, enum genesis_era *ret, struct ou_error *err);

enum genesis_severity { GENESIS_FAULT, GENESIS_REMARK };

struct genesis_finding {
    enum genesis_severity severity; /* a node would refuse it, or go wrong; or: it is odd */
    const char *file;               /* as it was given */
    uint64_t line, column;          /* from 1; 0: of the whole file or set */
    const char *path;               /* "staking.pools.8a21...60.margin"; "" */
    const char *reason;             /* a sentence */
};

/* A set of files of one network; NULL: not given. Findings of single files, and of what files must agree in (magic, k,
 * start, supply, delegations to pools that are there). With config, a node's configuration: its hashes, too. */
struct genesis_set {
    const char *files[GENESIS_ERAS];
    const char *config;
    const char *directory; /* that the files are in; NULL where they were named one by one */
};

/* The files of a directory, by the names that are usual: ours, those of cardano-node's networks, those of its
 * workbench (2023 and 2026). Where there are none, those of its folder genesis, as run directories have it. Paths are the
 * caller's to free (genesis_set_release). */
enum ou_status genesis_set_of_directory(const char *directory, struct genesis_set *ret,
                                        struct ou_error *err);
void genesis_set_release(struct genesis_set *set);

struct genesis_check_result {
    size_t faults, remarks;
    uint64_t funds, pools, delegations, dreps; /* entries seen */
};

/* OU_OK also where faults were found; else what kept it from looking (a file that cannot be read). Findings beyond 100 of one
 * reason in one file are counted and not told one by one. */
enum ou_status genesis_check(const struct genesis_set *set,
                             void (*found)(void *context, const struct genesis_finding *finding),
                             void *context, struct genesis_check_result *ret, struct ou_error *err);

#endif
