#include "profile/layered.h"

#include <string.h>

#include "base/buffer.h"

#define PATH_MAX_BYTES ((size_t)1 << 20)

bool layered_begin(struct layered *l)
{
    *l = (struct layered){ json_object(), json_object() };
    return l->document && l->origins;
}

void layered_release(struct layered *l)
{
    json_decref(l->document);
    json_decref(l->origins);
    *l = (struct layered){ 0 };
}

/* ---- merging ---- */

static bool is_branch(const json_t *value)
{
    return json_is_object(value) && json_object_size(value) > 0;
}

/* Where the member `key` is from, when `origins` tells it of an object: apart for each member, or for all at once. */
static json_t *origin_of(json_t *origins, const char *key)
{
    return json_is_string(origins) ? origins : json_object_get(origins, key);
}

/* The origins of a value that is new here. */
static json_t *origins_of(const json_t *value, json_t *origin)
{
    json_t *tree, *item;
    const char *key;

    if (!is_branch(value))
        return json_incref(origin);
    tree = json_object();
    json_object_foreach((json_t *)value, key, item)
    {
        if (json_object_set_new(tree, key, origins_of(item, origin_of(origin, key))) != 0) {
            json_decref(tree);
            return NULL;
        }
    }
    return tree;
}

static bool replaces(const json_t *below, const json_t *value, enum layer_rule rule)
{
    const json_t *old_tag = json_object_get(below, "tag"), *tag = json_object_get(value, "tag");

    if (!json_is_object(below) || !json_is_object(value))
        return true;
    if (rule == LAYER_MERGES)
        return false;
    return json_object_size(value) == 0 || (tag && old_tag && !json_equal(tag, old_tag));
}

/* The object that tells the origins of the members of a member, which may have had none. */
static json_t *open_branch(json_t *origins, const char *key)
{
    json_t *branch = json_object_get(origins, key);

    if (json_is_object(branch))
        return branch;
    branch = json_object();
    return json_object_set_new(origins, key, branch) == 0 ? branch : NULL;
}

static bool merge(json_t *into, json_t *origins, const json_t *from, json_t *from_origins,
                  enum layer_rule rule)
{
    const char *key;
    json_t *value;

    json_object_foreach((json_t *)from, key, value)
    {
        json_t *below = json_object_get(into, key), *origin = origin_of(from_origins, key);

        if (replaces(below, value, rule)) {
            if (json_object_set_new(into, key, json_deep_copy(value)) != 0 ||
                json_object_set_new(origins, key, origins_of(value, origin)) != 0)
                return false;
        } else if (is_branch(value)) {
            json_t *branch = open_branch(origins, key);

            if (!branch || !merge(below, branch, value, origin, rule))
                return false;
        }
    }
    return true;
}

bool layered_add(struct layered *l, const json_t *object, const char *origin, enum layer_rule rule)
{
    json_t *text = json_string(origin);
    bool good = text && merge(l->document, l->origins, object, text, rule);

    json_decref(text);
    return good;
}

bool layered_add_all(struct layered *l, const struct layered *over, enum layer_rule rule)
{
    return merge(l->document, l->origins, over->document, over->origins, rule);
}

/* ---- origins by path ---- */

struct telling {
    struct buffer path; /* of the object at hand */
    size_t bytes_left;  /* for paths to come */
    json_t *by_path;
    enum ou_status status;
};

static void tell_leaf(struct telling *t, json_t *origin)
{
    if (t->path.status || t->path.len > t->bytes_left) {
        t->status = t->path.status ? t->path.status : OU_TOO_LARGE;
        return;
    }
    t->bytes_left -= t->path.len;
    if (json_object_set(t->by_path, buffer_string(&t->path), origin) != 0)
        t->status = OU_NO_MEMORY;
}

/* The path is that of `origins`, and is again when this returns. */
static void tell_leaves(struct telling *t, json_t *origins)
{
    size_t length = t->path.len;
    const char *key;
    json_t *origin;

    json_object_foreach(origins, key, origin)
    {
        if (length)
            buffer_text(&t->path, ".");
        buffer_text(&t->path, key);
        if (json_is_object(origin))
            tell_leaves(t, origin);
        else
            tell_leaf(t, origin);
        if (t->status)
            return;
        buffer_cut(&t->path, length);
    }
}

enum ou_status layered_origins_by_path(const struct layered *l, json_t **ret, struct ou_error *err)
{
    struct telling t = { .bytes_left = LAYERED_PATHS_MAX_BYTES, .by_path = json_object() };

    buffer_init(&t.path, allocator_libc(), PATH_MAX_BYTES);
    if (!t.by_path)
        t.status = OU_NO_MEMORY;
    else
        tell_leaves(&t, l->origins);
    buffer_release(&t.path);
    if (!t.status) {
        *ret = t.by_path;
        return OU_OK;
    }
    json_decref(t.by_path);
    return ou_fail(err, t.status,
                   t.status == OU_TOO_LARGE ? "the names of its members are too long"
                                            : "no memory");
}
