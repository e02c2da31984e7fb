/* The query API of Prometheus over any source: what is asked in arguments of the address or of a form. */
#ifndef OU_QUERY_PAGES_H
#define OU_QUERY_PAGES_H

#include "http/server.h"
#include "query/query.h"

/* path: what stands behind ".../api/v1/": "query", "query_range", "series", "labels", "label/NAME/values". False: it is none
 * of them, and nothing was answered. The source does not change during the call. */
bool query_page(const struct query_source *source, const char *path, const struct http_call *call,
                struct http_answer *ret);

/* What has the same answer everywhere: "status/buildinfo", and that there are no "rules", "alerts" and "query_exemplars". */
bool query_page_about(const char *path, struct http_answer *ret);

/* "query" where errorType of a text that means nothing is another one. */
void query_page_instant(const struct query_source *source, const char *parse_type,
                        const struct http_call *call, struct http_answer *ret);

#endif
