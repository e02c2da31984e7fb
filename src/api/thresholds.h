/* Operations on thresholds: rows of the table in alerts.c. */
#ifndef OU_API_THRESHOLDS_H
#define OU_API_THRESHOLDS_H

#include "api/operation.h"

api_operation_fn create_threshold, get_threshold, replace_threshold, delete_threshold;

#endif
