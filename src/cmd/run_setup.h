/* What a call of `run` asks for. */
#ifndef OU_CMD_RUN_SETUP_H
#define OU_CMD_RUN_SETUP_H

#include <limits.h>

#include "cmd/run_on.h"
#include "cmd/run_once.h"

/* One call of the command. */
struct bench {
    const struct parsed_options *options;
    struct profile profile; /* not of a run that is resumed */
    char program[PATH_MAX];
    long repeat;
    struct run_watch watch;
    char (*directories)[PATH_MAX]; /* of the runs so far, `done` of them; owned */
    long done;
    char series[RUN_LABEL_MAX + 1]; /* of --design */
    struct run_place place;         /* of the next run */
    struct run_on on;               /* where its cluster stands */
    const char *genesis_cache;      /* NULL: none */
    char cache_path[PATH_MAX];
    const char *resume; /* NULL: a new run */
    char resume_path[PATH_MAX];
    struct run_live_wish report_to; /* of --report-to; its token is overwritten in the end */
    bool unpublished;               /* a run could not be published as --publish-to wants it */
};

/* Reads the options and loads the profile. OU_USAGE for what cannot be asked for; nothing has been made then. */
enum ou_status run_setup(struct bench *b, struct ou_error *err);
void run_setup_release(struct bench *b);

/* The label of an option, or "". */
const char *run_label_option(const struct bench *b, size_t option);
/* Where runs are made. */
const char *run_parent(const struct bench *b);

#endif
