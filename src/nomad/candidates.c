#include "nomad/candidates.h"

#include <string.h>

#include "nomad/facts.h"

void names_tell(const char *const *names, size_t count, struct buffer *ret)
{
    size_t shown = count < NAMES_SHOWN ? count : NAMES_SHOWN;

    for (size_t i = 0; i < shown; i++) {
        if (i > 0)
            buffer_text(ret, i + 1 == count ? " and " : ", ");
        facts_append(ret, names[i]);
    }
    if (count > shown)
        buffer_printf(ret, " and %zu more", count - shown);
}

/* The value that a constraint as Nomad prints it, "${node.class} = perf", wants of a member; NULL: it is another one. */
static const char *value_wanted(const char *constraint, const char *target)
{
    size_t len = strlen(target);

    if (strncmp(constraint, target, len) != 0 || strncmp(constraint + len, " = ", 3) != 0)
        return NULL;
    return constraint + len + 3;
}

/* Constraints on what the list of machines does not tell are taken for met. */
static bool meets(const json_t *machine, const char *constraint)
{
    static const struct {
        const char *target, *member;
    } MEMBERS[] = { { "${node.unique.name}", "Name" },
                    { "${node.unique.id}", "ID" },
                    { "${node.datacenter}", "Datacenter" },
                    { "${node.class}", "NodeClass" } };

    for (size_t i = 0; i < sizeof MEMBERS / sizeof MEMBERS[0]; i++) {
        const char *wanted = value_wanted(constraint, MEMBERS[i].target);

        if (wanted)
            return strcmp(facts_text(machine, MEMBERS[i].member), wanted) == 0;
    }
    return true;
}

static bool is_candidate(const json_t *metric, const json_t *machine)
{
    const char *datacenter = facts_text(machine, "Datacenter"), *constraint;
    json_t *count;

    if (strcmp(facts_text(machine, "Status"), "ready") != 0 ||
        strcmp(facts_text(machine, "SchedulingEligibility"), "eligible") != 0 ||
        !json_object_get(json_object_get(metric, "NodesAvailable"), datacenter))
        return false;
    json_object_foreach(json_object_get(metric, "ConstraintFiltered"), constraint, count)
    {
        if (!meets(machine, constraint))
            return false;
    }
    return true;
}

bool candidates_tell(const json_t *metric, const json_t *machines, int64_t count,
                     struct buffer *ret)
{
    const char *names[NAMES_SHOWN];
    size_t found = 0;

    for (size_t i = 0; i < json_array_size(machines); i++) {
        const json_t *machine = json_array_get(machines, i);

        if (!is_candidate(metric, machine))
            continue;
        if (found < NAMES_SHOWN)
            names[found] = facts_text(machine, "Name");
        found++;
    }
    if (found == 0 || (int64_t)found != count)
        return false;
    names_tell(names, found, ret);
    return true;
}
