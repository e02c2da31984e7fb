#include "collect/desk.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "collect/collector_inside.h"
#include "collect/own_points.h"
#include "json/tree.h"

#define TELL_AGAIN_MS 60000
#define REPLY_KEPT_BYTES 65536 /* memory for the next reply of this desk */
#define NOTICES_MAX 1024       /* of one reply; more are not told one by one */
#define NOTICE_TEXT_MAX 1024   /* bytes of each line */
#define NOTICES_BYTES ((size_t)2 << 20)

/* What a forwarder of ours says when it had to drop objects. */
static const char loss_name[] = "Reflection.ForwarderLost";

enum desk_work { WORK_NONE, WORK_WRITE, WORK_RETRY, WORK_TICK, WORK_CLOSE };

/* A notable object, copied in the job; texts are offsets into `texts`. */
struct kept_notice {
    int64_t at_ns;
    int severity;
    size_t name_at, name_len, text_at, text_len;
};

/* What a job brings back. */
struct desk_result {
    enum ou_status status;
    struct ou_error err;
    struct log_batch batch;
    uint64_t by_severity[TRACE_SEVERITIES];
    uint64_t lost_there;
    struct node_line *lines; /* a ring of NODE_LAST_LINES */
    uint64_t line_count;
    struct kept_notice *notices; /* NOTICES_MAX; NULL until the first one */
    size_t notice_count;
    struct buffer texts;
};

/* A reply that is not written yet. */
struct desk_reply {
    struct buffer bytes;
    bool is_there;
    bool is_first; /* of its connection */
    uint16_t asked;
};

struct desk {
    struct desk *next;
    struct collector *c;
    struct collector_node *node;
    struct log_node *log;
    struct desk_owner owner;
    bool is_owned;

    struct desk_reply reply;
    struct desk_reply after; /* what an owner left that went before `reply` was written */
    bool is_inherited;       /* the reply is of an owner before */
    size_t left_bytes;       /* of lines that could not be written yet */
    size_t held_bytes;       /* of them all, as the collector counts them */

    uv_work_t request;
    enum desk_work work; /* that is being done in the pool */
    struct desk_result result;

    char version[64], commit[64]; /* of the node; to be set before the next job */
    bool has_version;

    bool is_due;      /* for log_node_tick() */
    bool is_failing;  /* lines wait to be tried again */
    bool is_dropping; /* lines are given up, and none has been written since */
    bool may_retry;   /* a second has gone by */
    uint64_t tell_at_ms, tell_tick_at_ms;
    uint64_t untold_lost, untold_lost_there, tell_lost_at_ms;
};

/* --- In the pool -------------------------------------------------------------------------- */

static void keep_line(struct desk_result *r, const struct log_line *line)
{
    struct node_line *kept = &r->lines[r->line_count++ % NODE_LAST_LINES];
    size_t len = line->line.len;

    if (len > sizeof(kept->text) - 1) {
        len = sizeof(kept->text) - 1;
        while (len > 0 && ((unsigned char)line->line.at[len] & 0xc0) == 0x80)
            len--; /* no half characters */
    }
    kept->at_ns = trace_object_ns(line->object);
    kept->severity = line->object->severity;
    if (len)
        memcpy(kept->text, line->line.at, len);
    kept->text[len] = '\0';
}

static void keep_notice(struct desk_result *r, const struct log_line *line)
{
    struct kept_notice *kept;
    size_t len = line->line.len < NOTICE_TEXT_MAX ? line->line.len : NOTICE_TEXT_MAX;

    if (!r->notices)
        r->notices = calloc(NOTICES_MAX, sizeof(*r->notices));
    if (!r->notices || r->notice_count == NOTICES_MAX)
        return;
    kept = &r->notices[r->notice_count];
    *kept = (struct kept_notice){ .at_ns = trace_object_ns(line->object),
                                  .severity = line->object->severity,
                                  .name_at = r->texts.len,
                                  .name_len = line->name.len,
                                  .text_at = r->texts.len + line->name.len,
                                  .text_len = len };
    buffer_append(&r->texts, line->name.at, line->name.len);
    buffer_append(&r->texts, line->line.at, len);
    if (buffer_status(&r->texts) == OU_OK)
        r->notice_count++;
}

/* The member data.dropped of the line; 0 when there is none. */
static uint64_t dropped_of(struct span line)
{
    json_t *root;
    json_int_t dropped;

    if (json_tree_parse(line, loss_name, &root, NULL))
        return 0;
    dropped = json_integer_value(json_object_get(json_object_get(root, "data"), "dropped"));
    json_decref(root);
    return dropped > 0 ? (uint64_t)dropped : 0;
}

static void on_object(void *context, const struct log_line *line)
{
    struct desk *d = context;
    struct desk_result *r = &d->result;

    if (line->is_repeat)
        return;
    r->by_severity[line->object->severity % TRACE_SEVERITIES]++;
    keep_line(r, line);
    if (span_is(line->name, loss_name))
        r->lost_there += dropped_of(line->line);
    if (notifier_wants(d->c->notifier, line->object->severity, line->name))
        keep_notice(r, line);
    if (d->c->reforwarder)
        reforwarder_push(d->c->reforwarder, line->object, line->name);
}

static enum ou_status write_reply(struct desk *d)
{
    struct trace_forward_message message;
    const char *why = "it ends too early";

    if (trace_forward_read(bytes_of(&d->reply.bytes), &message, &why) != WIRE_OK)
        return ou_fail(&d->result.err, OU_INVALID, "a reply is not in order: %s", why);
    return log_node_write(d->log, message.reply, d->reply.is_first, d->reply.asked, on_object, d,
                          &d->result.batch, &d->result.err);
}

static void on_work(uv_work_t *request)
{
    struct desk *d = request->data;
    struct desk_result *r = &d->result;

    switch (d->work) {
    case WORK_WRITE: r->status = write_reply(d); break;
    case WORK_RETRY: r->status = log_node_retry(d->log, &r->batch, &r->err); break;
    case WORK_TICK: r->status = log_node_tick(d->log, time_wall_ns(), &r->err); break;
    case WORK_CLOSE: r->status = log_node_sync(d->log, &r->err); break;
    case WORK_NONE: break;
    }
}

/* --- Back in the loop ----------------------------------------------------------------------- */

static void tell_notice(struct desk *d, enum notice_kind kind, const char *text, uint64_t count)
{
    const struct notice notice = { .kind = kind,
                                   .at_ns = time_wall_ns(),
                                   .node = d->node->name,
                                   .text = span_of(text),
                                   .count = count };

    notifier_tell(d->c->notifier, &notice);
}

static void tell_messages(struct desk *d)
{
    const struct desk_result *r = &d->result;

    for (size_t i = 0; i < r->notice_count; i++) {
        const struct kept_notice *kept = &r->notices[i];
        const struct notice notice = {
            .kind = NOTICE_MESSAGE,
            .at_ns = kept->at_ns,
            .node = d->node->name,
            .severity = kept->severity,
            .name = { r->texts.at + kept->name_at, kept->name_len },
            .text = { r->texts.at + kept->text_at, kept->text_len },
        };

        notifier_tell(d->c->notifier, &notice);
    }
}

static void tell_losses_now(struct desk *d)
{
    if (!d->untold_lost && !d->untold_lost_there)
        return;
    d->tell_lost_at_ms = uv_now(&d->c->loop) + TELL_AGAIN_MS;
    if (d->untold_lost) {
        OU_TRACE(tracer_lines_lost, d->node->name, d->untold_lost, d->node->counts.lost_here);
        tell_notice(d, NOTICE_LOST, "lines could not be written, and were given up",
                    d->untold_lost);
    }
    if (d->untold_lost_there) {
        OU_TRACE(tracer_objects_lost, d->node->name, d->untold_lost_there,
                 d->node->counts.lost_there);
        tell_notice(d, NOTICE_LOST, "the node's forwarder dropped messages", d->untold_lost_there);
    }
    d->untold_lost = d->untold_lost_there = 0;
}

/* Losses are told at once, and then once a minute while they go on; the rest at their end, and at that of the desk. */
static void tell_losses(struct desk *d)
{
    if (uv_now(&d->c->loop) >= d->tell_lost_at_ms)
        tell_losses_now(d);
}

static void count(struct desk *d)
{
    const struct desk_result *r = &d->result;
    struct node_counts *counts = &d->node->counts;

    if (r->batch.objects > 0)
        d->node->last_object_ns = time_wall_ns();
    counts->objects += r->batch.objects;
    counts->repeated += r->batch.repeated;
    counts->lines += r->batch.lines;
    counts->bytes += r->batch.bytes;
    counts->lost_here += r->batch.lost;
    counts->lost_there += r->lost_there;
    d->untold_lost += r->batch.lost;
    d->untold_lost_there += r->lost_there;
    for (size_t i = 0; i < TRACE_SEVERITIES; i++)
        d->node->by_severity[i] += r->by_severity[i];
    for (uint64_t i = r->line_count > NODE_LAST_LINES ? r->line_count - NODE_LAST_LINES : 0;
         i < r->line_count; i++)
        d->node->lines[d->node->line_count++ % NODE_LAST_LINES] = r->lines[i % NODE_LAST_LINES];
}

static bool is_in_trouble(const struct desk *d)
{
    return d->is_failing || d->is_dropping;
}

/* Told when it begins, and once a minute. */
static void tell_failure(struct desk *d)
{
    const uint64_t now_ms = uv_now(&d->c->loop);

    if (is_in_trouble(d) && now_ms < d->tell_at_ms)
        return;
    if (!is_in_trouble(d))
        tell_notice(d, NOTICE_WRITE_FAILED, d->result.err.text, 0);
    d->tell_at_ms = now_ms + TELL_AGAIN_MS;
    OU_TRACE(tracer_write_failed, d->node->name, d->result.err.text);
}

static void tell_recovery(struct desk *d)
{
    static const char why[] = "its lines are written again";

    tell_losses_now(d);
    OU_TRACE(tracer_write_recovered, d->node->name, why);
    tell_notice(d, NOTICE_WRITE_RECOVERED, why, 0);
}

/* --- Replies -------------------------------------------------------------------------------- */

static void reply_init(struct desk_reply *reply)
{
    *reply = (struct desk_reply){ .is_there = false };
    buffer_init(&reply->bytes, allocator_libc(), SIZE_MAX); /* the session has a limit */
}

static void reply_release(struct desk_reply *reply)
{
    buffer_release(&reply->bytes);
    buffer_init(&reply->bytes, allocator_libc(), SIZE_MAX);
}

/* The memory of a large one is given back. */
static void reply_clear(struct desk_reply *reply)
{
    reply->is_there = false;
    if (reply->bytes.cap > REPLY_KEPT_BYTES)
        reply_release(reply);
}

static void reply_move(struct desk_reply *from, struct desk_reply *to)
{
    const struct desk_reply was = *to;

    *to = *from;
    *from = was;
    reply_clear(from);
}

static uint64_t count_objects(struct bytes reply)
{
    struct trace_forward_message message;
    struct trace_object o;
    const char *why;
    uint64_t count = 0;

    if (trace_forward_read(reply, &message, &why) != WIRE_OK)
        return 0;
    while (trace_reply_next(&message.reply, &o))
        count++;
    return count;
}

static void count_held(struct desk *d)
{
    collector_holds(d->c, &d->held_bytes, d->reply.bytes.cap + d->after.bytes.cap + d->left_bytes);
}

/* Who sent it may not send it again: only a forwarder of ours does. */
void desk_lose(struct desk *d, struct bytes reply)
{
    const uint64_t lost = count_objects(reply);

    d->node->counts.lost_here += lost;
    d->untold_lost += lost;
}

static void lose(struct desk *d, struct desk_reply *reply)
{
    if (reply->is_there)
        desk_lose(d, bytes_of(&reply->bytes));
    reply_clear(reply);
    count_held(d);
}

static void reply_is_done(struct desk *d, const char *refused)
{
    if (refused && (d->is_inherited || !d->is_owned))
        OU_TRACE(tracer_error, refused);
    reply_clear(&d->reply);
    if (d->after.is_there) {
        reply_move(&d->after, &d->reply);
        d->is_inherited = true;
    }
    count_held(d);
    if (d->is_owned && !d->reply.is_there)
        d->owner.freed(d->owner.context, d->is_inherited ? NULL : refused);
}

/* All is written, or given up and counted: then the reason is known, too. */
static void reply_is_out(struct desk *d)
{
    const struct desk_result *r = &d->result;

    if (r->batch.lost > 0 && r->err.text[0]) {
        tell_failure(d);
        d->is_dropping = true;
        d->is_failing = false;
    } else if (d->is_failing || (d->is_dropping && r->batch.lines > 0)) {
        d->is_failing = d->is_dropping = false;
        tell_recovery(d);
    }
    OU_TRACE(tracer_reply, d->node->name, r->batch.objects, r->batch.repeated, r->batch.bytes);
    reply_is_done(d, NULL);
}

static void after_write(struct desk *d)
{
    d->left_bytes = log_node_left_bytes(d->log);
    if (d->result.status == OU_OK) {
        reply_is_out(d);
    } else if (d->result.status == OU_IO) {
        tell_failure(d);
        d->is_failing = true;
        d->is_dropping = false;
        d->may_retry = false;
        reply_release(&d->reply); /* its lines are kept */
        count_held(d);
    } else {
        reply_is_done(d, d->result.err.text);
    }
    d->node->is_waiting = d->is_failing;
}

/* Old files could not be removed, say. */
static void after_tick(struct desk *d)
{
    const uint64_t now_ms = uv_now(&d->c->loop);

    if (d->result.status == OU_OK || now_ms < d->tell_tick_at_ms)
        return;
    d->tell_tick_at_ms = now_ms + TELL_AGAIN_MS;
    OU_TRACE(tracer_error, d->result.err.text);
}

static void desk_free(struct desk *d)
{
    struct desk **at = &d->c->desks;

    while (*at != d)
        at = &(*at)->next;
    *at = d->next;
    tell_losses_now(d);
    collector_holds(d->c, &d->held_bytes, 0);
    d->node->desk = NULL;
    d->node->is_waiting = false;
    log_node_close(d->log);
    buffer_release(&d->reply.bytes);
    buffer_release(&d->after.bytes);
    buffer_release(&d->result.texts);
    free(d->result.notices);
    free(d->result.lines);
    free(d);
}

static void desk_turn(struct desk *d);

static void after_work(uv_work_t *request, int cancelled)
{
    struct desk *d = request->data;
    struct collector *c = d->c;
    const enum desk_work work = d->work;

    (void)cancelled; /* nobody does */
    d->work = WORK_NONE;
    c->running_jobs--;
    count(d);
    tell_messages(d);
    if (work == WORK_WRITE || work == WORK_RETRY)
        after_write(d);
    else
        after_tick(d);
    tell_losses(d); /* behind the reason */
    if (work == WORK_CLOSE && !d->is_owned)
        desk_free(d);
    else
        desk_turn(d);
    if (c->is_paused && c->running_jobs == 0 && c->idle)
        c->idle(c);
}

/* --- What is next ------------------------------------------------------------------------------ */

static enum desk_work next_work(const struct desk *d)
{
    if (d->is_due) /* before trying again: it may remove files from a full disk */
        return WORK_TICK;
    if (d->is_failing)
        return d->may_retry ? WORK_RETRY : WORK_NONE;
    if (d->reply.is_there)
        return WORK_WRITE;
    return d->is_owned ? WORK_NONE : WORK_CLOSE;
}

static void clear_result(struct desk_result *r)
{
    r->batch = (struct log_batch){ 0 };
    memset(r->by_severity, 0, sizeof(r->by_severity));
    r->lost_there = 0;
    r->line_count = 0;
    r->notice_count = 0;
    r->err.text[0] = '\0';
    buffer_clear(&r->texts);
}

static void desk_turn(struct desk *d)
{
    if (d->work != WORK_NONE || d->c->is_paused)
        return;
    d->work = next_work(d);
    if (d->work == WORK_NONE)
        return;
    if (d->work == WORK_TICK)
        d->is_due = false;
    if (d->has_version) {
        log_node_set_version(d->log, d->version, d->commit);
        d->has_version = false;
    }
    clear_result(&d->result);
    d->c->running_jobs++;
    uv_queue_work(&d->c->loop, &d->request, on_work,
                  after_work); /* fails without a function only */
}

/* --- Coming and going ----------------------------------------------------------------------------- */

static struct desk *desk_new(struct collector *c, struct collector_node *node)
{
    struct desk *d = calloc(1, sizeof(*d));

    if (!d)
        return NULL;
    d->result.lines = calloc(NODE_LAST_LINES, sizeof(*d->result.lines));
    d->log = d->result.lines ? log_node_open(c->writer, node->folder, node->name) : NULL;
    if (!d->log) {
        free(d->result.lines);
        free(d);
        return NULL;
    }
    d->c = c;
    d->node = node;
    d->request.data = d;
    reply_init(&d->reply);
    reply_init(&d->after);
    buffer_init(&d->result.texts, allocator_libc(), NOTICES_BYTES);
    d->next = c->desks;
    c->desks = d;
    node->desk = d;
    return d;
}

struct desk *desk_of(struct collector *c, struct collector_node *node, struct desk_owner owner)
{
    struct desk *d = node->desk ? node->desk : desk_new(c, node);

    if (d) {
        d->owner = owner;
        d->is_owned = true;
        d->is_inherited = true;
    }
    return d;
}

bool desk_is_busy(const struct desk *d)
{
    return d->reply.is_there;
}

static void begin_reply(struct desk *d, bool first, uint16_t asked)
{
    d->reply.is_there = true;
    d->reply.is_first = first;
    d->reply.asked = asked;
    d->is_inherited = false;
    desk_turn(d);
}

bool desk_take(struct desk *d, struct bytes reply, bool first, uint16_t asked)
{
    buffer_clear(&d->reply.bytes);
    buffer_append(&d->reply.bytes, reply.at, reply.count);
    if (buffer_status(&d->reply.bytes))
        return false;
    count_held(d);
    begin_reply(d, first, asked);
    return true;
}

static void take_over(struct desk_reply *reply, struct buffer *bytes)
{
    const struct buffer was = reply->bytes;

    reply->bytes = *bytes;
    *bytes = was;
}

void desk_take_held(struct desk *d, struct buffer *held, bool first, uint16_t asked)
{
    take_over(&d->reply, held);
    count_held(d);
    begin_reply(d, first, asked);
}

void desk_inherit(struct desk *d, struct buffer *held, bool first, uint16_t asked)
{
    if (!desk_is_busy(d)) {
        desk_take_held(d, held, first, asked);
        return;
    }
    lose(d, &d->after); /* of an owner still before; there is room for one */
    take_over(&d->after, held);
    d->after.is_there = true;
    d->after.is_first = first;
    d->after.asked = asked;
    count_held(d);
}

void desk_version(struct desk *d, const char *version, const char *commit)
{
    snprintf(d->version, sizeof(d->version), "%s", version);
    snprintf(d->commit, sizeof(d->commit), "%s", commit);
    d->has_version = true;
}

void desk_leave(struct desk *d)
{
    d->is_owned = false;
    desk_turn(d);
}

/* --- All of them ------------------------------------------------------------------------------ */

/* Each desk may be gone after its turn. */
static void turn_all(struct collector *c)
{
    struct desk *next;

    for (struct desk *d = c->desks; d; d = next) {
        next = d->next;
        desk_turn(d);
    }
}

/* What of a tick's work is due, and when, is known to the writer. */
static bool has_ticks(const struct collector_config *config)
{
    return config->rotation.wanted || config->durability == DURABLE_PERIOD;
}

void desks_tick(struct collector *c)
{
    for (struct desk *d = c->desks; d; d = d->next) {
        d->is_due |= has_ticks(c->config);
        d->may_retry = true;
        tell_losses(d);
    }
    turn_all(c);
}

void desks_pause(struct collector *c, void (*idle)(struct collector *c))
{
    c->is_paused = true;
    c->idle = idle;
    if (c->running_jobs == 0)
        idle(c);
}

void desks_resume(struct collector *c)
{
    c->is_paused = false;
    c->idle = NULL;
    turn_all(c);
}

bool desks_are_clear(const struct collector *c)
{
    return !c->desks;
}

void desks_give_up(struct collector *c)
{
    for (struct desk *d = c->desks; d; d = d->next) {
        if (d->is_failing)
            OU_TRACE(tracer_write_failed, d->node->name,
                     "its last lines could not be written before the end, and were not confirmed "
                     "to it");
        lose(d, &d->after);
        d->is_failing = d->reply.is_there = false; /* a job may still have its bytes */
    }
    turn_all(c);
}
