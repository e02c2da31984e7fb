/* Bodies of requests, held against the schemas of the description. A subset of JSON Schema 2020-12, which schema_review()
 * keeps the description to: type, enum, const, $ref, oneOf, anyOf, allOf, not; properties, required, additionalProperties,
 * minProperties, maxProperties; items, minItems, maxItems; minimum, maximum, exclusiveMinimum, exclusiveMaximum; minLength,
 * maxLength (in characters), format date-time. Other formats and words that only tell something are passed over. */
#ifndef OU_API_SCHEMA_H
#define OU_API_SCHEMA_H

#include "api/description.h"

#define SCHEMA_FAULTS_MAX 16

/* What does not fit, each with the place and a sentence. Texts are in `memory`. */
struct schema_faults {
    struct arena *memory;
    struct problem_place at[SCHEMA_FAULTS_MAX];
    size_t count;
};
/* Whether the value fits; faults->count is 0 then. */
bool schema_check(const struct description *d, const json_t *schema, const json_t *value,
                  struct schema_faults *faults);

#endif
