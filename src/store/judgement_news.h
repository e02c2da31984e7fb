/* News about change points, thresholds and alerts. For store/ alone. */
#ifndef OU_STORE_JUDGEMENT_NEWS_H
#define OU_STORE_JUDGEMENT_NEWS_H

#include "store/feed.h"

struct judgement_news {
    const char *kind; /* "alert.opened" */
    const char *id, *project;
    const char *section, *metric; /* its name is "section/metric" */
    const char *state;            /* NULL: it has none */
};
enum ou_status judgement_tell(struct sql *db, const struct judgement_news *news, int64_t now_ns,
                              struct ou_error *err);

#endif
