/* Any text laid over the default profile. What is accepted keeps to the limits that others rely on, has a topology, and
 * is the same when its complete document is loaded again. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profile/profile.h"
#include "profile/topology_files.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
    if (!holds)
        abort();
}

static void check_limits(const struct profile *p)
{
    check(p->hosts <= p->spec_count && p->spec_count <= PROFILE_HOSTS_MAX);
    check(p->spec_count > 0 || p->scenario == SCENARIO_TRACER_ONLY);
    check(p->region_count >= 1 && p->region_count <= PROFILE_REGIONS_MAX);
    check(p->slot_s > 0 && p->active_slots_coeff > 0 && p->active_slots_coeff <= 1);
    check(p->epoch_slots > 0 && p->security_param > 0 && p->delegators >= p->pools);
    check(p->tps > 0 && p->inputs_per_tx > 0 && p->outputs_per_tx > 0 && p->utxo_keys > 0);
    check(p->pools == 0 || p->per_pool_balance <= INT64_MAX / p->pools);
    check(p->max_duration_s > 0 && isfinite(p->start_delay_s) && p->start_delay_s >= 0);
    check(*p->name != '.' && !strchr(p->name, '/'));
}

static void check_origins(const struct profile *p)
{
    const char *path;
    json_t *origin;

    json_object_foreach(p->origins, path, origin)
    {
        check(json_string_length(origin) > 0);
    }
}

/* It may say no, but with a word. */
static void check_runnable(const struct profile *p)
{
    struct ou_error err = { 0 };

    check(profile_check_runnable(p, &err) == OU_OK || err.text[0] != '\0');
}

static void check_topology(const struct profile *p)
{
    static struct site sites[PROFILE_HOSTS_MAX];
    struct arena memory;
    struct topology t;
    json_t *file;

    if (p->spec_count == 0)
        return;
    for (size_t i = 0; i < p->spec_count; i++)
        sites[i].address = "127.0.0.1";
    arena_init(&memory, allocator_libc(), (size_t)64 << 20);
    check(topology_of_profile(p, &memory, &t, NULL) == OU_OK);
    file = topology_file_of(&t, p->spec_count - 1, sites, TOPOLOGY_P2P_DELAYED);
    check(file != NULL);
    json_decref(file);
    arena_release(&memory);
}

static void check_reload(const struct profile *p)
{
    char *text = json_dumps(p->document, JSON_COMPACT);
    struct profile again;
    struct ou_error err = { 0 };

    check(text != NULL);
    check(profile_load("default", (const char *const *)&text, 1, &again, &err) == OU_OK);
    check(json_equal(p->document, again.document));
    free(text);
    profile_release(&again);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1);
    struct profile p;
    struct ou_error err = { 0 };

    check(text != NULL);
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    if (profile_load("default", (const char *const *)&text, 1, &p, &err) == OU_OK) {
        check_limits(&p);
        check_origins(&p);
        check_runnable(&p);
        check_topology(&p);
        check_reload(&p);
        profile_release(&p);
    } else {
        check(err.text[0] != '\0');
    }
    free(text);
    return 0;
}
