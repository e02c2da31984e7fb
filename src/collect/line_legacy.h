/* A trace object in the layout of the older system: one JSON object, its keys in the order of the alphabet. Pure;
 * any thread. */
#ifndef OU_COLLECT_LINE_LEGACY_H
#define OU_COLLECT_LINE_LEGACY_H

#include "base/buffer.h"
#include "wire/trace_object.h"

/* Appends {"app":[],"at":...,"data":...,"env":...,...}, without a newline. ns becomes the logger that the
 * message had, data.kind what it was called, peers become addresses and ports, host is cut to 8 characters. The process is
 * not known: pid is "". A message that the older system had not keeps its name, below "cardano.node.".
 * scratch: memory to work in; its failures become those of out. */
void line_legacy(const struct trace_object *o, struct span name, const char *env,
                 struct buffer *scratch, struct buffer *out);

#endif
