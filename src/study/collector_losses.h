/* What the collector of a run says that it lost. */
#ifndef OU_STUDY_COLLECTOR_LOSSES_H
#define OU_STUDY_COLLECTOR_LOSSES_H

#include "base/status.h"

/* Lines, of whichever program, that it gave up since they could not be written: the sum of Tracer.LinesLost in
 * tracer/stdout. NaN: the run has no such file, it is too long, or a line that tells of losses is damaged; that is no error.
 * OU_NO_MEMORY. Any thread. */
enum ou_status collector_losses_read(const char *run_directory, double *ret, struct ou_error *err);

#endif
