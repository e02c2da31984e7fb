/* One way of a rule out of the collector, a webhook or a command: it collects events in its open group; when the group is due
 * and nothing is under way, it becomes a delivery. What could not be delivered goes back to the front of the open
 * group: so an outlet holds two groups at most, whose memory is bounded, and whatever happens meanwhile is counted. */
#ifndef OU_COLLECT_NOTIFY_OUTLET_H
#define OU_COLLECT_NOTIFY_OUTLET_H

#include "collect/notify_delivery.h"
#include "collect/notify_group.h"

/* Behind a delivery that failed; it doubles. */
#define OUTLET_RETRY_S 30
#define OUTLET_RETRY_MAX_S 600

struct outlet;

/* What the outlets of a notifier share. */
struct outlet_desk {
    uv_loop_t *loop;
    struct web_client *client;
    int64_t clock;    /* ns */
    size_t under_way; /* deliveries */
    bool is_closing;  /* what fails now is lost */
    bool is_over;     /* nothing is sent any more */
    void (*told)(void *context, const char *rule, bool ok, const char *why);
    void *context;
    /* Who takes what o could not deliver: itself, or another one; NULL: it is lost. */
    struct outlet *(*heir_of)(struct outlet *o);
    void (*delivered)(struct outlet *o); /* called behind each delivery, good or not */
};

struct outlet {
    struct outlet_desk *desk;
    const struct notification_rule *rule;
    void *owner;
    bool is_there, is_webhook;
    struct notice_group open, sending;
    int64_t due; /* of the open group; by the desk's clock */
    struct delivery *delivery;
};

void outlet_add(struct outlet *o, const struct notice *notice);
void outlet_tick(struct outlet *o);  /* sends what is due */
void outlet_flush(struct outlet *o); /* sends what is open, due or not; drops it when all is over */
void outlet_cancel(struct outlet *o);
void outlet_release(struct outlet *o); /* one that delivers nothing */

#endif
