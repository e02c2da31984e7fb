/* Block-fetch, the side that is asked: streams ranges of stored blocks. One block at a time is in memory, and
 * one more message waits at most, since each block asks the conversation for room first.
 * One request is served at a time; those behind it wait in the conversation. */
#include <ouroscope/node_gossip.h>
#include <ouroscope/trace.h>

#include "node/peer.h"
#include "node/points.h"
#include "wire/block_fetch.h"

struct block_fetch_server {
    struct peer *peer;
    struct conversation *conversation;
    const struct chain_block *to; /* the last block of the request being served; NULL: none */
    uint64_t next;                /* number of the block to be sent */
    struct buffer block, out;     /* empty between requests */
};

static void release_buffers(struct block_fetch_server *s)
{
    buffer_release(&s->block);
    buffer_release(&s->out);
    buffer_init(&s->block, allocator_libc(), BLOCK_MAX_BYTES);
    buffer_init(&s->out, allocator_libc(), BLOCK_MAX_BYTES + 16); /* the message around it */
}

/* false: the link is closing. */
static bool say(struct block_fetch_server *s, const struct block_fetch_message *m)
{
    buffer_clear(&s->out);
    block_fetch_write(&s->out, m);
    if (buffer_status(&s->out))
        link_close(s->peer->link, "own fault: no memory for a message of block-fetch");
    else
        conversation_send(s->conversation, bytes_of(&s->out));
    return !link_is_closing(s->peer->link);
}

/* --- Which blocks --------------------------------------------------------------------- */

static const struct chain_block *find(const struct chain_db *db, const struct point *point)
{
    const struct chain_block *block = chain_db_find(db, point->hash);

    return block && block->facts.view.slot == point->slot ? block : NULL;
}

/* The block of that number on the chain that ends in `to`. A fork is walked back by parents until it
 * meets our chain, where blocks are found by number. */
static const struct chain_block *block_towards(const struct chain_db *db,
                                               const struct chain_block *to, uint64_t number)
{
    while (to && to->facts.view.number > number && !chain_db_on_chain(db, to))
        to = to->parent;
    if (!to || to->facts.view.number == number)
        return to;
    return chain_db_by_number(db, number);
}

static bool is_range(const struct chain_db *db, const struct chain_block *from,
                     const struct chain_block *to)
{
    return from && to && !to->invalid && from->facts.view.number <= to->facts.view.number &&
           block_towards(db, to, from->facts.view.number) == from;
}

/* --- Sending them --------------------------------------------------------------------- */

static bool send_block(struct block_fetch_server *s)
{
    const struct chain_block *block = block_towards(s->peer->all->db, s->to, s->next);
    struct ou_error err = { 0 };

    OU_TRACE(node_send_block, block->facts.hash, &s->peer->name);
    buffer_clear(&s->block);
    if (chain_db_read_block(s->peer->all->db, block, &s->block, &err)) {
        link_close(s->peer->link, "own fault: %s", err.text);
        return false;
    }
    return say(
        s, &(struct block_fetch_message){ .key = BLOCK_FETCH_BLOCK, .block = bytes_of(&s->block) });
}

static void stream(struct block_fetch_server *s)
{
    while (s->to && conversation_has_room(s->conversation)) {
        if (s->next <= s->to->facts.view.number) {
            if (!send_block(s))
                return;
            s->next++;
        } else {
            s->to = NULL;
            say(s, &(struct block_fetch_message){ .key = BLOCK_FETCH_BATCH_DONE });
            release_buffers(s);
        }
    }
}

static void on_request(struct block_fetch_server *s, const struct block_fetch_message *m)
{
    const struct chain_db *db = s->peer->all->db;
    const struct chain_block *from, *to;

    from = find(db, &m->from);
    to = find(db, &m->to);
    if (!is_range(db, from, to)) {
        say(s, &(struct block_fetch_message){ .key = BLOCK_FETCH_NO_BLOCKS });
        return;
    }
    s->to = to;
    s->next = from->facts.view.number;
    if (say(s, &(struct block_fetch_message){ .key = BLOCK_FETCH_START_BATCH }))
        stream(s);
}

static void on_message(struct conversation *c, void *owner, uint64_t key, struct bytes message)
{
    struct block_fetch_message m;
    const char *why = NULL;

    (void)key;
    if (block_fetch_read(message, &m, &why) != WIRE_OK)
        conversation_refuse(c, "%s", why);
    else if (m.key == BLOCK_FETCH_REQUEST_RANGE)
        on_request(owner, &m);
    /* After ClientDone there is nothing to forget. */
}

static void on_room(struct conversation *c, void *owner)
{
    (void)c;
    stream(owner);
}

/* --- Life ------------------------------------------------------------------------------------ */

struct block_fetch_server *block_fetch_server_start(struct peer *peer, struct ou_error *err)
{
    static const struct conversation_events events = { .message = on_message, .room = on_room };
    struct block_fetch_server *s = alloc_zeroed(allocator_libc(), sizeof(*s));

    if (!s) {
        ou_fail(err, OU_NO_MEMORY, "no memory for a block-fetch server");
        return NULL;
    }
    s->peer = peer;
    release_buffers(s);
    if (conversation_open(peer->link, &protocol_block_fetch, false, &events, s, &s->conversation,
                          err)) {
        alloc_free(allocator_libc(), s, sizeof(*s));
        return NULL;
    }
    return s;
}

void block_fetch_server_stop(struct block_fetch_server *s)
{
    if (!s)
        return;
    buffer_release(&s->block);
    buffer_release(&s->out);
    alloc_free(allocator_libc(), s, sizeof(*s));
}
