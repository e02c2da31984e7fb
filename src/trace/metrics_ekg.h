/* The metrics of this program as a collector asks for them: by the names and in the kinds of the store that
 * programs of Cardano have, where a real number and a set of labels are texts. */
#ifndef OU_TRACE_METRICS_EKG_H
#define OU_TRACE_METRICS_EKG_H

#include "wire/ekg_forward.h"

/* What a connection has been told; one thread. */
struct metrics_told;
struct metrics_told *metrics_told_new(void); /* NULL: no memory */
void metrics_told_free(struct metrics_told *told);
void metrics_told_nothing(struct metrics_told *told); /* another connection */

/* Appends a response: all metrics, those of `names`, or those that have changed since they were told last. */
void metrics_respond(struct metrics_told *told, enum ekg_wanted wanted, struct ekg_list names,
                     struct buffer *out);

#endif
