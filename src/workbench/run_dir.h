/* A run directory and the state that the run is in (status.json). */
#ifndef OU_WORKBENCH_RUN_DIR_H
#define OU_WORKBENCH_RUN_DIR_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* X(name, text) */
#define RUN_STATES(X)                 \
    X(allocated, "allocated")         \
    X(deployed, "deployed")           \
    X(genesis_ready, "genesis-ready") \
    X(running, "running")             \
    X(stopped, "stopped")             \
    X(fetched, "fetched")             \
    X(analysed, "analysed")           \
    X(failed, "failed")

enum run_state {
#define X(name, text) RUN_##name,
    RUN_STATES(X)
#undef X
};

const char *run_state_name(enum run_state state);

/* Whether a label can be part of a run's name: letters, digits and ".+-_", at most RUN_LABEL_MAX, no dot in front.
 * OU_USAGE with a message that calls it `what`. */
#define RUN_LABEL_MAX 64
enum ou_status run_label_check(const char *what, const char *label, struct ou_error *err);

/* Makes PARENT/TIME_PROFILE_IDENT, a name that is not taken, and its status.json. An ident of "" becomes six random
 * digits. What a profile's name has that no name of a run may becomes "-". The path goes to ret, of `room` bytes; the
 * name begins behind its last slash. PARENT/.latest becomes a link to it; hidden, so that a pattern for all runs has each once. */
enum ou_status run_dir_create(const char *parent, const char *profile, const char *ident, char *ret,
                              size_t room, struct ou_error *err);

/* Adds a change to RUN/status.json: state, time, cause ("" where the state says all). The file always is a whole document. */
enum ou_status run_state_set(const char *run_directory, enum run_state state, const char *cause,
                             struct ou_error *err);
enum ou_status run_state_get(const char *run_directory, enum run_state *ret, struct ou_error *err);

/* Reads RUN/name, which the caller json_decref()s. A run may have been made by anybody: what is no plain file, and would keep
 * us waiting perhaps, is OU_INVALID. */
enum ou_status run_file_load(const char *run_directory, const char *name, size_t bytes_max,
                             json_t **ret, struct ou_error *err);

#endif
