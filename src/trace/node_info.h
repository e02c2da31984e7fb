/* The data point NodeInfo: who this program is. */
#ifndef OU_TRACE_NODE_INFO_H
#define OU_TRACE_NODE_INFO_H

#include <ouroscope/trace.h>

struct node_info;

/* Its texts are copied. NULL: no memory. */
struct node_info *node_info_new(const struct ou_node_info *info, const char *host,
                                int64_t start_ns);
void node_info_free(struct node_info *info); /* NULL is fine */

/* Files the data point anew, unless the program has filed its own. name: TraceOptionNodeName, or NULL. */
void node_info_file(const struct node_info *info, const char *name);

#endif
