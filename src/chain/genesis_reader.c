#include "chain/genesis_reader.h"

#include <inttypes.h>

void genesis_reader_fail(struct genesis_reader *r, const char *member, const char *why)
{
    if (!r->status)
        r->status = ou_fail(r->err, OU_INVALID, "%s: member \"%s\" %s", r->name, member, why);
}

const json_t *genesis_member(struct genesis_reader *r, const json_t *object, const char *member)
{
    const json_t *value = json_object_get(object, member);

    if (!value)
        genesis_reader_fail(r, member, "is missing");
    return value;
}

uint64_t genesis_count(struct genesis_reader *r, const json_t *object, const char *member,
                       uint64_t least)
{
    const json_t *value = genesis_member(r, object, member);

    if (!value)
        return 0;
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        genesis_reader_fail(r, member, "must be a whole number, not negative, below 2^63");
        return 0;
    }
    if ((uint64_t)json_integer_value(value) < least) {
        genesis_reader_fail(r, member, "must not be 0");
        return 0;
    }
    return (uint64_t)json_integer_value(value);
}

double genesis_number(const json_t *value)
{
    if (json_is_object(value))
        return json_number_value(json_object_get(value, "numerator")) /
               json_number_value(json_object_get(value, "denominator"));
    return json_number_value(value);
}
