/* Runs of a database as study/ knows them, for comparisons, variances, histories and reports. */
#ifndef OU_PUBLISH_STORED_RUNS_H
#define OU_PUBLISH_STORED_RUNS_H

#include "store/sql.h"
#include "study/finished_run.h"

/* Adds the run with this id, read back from the file it was published with; its operand is the id. OU_NOT_FOUND. */
enum ou_status stored_run_add(struct sql *db, const char *id, struct run_set *set,
                              struct ou_error *err);

#endif
