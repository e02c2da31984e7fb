/* The analysis in two halves, for logs that lie on several machines. An extract is made beside the logs of some hosts and has all that an
 * analysis keeps of them once it has read them; the merge takes the extracts of all hosts and concludes, as if it had read the
 * logs. The result is that of one analysis of all logs, byte for byte. What depends on more than one host, and all that can be decided
 * late (filters, quantiles, the context of the run), is of the merge; the chain's clock and compat mode are of both, and must be the same.
 * docs/internals/extracts.md */
#ifndef OU_ANALYSE_EXTRACT_H
#define OU_ANALYSE_EXTRACT_H

#include "analyse/run.h"

/* Reads inputs (sorted) and writes the extract. Of the request genesis, compat, rts and reading count. base: the run directory as paths begin
 * with it; NULL: there is none. Failures as of analysis_run(); OU_INVALID: a run without a chain, whose clock is known only where all its
 * logs are. */
enum ou_status analysis_extract(const struct analysis_request *request, struct log_inputs *inputs,
                                const char *base, const char *path, struct ou_error *err);

/* Is this file an extract, perhaps a compressed one? */
bool extract_is(const char *path);

struct extract_list {
    const char *const *paths; /* of files; in any order */
    size_t count;
    const char *base; /* the run directory, as its paths are to be told; NULL: there is none */
};

/* Merges them and concludes. rts: empty, and what request->rts points to; it gets what the extracts say. OU_INVALID: an extract is damaged, or does
 * not go with the request or the others, and the message says which. Failures else as of analysis_run(). */
enum ou_status analysis_merge(const struct analysis_request *request,
                              const struct extract_list *extracts, struct rts_hosts *rts,
                              struct analysis *ret, struct ou_error *err);

#endif
