/* A stand-in for a wide-area link: each direction has a latency and a bandwidth. Bytes leave in the order
 * they came; a chunk is due when the line is free, plus the time its bytes take, plus the latency. Pure. */
#ifndef OU_NODE_LINK_MODEL_H
#define OU_NODE_LINK_MODEL_H

#include <stdint.h>

struct link_model {
    int64_t latency_ns;        /* one way; 0: none */
    uint64_t bytes_per_second; /* 0: no limit */
};

struct link_line {
    struct link_model model;
    int64_t free_ns; /* when the last byte so far has left */
};

/* The instant at which `bytes`, handed over at now_ns, are all there. Never earlier than for the chunk before. */
int64_t link_line_due(struct link_line *line, int64_t now_ns, uint64_t bytes);

#endif
