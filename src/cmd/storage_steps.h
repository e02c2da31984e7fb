/* What a run does with a bucket, done once with small objects: each step with its time, and what went wrong in it. */
#ifndef OU_CMD_STORAGE_STEPS_H
#define OU_CMD_STORAGE_STEPS_H

#include "cmd/storage.h"

#define STORAGE_STEPS 12
#define STEP_NOTE_ROOM 256

enum step_result { STEP_DONE, STEP_FAILED, STEP_SKIPPED /* what it needs had failed */ };

struct storage_step {
    enum step_result result;
    double seconds;
    char note[STEP_NOTE_ROOM]; /* of what was found; "" */
    struct ou_error err;       /* of a step that failed */
};

struct storage_steps {
    struct storage_step steps[STORAGE_STEPS];
    const char *source;     /* of the credentials, "environment"; NULL: there are none */
    char access_key_end[5]; /* the last four characters of the access key */
    double clock_ahead_s;   /* of the server, against ours: tenths, as far as whole seconds tell; */
    bool clock_known;       /* where its answer had a date */
    char remark[256];       /* on the credentials; "" */
};

/* "list", "put", ...: i below STORAGE_STEPS. */
const char *storage_step_name(size_t i);

/* Opens asked->s3 on the way. All objects are below PREFIX check-RANDOM/, and removed at the end. False: a step failed. */
bool storage_steps_run(struct storage_asked *asked, struct storage_steps *ret);

#endif
