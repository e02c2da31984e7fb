/* The history as a source of queries. Loop thread. */
#ifndef OU_COLLECT_HISTORY_SOURCE_H
#define OU_COLLECT_HISTORY_SOURCE_H

#include "collect/history.h"
#include "query/query.h"

struct history_source {
    struct query_source base;
    const struct history *history;
};

/* Makes one of a history, which must not change while the source or a result of it is used. Returns ret's base. */
const struct query_source *history_source(struct history_source *ret,
                                          const struct history *history);

#endif
