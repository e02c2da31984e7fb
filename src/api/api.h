/* The server of results: API v1 below /api/v1, and pages. The loop's thread takes requests, a few workers with a database
 * connection each answer them; what computes long has a worker of its own, so that a comparison keeps no list waiting. */
#ifndef OU_API_API_H
#define OU_API_API_H

#include <uv.h>

#include "http/server.h"
#include "store/store.h"

/* Where messages about alerts go; by name from thresholds. Only the server's own configuration says what runs. */
struct api_outlet {
    const char *name;
    const char *url; /* a webhook: POST of JSON; or */
    const char *const *
        command; /* a program and its arguments, NULL behind the last; the message on its standard input */
    const char *secret; /* of a webhook: signs the body (HMAC-SHA-256); NULL: none */
};

struct api_site; /* operation.h */

struct api_config {
    const struct api_site *site; /* pages; NULL: the API alone */
    const char *listen_host;
    uint16_t listen_port; /* 0: a free one */
    const struct http_tls *tls;
    const char *public_url; /* as clients see it, behind a proxy; NULL: by Host header */
    const char *const *trusted_proxies; /* addresses whose X-Forwarded-For counts; NULL: none */
    bool reads_need_token;
    const char *const *origins;            /* CORS: "https://a.b", "*"; NULL: none */
    unsigned rate_requests, rate_window_s; /* for each client; 0: 6000 in 60 s */
    unsigned workers;                      /* 0: 2 */
    const struct api_outlet *outlets;
    size_t outlet_count;
    const char *const
        *run_folders; /* runs of this machine in progress are found here; NULL: none */
};

struct api;
/* The store stays its caller's, and open. Loop thread. */
enum ou_status api_open(uv_loop_t *loop, struct store *store, const struct api_config *config,
                        struct api **ret, struct ou_error *err);
uint16_t api_port(const struct api *a);
/* Ends streams, waits for workers. Then the loop closes the handles. */
void api_close(struct api *a);

#endif
