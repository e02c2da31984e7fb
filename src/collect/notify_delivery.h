/* Delivering one notification: a post to a webhook, tried again after pauses, or one run of a command. Loop thread. */
#ifndef OU_COLLECT_NOTIFY_DELIVERY_H
#define OU_COLLECT_NOTIFY_DELIVERY_H

#include "collect/notify_command.h"
#include "collect/notify_webhook.h"

#define WEBHOOK_TRIES 3
#define WEBHOOK_TIMEOUT_MS 10000 /* of one try */
#define COMMAND_TIMEOUT_MS 30000

/* The pause behind the first try; it grows five times behind each. */
#define WEBHOOK_PAUSE_MS 1000

#define DELIVERY_WHY_ROOM 400

struct delivery;

struct delivery_options {
    struct web_client *client;
    const char *webhook;         /* NULL: the command */
    const char *const *command;  /* argv, NULL at the end */
    uint32_t webhook_pause_ms;   /* 0: WEBHOOK_PAUSE_MS */
    uint32_t command_timeout_ms; /* 0: COMMAND_TIMEOUT_MS */
    /* Called once, from the loop. why: "webhook https://host: 204". */
    void (*done)(void *owner, bool ok, const char *why);
    void *owner;
};

/* What options point to stays until the end; json is copied. On failure done is not called. */
enum ou_status delivery_start(uv_loop_t *loop, const struct delivery_options *options,
                              struct span json, struct delivery **ret, struct ou_error *err);

/* Gives up at once: done follows, from the loop. */
void delivery_cancel(struct delivery *d);

#endif
