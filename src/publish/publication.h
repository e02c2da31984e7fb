/* A run as it is published: one JSON document with the files that its results stand in, which a database or a server takes
 * in whole (docs/formats/publication.md). The same run makes the same bytes, and so the same id.
 *
 *   {"publication": 1, "project": "default", "name": "...", "info": {...},
 *    "files": [{"name": "analysis.json", "type": "application/json", "text": "..."}, ...]}
 *
 * A file may have "base64" in place of "text". "info" is free; neither it nor project and name are part of what the id is made of. */
#ifndef OU_PUBLISH_PUBLICATION_H
#define OU_PUBLISH_PUBLICATION_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/records.h"
#include "study/finished_run.h"

#define PUBLICATION_MAX ((size_t)128 << 20)       /* unpacked */
#define PUBLICATION_PACKED_MAX ((size_t)32 << 20) /* what a server takes */
#define PUBLICATION_FILES_MAX 64
#define PUBLICATION_PROJECT "default"
#define PUBLICATION_PROJECT_MAX 64 /* bytes of a project's name: A-Z a-z 0-9 . _ - */

/* Whether a project may be called so. */
bool publication_project_is_good(const char *name);

struct publication_options {
    const char *project;     /* NULL: "default" */
    const char *const *info; /* "name=value"; NULL behind the last; may be NULL */
};

/* Makes the document of a run directory, an analysis file, or a column of a table of published results (operand as of run_set_add()): appended
 * to *ret. A run that failed is published, too, with its cause and what it has. OU_NOT_FOUND where there is no analysis yet, with the next step;
 * OU_INVALID for a file of several runs; OU_USAGE for info that is none. */
enum ou_status publication_make(const char *operand, const struct publication_options *options,
                                struct buffer *ret, struct ou_error *err);
/* The same of the lines of one run (study/table_lines.h); name is for messages. */
enum ou_status publication_make_table(const char *name, struct span lines,
                                      const struct publication_options *options, struct buffer *ret,
                                      struct ou_error *err);

/* Reads a foreign document, checks all of it, and makes the record; everything is in `memory`, whose maximum has to leave
 * room for a copy of the document. OU_INVALID with place and
 * reason. `set` receives the finished run, which is what all numbers come from; of a run that failed before there were results, none. */
enum ou_status publication_read(struct span document, const char *name, struct arena *memory,
                                struct run_set *set, struct run_record *ret, struct ou_error *err);

#endif
