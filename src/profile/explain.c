#include "profile/explain.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "profile/check.h"
#include "profile/layers.h"
#include "profile/topology.h"

#define PATH_BYTES_MAX 65536
#define DERIVED "derived"

/* ---- leaves ---- */

/* A walk over a document; `path` is where it stands. */
struct walk {
    struct buffer path;
    void (*leaf)(struct walk *walk, json_t *value);
};

static bool is_inner(const json_t *value)
{
    return json_is_object(value) && json_object_size(value) > 0;
}

/* Adds a member's name to the path; returns its former length. */
static size_t descend(struct buffer *path, const char *key)
{
    size_t len = path->len;

    if (len)
        buffer_char(path, '.');
    buffer_text(path, key);
    return len;
}

static void walk_leaves(struct walk *walk, json_t *object)
{
    const char *key;
    json_t *value;

    json_object_foreach(object, key, value)
    {
        size_t len = descend(&walk->path, key);

        if (is_inner(value))
            walk_leaves(walk, value);
        else if (!buffer_status(&walk->path))
            walk->leaf(walk, value);
        buffer_cut(&walk->path, len);
    }
}

static void walk_document(struct walk *walk, json_t *document)
{
    buffer_init(&walk->path, allocator_libc(), PATH_BYTES_MAX);
    walk_leaves(walk, document);
    buffer_release(&walk->path);
}

static const char *origin_of(const struct profile *p, const char *path)
{
    const char *origin = json_string_value(json_object_get(p->origins, path));

    return origin ? origin : "";
}

struct explaining {
    struct walk walk;
    const struct profile *profile;
    void (*visit)(void *context, const struct profile_value *value);
    void *context;
};

static void explain_leaf(struct walk *walk, json_t *value)
{
    struct explaining *e = (struct explaining *)walk; /* its first member */
    const char *path = buffer_string(&walk->path);

    e->visit(e->context, &(struct profile_value){ path, value, origin_of(e->profile, path) });
}

void profile_each_value(const struct profile *p,
                        void (*visit)(void *context, const struct profile_value *value),
                        void *context)
{
    struct explaining e = { { .leaf = explain_leaf }, p, visit, context };

    walk_document(&e.walk, p->document);
}

/* ---- differences ---- */

struct comparing {
    const struct profile *a, *b;
    bool with_derived;
    struct buffer path;
    size_t count;
    void (*visit)(void *context, const char *path, const json_t *a, const json_t *b);
    void *context;
};

static bool is_same(const json_t *a, const json_t *b, bool are_places);

static bool are_same_items(const json_t *a, const json_t *b, bool are_places)
{
    size_t count = json_array_size(a);

    for (size_t i = 0; i < count && json_array_size(b) == count; i++)
        if (!is_same(json_array_get(a, i), json_array_get(b, i), are_places))
            return false;
    return json_array_size(b) == count;
}

static bool are_same_members(const json_t *a, const json_t *b, bool are_places)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)a, key, value)
    {
        const json_t *other = json_object_get(b, key);

        if (!other || !is_same(value, other, are_places))
            return false;
    }
    return json_object_size(a) == json_object_size(b);
}

/* 600 and 600.0 are the same number, and LO and loopback the same place. */
static bool is_same(const json_t *a, const json_t *b, bool are_places)
{
    if (json_is_number(a) && json_is_number(b) && json_typeof(a) != json_typeof(b))
        return json_number_value(a) == json_number_value(b);
    if (json_is_array(a) && json_is_array(b))
        return are_same_items(a, b, are_places);
    if (json_is_object(a) && json_is_object(b))
        return are_same_members(a, b, are_places);
    if (are_places && json_is_string(a) && json_is_string(b))
        return strcmp(topology_region(json_string_value(a)),
                      topology_region(json_string_value(b))) == 0;
    return json_equal(a, b);
}

/* Members that name locations; they are lists. */
static bool names_places(const char *path)
{
    return strcmp(path, "composition.locations") == 0 || strcmp(path, "composition.links") == 0;
}

static bool is_derived(const struct profile *p, const json_t *value, const char *path)
{
    return !value || strncmp(origin_of(p, path), DERIVED, strlen(DERIVED)) == 0;
}

/* A name is no difference in what is measured; what both derive follows from other differences. */
static bool is_passed_over(const struct comparing *c, const json_t *a, const json_t *b)
{
    const char *path = buffer_string(&c->path);

    if (c->with_derived)
        return false;
    return strcmp(path, "name") == 0 || strcmp(path, "desc") == 0 ||
           span_starts(span_of(path), DERIVED ".") ||
           (is_derived(c->a, a, path) && is_derived(c->b, b, path));
}

static void compare_objects(struct comparing *c, json_t *a, json_t *b);

static void compare_values(struct comparing *c, json_t *a, json_t *b)
{
    if ((!a || is_inner(a)) && (!b || is_inner(b))) {
        compare_objects(c, a, b);
        return;
    }
    if (buffer_status(&c->path) || is_passed_over(c, a, b) ||
        (a && b && is_same(a, b, names_places(buffer_string(&c->path)))))
        return;
    c->visit(c->context, buffer_string(&c->path), a, b);
    c->count++;
}

/* Members of a in their order, then those that only b has. Either may be NULL. */
static void compare_objects(struct comparing *c, json_t *a, json_t *b)
{
    const char *key;
    json_t *value;
    size_t len;

    json_object_foreach(a, key, value)
    {
        len = descend(&c->path, key);
        compare_values(c, value, json_object_get(b, key));
        buffer_cut(&c->path, len);
    }
    json_object_foreach(b, key, value)
    {
        if (json_object_get(a, key))
            continue;
        len = descend(&c->path, key);
        compare_values(c, NULL, value);
        buffer_cut(&c->path, len);
    }
}

size_t profile_each_difference(const struct profile *a, const struct profile *b, bool with_derived,
                               void (*visit)(void *context, const char *path, const json_t *a,
                                             const json_t *b),
                               void *context)
{
    struct comparing c = {
        .a = a, .b = b, .with_derived = with_derived, .visit = visit, .context = context
    };

    buffer_init(&c.path, allocator_libc(), PATH_BYTES_MAX);
    compare_objects(&c, a->document, b->document);
    buffer_release(&c.path);
    return c.count;
}

/* ---- faults ---- */

struct fault_finding {
    const char *source;        /* of the document that is being cleaned */
    bool composition, genesis; /* something of that section was left out */
    size_t count;
    struct ou_error last; /* members of an unknown section share a message, which is told once */
    void (*found)(void *context, const char *message);
    void *context;
};

static void tell_fault(void *context, const struct ou_error *err)
{
    struct fault_finding *f = context;

    if (f->count && strcmp(f->last.text, err->text) == 0)
        return;
    f->found(f->context, err->text);
    f->last = *err;
    f->count++;
}

/* The way from the document to a member. */
struct way {
    const char *key;
    const struct way *outer;
};

/* Whether the document with this member alone, {"genesis": {"utxo": 5}}, is right: each is checked, whatever is wrong with
 * those before it. */
static bool is_right_alone(struct fault_finding *f, const struct way *way, json_t *value)
{
    json_t *document = json_incref(value);
    struct ou_error err = { 0 };
    enum ou_status status;

    for (; way; way = way->outer)
        document = json_pack("{s:o}", way->key, document);
    status = document ? profile_check_document(document, f->source, &err)
                      : ou_fail(&err, OU_NO_MEMORY, "%s: no memory", f->source);
    if (status)
        tell_fault(f, &err);
    json_decref(document);
    return !status;
}

static void note_left_out(struct fault_finding *f, const struct way *way)
{
    while (way->outer)
        way = way->outer;
    f->composition |= strcmp(way->key, "composition") == 0;
    f->genesis |= strcmp(way->key, "genesis") == 0;
}

static void clean_members(struct fault_finding *f, const struct way *outer, json_t *object)
{
    const char *key;
    json_t *value;
    void *next;

    json_object_foreach_safe(object, next, key, value)
    {
        struct way here = { key, outer };
        bool is_left;

        if (is_inner(value)) {
            clean_members(f, &here, value);
            is_left = json_object_size(value) > 0;
        } else {
            is_left = is_right_alone(f, &here, value);
        }
        if (is_left)
            continue;
        note_left_out(f, &here);
        json_object_del(object, key);
    }
}

static void clean(void *context, const char *source, json_t *document)
{
    struct fault_finding *f = context;

    f->source = source;
    clean_members(f, NULL, document);
}

/* What does not fit together may only be so for want of what was left out. */
static void tell_misfit(void *context, const char *message)
{
    struct fault_finding *f = context;

    if ((f->composition && strstr(message, ": composition")) ||
        ((f->composition || f->genesis) && strstr(message, ": genesis")))
        return;
    f->found(f->context, message);
    f->count++;
}

size_t profile_find_faults(const char *name, const char *const *overlays, size_t overlay_count,
                           void (*found)(void *context, const char *message), void *context)
{
    struct fault_finding f = { .found = found, .context = context };
    const struct profile_lenience lenience = { clean, tell_fault, &f };
    struct ou_error err = { 0 };
    struct profile p = { 0 };

    if (profile_load_unchecked(name, overlays, overlay_count, &lenience, &p, &err) == OU_OK)
        profile_each_fault(&p, tell_misfit, &f);
    else if (f.count)
        tell_misfit(&f, err.text);
    else
        tell_fault(&f, &err);
    profile_release(&p);
    return f.count;
}

size_t profile_find_obstacles(const char *name, const char *const *overlays, size_t overlay_count,
                              void (*found)(void *context, const char *message), void *context)
{
    size_t count = profile_find_faults(name, overlays, overlay_count, found, context);
    struct profile p = { 0 };

    if (count == 0 && profile_load(name, overlays, overlay_count, &p, NULL) == OU_OK)
        count = profile_each_obstacle(&p, found, context);
    profile_release(&p);
    return count;
}
