/* Which rule wants what, and what becomes of nodes between two ticks. How events are delivered stands in
 * notify_outlet.c. */
#include "collect/notify.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/notify_outlet.h"

#define RULE_MEMORY_MAX ((size_t)1 << 20)
#define TICK_MAX_NS (10 * NS_PER_SECOND)
#define WAYS 2

struct rule {
    struct notifier *notifier;
    struct arena memory;
    struct notification_rule is; /* its texts are in memory */
    struct outlet outlets[WAYS];
    int64_t since;     /* nodes that were down before are no news to it */
    struct rule *next; /* of those that are retired */
    bool is_retired;   /* it sends what it has, and goes */
};

/* What is known of a node between two ticks; rules are bits. */
struct watch {
    uint32_t number; /* of the node */
    bool is_gone;
    int64_t gone_at, heard_at; /* by the notifier's clock */
    uint64_t objects;          /* that had come from it */
    uint64_t told_down, told_silent;
};

struct notifier {
    struct outlet_desk desk;
    uv_timer_t end; /* of the wait at the close */
    struct rule *rules[COLLECTOR_RULES_MAX];
    size_t rule_count;
    struct rule *retired;
    struct watch *watches; /* by number, as the nodes are */
    size_t watch_count, watch_cap;
    /* The desk's clock runs by ticks, and by ten seconds a tick at most: a wall clock that jumps, or a machine that
     * slept, makes no node silent. */
    int64_t last_tick_ns;
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
    for (int i = 0; i < WAYS; i++)
        outlet_add(&r->outlets[i], notice);
}

void notifier_tell(struct notifier *n, const struct notice *notice)
{
    if (n->desk.is_closing)
        return;
    for (size_t i = 0; i < n->rule_count; i++)
        if (wants(&n->rules[i]->is, notice))
            tell_rule(n->rules[i], notice);
}

/* ---- ends: of a rule, of all ---- */

static void free_rule(struct rule *r)
{
    for (int i = 0; i < WAYS; i++)
        outlet_release(&r->outlets[i]);
    arena_release(&r->memory);
    free(r);
}

/* A rule that is retired hands on what it could not deliver to the same way of the rule that has its name now. */
static struct outlet *heir_of(struct outlet *o)
{
    const struct rule *r = o->owner;
    const struct notifier *n = r->notifier;

    if (!r->is_retired)
        return o;
    for (size_t i = 0; i < n->rule_count; i++)
        for (int way = 0; way < WAYS; way++) {
            struct outlet *other = &n->rules[i]->outlets[way];

            if (other->is_there && other->is_webhook == o->is_webhook &&
                strcmp(other->rule->name, o->rule->name) == 0)
                return other;
        }
    return NULL;
}

static void flush_rule(struct rule *r)
{
    for (int i = 0; i < WAYS; i++)
        outlet_flush(&r->outlets[i]);
}

static void forget_if_idle(struct rule *r)
{
    struct rule **at = &r->notifier->retired;

    for (int i = 0; i < WAYS; i++)
        if (r->outlets[i].delivery)
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

    web_client_close(n->desk.client, on_client_closed, n);
}

static void close_if_idle(struct notifier *n)
{
    if (n->desk.is_closing && n->desk.under_way == 0 && !uv_is_closing((uv_handle_t *)&n->end))
        uv_close((uv_handle_t *)&n->end, on_timer_closed);
}

static void on_delivered(struct outlet *o)
{
    struct rule *r = o->owner;
    struct notifier *n = r->notifier;

    if (r->is_retired || n->desk.is_closing)
        outlet_flush(o);
    if (r->is_retired)
        forget_if_idle(r);
    close_if_idle(n);
}

static void cancel_rule(struct rule *r)
{
    flush_rule(r);
    for (int i = 0; i < WAYS; i++)
        outlet_cancel(&r->outlets[i]);
}

static void on_wait_over(uv_timer_t *timer)
{
    struct notifier *n = timer->data;

    n->desk.is_over = true;
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
    n->desk.is_closing = true;
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
            n->watches[i] = (struct watch){ .number = node->number, .heard_at = n->desk.clock };
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
    return n->desk.clock - from >= (int64_t)seconds * NS_PER_SECOND;
}

static void look_at_gone(struct notifier *n, struct watch *w, const struct collector_node *node,
                         int64_t now_ns)
{
    if (!w->is_gone) {
        w->is_gone = true;
        w->gone_at = n->desk.clock;
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
    if (w->is_gone || node->counts.objects != w->objects) {
        w->is_gone = false;
        w->objects = node->counts.objects;
        w->heard_at = n->desk.clock;
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
        n->desk.clock += passed < TICK_MAX_NS ? passed : TICK_MAX_NS;
}

void notifier_tick(struct notifier *n, const struct collector_nodes *nodes, int64_t now_ns)
{
    if (n->desk.is_closing)
        return;
    advance_clock(n, now_ns);
    if (match_watches(n, nodes))
        for (size_t i = 0; i < nodes->count; i++)
            (nodes->at[i]->is_connected ? look_at_connected : look_at_gone)(n, &n->watches[i],
                                                                            nodes->at[i], now_ns);
    for (size_t i = 0; i < n->rule_count; i++)
        for (int way = 0; way < WAYS; way++)
            outlet_tick(&n->rules[i]->outlets[way]);
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
    r->since = n->desk.clock;
    r->is = *from;
    r->is.name = copy_text(&r->memory, from->name, &ok);
    r->is.namespace = copy_text(&r->memory, from->namespace, &ok);
    r->is.webhook = copy_text(&r->memory, from->webhook, &ok);
    r->is.command = copy_command(&r->memory, from->command, &ok);
    for (int i = 0; i < WAYS; i++)
        r->outlets[i] =
            (struct outlet){ .desk = &n->desk,
                             .rule = &r->is,
                             .owner = r,
                             .is_there = i == 0 ? r->is.webhook != NULL : r->is.command != NULL,
                             .is_webhook = i == 0 };
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

    if (!n)
        return NULL;
    n->desk = (struct outlet_desk){ .loop = loop,
                                    .client = web_client_new(loop),
                                    .told = told,
                                    .context = context,
                                    .heir_of = heir_of,
                                    .delivered = on_delivered };
    if (!n->desk.client) {
        free(n);
        return NULL;
    }
    uv_timer_init(loop, &n->end);
    uv_unref((uv_handle_t *)&n->end);
    n->end.data = n;
    return n;
}
