#include "study/side_names.h"

#include <stdio.h>
#include <string.h>

#include "study/read_runs.h"

void side_role(size_t side, size_t count, char ret[SIDE_NAME_ROOM])
{
    if (side > 0 && count > 2)
        snprintf(ret, SIDE_NAME_ROOM, "new %zu", side);
    else
        snprintf(ret, SIDE_NAME_ROOM, "%s", side ? "new" : "base");
}

static enum ou_status tell_apart(struct run_set *sets, size_t count, size_t side,
                                 struct ou_error *err)
{
    struct run_set *set = &sets[side];
    const size_t room = strlen(set->label) + SIDE_NAME_ROOM + 4;
    char role[SIDE_NAME_ROOM], *label;

    for (size_t i = 0; i < count; i++) {
        if (i == side || strcmp(sets[i].label, set->label) != 0)
            continue;
        side_role(side, count, role);
        label = arena_take(&set->memory, room, 1);
        if (!label)
            return ou_fail(err, OU_NO_MEMORY, "no memory for a name");
        snprintf(label, room, "%s (%s)", set->label, role);
        set->label = label;
        return OU_OK;
    }
    return OU_OK;
}

enum ou_status side_names(struct run_set *sets, size_t count, struct ou_error *err)
{
    char role[SIDE_NAME_ROOM];
    enum ou_status status = OU_OK;

    for (size_t i = 0; i < count; i++) {
        side_role(i, count, role);
        run_set_sort(&sets[i]);
        run_set_name(&sets[i], role);
    }
    for (size_t i = count; !status && i > 0; i--)
        status = tell_apart(sets, count, i - 1, err);
    return status;
}
