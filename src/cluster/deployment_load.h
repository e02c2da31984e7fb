/* What comes from one host: packed there, shipped to the bucket, fetched from it. For deployment_haul.c. */
#ifndef OU_CLUSTER_DEPLOYMENT_LOAD_H
#define OU_CLUSTER_DEPLOYMENT_LOAD_H

#include "cluster/backend_nomad_inside.h"

#define UPLOAD_ROOM 1024
#define NAME_ROOM 40

enum load_stage { LOAD_NONE, LOAD_PACKING, LOAD_SHIPPING, LOAD_HERE, LOAD_FAILED };

/* What comes from one host. */
struct load {
    struct deployed_host *host;
    enum load_stage stage;
    uint32_t pack, ship; /* ids of its jobs */
    char upload[UPLOAD_ROOM], name[NAME_ROOM], sha256[SHA256_HEX];
    uint64_t bytes, bytes_done;
    unsigned shippings;
    int64_t moved_ns; /* monotonic: when there was news */
    struct ou_error why;
};

struct hauling {
    struct deployment *d;
    const struct haul *haul;
    struct http_client *client;
    struct load *loads; /* of all hosts */
};

/* Has the host of a load pack what it has. */
enum ou_status load_begin(struct hauling *g, struct load *l, struct ou_error *err);
/* Looks how far it is, and does what is next. A failure is this host's. */
enum ou_status load_go_on(struct hauling *g, struct load *l, struct ou_error *err);

#endif
