/* Somebody who answers again and again, and then does not: when that is worth a word, and when it is over. Any thread, one at a time. */
#ifndef OU_CLUSTER_SILENCE_H
#define OU_CLUSTER_SILENCE_H

#include <stdint.h>

/* A zeroed one is of somebody who answers. */
struct silence {
    int64_t
        since_ns; /* monotonic: the last answer before the silence that was told; 0: none goes on */
};

enum silence_news { SILENCE_NO_NEWS, SILENCE_BEGUN, SILENCE_OVER };

/* seen_ns: monotonic, when the last answer came. Tells once that it was longer ago than patience_ns, and once that there is an answer
 * again; *ret_for_ns is how long it has been silent, or was. */
enum silence_news silence_look(struct silence *s, int64_t seen_ns, int64_t now_ns,
                               int64_t patience_ns, int64_t *ret_for_ns);

#endif
