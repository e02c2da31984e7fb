#include "collect/notify_outlet.h"

#include <stdio.h>

#include "base/time.h"

void outlet_add(struct outlet *o, const struct notice *notice)
{
    if (!o->is_there)
        return;
    if (o->open.total == 0)
        o->due = o->desk->clock + (int64_t)o->rule->group_s * NS_PER_SECOND;
    notice_group_add(&o->open, notice);
}

void outlet_release(struct outlet *o)
{
    notice_group_release(&o->open);
    notice_group_release(&o->sending);
}

static void tell_result(const struct outlet *o, uint64_t events, bool ok, const char *why,
                        const char *end)
{
    char text[DELIVERY_WHY_ROOM + 128];

    snprintf(text, sizeof text, "%s: %llu event%s%s", why, (unsigned long long)events,
             events == 1 ? "" : "s", end);
    o->desk->told(o->desk->context, o->rule->name, ok, text);
}

static int64_t retry_pause(unsigned failures)
{
    int64_t pause_s = OUTLET_RETRY_S;

    while (--failures > 0 && pause_s < OUTLET_RETRY_MAX_S)
        pause_s *= 2;
    return (pause_s < OUTLET_RETRY_MAX_S ? pause_s : OUTLET_RETRY_MAX_S) * NS_PER_SECOND;
}

/* Keeps what was not delivered for another time, or gives it up at the end. */
static void take_back(struct outlet *o, const char *why)
{
    struct outlet *heir = o->desk->is_closing ? NULL : o->desk->heir_of(o);
    uint64_t events = o->sending.total;

    if (!heir) {
        notice_group_release(&o->sending);
        tell_result(o, events, false, why, " lost");
        return;
    }
    o->sending.failures++;
    heir->due = o->desk->clock + retry_pause(o->sending.failures);
    notice_group_prepend(&heir->open, &o->sending);
    tell_result(o, events, false, why, " kept for the next try");
}

static void on_delivered(void *owner, bool ok, const char *why)
{
    struct outlet *o = owner;

    o->delivery = NULL;
    o->desk->under_way--;
    if (ok) {
        tell_result(o, o->sending.total, true, why, "");
        notice_group_release(&o->sending);
    } else {
        take_back(o, why);
    }
    o->desk->delivered(o);
}

static enum ou_status start(struct outlet *o, struct ou_error *err)
{
    const struct delivery_options options = {
        .client = o->desk->client,
        .webhook = o->is_webhook ? o->rule->webhook : NULL,
        .command = o->rule->command,
        .done = on_delivered,
        .owner = o,
    };
    struct buffer json;
    enum ou_status status;

    buffer_init(&json, allocator_libc(), GROUP_JSON_MAX);
    notice_group_json(&o->sending, o->rule->name, &json);
    status = buffer_status(&json);
    if (status)
        ou_fail(err, status, "no memory for a notification");
    else
        status = delivery_start(o->desk->loop, &options, (struct span){ json.at, json.len },
                                &o->delivery, err);
    buffer_release(&json);
    return status;
}

/* Nothing is under way. */
static void send_open(struct outlet *o)
{
    struct ou_error err = { 0 };

    o->sending = o->open;
    o->open = (struct notice_group){ 0 };
    if (start(o, &err))
        take_back(o, err.text);
    else
        o->desk->under_way++;
}

void outlet_tick(struct outlet *o)
{
    if (!o->delivery && o->open.total > 0 && o->desk->clock >= o->due)
        send_open(o);
}

void outlet_flush(struct outlet *o)
{
    uint64_t events = o->open.total;

    if (events == 0)
        return;
    if (o->desk->is_over) {
        notice_group_release(&o->open);
        tell_result(o, events, false, "there was no time left", " lost");
    } else if (!o->delivery) {
        send_open(o);
    }
}

void outlet_cancel(struct outlet *o)
{
    if (o->delivery)
        delivery_cancel(o->delivery);
}
