/* A rule has an outlet for each of its ways, webhook and command. An outlet collects events in its open
 * group; when the group is due and nothing is under way, it becomes a delivery. What could not be delivered goes back
 * to the front of the open group: so an outlet holds two groups at most, whose memory is bounded, and whatever happens
 * meanwhile is counted. */
#include "collect/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/notify_delivery.h"
#include "collect/notify_group.h"

#define RULE_MEMORY_MAX ((size_t)1 << 20)
#define TICK_MAX_NS (10 * NS_PER_SECOND)
#define RETRY_FIRST_S 30
#define RETRY_MAX_S 600

struct outlet {
    struct rule *rule;
    bool is_there;
    bool is_webhook;
    struct notice_group open, sending;
    int64_t due; /* of the open group; by the notifier's clock */
    struct delivery *delivery;
};

struct rule {
    struct notifier *notifier;
    struct arena memory;
    struct notification_rule is; /* its texts are in memory */
    struct outlet outlets[2];
    int64_t since;     /* nodes that were down before are no news to it */
    struct rule *next; /* of those that are retired */
    bool is_retired;   /* it sends what it has, and goes */
};

/* What is known of a node between two ticks; rules are bits. */
struct watch {
    uint32_t number; /* of the node */
    bool is_gone;
    int64_t gone_at, heard_at; /* by the notifier's clock */
    int64_t last_object_ns;
    uint64_t told_down, told_silent;
};

struct notifier {
    uv_loop_t *loop;
    void (*told)(void *context, const char *rule, bool ok, const char *why);
    void *context;
    struct web_client *client;
    uv_timer_t end; /* of the wait at the close */
    struct rule *rules[COLLECTOR_RULES_MAX];
    size_t rule_count;
    struct rule *retired;
    struct watch *watches; /* by number, as the nodes are */
    size_t watch_count, watch_cap;
    /* Runs by ticks, and by ten seconds a tick at most: a wall clock that jumps, or a machine that slept, makes
     * no node silent. */
    int64_t clock, last_tick_ns;
    size_t under_way; /* deliveries */
    bool is_closing, is_over;
    void (*closed)(void *context);
    void *closed_context;
};

/* ---- what rules want ---- */

/* That name, or one below it. */
static bool is_below(struct span name, const char *top)
{
    return !top || (span_starts(name, top) &&
                    (name.len == strlen(top) || !*top || name.at[strlen(top)] == '.'));
}

static bool wants_message(const struct notification_rule *r, int severity, struct span name)
{
    return r->severity_min >= 0 && severity >= r->severity_min && is_below(name, r->namespace);
}

bool notifier_wants(const struct notifier *n, int severity, struct span name)
{
    for (size_t i = 0; i < n->rule_count; i++)
        if (wants_message(&n->rules[i]->is, severity, name))
            return true;
    return false;
}

static bool wants(const struct notification_rule *r, const struct notice *notice)
{
    switch (notice->kind) {
    case NOTICE_MESSAGE: return wants_message(r, notice->severity, notice->name);
    case NOTICE_NODE_DOWN:
    case NOTICE_NODE_BACK: return r->node_down;
    case NOTICE_SILENCE: return r->silence_s > 0;
    case NOTICE_WRITE_FAILED:
    case NOTICE_WRITE_RECOVERED: return r->write_failed;
    case NOTICE_LOST: return r->lost;
    }
    return false;
}

static void tell_rule(struct rule *r, const struct notice *notice)
{
    for (int i = 0; i < 2; i++) {
        struct outlet *o = &r->outlets[i];

        if (!o->is_there)
            continue;
        if (o->open.total == 0)
            o->due = r->notifier->clock + (int64_t)r->is.group_s * NS_PER_SECOND;
        notice_group_add(&o->open, notice);
    }
}

void notifier_tell(struct notifier *n, const struct notice *notice)
{
    if (n->is_closing)
        return;
    for (size_t i = 0; i < n->rule_count; i++)
        if (wants(&n->rules[i]->is, notice))
            tell_rule(n->rules[i], notice);
}

/* ---- deliveries ---- */

static void free_rule(struct rule *r)
{
    for (int i = 0; i < 2; i++) {
        notice_group_release(&r->outlets[i].open);
        notice_group_release(&r->outlets[i].sending);
    }
    arena_release(&r->memory);
    free(r);
}

/* Where a rule that is retired hands on what it could not deliver: the same way of the rule that has its name now. */
static struct outlet *heir_of(const struct outlet *o)
{
    const struct notifier *n = o->rule->notifier;

    for (size_t i = 0; o->rule->is_retired && i < n->rule_count; i++)
        for (int way = 0; way < 2; way++) {
            struct outlet *other = &n->rules[i]->outlets[way];

            if (other->is_there && other->is_webhook == o->is_webhook &&
                strcmp(n->rules[i]->is.name, o->rule->is.name) == 0)
                return other;
        }
    return NULL;
}

static int64_t retry_pause(unsigned failures)
{
    int64_t pause_s = failures > 5 ? RETRY_MAX_S : (int64_t)RETRY_FIRST_S << (failures - 1);

    return (pause_s < RETRY_MAX_S ? pause_s : RETRY_MAX_S) * NS_PER_SECOND;
}

static void tell_result(const struct outlet *o, uint64_t events, bool ok, const char *why,
                        const char *end)
{
    const struct notifier *n = o->rule->notifier;
    char text[DELIVERY_WHY_ROOM + 128];

    snprintf(text, sizeof text, "%s: %llu event%s%s", why, (unsigned long long)events,
             events == 1 ? "" : "s", end);
    n->told(n->context, o->rule->is.name, ok, text);
}

/* Keeps what was not delivered for another time, or gives it up at the end. */
static void take_back(struct outlet *o, const char *why)
{
    struct notifier *n = o->rule->notifier;
    struct outlet *heir = o->rule->is_retired ? heir_of(o) : o;
    uint64_t events = o->sending.total;

    if (n->is_closing || !heir) {
        tell_result(o, events, false, why, " lost");
        notice_group_release(&o->sending);
        return;
    }
    o->sending.failures++;
    heir->due = n->clock + retry_pause(o->sending.failures);
    notice_group_prepend(&heir->open, &o->sending);
    tell_result(o, events, false, why, " kept for the next try");
}

static void send_group(struct outlet *o);
static void go_on(struct outlet *o);

static void on_delivered(void *owner, bool ok, const char *why)
{
    struct outlet *o = owner;

    o->delivery = NULL;
    o->rule->notifier->under_way--;
    if (ok) {
        tell_result(o, o->sending.total, true, why, "");
        notice_group_release(&o->sending);
    } else {
        take_back(o, why);
    }
    go_on(o);
}

/* The open group becomes a delivery; nothing is under way. */
static void send_group(struct outlet *o)
{
    struct notifier *n = o->rule->notifier;
    const struct delivery_options options = {
        .client = n->client,
        .webhook = o->is_webhook ? o->rule->is.webhook : NULL,
        .command = o->rule->is.command,
        .done = on_delivered,
        .owner = o,
    };
    struct ou_error err = { 0 };
    struct buffer json;
    enum ou_status status;

    o->sending = o->open;
    o->open = (struct notice_group){ 0 };
    buffer_init(&json, allocator_libc(), GROUP_JSON_MAX);
    notice_group_json(&o->sending, o->rule->is.name, &json);
    status = buffer_status(&json);
    if (status)
        ou_fail(&err, status, "a notification of %llu events: no memory",
                (unsigned long long)o->sending.total);
    else
        status = delivery_start(n->loop, &options, (struct span){ json.at, json.len }, &o->delivery,
                                &err);
    buffer_release(&json);
    if (status)
        take_back(o, err.text);
    else
        n->under_way++;
}

/* ---- ends: of a rule, of all ---- */

static bool is_idle(const struct rule *r)
{
    return !r->outlets[0].delivery && !r->outlets[1].delivery;
}

static void drop_open(struct outlet *o)
{
    if (o->open.total > 0)
        tell_result(o, o->open.total, false, "not delivered before the end", " lost");
    notice_group_release(&o->open);
}

/* Sends what a rule has left; a rule that is retired goes when all is sent. */
static void flush_rule(struct rule *r)
{
    for (int i = 0; i < 2; i++) {
        struct outlet *o = &r->outlets[i];

        if (r->notifier->is_over)
            drop_open(o);
        else if (!o->delivery && o->open.total > 0)
            send_group(o);
    }
}

static void forget_if_idle(struct rule *r)
{
    struct rule **at = &r->notifier->retired;

    if (!is_idle(r))
        return;
    while (*at != r)
        at = &(*at)->next;
    *at = r->next;
    free_rule(r);
}

static void on_client_closed(void *context)
{
    struct notifier *n = context;

    for (size_t i = 0; i < n->rule_count; i++)
        free_rule(n->rules[i]);
    alloc_free(allocator_libc(), n->watches, n->watch_cap * sizeof *n->watches);
    if (n->closed)
        n->closed(n->closed_context);
    free(n);
}

static void on_timer_closed(uv_handle_t *handle)
{
    struct notifier *n = handle->data;

    web_client_close(n->client, on_client_closed, n);
}

static void close_if_idle(struct notifier *n)
{
    if (n->is_closing && n->under_way == 0 && !uv_is_closing((uv_handle_t *)&n->end))
        uv_close((uv_handle_t *)&n->end, on_timer_closed);
}

/* After a delivery. */
static void go_on(struct outlet *o)
{
    struct rule *r = o->rule;
    struct notifier *n = r->notifier;

    if (r->is_retired || n->is_closing)
        flush_rule(r);
    if (r->is_retired)
        forget_if_idle(r);
    close_if_idle(n);
}

static void cancel_rule(struct rule *r)
{
    flush_rule(r);
    for (int i = 0; i < 2; i++)
        if (r->outlets[i].delivery)
            delivery_cancel(r->outlets[i].delivery);
}

static void on_wait_over(uv_timer_t *timer)
{
    struct notifier *n = timer->data;

    n->is_over = true;
    for (size_t i = 0; i < n->rule_count; i++)
        cancel_rule(n->rules[i]);
    for (struct rule *r = n->retired; r; r = r->next)
        cancel_rule(r);
}

void notifier_close(struct notifier *n, uint32_t wait_ms, void (*closed)(void *context),
                    void *context)
{
    n->closed = closed;
    n->closed_context = context;
    n->is_closing = true;
    for (size_t i = 0; i < n->rule_count; i++)
        flush_rule(n->rules[i]);
    uv_timer_start(&n->end, on_wait_over, wait_ms, 0);
    close_if_idle(n);
}

/* ---- nodes ---- */

/* A watch for each node, in its place: both are sorted by number, and nodes come only at the end. */
static bool match_watches(struct notifier *n, const struct collector_nodes *nodes)
{
    size_t from = 0;

    if (!array_reserve(allocator_libc(), (void **)&n->watches, &n->watch_cap, nodes->count,
                       sizeof *n->watches, NODES_MAX))
        return false;
    for (size_t i = 0; i < nodes->count; i++) {
        const struct collector_node *node = nodes->at[i];

        while (from < n->watch_count && n->watches[from].number < node->number)
            from++;
        if (from < n->watch_count && n->watches[from].number == node->number)
            n->watches[i] = n->watches[from++];
        else
            n->watches[i] = (struct watch){ .number = node->number, .heard_at = n->clock };
    }
    n->watch_count = nodes->count;
    return true;
}

static void tell_node(struct rule *r, enum notice_kind kind, const struct collector_node *node,
                      int64_t now_ns, const char *text)
{
    const struct notice notice = {
        .kind = kind, .at_ns = now_ns, .node = node->name, .severity = -1, .text = span_of(text)
    };

    tell_rule(r, &notice);
}

static bool is_over(const struct notifier *n, int64_t from, uint32_t seconds)
{
    return n->clock - from >= (int64_t)seconds * NS_PER_SECOND;
}

static void look_at_gone(struct notifier *n, struct watch *w, const struct collector_node *node,
                         int64_t now_ns)
{
    if (!w->is_gone) {
        w->is_gone = true;
        w->gone_at = n->clock;
    }
    for (size_t i = 0; i < n->rule_count; i++) {
        struct rule *r = n->rules[i];
        char text[320];

        if (!r->is.node_down || (w->told_down >> i & 1) || w->gone_at < r->since ||
            !is_over(n, w->gone_at, r->is.grace_s))
            continue;
        w->told_down |= UINT64_C(1) << i;
        snprintf(text, sizeof text, "the connection ended%s%s", *node->why_gone ? ": " : "",
                 node->why_gone);
        tell_node(r, NOTICE_NODE_DOWN, node, now_ns, text);
    }
}

static void look_at_connected(struct notifier *n, struct watch *w,
                              const struct collector_node *node, int64_t now_ns)
{
    if (w->is_gone || node->last_object_ns != w->last_object_ns) {
        w->is_gone = false;
        w->last_object_ns = node->last_object_ns;
        w->heard_at = n->clock;
        w->told_silent = 0;
    }
    for (size_t i = 0; i < n->rule_count; i++) {
        struct rule *r = n->rules[i];
        uint64_t bit = UINT64_C(1) << i;
        char text[64];

        if (w->told_down & bit)
            tell_node(r, NOTICE_NODE_BACK, node, now_ns, "it is connected again");
        if (r->is.silence_s > 0 && !(w->told_silent & bit) &&
            is_over(n, w->heard_at, r->is.silence_s)) {
            w->told_silent |= bit;
            snprintf(text, sizeof text, "no trace object for %u s", r->is.silence_s);
            tell_node(r, NOTICE_SILENCE, node, now_ns, text);
        }
    }
    w->told_down = 0;
}

static void advance_clock(struct notifier *n, int64_t now_ns)
{
    int64_t passed = n->last_tick_ns ? now_ns - n->last_tick_ns : 0;

    n->last_tick_ns = now_ns;
    if (passed > 0)
        n->clock += passed < TICK_MAX_NS ? passed : TICK_MAX_NS;
}

void notifier_tick(struct notifier *n, const struct collector_nodes *nodes, int64_t now_ns)
{
    if (n->is_closing)
        return;
    advance_clock(n, now_ns);
    if (match_watches(n, nodes))
        for (size_t i = 0; i < nodes->count; i++)
            (nodes->at[i]->is_connected ? look_at_connected : look_at_gone)(n, &n->watches[i],
                                                                            nodes->at[i], now_ns);
    for (size_t i = 0; i < n->rule_count; i++)
        for (int way = 0; way < 2; way++) {
            struct outlet *o = &n->rules[i]->outlets[way];

            if (!o->delivery && o->open.total > 0 && n->clock >= o->due)
                send_group(o);
        }
}

/* ---- configuration ---- */

static const char *copy_text(struct arena *a, const char *text, bool *ok)
{
    char *ret = text ? arena_copy(a, text, strlen(text)) : NULL;

    *ok = *ok && (!text || ret);
    return ret;
}

static const char **copy_command(struct arena *a, const char *const *command, bool *ok)
{
    size_t count = 0;
    const char **ret;

    if (!command)
        return NULL;
    while (command[count])
        count++;
    ret = arena_take(a, (count + 1) * sizeof *ret, _Alignof(const char *));
    for (size_t i = 0; ret && i < count; i++)
        ret[i] = copy_text(a, command[i], ok);
    *ok = *ok && ret;
    return ret;
}

static struct rule *new_rule(struct notifier *n, const struct notification_rule *from)
{
    struct rule *r = calloc(1, sizeof *r);
    bool ok = true;

    if (!r)
        return NULL;
    arena_init(&r->memory, allocator_libc(), RULE_MEMORY_MAX);
    r->notifier = n;
    r->since = n->clock;
    r->is = *from;
    r->is.name = copy_text(&r->memory, from->name, &ok);
    r->is.namespace = copy_text(&r->memory, from->namespace, &ok);
    r->is.webhook = copy_text(&r->memory, from->webhook, &ok);
    r->is.command = copy_command(&r->memory, from->command, &ok);
    r->outlets[0] = (struct outlet){ .rule = r, .is_there = r->is.webhook, .is_webhook = true };
    r->outlets[1] = (struct outlet){ .rule = r, .is_there = r->is.command };
    if (ok)
        return r;
    free_rule(r);
    return NULL;
}

/* The bit of a rule in the new order; 0: it is gone. What it had told of nodes stays told. */
static uint64_t new_bit(const struct rule *old, struct rule *const *rules, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(rules[i]->is.name, old->is.name) == 0) {
            rules[i]->since = old->since;
            return UINT64_C(1) << i;
        }
    return 0;
}

static uint64_t translated(uint64_t bits, const uint64_t *new_bits, size_t count)
{
    uint64_t ret = 0;

    for (size_t i = 0; i < count; i++)
        if (bits >> i & 1)
            ret |= new_bits[i];
    return ret;
}

static void retire_rules(struct notifier *n, struct rule *const *rules, size_t count)
{
    uint64_t new_bits[COLLECTOR_RULES_MAX];
    struct rule *next;

    for (size_t i = 0; i < n->rule_count; i++) {
        new_bits[i] = new_bit(n->rules[i], rules, count);
        n->rules[i]->is_retired = true;
        n->rules[i]->next = n->retired;
        n->retired = n->rules[i];
    }
    for (size_t i = 0; i < n->watch_count; i++) {
        struct watch *w = &n->watches[i];

        w->told_down = translated(w->told_down, new_bits, n->rule_count);
        w->told_silent = translated(w->told_silent, new_bits, n->rule_count);
    }
    memcpy(n->rules, rules, count * sizeof(struct rule *));
    n->rule_count = count;
    for (struct rule *r = n->retired; r; r = next) {
        next = r->next;
        flush_rule(r);
        forget_if_idle(r);
    }
}

enum ou_status notifier_configure(struct notifier *n, const struct collector_config *config,
                                  struct ou_error *err)
{
    struct rule *rules[COLLECTOR_RULES_MAX];

    for (size_t i = 0; i < config->rule_count; i++) {
        rules[i] = new_rule(n, &config->rules[i]);
        if (!rules[i]) {
            while (i-- > 0)
                free_rule(rules[i]);
            return ou_fail(err, OU_NO_MEMORY, "no memory for the rules of notifications");
        }
    }
    retire_rules(n, rules, config->rule_count);
    return OU_OK;
}

struct notifier *notifier_new(uv_loop_t *loop,
                              void (*told)(void *context, const char *rule, bool ok,
                                           const char *why),
                              void *context)
{
    struct notifier *n = calloc(1, sizeof *n);

    if (n)
        n->client = web_client_new(loop);
    if (!n || !n->client) {
        free(n);
        return NULL;
    }
    n->loop = loop;
    n->told = told;
    n->context = context;
    uv_timer_init(loop, &n->end);
    uv_unref((uv_handle_t *)&n->end);
    n->end.data = n;
    return n;
}
