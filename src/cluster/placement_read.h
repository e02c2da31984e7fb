/* How the members of a placement plan are read: inside of placement_*.c. */
#ifndef OU_CLUSTER_PLACEMENT_READ_H
#define OU_CLUSTER_PLACEMENT_READ_H

#include "cluster/placement.h"

#define PLACEMENT_FAULTS_BYTES_MAX ((size_t)64 << 10)

/* A plan being read: all faults are gathered, one a line. */
struct placement_reading {
    struct placement *plan;
    const char *source;
    const json_t *file; /* what the user wrote */
    struct buffer faults;
};

/* Adds "SOURCE: path: what". */
void placement_fault(struct placement_reading *r, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Members of one value each (placement_fields.c): into the plan, and completed into its document. */
void placement_read_fields(struct placement_reading *r);
/* Whether a path is that of a field, or of an object with fields in it. */
bool placement_is_field(const char *path, bool *ret_is_object);
/* Offers all names of members of the object at `path` ("" for the plan) to a suggestion. */
struct suggestion;
void placement_offer_fields(const char *path, struct suggestion *s);

/* Instances, regions, pins, volumes (placement_lists.c); behind the fields. */
void placement_read_lists(struct placement_reading *r);

/* What a profile's `cluster` says becomes members of the plan, where that says nothing. The caller json_decref()s. */
json_t *placement_of_profile(const json_t *file, const json_t *profile_cluster);

#endif
