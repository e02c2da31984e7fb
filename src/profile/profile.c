#include "profile/profile.h"

#include <stdio.h>

#include "profile/check.h"
#include "profile/derive.h"
#include "profile/layers.h"
#include "profile/node_specs.h"
#include "profile/read.h"

#define MEMORY_BYTES_MAX ((size_t)16 << 20)

/* The document and the origins of its values. */
static enum ou_status load_document(const char *name, const char *const *overlays,
                                    size_t overlay_count, const struct profile_lenience *lenience,
                                    struct profile *ret, struct ou_error *err)
{
    struct layered all;
    struct ou_error why = { 0 };
    enum ou_status status = profile_lay(name, overlays, overlay_count, lenience, &all, err);

    if (!status) {
        ret->document = json_incref(all.document);
        status = layered_origins_by_path(&all, &ret->origins, &why);
        if (status)
            ou_fail(err, status, "profile %.64s: %s", name, why.text);
    }
    layered_release(&all);
    return status;
}

/* NULL: no memory. */
static const char *source_of(const char *name, struct arena *memory)
{
    char text[PROFILE_TEXT_MAX + 16];
    int len = snprintf(text, sizeof text, "%s%.*s", profile_name_is_path(name) ? "" : "profile ",
                       PROFILE_TEXT_MAX, name);

    return arena_copy(memory, text, (size_t)len);
}

static enum ou_status make_hosts(struct profile *p, struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = node_specs_make(p, &why);

    return status ? ou_fail(err, status, "%.160s: %s", p->source, why.text) : OU_OK;
}

enum ou_status profile_load_unchecked(const char *name, const char *const *overlays,
                                      size_t overlay_count, const struct profile_lenience *lenience,
                                      struct profile *ret, struct ou_error *err)
{
    struct profile got = { 0 };
    enum ou_status status;

    arena_init(&got.memory, allocator_libc(), MEMORY_BYTES_MAX);
    status = load_document(name, overlays, overlay_count, lenience, &got, err);
    if (!status && (!(got.source = source_of(name, &got.memory)) || !profile_read(&got)))
        status = ou_fail(err, OU_NO_MEMORY, "profile %.64s: no memory", name);
    if (!status)
        status = make_hosts(&got, err);
    if (!status)
        status = profile_derive(&got, err);
    if (status) {
        profile_release(&got);
        return status;
    }
    *ret = got;
    return OU_OK;
}

enum ou_status profile_load(const char *name, const char *const *overlays, size_t overlay_count,
                            struct profile *ret, struct ou_error *err)
{
    struct profile got;
    enum ou_status status = profile_load_unchecked(name, overlays, overlay_count, NULL, &got, err);

    if (status)
        return status;
    status = profile_check_whole(&got, err);
    if (status)
        profile_release(&got);
    else
        *ret = got;
    return status;
}

void profile_release(struct profile *p)
{
    json_decref(p->document);
    json_decref(p->origins);
    arena_release(&p->memory);
    *p = (struct profile){ 0 };
}
