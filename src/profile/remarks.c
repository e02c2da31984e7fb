#include "profile/remarks.h"

#include <string.h>

#include "base/suggest.h"
#include "json/tree.h"
#include "profile/catalogue.h"
#include "profile/topology.h"

struct remarking {
    const struct profile *profile;
    const json_t *regions; /* links between those that are known */
    profile_fault_fn *found;
    void *context;
    size_t count;
};

static void tell(struct remarking *r, const struct ou_error *remark)
{
    r->found(r->context, remark->text);
    r->count++;
}

/* ---- locations ---- */

static bool is_known(const struct remarking *r, const char *location)
{
    const char *region = topology_region(location);
    size_t i;
    json_t *link;

    if (strcmp(region, "loopback") == 0)
        return true;
    json_array_foreach((json_t *)r->regions, i, link)
    {
        if (strcmp(json_string_value(json_object_get(link, "a")), region) == 0)
            return true;
    }
    return false;
}

/* The known region whose name is nearest; NULL: none is near. */
static const char *misspelt(const struct remarking *r, const char *location)
{
    struct suggestion near;
    size_t i;
    json_t *link;

    suggest_for(&near, span_of(location));
    suggest_consider(&near, "loopback");
    json_array_foreach((json_t *)r->regions, i, link)
    {
        suggest_consider(&near, json_string_value(json_object_get(link, "a")));
    }
    return near.best;
}

static bool has_links(const struct profile *p, const char *location)
{
    for (size_t i = 0; i < p->link_count; i++)
        if (strcmp(p->links[i].a, location) == 0 || strcmp(p->links[i].b, location) == 0)
            return true;
    return false;
}

/* What is usual between regions was asked for, not told. */
static bool has_usual_links(const struct profile *p)
{
    const char *origin = json_string_value(json_object_get(p->origins, "composition.links"));

    return origin && span_starts(span_of(origin), "derived");
}

/* Of a location that links are told for, there is nothing to say, whatever its name. */
static void remark_location(struct remarking *r, const char *location)
{
    struct ou_error remark = { 0 };
    const char *near;

    if (is_known(r, location) || has_links(r->profile, location))
        return;
    near = misspelt(r, location);
    if (near)
        ou_fail(
            &remark, OU_OK,
            "composition.locations: no region \"%.64s\" is known, so nothing delays what its nodes "
            "send; did you mean \"%s\"?",
            location, near);
    else if (has_usual_links(r->profile) && r->profile->region_count > 1)
        ou_fail(
            &remark, OU_OK,
            "composition.locations: no region \"%.64s\" is known, so nothing delays what its nodes "
            "send; composition.links can tell delays",
            location);
    else
        return;
    tell(r, &remark);
}

/* ---- shapes ---- */

/* The third part of shorter rings is a neighbour. */
#define CHORDS_FROM 6

static void remark_shape(struct remarking *r)
{
    const struct profile *p = r->profile;
    size_t longest = (p->hosts + p->region_count - 1) / p->region_count;
    struct ou_error remark = { 0 };

    if (p->shape != TOPOLOGY_TORUS_DENSE || longest >= CHORDS_FROM || p->hosts < 2)
        return;
    ou_fail(&remark, OU_OK,
            "composition.topology: with %zu nodes at most in a location torus-dense is the same as "
            "torus; there are chords from %d nodes on",
            longest, CHORDS_FROM);
    tell(r, &remark);
}

/* ---- what only other kinds of nodes heed ---- */

static void remark_rts(struct remarking *r)
{
    const struct profile *p = r->profile;
    const json_t *node = json_object_get(p->document, "node");
    bool has_flags = json_array_size(json_object_get(node, "rts_flags_override")) > 0;
    struct ou_error remark = { 0 };

    if (p->node_kind != NODE_REFERENCE || (!has_flags && p->rts_stats == RTS_STATS_NONE))
        return;
    ou_fail(&remark, OU_OK,
            "node.%s: reference nodes have no Haskell run-time system, and do nothing with it; "
            "node.kind may be cardano-node or command",
            has_flags ? "rts_flags_override" : "rts_stats");
    tell(r, &remark);
}

size_t profile_each_remark(const struct profile *p, profile_fault_fn *found, void *context)
{
    struct remarking r = { .profile = p, .found = found, .context = context };
    json_t *regions = NULL;

    if (profile_catalogue_links(&regions, NULL) == OU_OK) {
        r.regions = regions;
        for (size_t i = 0; i < p->region_count; i++)
            remark_location(&r, p->regions[i]);
        json_decref(regions);
    }
    remark_shape(&r);
    remark_rts(&r);
    return r.count;
}
