#include "workbench/host_wants.h"

#include <stdalign.h>

#include "workbench/node_files.h"

enum ou_status host_wants_of(const struct profile *p, struct arena *memory, struct host_want **ret,
                             struct ou_error *err)
{
    struct host_want *wants =
        arena_take(memory, (p->spec_count + 1) * sizeof *wants, alignof(struct host_want));
    bool loaded = p->loaded && p->node_kind != NODE_COMMAND;

    if (!wants)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", p->spec_count);
    for (size_t i = 0; i < p->spec_count; i++)
        wants[i] = (struct host_want){ .name = p->specs[i].name,
                                       .region = p->specs[i].region,
                                       .is_explorer = p->specs[i].kind == HOST_EXPLORER,
                                       .has_generator = loaded && generator_home(p) == i };
    *ret = wants;
    return OU_OK;
}
