/* What a host is to do, as it is wanted now. Each change makes a higher number, which the courier brings into the bucket; the last orders of a host are kept in
 * RUN/deploy/orders-HOST.json, so that a later process goes on from them. The deployment's mutex must be held. */
#ifndef OU_CLUSTER_DEPLOYMENT_ORDERS_H
#define OU_CLUSTER_DEPLOYMENT_ORDERS_H

#include "cluster/deployment.h"

/* Begins with what an earlier process wanted, or with nothing; new URLs in any case. */
enum ou_status host_orders_begin(struct deployment *d, struct deployed_host *h,
                                 const struct bucket *bucket, struct ou_error *err);
/* URLs that the agent is to use from now on: the old ones expire. */
enum ou_status host_orders_renew(struct deployed_host *h, const struct bucket *bucket,
                                 struct ou_error *err);

/* A service by its options, which are copied. One of the same name keeps how often it was started. OU_TOO_LARGE: no more of them. */
enum ou_status host_orders_service(struct deployment *d, struct deployed_host *h,
                                   const struct service_options *options, size_t *ret,
                                   struct ou_error *err);
void host_orders_start(struct deployed_host *h, size_t service, int64_t not_before_ns);
void host_orders_stop(struct deployed_host *h, size_t service, uint64_t grace_ms);

/* The folders that its services work in and log to, below the run's, each once: what is worth bringing home. */
#define HOST_FOLDERS_MAX (2 * ORDERS_SERVICES_MAX + 1)
size_t host_orders_folders(const struct deployed_host *h, char ret[HOST_FOLDERS_MAX][PATH_MAX]);

/* What is to be at the host, in place of what was told before; texts are copied. */
enum ou_status host_orders_bundles(struct deployment *d, struct deployed_host *h,
                                   const struct order_bundle *bundles, size_t count,
                                   int64_t start_ns, struct ou_error *err);

/* When the agent ends the services by itself: nobody has, and nobody may be there any more. 0: never. */
void host_orders_end(struct deployed_host *h, int64_t end_ns);

/* A job with an id of its own; texts are copied. */
enum ou_status host_orders_job(struct deployment *d, struct deployed_host *h,
                               const struct order_job *job, uint32_t *ret_id, struct ou_error *err);

void host_orders_leave(struct deployed_host *h);

/* Of a task that was made anew, in an empty folder: what an earlier one had and did says nothing of it. */
void host_orders_forget(struct deployed_host *h);

/* The orders as a document, which the caller json_decref()s; NULL: no memory. */
json_t *host_orders_document(const struct deployed_host *h);

/* Keeps it in RUN/deploy and signs it: what the bucket is to have. Without the mutex. */
enum ou_status host_orders_seal(const struct deployment *d, const char *host,
                                const json_t *document, struct buffer *ret, struct ou_error *err);

#endif
