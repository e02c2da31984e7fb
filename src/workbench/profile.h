/* Profiles: named, fully parametrised benchmarks, as JSON data (data/profiles, built in; or a file of the user's).
 * A profile names its base, whose members it overrides: objects merge, everything else is replaced.
 * docs/formats/profile.md tells each member. */
#ifndef OU_WORKBENCH_PROFILE_H
#define OU_WORKBENCH_PROFILE_H

#include <stdbool.h>
#include <stdint.h>

#include <jansson.h>

#include "base/arena.h"
#include "base/status.h"

#define PROFILE_MAX_BYTES (16 << 20)
#define PROFILE_HOSTS_MAX 1000
#define PROFILE_REGIONS_MAX 16

enum topology_shape {
    TOPOLOGY_LINE,
    TOPOLOGY_UNI_CIRCLE,
    TOPOLOGY_TORUS,       /* each ring in both directions */
    TOPOLOGY_TORUS_DENSE, /* with chords */
    TOPOLOGY_DENSE,       /* everyone with everyone */
};

/* A delay between two regions (or within one), for the link model. */
struct profile_link {
    const char *a, *b;       /* regions; may be the same */
    double latency_ms;       /* one way */
    double bytes_per_second; /* 0: no limit */
};

/* What a run needs of a profile, defaults filled in; units as named. Text lives in `memory`. */
struct profile {
    struct arena memory;
    json_t *document; /* complete, with derived values: what becomes profile.json; owned */
    const char *name, *description;

    /* composition */
    uint32_t hosts; /* producers; host i is "node-i" */
    uint32_t pools; /* one per host, in this release */
    enum topology_shape shape;
    const char *regions[PROFILE_REGIONS_MAX]; /* host i stands in region i mod count */
    size_t region_count;
    const struct profile_link *links;
    size_t link_count;

    /* genesis */
    uint32_t network_magic;
    double slot_s, active_slots_coeff;
    uint64_t epoch_slots, security_param;
    uint64_t per_pool_balance, funds_balance; /* lovelace */
    uint32_t delegators;
    uint64_t stuffed_utxo;

    /* generator */
    bool loaded; /* scenario fixed-loaded: there is a generator */
    double tps;
    uint64_t tx_count;
    uint32_t inputs_per_tx, outputs_per_tx, metadata_bytes;
    uint64_t tx_fee;
    double init_cooldown_s;
    bool scripts; /* generator.plutus.type is not null: modelled scripts */

    /* node */
    uint64_t stop_slot, stop_block; /* UINT64_MAX: none */
    bool legacy_tracing;            /* node.tracing_backend is iohk-monitoring */
    bool
        tracer; /* traces go to a collector (node.tracer); never with legacy tracing, which cannot forward */
    double script_ps_per_step;
    double slowdown_percent;

    /* run */
    double start_delay_s;  /* between deployment and slot 0 */
    double max_duration_s; /* after slot 0; the run is stopped then */
    bool
        stop_when_exhausted; /* the generator's end ends the run, after blocks have had time to settle */
    bool node_death_is_fatal;
};

/* Loads a built-in profile by name, or a file when `name` has a slash or ends in .json, with overlays (JSON texts,
 * applied in order). Checked: unknown members are named with a suggestion, wrong values with their place. */
enum ou_status profile_load(const char *name, const char *const *overlays, size_t overlay_count,
                            struct profile *ret, struct ou_error *err);
void profile_release(struct profile *p); /* a zeroed one is fine */

/* Names and descriptions of those that are built in, in the order of help; NULL behind the last. */
const char *profile_builtin_name(size_t i);
const char *profile_builtin_description(size_t i);

#endif
