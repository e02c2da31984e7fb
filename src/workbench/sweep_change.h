/* What a profile of a sweep was when its runs were made, and what it is now. */
#ifndef OU_WORKBENCH_SWEEP_CHANGE_H
#define OU_WORKBENCH_SWEEP_CHANGE_H

#include "workbench/sweep.h"

enum { SWEEP_CHANGE_ROOM = 400 };

/* "setting -A4m: generator.tps was 12 in runs/..., and is 5 now": the first change that the runs in the directory tell of, by
 * the profiles that they keep. False: no run tells of any. */
bool sweep_find_change(const struct sweep *s, const char *directory, char ret[SWEEP_CHANGE_ROOM]);

#endif
