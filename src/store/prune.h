/* Taking out what nobody needs any more: old runs, old entries of the audit, computed answers. */
#ifndef OU_STORE_PRUNE_H
#define OU_STORE_PRUNE_H

#include "base/arena.h"
#include "store/sql.h"

#define PRUNE_RUNS_MAX 200000

/* A run goes when all that is said here lets it. */
struct prune_rule {
    int64_t
        before_ns; /* it was started before (or published, where its start is not known); TIME_NONE: whenever */
    int64_t keep;        /* the newest so many of each series stay */
    const char *project; /* only runs of it; NULL: all */
};

struct prune_run {
    const char *id, *project, *name, *series;
    int64_t at_ns;
};

/* The runs that go, oldest first. A project that is not there is OU_NOT_FOUND. */
enum ou_status prune_find(struct sql *db, const struct prune_rule *rule, struct arena *memory,
                          struct prune_run **ret, size_t *ret_count, struct ou_error *err);

/* Takes one out, with a transaction of its own; one that is not there any more is fine. */
enum ou_status prune_run(struct sql *db, const struct prune_run *run, struct ou_error *err);

struct prune_counts {
    int64_t audit, computed; /* rows */
};
/* Counts the entries of the audit from before that instant (TIME_NONE: none), and computed answers; and takes them out. */
enum ou_status prune_count_rest(struct sql *db, int64_t audit_before_ns, bool computed,
                                struct prune_counts *ret, struct ou_error *err);
enum ou_status prune_rest(struct sql *db, int64_t audit_before_ns, bool computed,
                          struct prune_counts *ret, struct ou_error *err);

/* Gives the room back to the disk. Readers go on; on SQLite writers wait. */
enum ou_status prune_shrink(struct sql *db, struct ou_error *err);

#endif
