/* Reals as the encoders of Cardano nodes write them: the shortest digits that read back to the same
 * number; whole numbers without a dot, from 0.1 up to ten million with one,
 * others as 2.472594034e-2 or 1.0e-3. (A node's own library for numbers calls this
 * the generic format.) */
#ifndef OU_TRACE_RENDER_REAL_H
#define OU_TRACE_RENDER_REAL_H

#include <stddef.h>

/* A sign and the 309 digits of the largest whole number. */
#define REAL_ROOM 312

/* value must be finite. Returns the length; nothing is terminated. Pure; any thread. */
size_t real_format(double value, char out[REAL_ROOM]);

#endif
