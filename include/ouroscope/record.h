/* How values get into a record: the inline part of a trace call. Included by
 * point.h, which describes the layout; not for use by itself.
 *
 * For each type of field there are a size, which is told whether the
 * configured detail wants the field, and a put, which writes that many bytes
 * and returns where the next value goes. */
#ifndef OUROSCOPE_RECORD_H
#define OUROSCOPE_RECORD_H

#ifndef OUROSCOPE_POINT_H
#error "include <ouroscope/point.h>"
#endif

#include <stdatomic.h>
#include <string.h>
#if !defined(__x86_64__) && !defined(__aarch64__)
#include <time.h>
#endif

/* A clock that is cheap to read; the library knows how it runs against wall
 * time. Where the processor has none, it is CLOCK_MONOTONIC. */
static inline uint64_t ou_ticks(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;

    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
#endif
}

static inline enum ou_detail ou_state_detail(uint32_t state)
{
    return (enum ou_detail)(state >> OU_STATE_DETAIL & 3);
}

/* The reader may have put the limit before the head: a look at it is wanted. */
static inline bool ou_has_room(const struct ou_ring *ring, size_t bytes)
{
    return ring->head + bytes <= atomic_load_explicit(&ring->limit, memory_order_relaxed);
}

/* From here until the record is committed, a trace call in a signal handler on this thread finds
 * the ring in use. */
static inline void ou_set_busy(struct ou_ring *ring)
{
    atomic_store_explicit(&ring->busy, 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
}

static inline void ou_clear_busy(struct ou_ring *ring)
{
    atomic_signal_fence(memory_order_seq_cst);
    atomic_store_explicit(&ring->busy, 0, memory_order_relaxed);
}

/* Room for a record in this thread's ring, with its head filled in. The
 * compiler's fences keep the order that a signal handler on this thread sees: the room is
 * looked at when no handler can take it any more. */
static inline struct ou_record *ou_reserve(const struct ou_point *point, uint32_t state,
                                           size_t bytes)
{
    struct ou_ring *ring = ou_ring_here;
    struct ou_record *record;

    if (__builtin_expect(!ring || atomic_load_explicit(&ring->busy, memory_order_relaxed) ||
                             (state & OU_STATE_LEGACY) != 0,
                         0))
        return ou_reserve_slow(point, state, bytes);
    ou_set_busy(ring);
    if (__builtin_expect(!ou_has_room(ring, bytes), 0)) {
        ou_clear_busy(ring);
        return ou_reserve_slow(point, state, bytes);
    }
    record = (struct ou_record *)(void *)(ring->data + (ring->head & ring->mask));
    record->stamp = ou_ticks();
    record->point = point;
    record->bytes = (uint32_t)bytes;
    return record;
}

static inline void ou_commit(struct ou_record *record, uint32_t state)
{
    struct ou_ring *ring = ou_ring_here;

    if (__builtin_expect((state & OU_STATE_LEGACY) != 0, 0)) {
        ou_commit_legacy(record);
        return;
    }
    ring->head += record->bytes;
    atomic_store_explicit(&ring->published, ring->head, memory_order_release);
    ou_clear_busy(ring);
}

/* --- Sizes and values ------------------------------------------------------
 *
 * Each type of field has four parts: wanted() makes a value that the
 * configured detail does not show an unknown one, where that saves the copying;
 * len() is what has to be found out about a value once; size() of it, in the
 * record; put() writes the value, and returns where the next one goes. */

#define OU_ABSENT_LENGTH UINT32_MAX

static inline size_t ou_padded(size_t bytes)
{
    return (bytes + 7) & ~(size_t)7;
}

/* Values of one size. */
#define ou_wanted_u64(value, wanted) (value)
#define ou_len_u64(value) 0
#define ou_size_u64(len) 8

static inline char *ou_put_u64(char *at, uint64_t value, uint64_t len)
{
    (void)len;
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

#define ou_wanted_i64(value, wanted) (value)
#define ou_len_i64(value) 0
#define ou_size_i64(len) 8
#define ou_put_i64(at, value, len) ou_put_u64(at, (uint64_t)(value), len)

#define ou_wanted_digits ou_wanted_u64
#define ou_len_digits(value) 0
#define ou_size_digits(len) 8
#define ou_put_digits ou_put_u64

#define ou_wanted_boolean(value, wanted) (value)
#define ou_len_boolean(value) 0
#define ou_size_boolean(len) 8
#define ou_put_boolean(at, value, len) ou_put_u64(at, (value) ? 1 : 0, len)

#define ou_wanted_flag ou_wanted_boolean
#define ou_len_flag(value) 0
#define ou_size_flag(len) 8
#define ou_put_flag ou_put_boolean

#define ou_wanted_f64(value, wanted) (value)
#define ou_len_f64(value) 0
#define ou_size_f64(len) 8

static inline char *ou_put_f64(char *at, double value, uint64_t len)
{
    (void)len;
    memcpy(at, &value, sizeof(value));
    return at + sizeof(value);
}

#define ou_wanted_hash(value, wanted) (value)
#define ou_len_hash(value) 0
#define ou_size_hash(len) OU_HASH_BYTES

static inline char *ou_put_hash(char *at, const uint8_t *hash, uint64_t len)
{
    (void)len;
    if (hash)
        memcpy(at, hash, OU_HASH_BYTES);
    else
        memset(at, 0, OU_HASH_BYTES);
    return at + OU_HASH_BYTES;
}

#define ou_wanted_parent ou_wanted_hash
#define ou_len_parent(value) 0
#define ou_size_parent ou_size_hash
#define ou_put_parent ou_put_hash

#define ou_wanted_txid ou_wanted_hash
#define ou_len_txid(value) 0
#define ou_size_txid ou_size_hash
#define ou_put_txid ou_put_hash

#define ou_wanted_point(value, wanted) (value)
#define ou_len_point(value) 0
#define ou_size_point(len) (8 + OU_HASH_BYTES)

static inline char *ou_put_point(char *at, const struct ou_chain_point *point, uint64_t len)
{
    at = ou_put_u64(at, point ? point->slot : OU_NO_U64, len);
    return ou_put_hash(at, point ? point->hash : NULL, len);
}

#define ou_wanted_block ou_wanted_point
#define ou_len_block(value) 0
#define ou_size_block ou_size_point
#define ou_put_block ou_put_point

/* Texts: len is in bytes, or OU_ABSENT_LENGTH. */
#define ou_wanted_text(value, wanted) ((wanted) ? (value) : NULL)

static inline uint32_t ou_len_text(const char *text)
{
    const char *end;

    if (!text)
        return OU_ABSENT_LENGTH;
    end = (const char *)memchr(text, 0, OU_TEXT_MAX);
    return end ? (uint32_t)(end - text) : OU_TEXT_MAX;
}

static inline size_t ou_size_text(uint64_t len)
{
    return len == OU_ABSENT_LENGTH ? 8 : ou_padded(4 + (size_t)len);
}

static inline char *ou_put_text(char *at, const char *text, uint64_t len)
{
    const uint32_t stored = (uint32_t)len;

    memcpy(at, &stored, sizeof(stored));
    if (text)
        memcpy(at + sizeof(stored), text, len);
    return at + ou_size_text(len);
}

#define ou_wanted_json ou_wanted_text
#define ou_len_json ou_len_text
#define ou_size_json ou_size_text
#define ou_put_json ou_put_text

/* Peers: the lengths of both texts, the remote one's in the upper half. */
#define ou_wanted_peer(value, wanted) ((wanted) ? (value) : NULL)

static inline uint64_t ou_len_peer(const struct ou_peer *peer)
{
    uint64_t local = ou_len_text(peer ? peer->local : NULL);
    uint64_t remote = ou_len_text(peer ? peer->remote : NULL);

    return remote << 32 | local;
}

static inline size_t ou_size_peer(uint64_t len)
{
    return ou_size_text((uint32_t)len) + ou_size_text(len >> 32);
}

static inline char *ou_put_peer(char *at, const struct ou_peer *peer, uint64_t len)
{
    at = ou_put_text(at, peer ? peer->local : NULL, (uint32_t)len);
    return ou_put_text(at, peer ? peer->remote : NULL, len >> 32);
}

/* Lists: len is the number of items, or OU_ABSENT_LENGTH. */
static inline uint32_t ou_len_list(uint32_t count)
{
    return count > OU_LIST_MAX ? OU_LIST_MAX : count;
}

static inline size_t ou_size_list(uint64_t len, size_t item_bytes)
{
    return len == OU_ABSENT_LENGTH ? 8 : 8 + (size_t)len * item_bytes;
}

#define ou_wanted_hashes(value, wanted) ((wanted) ? (value) : NULL)
#define ou_size_hashes(len) ou_size_list(len, OU_HASH_BYTES)

static inline uint32_t ou_len_hashes(const struct ou_hashes *list)
{
    return list ? ou_len_list(list->count) : OU_ABSENT_LENGTH;
}

static inline char *ou_put_hashes(char *at, const struct ou_hashes *list, uint64_t len)
{
    ou_put_u64(at, len, 0);
    if (list && len)
        memcpy(at + 8, list->at, (size_t)len * OU_HASH_BYTES);
    return at + ou_size_hashes(len);
}

#define ou_wanted_txids ou_wanted_hashes
#define ou_len_txids ou_len_hashes
#define ou_size_txids ou_size_hashes
#define ou_put_txids ou_put_hashes

#define OU_HEADER_BYTES (16 + OU_HASH_BYTES)
#define ou_wanted_headers(value, wanted) ((wanted) ? (value) : NULL)
#define ou_size_headers(len) ou_size_list(len, OU_HEADER_BYTES)

static inline uint32_t ou_len_headers(const struct ou_headers *list)
{
    return list ? ou_len_list(list->count) : OU_ABSENT_LENGTH;
}

static inline char *ou_put_headers(char *at, const struct ou_headers *list, uint64_t len)
{
    at = ou_put_u64(at, len, 0);
    for (uint32_t i = 0; list && i < len; i++) {
        at = ou_put_u64(at, list->at[i].number, 0);
        at = ou_put_u64(at, list->at[i].slot, 0);
        at = ou_put_hash(at, list->at[i].hash, 0);
    }
    return at;
}

#endif
