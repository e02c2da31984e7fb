/* What the running library wants of the registry of points (points.c). */
#ifndef OU_TRACE_REGISTRY_H
#define OU_TRACE_REGISTRY_H

#include <ouroscope/point.h>

/* added: a point came while tracing runs; called under the registry's lock. removing: these
 * points are about to go; called before, without the lock, returns when no record of
 * theirs is left anywhere. NULL for either: tracing does not run. */
void points_watch(void (*added)(struct ou_point *point),
                  void (*removing)(struct ou_point *const *points, size_t count));

/* Around fork(): the lock is whole in the child. */
void points_fork_prepare(void);
void points_fork_parent(void);
void points_fork_child(void);

#endif
