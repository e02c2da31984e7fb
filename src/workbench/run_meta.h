/* meta.json of a run: who, what, when, and on which machine. Its members are those of the benchmarking workbench of cardano-node,
 * so that its tools find what they look for, and some of our own; docs/formats/run-directory.md tells each. */
#ifndef OU_WORKBENCH_RUN_META_H
#define OU_WORKBENCH_RUN_META_H

#include "deploy/backend.h"
#include "profile/profile.h"

/* Where a run stands among others that are made together on purpose, so that they can be compared in
 * pairs. Told by what starts the runs; a profile has no say in it. */
struct run_place {
    const char
        *series; /* NULL: it stands alone; "": the series is called after this run, its first */
    int64_t block, position; /* runs of one block follow each other; both count from 0 */
};

struct run_meta {
    const struct profile *profile;
    const char *tag; /* the name of the run directory */
    const char *ident, *batch;
    int64_t start_ns; /* slot 0 */
    const struct backend *backend;
    const json_t *to_start; /* meta.timing.to_start as it was; NULL: the backend's steps */
    struct run_place place;
    const json_t *setting;       /* of a sweep: {"axis": "level", ...}; NULL */
    const char *sweep_directory; /* with a setting: the sweep that the run is of */
    uint32_t attempt;            /* from 1 */
    uint32_t resumed;            /* how often it was taken up again */
    bool wiped;                  /* it was, and began anew */
    const json_t *concurrent;    /* names of the runs that went on at its beginning; NULL: none */
    const char *node_program;    /* the path of what nodes run; NULL: there are none */
};

/* The document; the caller json_decref()s it. NULL: no memory. */
json_t *run_meta_document(const struct run_meta *m);

/* Puts the steps that the backend has told by now into the document. */
void run_meta_set_steps(json_t *document, const struct backend *backend);

/* Writes RUN/meta.json. */
enum ou_status run_meta_save(const json_t *document, const char *run_directory,
                             struct ou_error *err);

#endif
