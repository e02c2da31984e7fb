#include "chain/genesis.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "chain/genesis_reader.h"
#include "chain/genesis_trim.h"

/* Slots above a year are a mistake, and keep nanoseconds away from overflow. */
#define SLOT_MAX_S (366.0 * 86400)

/* Of a file without its funds, but with their line breaks. */
#define TRIMMED_MAX_BYTES ((size_t)128 << 20)

/* What the built-in networks share. */
#define PUBLIC_F 0.05
#define PUBLIC_TX_BYTES 16384
#define PUBLIC_BODY_BYTES 90112 /* raised from 65536 by protocol updates in 2021 and 2022 */
#define PUBLIC_KES_PERIOD_SLOTS 129600
#define PUBLIC_KES_EVOLUTIONS 62

struct network {
    const char *name, *system_start;
    uint64_t magic, k;
    struct slot_clock clock; /* without start_ns: that is computed from system_start */
};

/* From the genesis files and the hard forks of the public networks: Byron slots
 * lasted 20 s, in epochs of 21600. */
static const struct network networks[] = {
    { "mainnet",
      "2017-09-23T21:44:51Z",
      764824073,
      2160,
      { { { .slot_ns = 20 * NS_PER_SECOND, .epoch_slots = 21600 },
          { .first_slot = 4492800,
            .first_epoch = 208,
            .slot_ns = NS_PER_SECOND,
            .epoch_slots = 432000 } },
        2 } },
    { "preprod",
      "2022-06-01T00:00:00Z",
      1,
      2160,
      { { { .slot_ns = 20 * NS_PER_SECOND, .epoch_slots = 21600 },
          { .first_slot = 86400,
            .first_epoch = 4,
            .slot_ns = NS_PER_SECOND,
            .epoch_slots = 432000 } },
        2 } },
    { "preview",
      "2022-10-25T00:00:00Z",
      2,
      432,
      { { { .slot_ns = NS_PER_SECOND, .epoch_slots = 86400 } }, 1 } },
};
#define NETWORKS (sizeof networks / sizeof *networks)

static int64_t start_of(const struct network *network)
{
    int64_t ns = 0;

    time_parse_iso(network->system_start, strlen(network->system_start), &ns);
    return ns;
}

static struct slot_clock clock_of(const struct network *network)
{
    struct slot_clock clock = network->clock;
    struct slot_stretch *s = clock.stretches;

    s[0].start_ns = start_of(network);
    for (int i = 1; i < clock.count; i++)
        s[i].start_ns =
            s[i - 1].start_ns + (int64_t)(s[i].first_slot - s[i - 1].first_slot) * s[i - 1].slot_ns;
    return clock;
}

static struct genesis genesis_of(const struct network *network)
{
    struct genesis g = {
        .active_slots_coeff = PUBLIC_F,
        .security_param = network->k,
        .system_start_ns = start_of(network),
        .network_magic = network->magic,
        .max_tx_bytes = PUBLIC_TX_BYTES,
        .max_block_body_bytes = PUBLIC_BODY_BYTES,
        .slots_per_kes_period = PUBLIC_KES_PERIOD_SLOTS,
        .max_kes_evolutions = PUBLIC_KES_EVOLUTIONS,
        .clock = clock_of(network),
    };
    const struct slot_stretch *now = &g.clock.stretches[g.clock.count - 1];

    snprintf(g.name, sizeof g.name, "%s", network->name);
    g.epoch_slots = now->epoch_slots;
    g.slot_ns = now->slot_ns;
    return g;
}

struct genesis genesis_chainless(int64_t start_ns)
{
    struct genesis g = {
        .is_chainless = true,
        .epoch_slots = INT64_MAX / NS_PER_SECOND, /* up to the end of time */
        .system_start_ns = start_ns,
        .slot_ns = NS_PER_SECOND,
    };

    g.clock = (struct slot_clock){ .count = 1 };
    g.clock.stretches[0] = (struct slot_stretch){ .start_ns = start_ns,
                                                  .slot_ns = g.slot_ns,
                                                  .epoch_slots = g.epoch_slots };
    return g;
}

enum ou_status genesis_of_network(const char *network, struct genesis *ret, struct ou_error *err)
{
    for (size_t i = 0; i < NETWORKS; i++)
        if (strcmp(network, networks[i].name) == 0) {
            *ret = genesis_of(&networks[i]);
            return OU_OK;
        }
    return ou_fail(err, OU_NOT_FOUND,
                   "no built-in network \"%.64s\": there are mainnet, preprod and preview; for "
                   "any other chain give its Shelley genesis file",
                   network);
}

static double read_active_slots(struct genesis_reader *r)
{
    const json_t *value = genesis_member(r, r->root, "activeSlotsCoeff");
    double f = genesis_number(value);

    if (value && !(f > 0 && f <= 1))
        genesis_reader_fail(
            r, "activeSlotsCoeff",
            "must be a number above 0 and up to 1, or {\"numerator\":…,\"denominator\":…}");
    return f;
}

/* Seconds, maybe with decimals: 0.1 and 0.2 are common in test clusters. */
static int64_t read_slot_length(struct genesis_reader *r)
{
    const json_t *value = genesis_member(r, r->root, "slotLength");
    double seconds = json_number_value(value);

    if (!value)
        return 0;
    if (!(seconds >= 1e-9 && seconds <= SLOT_MAX_S)) {
        genesis_reader_fail(r, "slotLength", "must be a number of seconds, from 1e-9 to a year");
        return 0;
    }
    return llround(seconds * 1e9);
}

static int64_t read_system_start(struct genesis_reader *r)
{
    const json_t *value = genesis_member(r, r->root, "systemStart");
    int64_t ns = 0;

    if (!value)
        return 0;
    if (!json_is_string(value) ||
        !time_parse_iso(json_string_value(value), json_string_length(value), &ns))
        genesis_reader_fail(r, "systemStart", "must be a time like \"2022-10-25T00:00:00Z\"");
    return ns;
}

static void read_members(struct genesis_reader *r, struct genesis *ret)
{
    const json_t *params = genesis_member(r, r->root, "protocolParams");

    ret->system_start_ns = read_system_start(r);
    ret->slot_ns = read_slot_length(r);
    ret->active_slots_coeff = read_active_slots(r);
    ret->security_param = genesis_count(r, r->root, "securityParam", 1);
    ret->epoch_slots = genesis_count(r, r->root, "epochLength", 1);
    ret->network_magic = genesis_count(r, r->root, "networkMagic", 0);
    ret->slots_per_kes_period = genesis_count(r, r->root, "slotsPerKESPeriod", 1);
    ret->max_kes_evolutions = genesis_count(r, r->root, "maxKESEvolutions", 0);
    if (params && !json_is_object(params))
        genesis_reader_fail(r, "protocolParams", "must be an object");
    ret->max_tx_bytes = genesis_count(r, params, "maxTxSize", 0);
    ret->max_block_body_bytes = genesis_count(r, params, "maxBlockBodySize", 0);
}

/* Private clusters use the magic of a public network now and then, so its start
 * and its slots must be the same too. */
static const struct network *network_with(const struct genesis *g)
{
    for (size_t i = 0; i < NETWORKS; i++) {
        struct genesis known = genesis_of(&networks[i]);

        if (g->network_magic == known.network_magic &&
            g->system_start_ns == known.system_start_ns && g->slot_ns == known.slot_ns &&
            g->epoch_slots == known.epoch_slots)
            return &networks[i];
    }
    return NULL;
}

static void set_clock(struct genesis *g)
{
    const struct network *known = network_with(g);

    if (known) {
        snprintf(g->name, sizeof g->name, "%s", known->name);
        g->clock = clock_of(known);
        return;
    }
    g->clock.count = 1;
    g->clock.stretches[0] = (struct slot_stretch){
        .start_ns = g->system_start_ns,
        .slot_ns = g->slot_ns,
        .epoch_slots = g->epoch_slots,
    };
}

enum ou_status genesis_from_tree(const json_t *root, const char *name, struct genesis *ret,
                                 struct ou_error *err)
{
    struct genesis_reader r = { .name = name, .root = root, .err = err };
    struct genesis got = { 0 };

    if (!json_is_object(root))
        return ou_fail(err, OU_INVALID, "%s: a Shelley genesis is a JSON object", name);
    read_members(&r, &got);
    if (r.status)
        return r.status;
    set_clock(&got);
    *ret = got;
    return OU_OK;
}

enum ou_status genesis_parse(struct span text, const char *name, struct genesis *ret,
                             struct ou_error *err)
{
    json_t *root;
    enum ou_status status;

    if (text.len > GENESIS_MAX_BYTES)
        return ou_fail(err, OU_TOO_LARGE, "%s: a genesis above 1 GiB", name);
    status = json_tree_parse(text, name, &root, err);
    if (status)
        return status;
    status = genesis_from_tree(root, name, ret, err);
    json_decref(root);
    return status;
}

enum ou_status genesis_load(const char *path, struct genesis *ret, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), TRIMMED_MAX_BYTES);
    status = genesis_read_trimmed(path, &text, err);
    if (!status)
        status = genesis_parse((struct span){ buffer_string(&text), text.len }, path, ret, err);
    buffer_release(&text);
    return status;
}

/* In double arithmetic and in this order, as the filters of published analyses
 * were evaluated. */
uint64_t genesis_safe_interval(const struct genesis *g, uint64_t slot)
{
    double in_epoch = (double)slot_in_epoch(&g->clock, slot);

    if (g->is_chainless)
        return 0;
    return (uint64_t)(in_epoch / (double)g->security_param * g->active_slots_coeff);
}
