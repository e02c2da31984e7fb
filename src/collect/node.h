/* The nodes that are or were connected, as pages, notifications and the history see them. Loop thread. */
#ifndef OU_COLLECT_NODE_H
#define OU_COLLECT_NODE_H

#include "collect/metric_store.h"

#define NODE_NAME_ROOM 256
#define NODE_LAST_LINES 16
#define NODE_LAST_LINE_ROOM 1024

/* One of the last messages, cut to a line's room. */
struct node_line {
    int64_t at_ns;
    uint8_t severity;
    char text[NODE_LAST_LINE_ROOM]; /* the log line of the machine format */
};

struct node_counts {
    uint64_t objects;      /* taken from the node */
    uint64_t repeated;     /* of them: sent again after a lost connection, and not written twice */
    uint64_t lines, bytes; /* written */
    uint64_t lost_here;    /* lines that could not be written and were given up */
    uint64_t lost_there;   /* objects that the node's forwarder says it dropped */
    uint64_t connections;  /* so far */
};

struct collector_node {
    uint32_t number;             /* from 1, in the order of their first coming */
    char id[NODE_NAME_ROOM];     /* from the remote address */
    char name[NODE_NAME_ROOM];   /* NodeInfo.niName, cleaned; or the id */
    char folder[NODE_NAME_ROOM]; /* of its log files */
    char slug[NODE_NAME_ROOM];   /* in addresses of pages: a-z, 0-9 and - */
    bool is_connected;
    bool is_waiting;                       /* its lines cannot be written now */
    int64_t connected_ns, disconnected_ns; /* wall clock; 0: not yet */
    int64_t last_object_ns;                /* when the last trace object came; 0: none */
    char *info, *startup; /* JSON of NodeInfo and NodeStartupInfo; NULL: not known */
    struct node_counts counts;
    uint64_t by_severity[8]; /* objects */
    struct node_line *lines; /* a ring of NODE_LAST_LINES */
    uint64_t
        line_count; /* so many have been put into it; the newest is at (line_count - 1) % NODE_LAST_LINES */
    struct metric_store *metrics; /* of the last connection */
    struct desk
        *desk; /* where its lines are written; NULL: nothing is open. It is not forgotten before */
    bool
        metrics_full; /* it hangs up when it is asked for updated metrics only, as those of 2023 do */
    char why_gone[256]; /* why the last connection ended; "" while there is nothing to say */
};

/* All of them, in the order of their first coming; those that have been gone for a day are forgotten, and at most NODES_MAX are kept. */
#define NODES_MAX 4096

struct collector_nodes {
    struct collector_node **at;
    size_t count, cap;
    uint32_t last_number;
};

/* The name of a node from niName: quotes, ':', '@' and white space become '_'; '?', '*' and control characters are dropped; what is no letter or
 * digit is trimmed at both ends. Empty when nothing is left. */
void node_clean_name(const char *text, char ret[NODE_NAME_ROOM]);
/* Lower case, letters of a-z, digits and '-' only: "127.0.0.1:30004" -> "12700130004". */
void node_slug(const char *name, char ret[NODE_NAME_ROOM]);
/* What is behind the last '/'; the slug when that is empty, "." or "..". */
void node_folder(const char *name, char ret[NODE_NAME_ROOM]);

void nodes_release(struct collector_nodes *nodes);

/* The node of that name: one that is gone comes back; when one of that name is connected, or none is given, the id is
 * its name. NULL: no memory, or NODES_MAX are connected. */
struct collector_node *nodes_enter(struct collector_nodes *nodes, const char *id, const char *name,
                                   int64_t now_ns);
void nodes_leave(struct collector_nodes *nodes, struct collector_node *node, const char *why,
                 int64_t now_ns);
struct collector_node *nodes_by_slug(const struct collector_nodes *nodes, struct span slug);

#endif
