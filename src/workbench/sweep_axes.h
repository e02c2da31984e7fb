/* The axes of a sweep file: what varies, and how the levels are called. For sweep_file.c. */
#ifndef OU_WORKBENCH_SWEEP_AXES_H
#define OU_WORKBENCH_SWEEP_AXES_H

#include "workbench/sweep.h"

/* Makes s->axes of s->file's member axes. What levels are made of is kept in s->owned. */
enum ou_status sweep_axes_read(struct sweep *s, const char *source, struct ou_error *err);

#endif
