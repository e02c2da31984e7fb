#include "cmd/placement.h"

#include "cmd/profile.h"
#include "workbench/host_wants.h"

#define MEMORY_BYTES_MAX ((size_t)16 << 20)

static enum ou_status load_profile(const struct parsed_options *options, const char *name,
                                   size_t overlay, struct placement_asked *a, struct ou_error *err)
{
    enum ou_status status = profile_of_options(options, name, overlay, &a->profile, err);

    a->want_count = a->profile.spec_count;
    return status ? status : host_wants_of(&a->profile, &a->memory, &a->wants, err);
}

enum ou_status placement_asked_load(const struct parsed_options *options, size_t profile,
                                    size_t overlay, struct placement_asked *ret,
                                    struct ou_error *err)
{
    const char *name = option_value(options, profile);
    enum ou_status status = OU_OK;

    *ret = (struct placement_asked){ .want_count = 0 };
    arena_init(&ret->memory, allocator_libc(), MEMORY_BYTES_MAX);
    if (name)
        status = load_profile(options, name, overlay, ret, err);
    else if (option_given(options, overlay))
        status = ou_fail(err, OU_USAGE, "--overlay is laid over a profile: --profile tells which");
    if (!status)
        status = placement_load(options->operands[0],
                                json_object_get(ret->profile.document, "cluster"), &ret->plan, err);
    return status == OU_INVALID || status == OU_NOT_FOUND ? OU_USAGE : status;
}

void placement_asked_release(struct placement_asked *asked)
{
    placement_release(&asked->plan);
    profile_release(&asked->profile);
    arena_release(&asked->memory);
}
