#include "deploy/affinity.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static enum ou_status malformed(const char *list, struct ou_error *err)
{
    return ou_fail(err, OU_INVALID,
                   "processors \"%s\": numbers and ranges are wanted, as in \"0-1,4\"", list);
}

/* Digits off the front; false when there are none, or the number is beyond what the system can hold. */
static bool take_number(const char **at, unsigned *ret)
{
    const char *from = *at;
    unsigned number = 0;

    for (; **at >= '0' && **at <= '9' && number < CPU_SETSIZE; ++*at)
        number = 10 * number + (unsigned)(**at - '0');
    *ret = number;
    return *at > from && number < CPU_SETSIZE;
}

/* "3" or "0-1". */
static bool take_range(const char **at, unsigned *ret_first, unsigned *ret_last)
{
    if (!take_number(at, ret_first))
        return false;
    *ret_last = *ret_first;
    if (**at != '-')
        return true;
    ++*at;
    return take_number(at, ret_last) && *ret_first <= *ret_last;
}

/* "0-3,6": what a set has, for a message. */
static void write_set(const cpu_set_t *set, char *ret, size_t room)
{
    size_t at = 0;

    ret[0] = '\0';
    for (unsigned i = 0; i < CPU_SETSIZE && at < room; i++) {
        unsigned last = i;

        if (!CPU_ISSET(i, set))
            continue;
        while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
            last++;
        at += (size_t)snprintf(ret + at, room - at, last > i ? "%s%u-%u" : "%s%u", at ? "," : "", i,
                               last);
        i = last;
    }
}

/* What is wanted must be among what we may use. */
static enum ou_status check_usable(const char *list, const cpu_set_t *wanted, struct ou_error *err)
{
    char usable[200];
    cpu_set_t ours;

    if (sched_getaffinity(0, sizeof ours, &ours) != 0)
        return OU_OK; /* a machine of more processors than a set holds: exec will tell */
    write_set(&ours, usable, sizeof usable);
    for (unsigned i = 0; i < CPU_SETSIZE; i++)
        if (CPU_ISSET(i, wanted) && !CPU_ISSET(i, &ours))
            return ou_fail(
                err, OU_INVALID,
                "processors \"%s\": there is no processor %u to be used here; there is %s", list, i,
                usable);
    return OU_OK;
}

enum ou_status affinity_parse(const char *list, cpu_set_t *ret, struct ou_error *err)
{
    const char *at = list;
    unsigned first, last;

    CPU_ZERO(ret);
    do {
        if (!take_range(&at, &first, &last))
            return malformed(list, err);
        for (unsigned i = first; i <= last; i++)
            CPU_SET(i, ret);
    } while (*at++ == ',');
    return at[-1] ? malformed(list, err) : check_usable(list, ret, err);
}

struct span affinity_turn(const char *lists, size_t number)
{
    size_t count = 1;
    const char *at = lists;

    for (const char *c = lists; *c; c++)
        count += *c == ';';
    for (number %= count; number > 0; number--)
        at = strchr(at, ';') + 1;
    return (struct span){ at, strcspn(at, ";") };
}
