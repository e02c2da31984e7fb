/* What the sides of a comparison are called. */
#ifndef OU_STUDY_SIDE_NAMES_H
#define OU_STUDY_SIDE_NAMES_H

#include "study/finished_run.h"

#define SIDE_NAME_ROOM 32

/* What a side is: "base" (the first), "new", or of several "new 1", "new 2". */
void side_role(size_t side, size_t count, char ret[SIDE_NAME_ROOM]);

/* Sorts the runs of each set and labels it, by what its runs agree on, else by what it is; two of one name are told apart by what
 * they are. */
enum ou_status side_names(struct run_set *sets, size_t count, struct ou_error *err);

#endif
