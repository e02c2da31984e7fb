/* A topology as a picture: SVG that stands alone, for a browser or a document. */
#ifndef OU_PROFILE_TOPOLOGY_PICTURE_H
#define OU_PROFILE_TOPOLOGY_PICTURE_H

#include "base/buffer.h"
#include "profile/topology_graph.h"

/* Of more links than these an even choice is drawn, and the picture says so. */
#define TOPOLOGY_PICTURE_LINKS_MAX 20000

/* Appends the picture: each region is a ring of its nodes, in their order, and the regions stand in a circle; who does
 * not forge stands in the middle. The same topology gives the same bytes. Light and dark as the reader's screen
 * is. Failures stick to the buffer. */
void topology_picture(const struct topology *t, const struct topology_graph *graph,
                      const char *title, struct buffer *out);

#endif
