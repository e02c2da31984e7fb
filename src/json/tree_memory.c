#include "json/tree_memory.h"

#include <jansson.h>
#include <stdlib.h>

static _Thread_local bool failed;

static void *take(size_t bytes)
{
    void *at = malloc(bytes);

    if (!at)
        failed = true;
    return at;
}

/* jansson wants to be told before its first call. */
__attribute__((constructor)) static void watch(void)
{
    json_set_alloc_funcs(take, free);
}

bool json_tree_memory_failed(void)
{
    bool it_did = failed;

    failed = false;
    return it_did;
}

void json_tree_memory_set(bool did_fail)
{
    failed = did_fail;
}
