/* The folder of an agent: FOLDER/run is what the run directory has of this host, FOLDER/agent is the agent's own. Both are
 * private, and what an earlier agent left there is found again. Used by several threads, each of which has files of its own. */
#ifndef OU_AGENT_AGENT_FOLDER_H
#define OU_AGENT_AGENT_FOLDER_H

#include <jansson.h>
#include <limits.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/status.h"

struct agent_folder {
    char run[PATH_MAX], own[PATH_MAX]; /* absolute */
    int lock;                          /* held while the agent lives */
};

/* OU_INVALID: what is there belongs to somebody else, is a link, may be entered by others, or another agent works there. */
enum ou_status agent_folder_open(const char *folder, struct agent_folder *ret,
                                 struct ou_error *err);
void agent_folder_close(struct agent_folder *f);

/* FOLDER/run/NAME, FOLDER/agent/NAME. OU_IO: too long. */
enum ou_status agent_folder_in_run(const struct agent_folder *f, const char *name,
                                   char ret[PATH_MAX], struct ou_error *err);
enum ou_status agent_folder_in_own(const struct agent_folder *f, const char *name,
                                   char ret[PATH_MAX], struct ou_error *err);

/* A document of FOLDER/agent. *ret NULL: there is none. */
enum ou_status agent_folder_load(const struct agent_folder *f, const char *name, json_t **ret,
                                 struct ou_error *err);
enum ou_status agent_folder_save(const struct agent_folder *f, const char *name,
                                 const json_t *document, struct ou_error *err);

/* Removes a file, or a folder with all that is in it, of FOLDER/agent. */
void agent_folder_remove(const struct agent_folder *f, const char *name);

uint64_t agent_folder_free_bytes(const struct agent_folder *f);

/* Moves all files of FOLDER/agent/NAME to the same places in FOLDER/run. A file that is there is replaced if it came the same
 * way; else nothing is moved: OU_INVALID. What was begun before a crash may be done again. */
enum ou_status agent_folder_merge(const struct agent_folder *f, const char *name,
                                  struct ou_error *err);

#endif
