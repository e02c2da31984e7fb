/* How much runs of one kind vary: the operation getVariance, a row of the table in comparisons.c. */
#ifndef OU_API_VARIANCE_H
#define OU_API_VARIANCE_H

#include "api/operation.h"

api_operation_fn variance_answer;

#endif
