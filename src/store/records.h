/* Runs and their parts, put in and taken out whole. Nothing here knows what a metric means; publish/ does. */
#ifndef OU_STORE_RECORDS_H
#define OU_STORE_RECORDS_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/sql.h"

#define RECORD_ID_DIGITS 32 /* of a run, profile, ... : the first digits of a SHA-256 */
#define RECORD_ID_ROOM (RECORD_ID_DIGITS + 1)
#define RECORD_HASH_ROOM 65
#define SAMPLES_PER_CHUNK 4096

struct metric_record {
    const char *section, *id, *name, *unit, *direction, *description;
};

struct summary_record {
    struct metric_record metric;
    double n, mean, median, sd, low, high; /* NaN: not known */
    const char *text, *reason;             /* NULL */
    const double *quantiles;               /* the standard ones; NULL: none */
    size_t quantile_count;
    const double *host_values; /* n, mean, sd of each host, NaN: nothing; NULL: none */
    const double *samples;     /* a value per block; NULL: none */
};

struct block_record {
    int64_t number, slot;
    const char *forger;
    double slot_start_s;
};

struct artifact_record {
    const char *name, *type;
    struct span bytes;
};

struct component_record {
    const char *name, *version, *commit;
};

/* A run with everything that is known of it. Texts that are NULL are not known. */
struct run_record {
    const char *content_hash; /* 64 digits; its first 32 are the run's id */
    const char *project;      /* is made if it is not there, with its name as its title */
    const char *natural_key, *name, *ident, *batch;
    const char *source, *state, *failure;
    int64_t started_ns;              /* TIME_NONE */
    int64_t host_count, block_count; /* -1: not known */
    int64_t errors, warnings;
    const char *info; /* JSON object */
    struct {
        const char *name, *era, *workload, *facts;
    } profile;
    struct {
        const char *backend, *machine, *facts;
        int64_t hosts;
    } environment;
    struct {
        const char *name, *commit, *compiler, *flags;
        const struct component_record *components;
        size_t component_count;
    } version;
    const char *series_title;
    const char *const *hosts;
    size_t host_name_count;
    const struct summary_record *summaries;
    size_t summary_count;
    const struct block_record *blocks;
    size_t block_record_count;
    const struct artifact_record *artifacts;
    size_t artifact_count;
};

enum put_outcome {
    PUT_CREATED,
    PUT_SAME,     /* this very content was there already */
    PUT_CONFLICT, /* another content of that natural key is there; nothing was changed */
    PUT_REPLACED, /* the same, and `replace` was said */
    PUT_ELSEWHERE /* this very content is there, in another project; nothing was changed */
};

/* Whether it is not there as it was to be, and wants `replace`. */
static inline bool put_is_refused(enum put_outcome outcome)
{
    return outcome == PUT_CONFLICT || outcome == PUT_ELSEWHERE;
}

/* In a transaction of the caller's (sql_write). ret_id: of the run that is there now. Also puts news ("run.published"; store/feed.h) and an audit row. */
struct put_options {
    bool replace;
    const char
        *only_project; /* of a token, and then the run's; NULL: any. publish/takein.h looks at it */
    const char *actor, *client, *request; /* for the audit; actor not NULL */
    int64_t now_ns;
};
enum ou_status record_put_run(struct sql *db, const struct run_record *run,
                              const struct put_options *options, char ret_id[RECORD_ID_ROOM],
                              enum put_outcome *ret, struct ou_error *err);

/* OU_NOT_FOUND. In a transaction. */
enum ou_status record_delete_run(struct sql *db, const char *id, const struct put_options *options,
                                 struct ou_error *err);

/* What a metric is called here, made if it is not there. */
enum ou_status record_metric_no(struct sql *db, const struct metric_record *metric, int64_t *ret,
                                struct ou_error *err);
enum ou_status record_project_no(struct sql *db, const char *name, int64_t now_ns, int64_t *ret,
                                 struct ou_error *err);

/* Appends an artifact, unpacked; OU_NOT_FOUND; OU_TOO_LARGE above ret->max, and OU_INVALID when its bytes are not what they were. */
struct artifact_info {
    char type[64], sha256[RECORD_HASH_ROOM];
    int64_t bytes;
};
enum ou_status record_artifact(struct sql *db, const char *run_id, const char *name,
                               struct artifact_info *ret_info, struct buffer *ret,
                               struct ou_error *err);

/* The values of a metric per block, appended as doubles in the machine's order, and what each host says (n, mean, sd).
 * OU_NOT_FOUND. */
enum ou_status record_samples(struct sql *db, const char *run_id, const char *section,
                              const char *metric, struct arena *memory, double **ret,
                              size_t *ret_count, struct ou_error *err);
enum ou_status record_host_values(struct sql *db, const char *run_id, const char *section,
                                  const char *metric, struct arena *memory, double **ret,
                                  size_t *ret_hosts, struct ou_error *err);

/* Blobs of this database: Zstandard frames. Unpacking refuses more than ret->max before memory is taken. */
enum ou_status record_pack(struct span bytes, struct buffer *ret, struct ou_error *err);
enum ou_status record_unpack(struct span packed, struct buffer *ret, struct ou_error *err);

/* SHA-256 in lower-case hex. */
void record_hash(struct span bytes, char ret[RECORD_HASH_ROOM]);

/* The id of what has these parts: the first 32 digits of SHA-256 over each part's length and bytes; NULL is a part of its own. */
void record_id(const char *const *parts, size_t count, char ret[RECORD_ID_ROOM]);

#endif
