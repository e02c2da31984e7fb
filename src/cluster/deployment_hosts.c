#include "cluster/deployment_hosts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

/* Nomad replaces an allocation that failed within seconds, if it does at all. */
#define NOMAD_PATIENCE_NS (20 * NS_PER_SECOND)
#define WAIT_TEXT_MAX ((size_t)8 << 10)

/* ---- allocations ---- */

static void copy_text(char *ret, size_t room, const char *text)
{
    snprintf(ret, room, "%s", text ? text : "");
}

static uint64_t created_of(const json_t *allocation)
{
    json_int_t index = json_integer_value(json_object_get(allocation, "CreateIndex"));

    return index > 0 ? (uint64_t)index : 0;
}

static bool has_failed(const struct nomad_allocation_facts *facts)
{
    return facts->state == ALLOCATION_FAILED || facts->state == ALLOCATION_LOST;
}

/* An address is asked for again when the task is elsewhere; why an earlier one failed stays known. */
static void move_to(struct host_place *place, const struct nomad_allocation_facts *facts,
                    uint64_t created)
{
    char trouble[DEPLOYED_TEXT_ROOM];

    memcpy(trouble, place->trouble, sizeof trouble);
    *place = (struct host_place){ .created = created };
    memcpy(place->trouble, trouble, sizeof trouble);
    copy_text(place->allocation, sizeof place->allocation, facts->id);
    copy_text(place->node, sizeof place->node, facts->node_name);
    copy_text(place->node_id, sizeof place->node_id, facts->node_id);
}

/* A task that does not come up may wait for what never comes: an artifact, an image, a template's value. */
static void take_wait(struct host_place *place, const json_t *allocation)
{
    struct buffer text;

    place->waits[0] = '\0';
    if (place->state != ALLOCATION_PENDING)
        return;
    buffer_init(&text, allocator_libc(), WAIT_TEXT_MAX);
    nomad_explain_allocation(allocation, &text);
    copy_text(place->waits, sizeof place->waits, buffer_string(&text));
    buffer_release(&text);
}

static bool take_allocation(struct host_place *place, const json_t *allocation, int64_t now_ns)
{
    struct nomad_allocation_facts facts;
    uint64_t created = created_of(allocation);
    bool moves, differs;

    nomad_allocation_read(allocation, &facts);
    moves = strcmp(place->allocation, facts.id) != 0;
    if (moves && place->allocation[0] && created <= place->created)
        return false;
    if (moves)
        move_to(place, &facts, created);
    differs = moves || place->state != facts.state || place->wanted != facts.wanted;
    if (differs)
        place->changed_ns = now_ns;
    place->state = facts.state;
    place->wanted = facts.wanted;
    take_wait(place, allocation);
    return differs;
}

static struct deployed_host *host_of(struct deployment *d, const json_t *allocation,
                                     struct nomad_allocation_facts *ret)
{
    nomad_allocation_read(allocation, ret);
    return deployment_host(d, span_of(ret->group));
}

static void count_failures(struct deployment *d, const json_t *allocations)
{
    struct nomad_allocation_facts facts;
    const json_t *allocation;
    size_t i;

    for (size_t h = 0; h < d->host_count; h++)
        d->hosts[h].place.failures = 0;
    json_array_foreach(allocations, i, allocation)
    {
        struct deployed_host *h = host_of(d, allocation, &facts);

        if (h && has_failed(&facts))
            h->place.failures++;
    }
}

bool hosts_take_allocations(struct deployment *d, const json_t *allocations, int64_t now_ns)
{
    struct nomad_allocation_facts facts;
    const json_t *allocation;
    bool news = false;
    size_t i;

    json_array_foreach(allocations, i, allocation)
    {
        struct deployed_host *h = host_of(d, allocation, &facts);

        if (h && take_allocation(&h->place, allocation, now_ns))
            news = true;
    }
    count_failures(d, allocations);
    return news;
}

/* ---- states ---- */

enum state_worth host_state_worth(const struct deployment *d, const struct deployed_host *h,
                                  const struct agent_state *state)
{
    if (strcmp(state->run, d->run) != 0 || strcmp(state->host, h->name) != 0)
        return STATE_FOREIGN;
    if (strcmp(state->allocation, h->place.allocation) != 0)
        return STATE_EARLY;
    if (h->has_state && strcmp(h->state.allocation, state->allocation) == 0 &&
        state->number <= h->state.number)
        return STATE_OLD;
    return STATE_NEWS;
}

/* ---- stages ---- */

static bool has_spoken(const struct deployed_host *h)
{
    return h->has_state && strcmp(h->state.allocation, h->place.allocation) == 0 &&
           !isnan(h->state.round_trip_s) && h->place.port != 0;
}

enum host_stage host_stage(const struct deployed_host *h)
{
    if (!h->place.allocation[0])
        return HOST_UNPLACED;
    switch (h->place.state) {
    case ALLOCATION_PENDING: return HOST_COMING;
    case ALLOCATION_RUNNING:
    case ALLOCATION_UNKNOWN: return has_spoken(h) ? HOST_READY : HOST_SILENT;
    case ALLOCATION_COMPLETE:
    case ALLOCATION_FAILED:
    case ALLOCATION_LOST: break;
    }
    return HOST_FAILED;
}

bool host_is_alive(const struct deployed_host *h)
{
    enum host_stage stage = host_stage(h);

    return stage != HOST_UNPLACED && stage != HOST_FAILED;
}

bool host_is_itself(const struct deployed_host *h)
{
    return host_is_alive(h) && strcmp(h->place.allocation, h->site.allocation) == 0;
}

size_t hosts_at(const struct deployment *d, enum host_stage stage)
{
    size_t count = 0;

    for (size_t i = 0; i < d->host_count; i++)
        count += host_stage(&d->hosts[i]) == stage;
    return count;
}

enum stand_step hosts_stand_step(const struct deployment *d, int64_t now_ns, size_t *ret_host)
{
    for (size_t i = 0; i < d->host_count; i++) {
        const struct host_place *place = &d->hosts[i].place;

        *ret_host = i;
        if (host_stage(&d->hosts[i]) != HOST_FAILED)
            continue;
        if (place->failures > d->placement->deploy_attempts)
            return STAND_GIVE_UP;
        if (now_ns - place->changed_ns > NOMAD_PATIENCE_NS)
            return STAND_AGAIN;
    }
    return hosts_at(d, HOST_READY) == d->host_count ? STAND_READY : STAND_WAIT;
}
