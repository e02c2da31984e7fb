/* Inside publish/: how a foreign publication is read. */
#ifndef OU_PUBLISH_PUBLICATION_INSIDE_H
#define OU_PUBLISH_PUBLICATION_INSIDE_H

#include <jansson.h>

#include "publish/publication.h"

/* The document taken apart: known files alone, each once and of good size, by name; everything in `memory`. */
struct opened {
    const char *name; /* of the document, for messages */
    struct arena *memory;
    const char *project, *info; /* a good name; a JSON object with its members sorted */
    const char *run_name;       /* where its files tell none; NULL */
    struct artifact_record files[PUBLICATION_FILES_MAX];
    size_t count;
    struct ou_error *err;
};
enum ou_status publication_open(struct span document, struct opened *o);
/* NULL: it is not there. */
const struct artifact_record *publication_file(const struct opened *o, const char *name);
/* OU_TOO_LARGE when a tree of the file would take too much memory. */
enum ou_status publication_check_size(const struct opened *o, const struct artifact_record *file);
/* A JSON file of it as a tree, which the caller gives back; *ret NULL where it is not there. */
enum ou_status publication_tree(const struct opened *o, const char *file, json_t **ret);

/* Fills in what the results of a run tell; ret->content_hash is there already. */
enum ou_status publication_record(struct opened *o, const struct finished_run *run,
                                  struct run_record *ret);
/* What a run that failed before there were results tells of itself. */
enum ou_status publication_record_failed(struct opened *o, struct run_record *ret);
/* State and failure, by its status.json where there is one. */
enum ou_status publication_state(struct opened *o, struct run_record *ret);

/* What profile and environment say as JSON with sorted members: the facts of the groups that are named (NULL behind the last). */
enum ou_status publication_facts(struct opened *o, const struct finished_run *run,
                                 const char *const *groups, const char **ret);

/* Components by name, each once. */
enum ou_status publication_components(struct opened *o, const struct run_package *packages,
                                      size_t count, struct run_record *ret);

/* What a run is called whose files do not name it. */
const char *publication_fallback_name(struct opened *o, const struct run_record *run,
                                      enum ou_status *status);

/* In o->memory; NULL with a failure when there is none. */
void *publication_take(struct opened *o, size_t count, size_t item_bytes, enum ou_status *status);
const char *publication_printf(struct opened *o, enum ou_status *status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
