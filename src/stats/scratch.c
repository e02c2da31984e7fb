#include "stats/scratch.h"

#include <stdbool.h>
#include <stdlib.h>

static _Thread_local bool failed;

void *scratch_take(size_t count, size_t bytes)
{
    void *at = calloc(count, bytes);

    if (!at && count > 0)
        failed = true;
    return at;
}

enum ou_status scratch_settle(enum ou_status status, struct ou_error *err)
{
    bool lacked = failed;

    failed = false;
    return lacked && !status ? ou_fail(err, OU_NO_MEMORY, "no memory for the statistics") : status;
}
