/* What a profile may say, but hardly means. */
#ifndef OU_PROFILE_REMARKS_H
#define OU_PROFILE_REMARKS_H

#include "profile/check.h"

/* Calls found for each remark on a profile without faults, and returns how many there are: locations that are likely
 * misspelt, or of which no delay is known, shapes that are another one at this size, and flags that nodes of this kind do not
 * heed. Any thread. */
size_t profile_each_remark(const struct profile *p, profile_fault_fn *found, void *context);

#endif
