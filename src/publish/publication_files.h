/* The files that a publication may consist of, and what they are hashed to. */
#ifndef OU_PUBLISH_PUBLICATION_FILES_H
#define OU_PUBLISH_PUBLICATION_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/span.h"
#include "store/records.h"

struct publication_kind {
    const char *name; /* in a publication: "analysis.json" */
    const char *type; /* its media type */
    const char *path; /* in a run directory; NULL: it is in none */
    size_t max;       /* bytes */
};

/* By name, in the order of publications. NULL behind the last. */
const struct publication_kind *publication_kind_at(size_t i);
const struct publication_kind *publication_kind_find(struct span name);

/* The file that results are read from. */
extern const char publication_analysis[], publication_table[];

/* SHA-256 over the length and bytes of each name and file. */
void publication_hash(const struct artifact_record *files, size_t count,
                      char ret[RECORD_HASH_ROOM]);

#endif
