/* meta.json of a run: who, what, when, and on which machine. Its members are those of the benchmarking workbench of cardano-node,
 * so that its tools find what they look for, and some of our own; docs/formats/run-directory.md tells each. */
#ifndef OU_WORKBENCH_RUN_META_H
#define OU_WORKBENCH_RUN_META_H

#include "workbench/profile.h"

struct run_meta {
    const struct profile *profile;
    const char *tag; /* the name of the run directory */
    const char *ident, *batch;
    int64_t start_ns; /* slot 0 */
};

/* The document; the caller json_decref()s it. NULL: no memory. */
json_t *run_meta_document(const struct run_meta *m);

/* Writes RUN/meta.json. */
enum ou_status run_meta_write(const struct run_meta *m, const char *run_directory,
                              struct ou_error *err);

#endif
