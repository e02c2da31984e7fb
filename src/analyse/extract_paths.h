/* Paths of files that are elsewhere. An extract tells those below the run directory as seen from there, so that the merge can tell
 * them as if they lay in the run directory here; messages with the path likewise. */
#ifndef OU_ANALYSE_EXTRACT_PATHS_H
#define OU_ANALYSE_EXTRACT_PATHS_H

#include "analyse/extract_form.h"
#include "base/arena.h"

/* base: the run directory as the path begins with it; NULL: there is none. */
void put_path(struct buffer *b, const char *path, const char *base);
/* Below `base`, where it was below one; as it was where it was not, and where base is NULL. In memory; NULL: a failure, which is the reader's. */
const char *take_path(struct extract_reader *r, const char *base, struct arena *memory);

/* A message, perhaps with that path in it. NULL is one, too. */
void put_problem(struct buffer *b, const char *problem, const char *path);
/* path: as taken. */
const char *take_problem(struct extract_reader *r, const char *path, struct arena *memory);

/* A copy of a text; NULL: a failure. */
const char *take_copy(struct extract_reader *r, struct arena *memory);

#endif
