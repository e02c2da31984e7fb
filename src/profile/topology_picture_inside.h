/* What the parts of a picture share: topology_layout.c says where things stand, topology_picture.c draws them,
 * topology_legend.c writes about them. */
#ifndef OU_PROFILE_TOPOLOGY_PICTURE_INSIDE_H
#define OU_PROFILE_TOPOLOGY_PICTURE_INSIDE_H

#include "base/intern.h"
#include "profile/topology_picture.h"

/* In units of the picture. */
#define PICTURE_WIDTH 1100
#define PICTURE_HEIGHT 830
#define PICTURE_CENTRE_X 400.0
#define PICTURE_CENTRE_Y 478.0

#define PICTURE_COLOURS 8
#define PICTURE_ROWS_MAX \
    12 /* regions, and delays, that the legend tells; more regions have no names */

struct point {
    double x, y;
};

/* A region's ring. */
struct ring {
    struct point centre;
    double radius;
    size_t nodes; /* that stand on it */
    size_t placed;
};

struct picture {
    const struct topology *t;
    const struct topology_graph *g;
    struct buffer *out;
    struct arena memory;
    struct intern regions; /* of nodes on rings */
    struct ring *rings;    /* by region */
    uint32_t *region_of;   /* by node; of one in the middle REGION_NONE */
    struct point *at;      /* by node */
    double dot;            /* radius of a node */
    size_t in_middle;
    size_t links;  /* those of observers, too */
    size_t stride; /* every so many-th link is drawn */
};
#define REGION_NONE UINT32_MAX

/* Fills in everything behind regions. false: no memory. */
bool picture_lay_out(struct picture *p);

/* Any text as XML, whatever it holds. */
void picture_text(struct buffer *out, const char *text);

/* Everything up to the first line, and the list at the right. */
void picture_head(const struct picture *p, const char *title);
void picture_legend(const struct picture *p);

#endif
