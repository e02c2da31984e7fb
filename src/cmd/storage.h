/* What the storage commands have in common: which bucket, and what runs left in it. */
#ifndef OU_CMD_STORAGE_H
#define OU_CMD_STORAGE_H

#include "cluster/placement.h"
#include "cmd/commands.h"

/* The first rows of each option table: where the bucket is. */
enum storage_place_option {
    STORAGE_PLACEMENT,
    STORAGE_ENDPOINT,
    STORAGE_REGION,
    STORAGE_BUCKET,
    STORAGE_PREFIX,
    STORAGE_PATH_STYLE,
    STORAGE_VIRTUAL_HOST,
    STORAGE_CA,
    STORAGE_ALLOW_HTTP,
    STORAGE_CREDENTIALS,
    STORAGE_CREDENTIALS_FILE,
    STORAGE_CREDENTIALS_PROFILE,
    STORAGE_PLACE_OPTIONS,
};
enum storage_check_option { STORAGE_CHECK_POLICY = STORAGE_PLACE_OPTIONS, STORAGE_CHECK_JSON };
enum storage_list_option { STORAGE_LIST_JSON = STORAGE_PLACE_OPTIONS };
enum storage_clean_option {
    STORAGE_CLEAN_OLDER_THAN = STORAGE_PLACE_OPTIONS,
    STORAGE_CLEAN_FORCE,
    STORAGE_CLEAN_DRY_RUN,
};

struct storage_asked {
    struct placement plan; /* zeroed: none was named */
    struct s3_place place;
    const char *prefix; /* of keys; points into argv, the plan or a literal */
    struct s3 *s3;      /* NULL until it is opened */
};

/* Reads plan and options. What is wrong with them is OU_USAGE. *ret is to be closed in any case. */
enum ou_status storage_place_read(const struct parsed_options *options, struct storage_asked *ret,
                                  struct ou_error *err);
/* Reads, finds credentials, and tells waits and remarks on standard error. */
enum ou_status storage_open(const struct parsed_options *options, struct storage_asked *ret,
                            struct ou_error *err);
void storage_close(struct storage_asked *asked);

/* Tells what went wrong, and how the command ends. */
enum exit_code storage_failed(const struct parsed_options *options, enum ou_status status,
                              const struct ou_error *err);

/* ---- what runs left (storage_runs.c) ---- */

struct storage_run {
    char *name; /* as keys have it behind the prefix; owned */
    uint64_t objects, bytes;
    int64_t changed_ns; /* its newest object; TIME_NONE */
};

struct storage_runs {
    struct storage_run *runs; /* by name; owned */
    size_t count, cap;
    enum ou_status status; /* of the list while it is made */
};

/* Zero-initialise; released in any case. */
enum ou_status storage_runs_read(const struct storage_asked *asked, struct storage_runs *ret,
                                 struct ou_error *err);
void storage_runs_release(struct storage_runs *list);

enum exit_code cmd_storage_check(const struct parsed_options *options);
enum exit_code cmd_storage_list(const struct parsed_options *options);
enum exit_code cmd_storage_clean(const struct parsed_options *options);

#endif
