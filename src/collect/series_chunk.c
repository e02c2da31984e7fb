#include "collect/series_chunk.h"

#include <math.h>
#include <string.h>

/* --- Bits, the highest first -------------------------------------------------------------- */

struct bit_writer {
    uint8_t *data;
    uint32_t at, end;
    bool full;
};

/* Bits behind `at` may hold what a sample left that did not fit: they are overwritten. */
static void put_bits(struct bit_writer *w, uint64_t value, unsigned count)
{
    if (w->full || count > w->end - w->at) {
        w->full = true;
        return;
    }
    for (; count > 0; count--, w->at++) {
        uint8_t mask = (uint8_t)(0x80 >> w->at % 8), *byte = &w->data[w->at / 8];

        *byte = (uint8_t)(value >> (count - 1) & 1 ? *byte | mask : *byte & ~mask);
    }
}

/* The 64 bits from a place on. */
static uint64_t bits_from(const uint8_t *data, uint32_t at)
{
    const uint8_t *byte = data + at / 8;
    uint64_t word;

    memcpy(&word, byte, sizeof(word));
    word = __builtin_bswap64(word);
    return at % 8 == 0 ? word : word << at % 8 | byte[8] >> (8 - at % 8);
}

static uint64_t get_bits(struct series_reader *r, unsigned count)
{
    uint64_t word = bits_from(r->chunk->data, r->at);

    r->at += count;
    return count == 0 ? 0 : word >> (64 - count);
}

/* How many ones stand in front of a zero, which is taken too; at most `max`, behind which no
 * zero stands. */
static unsigned get_prefix(struct series_reader *r, unsigned max)
{
    uint64_t word = ~bits_from(r->chunk->data, r->at);
    unsigned ones = word ? (unsigned)__builtin_clzll(word) : 64;

    if (ones >= max) {
        r->at += max;
        return max;
    }
    r->at += ones + 1;
    return ones;
}

static void put_prefix(struct bit_writer *w, unsigned ones, unsigned max)
{
    put_bits(w, (UINT64_C(1) << ones) - 1, ones);
    if (ones < max)
        put_bits(w, 0, 1);
}

/* Small numbers of both signs become small numbers. */
static uint64_t zigzag(int64_t value)
{
    return (uint64_t)value << 1 ^ (value < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t value)
{
    return (int64_t)(value >> 1 ^ (0 - (value & 1)));
}

static bool fits(uint64_t value, unsigned bits)
{
    return bits >= 64 || value >> bits == 0;
}

/* --- Stamps ------------------------------------------------------------------------------- */

/* The change of the step in so many bits, after so many ones. */
static const uint8_t stamp_bits[] = { 0, 3, 6, 10, 16, 64 };
enum { STAMP_CLASSES = sizeof(stamp_bits) };

static void put_stamp(struct bit_writer *w, struct series_state *s, int64_t at_ms)
{
    uint64_t step = (uint64_t)at_ms - (uint64_t)s->at_ms;
    uint64_t change = zigzag((int64_t)(step - (uint64_t)s->step_ms));
    unsigned class = 0;

    while (!fits(change, stamp_bits[class]))
        class ++;
    put_prefix(w, class, STAMP_CLASSES - 1);
    put_bits(w, change, stamp_bits[class]);
    s->step_ms = (int64_t)step;
    s->at_ms = at_ms;
}

static void get_stamp(struct series_reader *r)
{
    struct series_state *s = &r->state;
    unsigned class = get_prefix(r, STAMP_CLASSES - 1);
    int64_t change = unzigzag(get_bits(r, stamp_bits[class]));

    s->step_ms = (int64_t)((uint64_t)s->step_ms + (uint64_t)change);
    s->at_ms = (int64_t)((uint64_t)s->at_ms + (uint64_t)s->step_ms);
}

/* --- Values ------------------------------------------------------------------------------- */

/* What a value is, as ones in front of a zero. Behind VALUE_OTHER a bit says: a new scale, or an
 * exclusive or. */
enum value_class { VALUE_SAME, VALUE_RISES_AGAIN, VALUE_RISES, VALUE_OTHER };

/* The difference of values in units of the scale in so many bits; three bits say which. */
static const uint8_t rise_bits[8] = { 2, 4, 7, 10, 14, 20, 32, 55 };

/* Decimals are whole numbers of a smaller unit; three bits say of which. */
static const double scales[8] = { 1, 10, 100, 1e3, 1e4, 1e5, 1e6, 1e7 };

static uint64_t bits_of(double value)
{
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    return bits;
}

static double double_of(uint64_t bits)
{
    double value;

    memcpy(&value, &bits, sizeof(value));
    return value;
}

/* How many units of the scale a value is, if it comes back from that number bit for bit (-0 does
 * not). */
static bool is_whole(uint64_t bits, unsigned scale, int64_t *ret)
{
    const double limit = 9007199254740992.0; /* 2^53: up to here all whole numbers are doubles */
    double units = double_of(bits) * scales[scale];

    if (!(units >= -limit && units <= limit))
        return false;
    *ret = llround(units);
    return bits_of((double)*ret / scales[scale]) == bits;
}

static void put_other(struct bit_writer *w, struct series_state *s, uint64_t value)
{
    uint64_t change = value ^ s->value; /* never 0: that is VALUE_SAME */
    unsigned before = (unsigned)__builtin_clzll(change);
    unsigned behind = (unsigned)__builtin_ctzll(change);

    if (before > 31)
        before = 31;
    if (s->kept > 0 && before >= s->zeros && behind >= 64u - s->zeros - s->kept) {
        put_bits(w, 0, 1);
    } else {
        s->zeros = (uint8_t)before;
        s->kept = (uint8_t)(64 - before - behind);
        put_bits(w, 1, 1);
        put_bits(w, s->zeros, 5);
        put_bits(w, s->kept - 1u, 6);
    }
    put_bits(w, change >> (64u - s->zeros - s->kept), s->kept);
}

static uint64_t get_other(struct series_reader *r)
{
    struct series_state *s = &r->state;

    if (get_bits(r, 1)) {
        s->zeros = (uint8_t)get_bits(r, 5);
        s->kept = (uint8_t)(get_bits(r, 6) + 1);
    }
    return s->value ^ get_bits(r, s->kept) << (64u - s->zeros - s->kept);
}

static void put_rise(struct bit_writer *w, struct series_state *s, int64_t rise)
{
    unsigned class = 0;

    while (!fits(zigzag(rise), rise_bits[class]))
        class ++;
    put_bits(w, class, 3);
    put_bits(w, zigzag(rise), rise_bits[class]);
    s->rise = rise;
}

static void get_rise(struct series_reader *r)
{
    r->state.rise = unzigzag(get_bits(r, rise_bits[get_bits(r, 3)]));
}

/* The smallest unit in which both values are whole. */
static bool find_scale(uint64_t before, uint64_t now, unsigned *ret_scale, int64_t *ret_rise)
{
    int64_t from, to;

    for (unsigned scale = 0; scale < sizeof(scales) / sizeof(scales[0]); scale++)
        if (is_whole(before, scale, &from) && is_whole(now, scale, &to)) {
            *ret_scale = scale;
            *ret_rise = to - from;
            return true;
        }
    return false;
}

static void put_changed(struct bit_writer *w, struct series_state *s, uint64_t value)
{
    int64_t before, now, rise;
    unsigned scale;

    if (is_whole(s->value, s->scale, &before) && is_whole(value, s->scale, &now)) {
        bool again = now - before == s->rise;

        put_prefix(w, again ? VALUE_RISES_AGAIN : VALUE_RISES, VALUE_OTHER);
        if (!again)
            put_rise(w, s, now - before);
        return;
    }
    put_prefix(w, VALUE_OTHER, VALUE_OTHER);
    if (find_scale(s->value, value, &scale, &rise)) {
        put_bits(w, 1, 1);
        put_bits(w, s->scale = (uint8_t)scale, 3);
        put_rise(w, s, rise);
    } else {
        put_bits(w, 0, 1);
        put_other(w, s, value);
    }
}

static void put_value(struct bit_writer *w, struct series_state *s, uint64_t value)
{
    if (value == s->value) {
        put_prefix(w, VALUE_SAME, VALUE_OTHER);
        return;
    }
    put_changed(w, s, value);
    s->value = value;
}

static void get_value(struct series_reader *r)
{
    struct series_state *s = &r->state;
    int64_t units = 0;

    switch (get_prefix(r, VALUE_OTHER)) {
    case VALUE_SAME: return;
    case VALUE_RISES: get_rise(r); break;
    case VALUE_OTHER:
        if (!get_bits(r, 1)) {
            s->value = get_other(r);
            return;
        }
        s->scale = (uint8_t)get_bits(r, 3);
        get_rise(r);
        break;
    default: /* VALUE_RISES_AGAIN */ break;
    }
    is_whole(s->value, s->scale, &units); /* it is: the writer has looked */
    s->value = bits_of((double)(units + s->rise) / scales[s->scale]);
}

/* --- Chunks ------------------------------------------------------------------------------- */

void series_chunk_begin(struct series_chunk *c)
{
    memset(c, 0, sizeof(*c));
}

bool series_chunk_append(struct series_chunk *c, struct series_state *s, int64_t at_ms,
                         double value)
{
    struct bit_writer w = { c->data, c->bits, SERIES_CHUNK_BYTES * 8, false };
    struct series_state next = *s;

    if (c->count == 0) {
        next = (struct series_state){ .at_ms = at_ms, .value = bits_of(value) };
        put_bits(&w, next.value, 64);
        c->first_ms = at_ms;
    } else {
        put_stamp(&w, &next, at_ms);
        put_value(&w, &next, bits_of(value));
    }
    if (w.full || c->count == UINT16_MAX)
        return false;
    *s = next;
    c->bits = (uint16_t)w.at;
    c->last_ms = at_ms;
    c->count++;
    return true;
}

void series_reader_begin(struct series_reader *r, const struct series_chunk *c)
{
    *r = (struct series_reader){ .chunk = c };
}

bool series_reader_next(struct series_reader *r, int64_t *ret_at_ms, double *ret_value)
{
    if (r->index == r->chunk->count)
        return false;
    if (r->index++ == 0) {
        r->state.at_ms = r->chunk->first_ms;
        r->state.value = get_bits(r, 64);
    } else {
        get_stamp(r);
        get_value(r);
    }
    *ret_at_ms = r->state.at_ms;
    *ret_value = double_of(r->state.value);
    return true;
}
