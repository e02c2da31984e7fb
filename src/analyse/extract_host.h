/* What an extract has of one host: all that is known when its log has ended, before filters, quantiles and everything else that is
 * decided where the extracts are merged. */
#ifndef OU_ANALYSE_EXTRACT_HOST_H
#define OU_ANALYSE_EXTRACT_HOST_H

#include "analyse/extract_form.h"
#include "analyse/host_states.h"
#include "logs/tally.h"

/* The host's log has ended, and it is not finished. */
void put_host(struct buffer *b, const struct host_state *host);

/* Into a new host, which is then to be finished. A failure is the reader's. Numbers of blocks and peers, orders and instants are
 * checked, so that nothing but wrong values can come of a wrong extract. */
void take_host(struct extract_reader *r, struct host_state *host);

void put_tally(struct buffer *b, const struct host_tally *tally);
struct host_tally take_tally(struct extract_reader *r);

#endif
