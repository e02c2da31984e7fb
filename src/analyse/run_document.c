#include "analyse/run_document.h"

#include <stdio.h>
#include <string.h>

#include "json/tree.h"

#define DOCUMENT_BYTES_MAX ((size_t)16 << 20)

enum ou_status run_document_load(const char *path, json_t **ret, struct ou_error *err)
{
    json_t *tree;
    enum ou_status status;

    if (!path)
        return OU_OK;
    status = json_tree_load(path, DOCUMENT_BYTES_MAX, &tree, err);
    if (status)
        return status;
    if (!json_is_object(tree)) {
        json_decref(tree);
        return ou_fail(err, OU_INVALID, "%s: must be a JSON object", path);
    }
    *ret = tree;
    return OU_OK;
}

void run_document_fail_type(struct run_document *d, const struct place *in, const char *key,
                            const char *wanted)
{
    if (!d->status)
        d->status = ou_fail(d->err, OU_INVALID, "%s: member %s%s%s must be %s", d->path, in->name,
                            in->name[0] ? "." : "", key, wanted);
}

void run_document_fail_memory(struct run_document *d)
{
    if (!d->status)
        d->status = ou_fail(d->err, OU_NO_MEMORY, "%s: no memory", d->path);
}

const json_t *run_document_member(const struct place *in, const char *key)
{
    const json_t *value = json_object_get(in->object, key);

    return json_is_null(value) ? NULL : value;
}

struct place run_document_place(const struct place *in, const char *key, const json_t *object)
{
    struct place inner = { .object = object };
    int len =
        snprintf(inner.name, sizeof inner.name, "%s%s%s", in->name, in->name[0] ? "." : "", key);

    if (len >= (int)sizeof inner.name)
        memcpy(inner.name + sizeof inner.name - 4, "...", 4);
    return inner;
}

struct place run_document_section(struct run_document *d, const struct place *in, const char *key)
{
    const json_t *object = run_document_member(in, key);

    if (object && !json_is_object(object)) {
        run_document_fail_type(d, in, key, "an object");
        object = NULL;
    }
    return run_document_place(in, key, object);
}

const json_t *run_document_list(struct run_document *d, const struct place *in, const char *key)
{
    const json_t *value = run_document_member(in, key);

    if (value && !json_is_array(value)) {
        run_document_fail_type(d, in, key, "a list");
        return NULL;
    }
    return value;
}

struct place run_document_item(struct run_document *d, const struct place *in, const char *key,
                               size_t i)
{
    const json_t *item = json_array_get(run_document_member(in, key), i);
    char name[64];

    snprintf(name, sizeof name, "%.40s[%zu]", key, i);
    if (!json_is_object(item)) {
        run_document_fail_type(d, in, name, "an object");
        item = NULL;
    }
    return run_document_place(in, name, item);
}

char *run_document_keep(struct run_document *d, const char *text, size_t len)
{
    char *copy = arena_copy(d->memory, text, len);

    if (!copy)
        run_document_fail_memory(d);
    return copy;
}

void *run_document_items(struct run_document *d, size_t count, size_t item_bytes)
{
    void *items = arena_take(d->memory, (count + 1) * item_bytes, _Alignof(max_align_t));

    if (!items)
        run_document_fail_memory(d);
    return items;
}

void run_document_text(struct run_document *d, const struct place *in, const char *key,
                       const char **ret)
{
    const json_t *value = run_document_member(in, key);

    if (!value)
        return;
    if (json_is_string(value))
        *ret = run_document_keep(d, json_string_value(value), json_string_length(value));
    else
        run_document_fail_type(d, in, key, "text");
}

void run_document_number(struct run_document *d, const struct place *in, const char *key,
                         double *ret)
{
    const json_t *value = run_document_member(in, key);

    if (!value)
        return;
    if (json_is_number(value))
        *ret = json_number_value(value);
    else
        run_document_fail_type(d, in, key, "a number");
}

void run_document_texts(struct run_document *d, const struct place *in, const char *key,
                        const char ***ret, size_t *ret_count)
{
    const json_t *list = run_document_list(d, in, key);
    size_t n = json_array_size(list);
    const char **texts = list ? run_document_items(d, n, sizeof *texts) : NULL;

    if (!texts)
        return;
    for (size_t i = 0; i < n && !d->status; i++) {
        const json_t *text = json_array_get(list, i);

        if (!json_is_string(text))
            run_document_fail_type(d, in, key, "a list of texts");
        else
            texts[i] = run_document_keep(d, json_string_value(text), json_string_length(text));
    }
    *ret = texts;
    *ret_count = d->status ? 0 : n;
}
