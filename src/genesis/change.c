#include "genesis/change.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "base/time.h"
#include "genesis/edit.h"
#include "genesis/fields.h"
#include "json/tree.h"

#define NAME_ROOM 4097
#define PATH_BYTES_MAX ((size_t)1 << 20)

static enum ou_status fail_without_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for the changes");
}

/* One name off the front of a path, with its backslashes resolved; *at is then at the dot, the equals sign or
 * the end. */
static enum ou_status take_name(const char **at, char room[NAME_ROOM], struct ou_error *err)
{
    size_t len = 0;

    for (; **at && **at != '.' && **at != '='; (*at)++) {
        if (**at == '\\' && (*at)[1])
            (*at)++;
        if (len == NAME_ROOM - 1)
            return ou_fail(err, OU_USAGE, "a name of more than %d bytes", NAME_ROOM - 1);
        room[len++] = **at;
    }
    room[len] = '\0';
    return OU_OK;
}

/* The object of that name, made where there is none yet. */
static enum ou_status enter(json_t **object, const char *name, const char *path,
                            struct ou_error *err)
{
    json_t *inner = json_object_get(*object, name);

    if (!inner) {
        inner = json_object();
        if (json_object_set_new(*object, name, inner) != 0)
            return ou_fail(err, OU_USAGE, "%.200s: a name is not UTF-8", path);
    }
    if (!json_is_object(inner))
        return ou_fail(err, OU_USAGE, "%.200s: %.200s was set to what has no members", path, name);
    *object = inner;
    return OU_OK;
}

/* Puts the value in its place; the reference to it goes along. */
static enum ou_status put(json_t *changes, const char *path, const char *end, json_t *value,
                          struct ou_error *err)
{
    char name[NAME_ROOM];
    const char *at = path;
    enum ou_status status;

    for (;;) {
        status = take_name(&at, name, err);
        if (!status && !*name)
            status = ou_fail(err, OU_USAGE, "'%.200s': a name is missing", path);
        if (status || at >= end || *at != '.')
            break;
        at++;
        status = enter(&changes, name, path, err);
        if (status)
            break;
    }
    if (status) {
        json_decref(value);
        return status;
    }
    return json_object_set_new(changes, name, value) == 0
               ? OU_OK
               : ou_fail(err, OU_USAGE, "%.200s: a name is not UTF-8", path);
}

/* The first equals sign without a backslash; NULL: none. */
static const char *find_equals(const char *text)
{
    for (; *text && *text != '='; text++)
        if (*text == '\\' && text[1])
            text++;
    return *text ? text : NULL;
}

enum ou_status genesis_change_set(json_t *changes, const char *assignment, struct ou_error *err)
{
    const char *equals = find_equals(assignment);
    json_error_t why;
    json_t *value;

    if (!equals)
        return ou_fail(err, OU_USAGE, "'%.200s': PATH=JSON is needed", assignment);
    value = json_loads(equals + 1, JSON_DECODE_ANY | JSON_REJECT_DUPLICATES, &why);
    if (!value)
        return ou_fail(err, OU_USAGE,
                       "'%.200s': what follows = is no JSON: %.150s (a text wants quotation "
                       "marks: NAME='\"text\"')",
                       assignment, why.text);
    return put(changes, assignment, equals, value, err);
}

enum ou_status genesis_change_remove(json_t *changes, const char *path, struct ou_error *err)
{
    return put(changes, path, path + strlen(path), json_null(), err);
}

enum ou_status genesis_change_overlay(json_t *changes, const char *text, const char *name,
                                      struct ou_error *err)
{
    json_t *overlay;
    enum ou_status status = json_tree_parse(span_of(text), name, &overlay, err);

    if (status)
        return status;
    if (!json_is_object(overlay))
        status = ou_fail(err, OU_INVALID, "%.200s: changes are an object", name);
    else if (json_object_update_recursive(changes, overlay) != 0)
        status = fail_without_memory(err);
    json_decref(overlay);
    return status;
}

/* ---- what a copy of a network needs ---- */

static enum ou_status overlay_made(json_t *changes, json_t *overlay, struct ou_error *err)
{
    const bool done = overlay && json_object_update_recursive(changes, overlay) == 0;

    json_decref(overlay);
    return done ? OU_OK : fail_without_memory(err);
}

enum ou_status genesis_change_magic(json_t *changes, enum genesis_era era, uint32_t magic,
                                    struct ou_error *err)
{
    if (era == GENESIS_BYRON)
        return overlay_made(
            changes, json_pack("{s:{s:I}}", "protocolConsts", "protocolMagic", (json_int_t)magic),
            err);
    if (era == GENESIS_SHELLEY)
        return overlay_made(changes, json_pack("{s:I}", "networkMagic", (json_int_t)magic), err);
    return OU_OK;
}

enum ou_status genesis_change_start(json_t *changes, enum genesis_era era, int64_t start_ns,
                                    struct ou_error *err)
{
    char text[TIME_ISO_ROOM];

    if (era == GENESIS_BYRON)
        return overlay_made(
            changes, json_pack("{s:I}", "startTime", (json_int_t)(start_ns / NS_PER_SECOND)), err);
    text[time_format_iso(start_ns, text)] = '\0';
    if (era == GENESIS_SHELLEY)
        return overlay_made(changes, json_pack("{s:s}", "systemStart", text), err);
    return OU_OK;
}

/* ---- what nodes do not know ---- */

struct unknown_search {
    struct buffer path;
    void (*unknown)(void *context, const char *path, const char *near);
    void *context;
};

static const char *nearest(const struct genesis_field *object, const char *name)
{
    struct suggestion near;

    suggest_for(&near, span_of(name));
    for (const struct genesis_field *f = object->children; f; f = f->next)
        suggest_consider(&near, f->name);
    return near.best;
}

/* As deep as the table goes; entries of maps have any names. */
static void find_unknown(struct unknown_search *s, const struct genesis_field *in,
                         const json_t *changes)
{
    const size_t len = s->path.len;
    const char *name;
    json_t *change;

    if (in->type != TYPE_OBJECT && in->type != TYPE_MAP)
        return;
    json_object_foreach((json_t *)changes, name, change)
    {
        const struct genesis_field *f =
            in->type == TYPE_MAP ? in->children : genesis_field_find(in, span_of(name));

        if (genesis_only_removes(change))
            continue;
        buffer_printf(&s->path, "%s%s", len ? "." : "", name);
        if (!f)
            s->unknown(s->context, buffer_string(&s->path), nearest(in, name));
        else if (json_is_object(change))
            find_unknown(s, f, change);
        buffer_cut(&s->path, len);
    }
}

enum ou_status genesis_change_unknown(const json_t *changes, enum genesis_era era,
                                      void (*unknown)(void *context, const char *path,
                                                      const char *near),
                                      void *context, struct ou_error *err)
{
    struct unknown_search s = { .unknown = unknown, .context = context };
    struct genesis_fields fields = { 0 };
    enum ou_status status = genesis_fields_load(&fields, err);

    if (status)
        return status;
    buffer_init(&s.path, allocator_libc(), PATH_BYTES_MAX);
    find_unknown(&s, fields.roots[era], changes);
    buffer_release(&s.path);
    genesis_fields_release(&fields);
    return OU_OK;
}
