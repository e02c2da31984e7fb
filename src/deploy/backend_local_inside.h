/* The parts of the backend of this machine (backend_local.h): backend_local.c has the kind and its
 * hosts, backend_local_services.c its services. One thread, one loop. */
#ifndef OU_DEPLOY_BACKEND_LOCAL_INSIDE_H
#define OU_DEPLOY_BACKEND_LOCAL_INSIDE_H

#include "deploy/backend_local.h"
#include "deploy/child.h"
#include "deploy/log_watch.h"
#include "deploy/ports.h"
#include "deploy/readiness.h"
#include "deploy/sampler.h"

struct local {
    struct backend backend;    /* first: a struct backend is one of these */
    char *directory, *program; /* owned */
    bool ports_are_shared;
    struct ports ports; /* of the hosts, in their order */
    uint16_t *numbers;  /* of them, also when they are held no longer; owned */
    uv_loop_t *loop;    /* NULL: it has not begun, or has ended */
    struct sampler *sampler;
    struct service **services; /* owned, as each of them is */
    size_t count, cap;
    uint64_t polls;
};

struct service {
    struct local *local;
    struct service_options options;
    char *name;          /* owned */
    struct child *child; /* of its last start; NULL: there was none, or the loop has ended */
    struct log_watch log;
    bool has_log;
    struct ready_watch ready;
    struct sampled_process
        *sampled; /* where we write its log; NULL: it does itself, or has ended */
    uint32_t
        starts_at_end; /* of log.starts: more of them later tell that somebody started it again */
    struct service_facts facts;
};

enum ou_status local_add(struct backend *b, const struct service_options *options,
                         struct service **ret, struct ou_error *err);
enum ou_status local_start(struct backend *b, struct service *service, struct ou_error *err);
void local_stop(struct backend *b, struct service *service, uint64_t grace_ms);
const struct service_facts *local_facts(struct backend *b, struct service *service);
void local_last_lines(struct backend *b, struct service *service, char *ret, size_t room);

/* Looks again at what its log and readiness say; with_usage: also at what its process uses. */
void local_service_look(struct service *s, bool with_usage);
void local_service_let_go(struct service *s); /* of its process, before the loop ends */
void local_service_free(struct service *s);

#endif
