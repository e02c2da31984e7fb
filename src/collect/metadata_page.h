/* /api/v1/metadata: kinds and help texts of metrics. Loop thread. */
#ifndef OU_COLLECT_METADATA_PAGE_H
#define OU_COLLECT_METADATA_PAGE_H

#include "collect/pages.h"

void metadata_page(const struct collector_view *view, const struct http_call *call,
                   struct http_answer *ret);

#endif
