/* Where a run stands on this machine is nobody's business, and would make another run of it wherever it is analysed. */
#ifndef OU_PUBLISH_PUBLICATION_PATHS_H
#define OU_PUBLISH_PUBLICATION_PATHS_H

#include "base/buffer.h"
#include "base/span.h"

/* Appends a JSON text in which paths of files of the run are those in its directory: "/home/me/runs/NAME/logs/..." becomes
 * "logs/...". name: of the run's directory, or "." for a run that was looked at from within. Only whole texts that are paths are seen
 * as such: with blanks those that begin with / or a dot. */
void publication_strip_paths(struct span text, const char *name, struct buffer *ret);

#endif
