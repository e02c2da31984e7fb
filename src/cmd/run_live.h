/* A run in progress is reported to a database or a server, while somebody makes it: what the run tells goes to a
 * live_reporter. Main thread. */
#ifndef OU_CMD_RUN_LIVE_H
#define OU_CMD_RUN_LIVE_H

#include "cmd/options.h"
#include "store/access.h"
#include "workbench/run.h"

/* Where to; stays as long as the run. */
struct run_live_wish {
    const char
        *place; /* http(s)://SERVER, postgres://..., or the path of an SQLite file; NULL: nowhere */
    const char *project;    /* "default" */
    char token[TOKEN_ROOM]; /* of a server; "": none; overwritten by whoever read it */
};

/* What options ask for, by their rows: place, project, file of the token. */
struct run_live_rows {
    size_t place, project, token_file;
};
enum ou_status run_live_wish_of(const struct parsed_options *options, struct run_live_rows rows,
                                struct run_live_wish *ret, struct ou_error *err);

struct run_live; /* opaque */

/* options->profile may be NULL, of a run that is resumed. */
enum ou_status run_live_open(const struct run_live_wish *wish, const struct run_options *options,
                             struct run_live **ret, struct ou_error *err);

/* How it goes. result: of the run that it is; nothing is reported before it has a directory. l may be NULL. */
void run_live_view(struct run_live *l, const struct run_result *result,
                   const struct run_view *view);
void run_live_phase(struct run_live *l, const struct run_result *result, const char *line);
void run_live_notice(struct run_live *l, const char *line);
/* The processes have ended, and the run is analysed now. */
void run_live_state(struct run_live *l, const struct run_result *result, const char *phase);

/* Why nothing arrives, to be told once. False: nothing new. */
bool run_live_trouble(struct run_live *l, char *ret, size_t room);

/* The last report; cause: why it failed, or "". Takes some seconds at most. *ret_remark, of `room` bytes: what did not arrive, or
 * "". l may be NULL. */
void run_live_close(struct run_live *l, const struct run_result *result, const char *cause,
                    char *ret_remark, size_t room);

#endif
