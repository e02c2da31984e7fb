#include "cluster/deployment_task.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

/* The document takes the texts' content over; NULL: no memory. */
static json_t *document(const struct deployment *d, const struct deployed_host *h,
                        const char *orders_url, const char *state_url, const char *probe_url)
{
    char key[ENVELOPE_PUBLIC_HEX], seed[2 * ENVELOPE_SEED_BYTES + 1];
    json_t *ret;

    sodium_bin2hex(key, sizeof key, d->key, sizeof d->key);
    sodium_bin2hex(seed, sizeof seed, h->seed, sizeof h->seed);
    ret = json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:f, s:s?}", "schema", 1, "run",
                    d->run, "host", h->name, "orders_key", key, "state_seed", seed, "orders_url",
                    orders_url, "state_url", state_url, "probe_url", probe_url, "probe_bytes",
                    (int)PROBE_BYTES, "poll_s", d->placement->poll_s, "ca_file",
                    d->placement->storage.identity.ca_file);
    sodium_memzero(seed, sizeof seed);
    return ret;
}

enum ou_status deployment_task_file(const struct deployment *d, const struct deployed_host *h,
                                    char **ret, struct ou_error *err)
{
    char *orders = NULL, *state = NULL, *probe = NULL;
    json_t *made = NULL;
    enum ou_status status = bucket_url(&d->bucket, "GET", h->name, "orders.json", &orders, err);

    if (!status)
        status = bucket_url(&d->bucket, "PUT", h->name, "state.json", &state, err);
    if (!status)
        status = bucket_url(&d->bucket, "GET", "", PROBE_NAME, &probe, err);
    if (!status)
        made = document(d, h, orders, state, probe);
    *ret = made ? json_dumps(made, JSON_COMPACT) : NULL;
    if (!status && !*ret)
        status = ou_fail(err, OU_NO_MEMORY, "no memory for the task file of %s", h->name);
    json_decref(made);
    deployment_task_forget(orders);
    deployment_task_forget(state);
    deployment_task_forget(probe);
    return status;
}

void deployment_task_forget(char *file)
{
    if (file)
        sodium_memzero(file, strlen(file));
    free(file);
}
