/* Whether a results database is whole: its file, its references, its schema, and the bytes of what was published. It changes
 * nothing and may be done while others read and write. */
#ifndef OU_STORE_CHECK_H
#define OU_STORE_CHECK_H

#include "base/arena.h"
#include "store/sql.h"
#include "store/tables.h"

#define CHECK_FINDINGS_MAX 200
#define CHECK_MEMORY_MAX ((size_t)16 << 20)

struct check_finding {
    bool is_damage;    /* else a remark: nothing is lost */
    const char *where; /* "artifacts", "schema", ... */
    const char *says;
};

struct check_report {
    int64_t schema_version;
    int64_t
        *rows; /* in `memory`: of each table, as store_tables has them; -1: it is not there yet */
    uint64_t blobs, blob_bytes;     /* that were unpacked and compared; bytes unpacked */
    struct check_finding *findings; /* in `memory` */
    size_t finding_count;
    size_t left_out;     /* findings beyond CHECK_FINDINGS_MAX */
    size_t damage_count; /* those of all findings that are damage */
};

/* A failure is one of looking; what is found stands in *ret. Ends early with OU_INTERRUPTED. */
enum ou_status store_check(struct sql *db, struct arena *memory, struct check_report *ret,
                           struct ou_error *err);

#endif
