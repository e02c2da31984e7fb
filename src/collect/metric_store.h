/* The metrics of one node, as it told them last. Loop thread. */
#ifndef OU_COLLECT_METRIC_STORE_H
#define OU_COLLECT_METRIC_STORE_H

#include "base/intern.h"
#include "wire/ekg_forward.h"

#define METRIC_STORE_MAX 8192      /* metrics of a node; more are counted and passed over */
#define METRIC_STORE_NAME_MAX 512  /* bytes */
#define METRIC_STORE_TEXT_MAX 4096 /* of a label; what is longer is cut */

struct node_metric {
    const char *name;   /* as the node calls it */
    enum ekg_kind kind; /* fixed at first sight */
    int64_t value;      /* counter, gauge */
    char *text;         /* label; never NULL then */
    size_t text_room;   /* bytes behind it */
    bool is_number;     /* a counter, a gauge, or a label whose text is a decimal number */
    double number;      /* then its value */
    uint32_t series;    /* for the history: its number there + 1; 0: none yet */
};

struct metric_store {
    struct node_metric **at; /* in the order of their first coming; pointers are stable */
    size_t count, cap;
    struct intern *names; /* a metric's number there is its place in `at` */
    uint64_t refused;     /* too many, too long, or of another kind than at first */
    int64_t updated_ns;   /* wall clock of the last reply; 0: none yet */
};

struct metric_store *metric_store_new(void); /* NULL: no memory */
void metric_store_free(struct metric_store *s);

/* Takes a reply over. A counter is raised by positive differences only, as cardano-tracer does it. OU_INVALID when the
 * list is not in order, OU_NO_MEMORY; what stood before that is taken over. */
enum ou_status metric_store_take(struct metric_store *s, struct ekg_list metrics, int64_t now_ns,
                                 struct ou_error *err);
const struct node_metric *metric_store_find(const struct metric_store *s, const char *name);

#endif
