/* The trace points of this process: those of the program and of each shared
 * library, as they come and go. */
#ifndef OU_TRACE_POINTS_H
#define OU_TRACE_POINTS_H

#include <ouroscope/point.h>

#include "base/buffer.h"

/* Calls each for every registered point, ordered by name. A name that is
 * declared twice occurs twice. Holds the lock of the registry: each must not
 * register. Any thread. */
void points_each(void (*each)(void *context, struct ou_point *point), void *context);

/* Whether name is the name of a point, or a prefix of one that ends before a
 * dot. "" is. */
bool points_know(const char *name);

/* What is wrong with the declarations themselves, a line each: names declared
 * twice and differently, empty ones, fields without a type, {names} in the human form that are no
 * field, more fields than OU_FIELDS_MAX. Nothing when all is well. */
void points_faults(struct buffer *ret);

/* The member severity's and detail's spelling in configurations and lines:
 * "Info", "DNormal"; never NULL. */
const char *severity_name(enum ou_severity severity);
const char *detail_name(enum ou_detail detail);
bool severity_parse(const char *name, enum ou_severity *ret); /* Silence, too */
bool detail_parse(const char *name, enum ou_detail *ret);

#endif
