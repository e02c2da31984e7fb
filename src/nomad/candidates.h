/* Which machines a group could have stood on, but for what they lack. Nomad counts machines and names none: this finds out what it can. */
#ifndef OU_NOMAD_CANDIDATES_H
#define OU_NOMAD_CANDIDATES_H

#include <jansson.h>
#include <stdbool.h>

#include "base/buffer.h"

/* Appends the names of the machines that are ready in the job's datacenters and meet what the metric (of FailedTGAllocs) tells of
 * constraints on name, ID, datacenter or class: "a and b", "a, b, c, d and 3 more". machines: as nomad_nodes() has them. False, and nothing appended:
 * there are none, or not `count` of them, so that they would be the wrong ones. */
bool candidates_tell(const json_t *metric, const json_t *machines, int64_t count,
                     struct buffer *ret);

/* "a and b"; of more than NAMES_SHOWN the rest is counted. count: of all; names has the first of them. */
#define NAMES_SHOWN 4
void names_tell(const char *const *names, size_t count, struct buffer *ret);

#endif
