#include "profile/realised.h"

#include <stdio.h>
#include <string.h>

/* What follows from the other members, or was laid over them already. */
static const char *const filled_in[] = {
    "cli_args",
    "overlay",
    "composition.n_hosts",
    "composition.n_pool_hosts",
    "composition.n_pools",
    "genesis.delegator_coin",
    "genesis.pool_coin",
    "genesis.shelley.activeSlotsCoeff",
    "genesis.shelley.epochLength",
    "genesis.shelley.maxLovelaceSupply",
    "genesis.shelley.networkMagic",
    "genesis.shelley.securityParam",
    "genesis.shelley.slotLength",
    "generator.era",
    "analysis.cluster_startup_overhead_s",
};

/* The object that a path's last member is in, or NULL; that member's name comes out, too. */
static json_t *object_above(json_t *document, const char *path, const char **ret)
{
    const char *dot;

    for (; (dot = strchr(path, '.')); path = dot + 1) {
        char key[40];

        snprintf(key, sizeof key, "%.*s", (int)(dot - path), path);
        document = json_object_get(document, key);
    }
    *ret = path;
    return document;
}

bool profile_take_realised(json_t *document)
{
    const char *key;
    json_t *cluster, *storage;

    if (!json_object_get(document, "derived"))
        return true;
    for (size_t i = 0; i < sizeof filled_in / sizeof *filled_in; i++) {
        json_t *object = object_above(document, filled_in[i], &key);

        json_object_del(object, key);
    }
    cluster = json_object_get(document, "cluster");
    storage = json_object_get(cluster, "minimun_storage"); /* spelt like this there */
    return !storage || json_object_get(cluster, "minimum_storage") ||
           (json_object_set(cluster, "minimum_storage", storage) == 0 &&
            json_object_del(cluster, "minimun_storage") == 0);
}
