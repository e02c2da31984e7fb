/* The sweeps that are built in: JSON texts of data/sweeps, by name. */
#ifndef OU_WORKBENCH_SWEEP_CATALOGUE_H
#define OU_WORKBENCH_SWEEP_CATALOGUE_H

#include <jansson.h>
#include <stddef.h>

#include "base/status.h"

/* The file of a built-in sweep; the caller json_decref()s. OU_NOT_FOUND names what may have been meant. Any thread. */
enum ou_status sweep_catalogue_find(const char *name, json_t **ret, struct ou_error *err);

/* Names of all of them; NULL behind the last. */
const char *sweep_catalogue_name(size_t i);

#endif
