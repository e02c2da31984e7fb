/* A document, a byte 0, and changes. What comes out means what laying one over the other means; without changes it is what
 * went in. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "base/file.h"
#include "genesis/edit.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* 2e3 and 2000 are the same here. */
static int same(const json_t *a, const json_t *b)
{
    const char *name;
    const json_t *value;

    if (json_is_number(a) && json_is_number(b))
        return json_number_value(a) == json_number_value(b);
    if (json_is_array(a) && json_is_array(b)) {
        if (json_array_size(a) != json_array_size(b))
            return 0;
        for (size_t i = 0; i < json_array_size(a); i++)
            if (!same(json_array_get(a, i), json_array_get(b, i)))
                return 0;
        return 1;
    }
    if (!json_is_object(a) || !json_is_object(b))
        return json_equal(a, b);
    if (json_object_size(a) != json_object_size(b))
        return 0;
    json_object_foreach((json_t *)a, name, value)
    {
        if (!json_object_get(b, name) || !same(value, json_object_get(b, name)))
            return 0;
    }
    return 1;
}

static int only_removes(const json_t *change)
{
    const char *name;
    json_t *member;

    if (!json_is_object(change))
        return json_is_null(change);
    json_object_foreach((json_t *)change, name, member)
    {
        if (!only_removes(member))
            return 0;
    }
    return json_object_size(change) > 0;
}

static json_t *merged(json_t *document, json_t *changes)
{
    json_t *result = json_is_object(document) ? json_copy(document) : json_object(), *change;
    const char *name;

    json_object_foreach(changes, name, change)
    {
        if (json_is_null(change))
            json_object_del(result, name);
        else if (only_removes(change) && !json_object_get(result, name))
            continue;
        else if (json_is_object(change))
            json_object_set_new(result, name, merged(json_object_get(result, name), change));
        else
            json_object_set(result, name, change);
    }
    return result;
}

static void check_meaning(const char *out, json_t *document, json_t *changes)
{
    struct buffer text;
    json_t *wanted = merged(document, changes), *got;

    buffer_init(&text, allocator_libc(), 64 << 20);
    MUST(file_read(out, &text, NULL) == OU_OK);
    got = json_loadb(buffer_string(&text), text.len, JSON_REJECT_DUPLICATES, NULL);
    MUST(got && same(got, wanted));
    json_decref(wanted);
    json_decref(got);
    buffer_release(&text);
}

static void check_unchanged(const char *out, const uint8_t *data, size_t size)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), 64 << 20);
    MUST(file_read(out, &text, NULL) == OU_OK);
    MUST(text.len == size && memcmp(text.at, data, size) == 0);
    buffer_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_file file;
    static char out[64];
    const uint8_t *zero = size ? memchr(data, 0, size) : NULL;
    const size_t len = zero ? (size_t)(zero - data) : size;
    json_t *document = json_loadb((const char *)data, len, JSON_REJECT_DUPLICATES, NULL);
    json_t *changes =
        zero ? json_loadb((const char *)zero + 1, size - len - 1, JSON_REJECT_DUPLICATES, NULL)
             : json_object();

    if (!out[0]) {
        file = memory_file_new("genesis");
        snprintf(out, sizeof out, "/dev/shm/fuzz-genesis-edit-%ld", (long)getpid());
    }
    memory_file_fill(&file, data, len);
    if (json_is_object(changes)) {
        const enum ou_status status = genesis_edit(file.path, out, changes, NULL);

        MUST(status == OU_OK || status == OU_INVALID || status == OU_TOO_LARGE);
        MUST(!json_is_object(document) || status == OU_OK);
        if (status == OU_OK && json_is_object(document))
            check_meaning(out, document, changes);
        if (status == OU_OK && json_object_size(changes) == 0)
            check_unchanged(out, data, len);
        unlink(out);
    }
    json_decref(document);
    json_decref(changes);
    return 0;
}
