/* Chain-sync, the side that is followed. One request of the client is open at a time, since the conversation hands the
 * next one over when this one is answered; at the head of the chain it stays open until there is
 * news. Memory per peer: the follower, and the last message (a header with its tip). */
#include <ouroscope/node_gossip.h>
#include <ouroscope/trace.h>

#include "node/header_cache.h"
#include "node/peer.h"
#include "node/points.h"

struct chain_sync_server {
    struct peer *peer;
    struct conversation *conversation;
    struct chain_listener news;
    struct follower follower;
    struct buffer out;
    bool waits; /* the client has all there is, and was told so */
};

static void say(struct chain_sync_server *s, const struct chain_sync_message *m)
{
    buffer_clear(&s->out);
    chain_sync_write(&s->out, m);
    if (buffer_status(&s->out))
        link_close(s->peer->link, "own fault: no memory for a message of chain-sync");
    else
        conversation_send(s->conversation, bytes_of(&s->out));
}

/* --- Instructions ------------------------------------------------------------------- */

static void trace_update(const struct chain_sync_message *m, const struct chain_block *block,
                         bool blocking, bool rising)
{
    const struct point at = point_of_block(block);
    const struct ou_chain_point tip = point_traced(&m->tip.point), place = point_traced(&at);
    const bool forward = m->key == CHAIN_SYNC_ROLL_FORWARD;

    OU_TRACE(node_server_header_update, &tip, forward ? &place : NULL, forward ? NULL : &place,
             blocking, rising);
}

static bool make_instruction(struct chain_sync_server *s, enum follow what,
                             const struct chain_block *block, struct chain_sync_message *m)
{
    struct ou_error err = { 0 };

    chain_db_tip_of_wire(s->peer->all->db, &m->tip);
    if (what == FOLLOW_BACKWARD) {
        m->key = CHAIN_SYNC_ROLL_BACKWARD;
        m->point = point_of_block(block);
        return true;
    }
    m->key = CHAIN_SYNC_ROLL_FORWARD;
    m->era = ERA_CONWAY;
    if (header_cache_get(s->peer->all->header_cache, s->peer->all->db, block, &m->header, &err)) {
        link_close(s->peer->link, "own fault: %s", err.text);
        return false;
    }
    return true;
}

/* Answers the open request if there is anything to tell. blocking: the client waits for it. */
static bool instruct(struct chain_sync_server *s, bool blocking)
{
    struct chain_sync_message m = { 0 };
    const struct chain_block *block = NULL;
    const enum follow what = follower_next(&s->follower, &block);

    if (what == FOLLOW_NOTHING)
        return false;
    if (!make_instruction(s, what, block, &m))
        return true;
    trace_update(&m, block, blocking, true);
    say(s, &m);
    trace_update(&m, block, blocking, false);
    return true;
}

static void on_news(void *context, enum chain_news news, const struct chain_block *block)
{
    struct chain_sync_server *s = context;

    (void)block;
    if (!s->waits || (news != CHAIN_TENTATIVE && news != CHAIN_NEW_TIP))
        return;
    s->waits = !instruct(s, true);
}

/* --- Requests --------------------------------------------------------------------------- */

static void on_request_next(struct chain_sync_server *s)
{
    if (instruct(s, false))
        return;
    s->waits = true;
    say(s, &(struct chain_sync_message){ .key = CHAIN_SYNC_AWAIT_REPLY });
}

static void on_find_intersect(struct chain_sync_server *s, const struct chain_sync_message *asked)
{
    struct chain_sync_message m = { .key = CHAIN_SYNC_INTERSECT_NOT_FOUND };

    if (follower_find(&s->follower, asked->points, asked->point_count, &m.point))
        m.key = CHAIN_SYNC_INTERSECT_FOUND;
    chain_db_tip_of_wire(s->peer->all->db, &m.tip);
    say(s, &m);
}

static void on_message(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct chain_sync_server *s = owner;
    struct point points[CHAIN_SYNC_POINTS_MAX];
    struct chain_sync_message m;
    const char *why = NULL;

    (void)key;
    if (chain_sync_read(message, &m, points, &why) != WIRE_OK) {
        conversation_refuse(c, "%s", why);
        return;
    }
    switch (m.key) {
    case CHAIN_SYNC_REQUEST_NEXT: on_request_next(s); break;
    case CHAIN_SYNC_FIND_INTERSECT: on_find_intersect(s, &m); break;
    default: follower_start(&s->follower, s->peer->all->db); /* Done: who comes next begins anew */
    }
}

/* --- Life ----------------------------------------------------------------------------------- */

struct chain_sync_server *chain_sync_server_start(struct peer *peer, struct ou_error *err)
{
    static const struct conversation_events events = { .message = on_message };
    struct chain_sync_server *s = alloc_zeroed(allocator_libc(), sizeof(*s));

    if (!s) {
        ou_fail(err, OU_NO_MEMORY, "no memory for a chain-sync server");
        return NULL;
    }
    s->peer = peer;
    s->news = (struct chain_listener){ .news = on_news, .context = s };
    buffer_init(&s->out, allocator_libc(), HEADER_MAX_BYTES + 256); /* and the tip */
    if (header_cache_join(&peer->all->header_cache, err))
        goto fail;
    if (conversation_open(peer->link, &protocol_chain_sync, false, &events, s, &s->conversation,
                          err))
        goto leave;
    follower_start(&s->follower, peer->all->db);
    chain_db_listen(peer->all->db, &s->news);
    return s;
leave:
    header_cache_leave(&peer->all->header_cache);
fail:
    alloc_free(allocator_libc(), s, sizeof(*s));
    return NULL;
}

void chain_sync_server_stop(struct chain_sync_server *s)
{
    if (!s)
        return;
    chain_db_unlisten(s->peer->all->db, &s->news);
    header_cache_leave(&s->peer->all->header_cache);
    buffer_release(&s->out);
    alloc_free(allocator_libc(), s, sizeof(*s));
}
