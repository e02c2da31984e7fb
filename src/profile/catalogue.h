/* The profiles and variants that are built in: JSON texts of data/profiles, by name. */
#ifndef OU_PROFILE_CATALOGUE_H
#define OU_PROFILE_CATALOGUE_H

#include <jansson.h>

#include "base/status.h"

/* What every other profile is based on, at last. */
#define PROFILE_ROOT_NAME "default"

/* A built-in document as it stands in the data, its name filled in: the caller json_decref()s. OU_NOT_FOUND names what may
 * have been meant. Any thread. */
enum ou_status profile_catalogue_find(const char *name, json_t **ret, struct ou_error *err);
enum ou_status profile_catalogue_find_variant(const char *name, json_t **ret, struct ou_error *err);

/* What an edition of the workbench does differently, as a document; `name` is one that the member table allows. */
enum ou_status profile_catalogue_find_edition(const char *name, json_t **ret, struct ou_error *err);

/* Links between the regions that are known: [{"a", "b", "latency_ms", "bytes_per_second"}, ...]. */
enum ou_status profile_catalogue_links(json_t **ret, struct ou_error *err);

/* Names of variants, in the order of the data; NULL behind the last; and what each is for. */
const char *profile_variant_name(size_t i);
const char *profile_variant_description(size_t i);

#endif
