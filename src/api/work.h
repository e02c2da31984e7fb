/* Requests on their way to workers: a bounded queue for those that are quick, with a few threads, and one for those that
 * compute, with one thread. */
#ifndef OU_API_WORK_H
#define OU_API_WORK_H

#include "api/route.h"

#define WORK_LIGHT_MAX 512 /* waiting */
#define WORK_LONG_MAX 64

struct job {
    struct http_pending *pending;
    struct route route; /* its values are views of the call's path */
    int64_t taken_ns;   /* when it came: a monotonic clock */
};

struct work;
typedef void work_fn(void *context, const struct job *job);
/* answer: in a worker's thread, which owns the job then. */
enum ou_status work_open(unsigned light, work_fn *answer, void *context, struct work **ret,
                         struct ou_error *err);
/* False: there are too many already, and the job is still the caller's. Any thread. */
bool work_put(struct work *w, const struct job *job, bool is_long);
/* How many wait. Any thread. */
size_t work_waiting(struct work *w);
/* Answers all that wait, and ends the threads. NULL is fine. */
void work_close(struct work *w);

#endif
