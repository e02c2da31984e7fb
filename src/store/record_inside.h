/* Inside store/: what the files that write runs share. */
#ifndef OU_STORE_RECORD_INSIDE_H
#define OU_STORE_RECORD_INSIDE_H

#include "store/records.h"

/* The first row's first column, a number; *ret_found false where there is no row. */
enum ou_status record_find_no(struct sql *db, const char *statement, const struct sql_value *args,
                              size_t count, int64_t *ret, bool *ret_found, struct ou_error *err);

/* What a run refers to, by this database's numbers; made where it is not there. */
struct record_places {
    int64_t project, profile, environment, version, series;
};
enum ou_status record_places_make(struct sql *db, const struct run_record *run, int64_t now_ns,
                                  struct record_places *ret, struct ou_error *err);
/* Takes away those that nothing refers to any more. */
enum ou_status record_places_prune(struct sql *db, const struct record_places *places,
                                   struct ou_error *err);

/* Hosts, summaries, values, blocks, artifacts of a run that has none yet. */
enum ou_status record_put_parts(struct sql *db, int64_t run_no, const struct run_record *run,
                                struct ou_error *err);

/* The row of a run and all that belongs to it; its places stay. */
enum ou_status record_delete_rows(struct sql *db, int64_t run_no, struct ou_error *err);

/* News about a run, and who did it. kind: "run.published"; action: "run.publish". */
struct record_event {
    const char *kind, *action;
    const char *id, *project, *name, *state;
};
enum ou_status record_tell(struct sql *db, const struct record_event *event,
                           const struct put_options *options, struct ou_error *err);

#endif
