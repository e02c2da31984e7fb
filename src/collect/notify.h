/* Notifications: what happens to nodes is told to webhooks and commands, grouped. Loop thread; the
 * deliveries run in the loop and as child processes, one at a time for each way of a rule. The process ignores SIGPIPE. */
#ifndef OU_COLLECT_NOTIFY_H
#define OU_COLLECT_NOTIFY_H

#include <uv.h>

#include "collect/config.h"
#include "collect/node.h"

struct notifier;

enum notice_kind {
    NOTICE_MESSAGE,
    NOTICE_NODE_DOWN,
    NOTICE_NODE_BACK,
    NOTICE_SILENCE,
    NOTICE_WRITE_FAILED,
    NOTICE_WRITE_RECOVERED,
    NOTICE_LOST
};

struct notice {
    enum notice_kind kind;
    int64_t at_ns;    /* wall clock */
    const char *node; /* its name */
    int severity;     /* of a message, 0..7 */
    struct span name; /* of a message: the dotted namespace */
    struct span text; /* the line, or what happened */
    uint64_t count;   /* of NOTICE_LOST: objects */
};

/* told: what became of deliveries, for the collector's own traces (why: text for people). NULL: no memory. */
struct notifier *notifier_new(uv_loop_t *loop,
                              void (*told)(void *context, const char *rule, bool ok,
                                           const char *why),
                              void *context);
/* The rules; copied. Groups that are open go out by the old ones first. */
enum ou_status notifier_configure(struct notifier *n, const struct collector_config *config,
                                  struct ou_error *err);
/* Whether a message of that severity and name would be told: cheap, any thread between configurations. */
bool notifier_wants(const struct notifier *n, int severity, struct span name);
void notifier_tell(struct notifier *n, const struct notice *notice);
/* Looks for nodes that are down or silent; once a second. */
void notifier_tick(struct notifier *n, const struct collector_nodes *nodes, int64_t now_ns);
/* Sends what is open, waits at most so long, and closes. closed is called when all handles are closed. */
void notifier_close(struct notifier *n, uint32_t wait_ms, void (*closed)(void *context),
                    void *context);

#endif
