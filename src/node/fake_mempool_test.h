/* A mempool that does what a test wants, in place of mempool.c: it takes all transactions but those that
 * the test has it refuse, and is full when the test says so. Include it in one file of a test program. */
#ifndef OU_NODE_FAKE_MEMPOOL_TEST_H
#define OU_NODE_FAKE_MEMPOOL_TEST_H

#include <stdlib.h>

#include "node/mempool.h"
#include "support/test.h"

#define FAKE_TXS_MAX 256

struct mempool {
    struct mempool_tx txs[FAKE_TXS_MAX];
    size_t count;
    uint64_t last_ticket;
    bool full, rejects;
    struct mempool_listener *listeners;
};

static inline void fake_tell(struct mempool *m, bool added)
{
    for (struct mempool_listener *l = m->listeners; l; l = l->next)
        l->changed(l->context, added);
}

bool mempool_find(const struct mempool *m, const uint8_t id[HASH_BYTES], struct mempool_tx *ret)
{
    for (size_t i = 0; i < m->count; i++)
        if (memcmp(m->txs[i].id, id, HASH_BYTES) == 0) {
            *ret = m->txs[i];
            return true;
        }
    return false;
}

bool mempool_has(const struct mempool *m, const uint8_t id[HASH_BYTES])
{
    struct mempool_tx tx;

    return mempool_find(m, id, &tx);
}

bool mempool_next(const struct mempool *m, uint64_t after, struct mempool_tx *ret)
{
    for (size_t i = 0; i < m->count; i++)
        if (m->txs[i].ticket > after) {
            *ret = m->txs[i];
            return true;
        }
    return false;
}

static inline struct bytes fake_copy(struct bytes tx)
{
    uint8_t *copy = malloc(tx.count);

    memcpy(copy, tx.at, tx.count);
    return (struct bytes){ copy, tx.count };
}

enum mempool_answer mempool_add(struct mempool *m, struct bytes tx, uint64_t slot,
                                struct ou_error *err)
{
    struct mempool_tx *added = &m->txs[m->count];
    const char *why;
    struct tx read;

    (void)slot, (void)err;
    assert_int_equal(tx_read(tx, &read, &why), WIRE_OK);
    if (mempool_has(m, read.id))
        return MEMPOOL_KNOWN;
    if (m->full)
        return MEMPOOL_FULL;
    if (m->rejects)
        return MEMPOOL_REJECTED;
    *added = (struct mempool_tx){ .ticket = ++m->last_ticket, .tx = fake_copy(tx) };
    memcpy(added->id, read.id, HASH_BYTES);
    m->count++;
    fake_tell(m, true);
    return MEMPOOL_ADDED;
}

/* Takes the oldest one out. */
static inline void fake_drop_first(struct mempool *m)
{
    free((void *)m->txs[0].tx.at);
    memmove(m->txs, m->txs + 1, --m->count * sizeof(m->txs[0]));
    fake_tell(m, false);
}

static inline void fake_release(struct mempool *m)
{
    assert_null(m->listeners);
    while (m->count > 0)
        fake_drop_first(m);
}

void mempool_listen(struct mempool *m, struct mempool_listener *listener)
{
    listener->next = m->listeners;
    m->listeners = listener;
}

void mempool_unlisten(struct mempool *m, struct mempool_listener *listener)
{
    struct mempool_listener **at = &m->listeners;

    while (*at != listener)
        at = &(*at)->next;
    *at = listener->next;
}

#endif
