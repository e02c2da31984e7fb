/* Samples of one series, compressed into a piece of memory of fixed size: pure, no allocation.
 *
 * Stamps come at a step, so the change of the step is stored, mostly one bit. Values are mostly
 * counters and whole gauges: an unchanged value is one bit, a counter that rises as before two,
 * another whole number (or decimal of few digits) its difference in as many bits as it needs;
 * all else is the exclusive or with the former value, without the zeros around it (T. Pelkonen
 * et al., "Gorilla: a fast, scalable, in-memory time series database", VLDB 2015). Every value
 * reads back bit for bit. */
#ifndef OU_COLLECT_SERIES_CHUNK_H
#define OU_COLLECT_SERIES_CHUNK_H

#include <stdbool.h>
#include <stdint.h>

#define SERIES_CHUNK_BYTES 248

struct series_chunk {
    int64_t first_ms, last_ms;
    uint16_t count; /* samples */
    uint16_t bits;  /* in use */
    /* Readers look at nine bytes from where they are. */
    uint8_t data[SERIES_CHUNK_BYTES + 8];
};

/* What the next sample is compared with. Whoever appends keeps it beside the chunk; a new chunk
 * begins anew. */
struct series_state {
    int64_t at_ms, step_ms;
    int64_t rise;   /* the last difference of two values in units of the scale, if not 0 */
    uint64_t value; /* bits of the double */
    uint8_t scale;  /* whole numbers of 10 to the minus so much */
    uint8_t zeros,
        kept; /* window of the last exclusive or: zeros in front, bits kept; 0: none yet */
};

void series_chunk_begin(struct series_chunk *c);

/* Stamps rise; the first call of a chunk fills *s. False, with nothing changed: the chunk is
 * full. */
bool series_chunk_append(struct series_chunk *c, struct series_state *s, int64_t at_ms,
                         double value);

/* Walks over the samples; the chunk must not change meanwhile, and may have been appended to
 * before. */
struct series_reader {
    const struct series_chunk *chunk;
    struct series_state state;
    uint32_t at; /* bit */
    uint16_t index;
};

void series_reader_begin(struct series_reader *r, const struct series_chunk *c);
bool series_reader_next(struct series_reader *r, int64_t *ret_at_ms, double *ret_value);

#endif
