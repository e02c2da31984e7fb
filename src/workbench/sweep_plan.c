#include "workbench/sweep_plan.h"

#include <math.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "chain/hash.h"
#include "profile/rts_flags.h"
#include "workbench/sweep_change.h"

/* ---- points and order ---- */

static enum ou_status fail_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for the plan of the sweep");
}

/* How many combinations of levels there are; above SWEEP_POINTS_MAX * SWEEP_LEVELS_MAX some larger number. */
static size_t combinations(const struct sweep *s)
{
    size_t count = 1;

    for (size_t i = 0; i < s->axis_count && count <= (size_t)SWEEP_POINTS_MAX * SWEEP_LEVELS_MAX;
         i++)
        count *= s->axes[i].level_count;
    return count;
}

/* A fraction is balanced when each level of each axis has as many points as any other, which takes three axes so
 * that no two of them go together. */
static enum ou_status check_fraction(const struct sweep *s, struct ou_error *err)
{
    if (s->fraction == 1)
        return OU_OK;
    if (s->axis_count < 3)
        return ou_fail(
            err, OU_INVALID,
            "%s: grid: a fraction wants three axes at least: of two, the levels would go "
            "together, and their effects could not be told apart",
            s->name);
    for (size_t i = 0; i < s->axis_count; i++)
        if (s->axes[i].level_count % s->fraction != 0)
            return ou_fail(err, OU_INVALID,
                           "%s: grid: a fraction of 1/%u wants axes whose levels are a multiple of "
                           "%u; \"%s\" has %zu",
                           s->name, s->fraction, s->fraction, s->axes[i].name,
                           s->axes[i].level_count);
    return OU_OK;
}

/* The levels of the n-th combination: the last axis changes first. Returns the sum of their numbers. */
static size_t levels_of(const struct sweep *s, size_t n, struct sweep_point *ret)
{
    size_t sum = 0;

    for (size_t i = s->axis_count; i-- > 0;) {
        ret->levels[i] = (uint8_t)(n % s->axes[i].level_count);
        sum += ret->levels[i];
        n /= s->axes[i].level_count;
    }
    return sum;
}

static enum ou_status make_points(struct sweep *s, struct ou_error *err)
{
    size_t all = combinations(s), count = 0;
    struct sweep_point *points;

    if (all / s->fraction > SWEEP_POINTS_MAX)
        return ou_fail(err, OU_INVALID, "%s: the axes have more than %d combinations", s->name,
                       SWEEP_POINTS_MAX);
    points =
        arena_take(&s->memory, all / s->fraction * sizeof *points, alignof(struct sweep_point));
    if (!points)
        return fail_memory(err);
    for (size_t n = 0; n < all; n++) {
        struct sweep_point point = { { 0 } };

        if (levels_of(s, n, &point) % s->fraction == 0)
            points[count++] = point;
    }
    s->points = points;
    s->point_count = count;
    return OU_OK;
}

/* A random permutation of all points (Fisher and Yates), from a stream of the block's own. */
static void shuffle_block(const struct sweep *s, uint32_t block)
{
    struct sweep_run *runs = s->order + (size_t)block * s->point_count;
    struct random_stream random;

    for (uint32_t i = 0; i < s->point_count; i++)
        runs[i] = (struct sweep_run){ block, i, i };
    random_stream_init(&random, s->seed, block);
    for (uint32_t left = (uint32_t)s->point_count; left > 1; left--) {
        uint32_t drawn = random_below(&random, left), kept = runs[left - 1].point;

        runs[left - 1].point = runs[drawn].point;
        runs[drawn].point = kept;
    }
}

static enum ou_status make_order(struct sweep *s, struct ou_error *err)
{
    size_t count = s->point_count * s->repetitions;

    if (s->repetitions > SWEEP_RUNS_MAX || count > SWEEP_RUNS_MAX)
        return ou_fail(err, OU_INVALID, "%s: %u times %zu runs are more than %d", s->name,
                       s->repetitions, s->point_count, SWEEP_RUNS_MAX);
    s->order = arena_take(&s->memory, count * sizeof *s->order, alignof(struct sweep_run));
    s->states = arena_take(&s->memory, count * sizeof *s->states, alignof(enum sweep_run_state));
    s->directories = arena_take(&s->memory, count * sizeof *s->directories, alignof(char *));
    s->attempts = arena_take(&s->memory, count * sizeof *s->attempts, alignof(uint32_t));
    if (!s->order || !s->states || !s->directories || !s->attempts)
        return fail_memory(err);
    s->run_count = count;
    for (uint32_t block = 0; block < s->repetitions; block++)
        shuffle_block(s, block);
    return OU_OK;
}

enum ou_status sweep_plan_make(struct sweep *s, struct ou_error *err)
{
    enum ou_status status = check_fraction(s, err);

    if (!status)
        status = make_points(s, err);
    return status ? status : make_order(s, err);
}

/* ---- profiles of all points ---- */

struct digest {
    uint8_t hash[HASH_BYTES];
};

/* The flags of a document in their normal form: what means the same is the same. */
static enum ou_status normalise_flags(json_t *node, struct ou_error *err)
{
    const json_t *flags = json_object_get(node, "rts_flags_override");
    const char *each[RTS_FLAGS_MAX];
    size_t count = json_array_size(flags);
    struct buffer normal;
    enum ou_status status;

    if (count == 0)
        return OU_OK;
    if (count > RTS_FLAGS_MAX)
        return ou_fail(err, OU_INVALID, "%zu RTS flags are more than %d", count, RTS_FLAGS_MAX);
    for (size_t i = 0; i < count; i++)
        each[i] = json_string_value(json_array_get(flags, i));
    buffer_init(&normal, allocator_libc(), SWEEP_DOCUMENT_BYTES_MAX);
    status = rts_flags_normal(each, count, &normal, err);
    if (!status &&
        json_object_set_new(node, "rts_flags_override", json_string(buffer_string(&normal))) != 0)
        status = fail_memory(err);
    buffer_release(&normal);
    return status;
}

/* Of what a run of it would be: not of what it is called. */
static enum ou_status digest_of(const struct profile *p, struct digest *ret, struct ou_error *err)
{
    static const char *const names[] = { "name", "desc", "base", "with", "overlay" };
    json_t *document = json_deep_copy(p->document);
    json_t *node = json_object_get(document, "node");
    enum ou_status status = document ? normalise_flags(node, err) : fail_memory(err);
    char *text;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        json_object_del(document, names[i]);
    text = status ? NULL : json_dumps(document, JSON_COMPACT | JSON_SORT_KEYS);
    json_decref(document);
    if (!status && !text)
        status = fail_memory(err);
    if (text)
        hash256((struct bytes){ (const uint8_t *)text, strlen(text) }, ret->hash);
    free(text);
    return status;
}

/* Whether the setting has flags of the run-time system, or statistics of it, from one of its axes. */
static bool has_rts(const struct sweep *s, size_t point)
{
    for (size_t i = 0; i < s->axis_count; i++) {
        const struct sweep_level *level = &s->axes[i].levels[s->points[point].levels[i]];
        const json_t *node = json_object_get(level->overlay, "node");

        if (json_array_size(level->rts) ||
            json_array_size(json_object_get(node, "rts_flags_override")) ||
            json_is_string(json_object_get(node, "rts_stats")))
            return true;
    }
    return false;
}

static enum ou_status check_point(const struct sweep *s, size_t point, struct digest *ret,
                                  struct ou_error *err)
{
    struct profile p = { 0 };
    struct ou_error why = { 0 };
    char label[200];
    enum ou_status status = sweep_profile(s, point, &p, &why);

    if (!status)
        status = profile_check_runnable(&p, &why);
    if (!status && p.node_kind == NODE_REFERENCE && has_rts(s, point))
        status =
            ou_fail(&why, OU_INVALID,
                    "reference nodes have no Haskell run-time system to set: node.kind must be "
                    "cardano-node or command");
    if (!status)
        status = digest_of(&p, ret, &why);
    profile_release(&p);
    if (!status)
        return OU_OK;
    sweep_setting_label(s, point, label, sizeof label);
    return ou_fail(err, status, "%s: setting %s: %s", s->name, label, why.text);
}

static enum ou_status fail_equal(const struct sweep *s, size_t a, size_t b, struct ou_error *err)
{
    char one[200], other[200];

    sweep_setting_label(s, a, one, sizeof one);
    sweep_setting_label(s, b, other, sizeof other);
    return ou_fail(err, OU_INVALID,
                   "%s: the settings \"%s\" and \"%s\" are the same: runs of both would tell "
                   "nothing that runs of one do not",
                   s->name, one, other);
}

static enum ou_status check_points(struct sweep *s, struct digest *digests, struct ou_error *err)
{
    struct digest all;

    for (size_t i = 0; i < s->point_count; i++) {
        enum ou_status status = check_point(s, i, &digests[i], err);

        if (status)
            return status;
        for (size_t j = 0; j < i; j++)
            if (memcmp(&digests[i], &digests[j], sizeof *digests) == 0)
                return fail_equal(s, j, i, err);
    }
    hash256((struct bytes){ (const uint8_t *)digests, s->point_count * sizeof *digests }, all.hash);
    hash_text(all.hash, s->profiles_hash);
    return OU_OK;
}

enum ou_status sweep_plan_check(struct sweep *s, struct ou_error *err)
{
    struct digest *digests = calloc(s->point_count, sizeof *digests);
    enum ou_status status = digests ? chain_crypto_start(err) : fail_memory(err);

    if (!status)
        status = check_points(s, digests, err);
    free(digests);
    return status;
}

/* ---- sweep.json ---- */

/* NULL: there is none, and no member. */
static json_t *silent_document(const struct sweep_axis *axis)
{
    return axis->silent == SIZE_MAX ? NULL : json_integer((json_int_t)axis->silent);
}

static json_t *axes_document(const struct sweep *s)
{
    json_t *axes = json_array();

    for (size_t i = 0; i < s->axis_count; i++) {
        json_t *labels = json_array();

        for (size_t j = 0; j < s->axes[i].level_count; j++)
            json_array_append_new(labels, json_string(s->axes[i].levels[j].label));
        json_array_append_new(axes, json_pack("{s:s, s:o, s:o*}", "name", s->axes[i].name, "levels",
                                              labels, "silent", silent_document(&s->axes[i])));
    }
    return axes;
}

static json_t *points_document(const struct sweep *s)
{
    json_t *points = json_array();

    for (size_t i = 0; i < s->point_count; i++) {
        json_t *levels = json_array();

        for (size_t j = 0; j < s->axis_count; j++)
            json_array_append_new(levels, json_integer(s->points[i].levels[j]));
        json_array_append_new(points, levels);
    }
    return points;
}

static json_t *order_document(const struct sweep *s)
{
    json_t *order = json_array();

    for (size_t i = 0; i < s->run_count; i++)
        json_array_append_new(order,
                              json_pack("{s:I, s:I, s:I}", "block", (json_int_t)s->order[i].block,
                                        "position", (json_int_t)s->order[i].position, "point",
                                        (json_int_t)s->order[i].point));
    return order;
}

static json_t *metrics_document(const struct sweep *s)
{
    json_t *metrics = json_array();

    for (size_t i = 0; i < s->metric_count; i++)
        json_array_append_new(metrics, json_string(s->metrics[i]));
    return metrics;
}

json_t *sweep_plan_document(const struct sweep *s)
{
    json_t *budget = isinf(s->budget_s) ? json_null() : json_real(s->budget_s);
    json_t *document = json_pack(
        "{s:i, s:s, s:s, s:s, s:s, s:O, s:I, s:I, s:o, s:I, s:o, s:I, s:s, s:o, s:o, s:o}", //
        "schema", SWEEP_SCHEMA, "name", s->name, "desc", s->description, "profile", s->profile,
        "profile_place", s->profile_place, "file", s->file, "seed", (json_int_t)s->seed,
        "repetitions", (json_int_t)s->repetitions, "budget_s", budget, "attempts",
        (json_int_t)s->attempts_max, "metrics", metrics_document(s), "fraction",
        (json_int_t)s->fraction, "profiles_hash", s->profiles_hash, "axes", axes_document(s),
        "points", points_document(s), "order", order_document(s));

    /* A list that found no memory half way is shorter than what it tells. */
    if (document && json_array_size(json_object_get(document, "order")) == s->run_count &&
        json_array_size(json_object_get(document, "points")) == s->point_count)
        return document;
    json_decref(document);
    return NULL;
}

/* ---- is it the same sweep? ---- */

static enum ou_status fail_differs(const char *directory, const char *what, const json_t *before,
                                   const json_t *now, struct ou_error *err)
{
    char *there = json_dumps(before, JSON_COMPACT | JSON_ENCODE_ANY);
    char *here = json_dumps(now, JSON_COMPACT | JSON_ENCODE_ANY);
    enum ou_status status =
        ou_fail(err, OU_INVALID,
                "%s has another sweep: %s is %.100s there, and %.100s here; another --dir leaves "
                "both alone",
                directory, what, there ? there : "absent", here ? here : "absent");

    free(there);
    free(here);
    return status;
}

static enum ou_status fail_changed(const struct sweep *s, const char *directory,
                                   struct ou_error *err)
{
    char change[SWEEP_CHANGE_ROOM];
    bool is_known = sweep_find_change(s, directory, change);

    return ou_fail(err, OU_INVALID,
                   "%s has another sweep: a profile, an overlay or what they are based on has "
                   "changed since it was planned%s%s%s; another --dir leaves both alone",
                   directory, is_known ? " (" : "", is_known ? change : "", is_known ? ")" : "");
}

/* Whether the runs that were planned before are the first ones of the order. */
static bool begins_alike(const json_t *before, const json_t *now)
{
    if (!json_is_array(before) || json_array_size(before) > json_array_size(now))
        return false;
    for (size_t i = 0; i < json_array_size(before); i++)
        if (!json_equal(json_array_get(before, i), json_array_get(now, i)))
            return false;
    return true;
}

static enum ou_status compare_documents(const struct sweep *s, const json_t *before,
                                        const json_t *now, const char *directory,
                                        struct ou_error *err)
{
    static const char *const members[] = { "schema", "name",     "profile", "seed",
                                           "axes",   "fraction", "points",  "profile_place" };

    for (size_t i = 0; i < sizeof members / sizeof *members; i++) {
        const json_t *there = json_object_get(before, members[i]);
        const json_t *here = json_object_get(now, members[i]);

        if (!json_equal(there, here))
            return fail_differs(directory, members[i], there, here, err);
    }
    if (!json_equal(json_object_get(before, "profiles_hash"),
                    json_object_get(now, "profiles_hash")))
        return fail_changed(s, directory, err);
    if (!begins_alike(json_object_get(before, "order"), json_object_get(now, "order")))
        return ou_fail(err, OU_INVALID, "%s/sweep.json: the order is not what its seed gives",
                       directory);
    return OU_OK;
}

enum ou_status sweep_plan_compare(const struct sweep *s, const json_t *before,
                                  const char *directory, struct ou_error *err)
{
    json_t *now = sweep_plan_document(s);
    enum ou_status status =
        now ? compare_documents(s, before, now, directory, err) : fail_memory(err);

    json_decref(now);
    return status;
}
