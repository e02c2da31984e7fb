/* What the server runs beside answering requests; api.c opens and closes them. */
#ifndef OU_API_PARTS_H
#define OU_API_PARTS_H

#include "api/operation.h"

/* --- News for listeners (events.c): one thread hears of writes (store/notify.h), reads the feed, and sends to all streams ---- */
struct events;
enum ou_status events_open(struct store *store, struct events **ret, struct ou_error *err);
void events_close(struct events *e); /* ends its streams; NULL is fine */
struct events *api_events(struct api *a);
size_t events_listeners(struct events *e); /* streams that are open; any thread */

/* --- Messages about alerts (deliveries.c): one thread that claims, sends, and tries again ------------------------------ */
struct deliveries;
enum ou_status deliveries_open(struct store *store, const struct api_outlet *outlets, size_t count,
                               struct deliveries **ret, struct ou_error *err);
void deliveries_wake(struct deliveries *d); /* there may be something to send; any thread */
void deliveries_close(struct deliveries *d);
struct deliveries *api_deliveries(struct api *a);
/* Whether thresholds may name it. */
bool deliveries_has_outlet(const struct deliveries *d, const char *name);

/* --- Runs of this machine in progress (folders.c): looks at run directories every second, and reports as the workbench does ---- */
struct folders;
enum ou_status folders_open(struct store *store, const char *const *run_folders,
                            struct folders **ret, struct ou_error *err);
void folders_close(struct folders *f);

/* --- What the server says about itself ------------------------------------------------------------------------ */

/* Of an answered request: numbers for /metrics (counts.c), and the access log, a trace of this program (points.c). Any
 * thread. */
struct request_facts {
    const char *method, *target, *client, *request_id, *actor;
    const char *operation; /* "listRuns", "page", "" */
    unsigned status;
    uint64_t bytes_in, bytes_out;
    int64_t duration_ns, waited_ns; /* waited: of it, until a worker was free */
    const char *failure;            /* of a 5xx: what is not told to the client; NULL */
};
void counts_request(const struct request_facts *facts);
void log_request(const struct request_facts *facts);
/* /metrics: Prometheus' text, or OpenMetrics for who asks for it. */
api_operation_fn metrics_page;

const struct api_config *api_config(const struct api *a);
struct store *api_store(struct api *a);

#endif
