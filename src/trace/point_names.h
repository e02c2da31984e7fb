/* What a trace point was called in other times: what its declaration says, else the tables of
 * legacy_names.h. */
#ifndef OU_TRACE_POINT_NAMES_H
#define OU_TRACE_POINT_NAMES_H

#include <ouroscope/point.h>

struct point_names {
    const char *logger;         /* without "cardano.node."; NULL: there is none */
    const char *kind;           /* of the legacy layout; like the point's where it is not known */
    bool wrapped;               /* data, in credentials and val */
    const char *former, *early; /* NULL: as today */
};

/* Texts are the declaration's or the tables'. Any thread. */
struct point_names names_of_point(const struct ou_point *point);

#endif
