#include "workbench/layered.h"

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

/* `path` is that of `origins`, and is again when this returns. */
static bool tell_leaves(json_t *origins, struct buffer *path, json_t *ret)
{
    size_t length = path->len;
    const char *key;
    json_t *origin;

    json_object_foreach(origins, key, origin)
    {
        bool good;

        if (length)
            buffer_text(path, ".");
        buffer_text(path, key);
        good = json_is_object(origin)
                   ? tell_leaves(origin, path, ret)
                   : !path->status && json_object_set(ret, buffer_string(path), origin) == 0;
        if (!good)
            return false;
        buffer_cut(path, length);
    }
    return true;
}

json_t *layered_origins_by_path(const struct layered *l)
{
    json_t *ret = json_object();
    struct buffer path;

    buffer_init(&path, allocator_libc(), PATH_MAX_BYTES);
    if (!ret || !tell_leaves(l->origins, &path, ret)) {
        json_decref(ret);
        ret = NULL;
    }
    buffer_release(&path);
    return ret;
}
