/* What the running library wants of the registry of points (points.c). */
#ifndef OU_TRACE_REGISTRY_H
#define OU_TRACE_REGISTRY_H

#include <ouroscope/point.h>

/* added: points came while tracing runs. removing: these points are about to go;
 * returns when no record of theirs is left anywhere. Both are called without
 * the registry's lock. NULL: tracing does not run. */
void points_watch(void (*added)(void),
                  void (*removing)(struct ou_point *const *points, size_t count));

/* Around fork(): the lock is whole in the child. */
void points_fork_prepare(void);
void points_fork_done(void); /* in both processes */

#endif
