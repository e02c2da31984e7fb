/* How an extract is written down: numbers, texts and records as a stream of bytes with a checksum behind it.
 * docs/formats/extract.md has the table of what stands where.
 *
 * A number without sign is written seven bits a byte, the lowest first, the eighth says that more follow; one with a
 * sign is folded first (0, -1, 1, -2, ...); a real number is the eight bytes of its IEEE form, the lowest first. Differences wrap
 * around, so that whatever value goes in comes out. */
#ifndef OU_ANALYSE_EXTRACT_FORM_H
#define OU_ANALYSE_EXTRACT_FORM_H

#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"
#include "base/status.h"

#define EXTRACT_MAGIC "ouextr\r\n" /* a transfer as text would break it */
#define EXTRACT_VERSION 3
#define EXTRACT_BYTES_MAX ((uint64_t)4 << 30) /* of an extract, decompressed */
#define EXTRACT_TEXT_MAX ((size_t)4 << 20)    /* of one text; lines of logs are no longer */

/* --- Writing: into a buffer, whose failures stick ------------------------- */

void put_number(struct buffer *b, uint64_t value);
void put_signed(struct buffer *b, int64_t value);
void put_real(struct buffer *b, double value);
void put_text(struct buffer *b, struct span text);
void put_optional(struct buffer *b, const char *text); /* NULL is told from "" */

/* --- Records: only what differs is written --------------------------------- */

enum column_kind {
    COLUMN_64,   /* an integer of 64 bits: the difference */
    COLUMN_32,   /* of 32 bits; likewise */
    COLUMN_REAL, /* a double */
    COLUMN_FLAG, /* a bool: it is the other one */
    COLUMN_INSTANT, /* nanoseconds since 1970, or TIME_NONE: the difference to the last one that was written */
};

/* A member of a record. A record has 64 at most. */
struct column {
    size_t at;
    enum column_kind kind;
};

/* What of `item` is different in `base`, a record of the same kind: that of the line before, or an empty one. last_ns: the last instant,
 * 0 at the beginning. */
void put_record(struct buffer *b, const struct column *columns, size_t count, const void *item,
                const void *base, int64_t *last_ns);

/* --- Reading: failures stick, and what is read after one is 0 -------------- */

/* Zero-initialise. One thread. */
struct extract_reader {
    const char *path; /* not owned */
    struct source *source;
    struct checksum *sum;
    char *block; /* owned */
    size_t at, end;
    uint64_t taken;     /* bytes of the source so far */
    struct buffer text; /* the last text */
    enum ou_status status;
    struct ou_error error;
};

/* OU_INVALID: this is no extract, or one of another version. The path must outlive it. */
enum ou_status extract_open(struct extract_reader *r, const char *path, struct ou_error *err);
void extract_close(struct extract_reader *r); /* a zeroed one is fine */

/* Reads the checksum, and asks that nothing follows. Tells the first failure, whatever it was. */
enum ou_status extract_end(struct extract_reader *r, struct ou_error *err);

/* `what` says what is wrong: "it has a block of no host". The first failure stays. */
void extract_fail(struct extract_reader *r, enum ou_status status, const char *what);
bool extract_failed(const struct extract_reader *r);

uint64_t take_number(struct extract_reader *r);
uint64_t take_below(struct extract_reader *r, uint64_t limit, const char *what); /* < limit */
int64_t take_signed(struct extract_reader *r);
double take_real(struct extract_reader *r); /* finite or NaN */
bool take_flag(struct extract_reader *r);
/* A view, with a NUL behind it, until the next text is taken. */
struct span take_text(struct extract_reader *r);
/* *ret_is_null where put_optional() had NULL. */
struct span take_optional(struct extract_reader *r, bool *ret_is_null);
int64_t take_instant(struct extract_reader *r); /* as put_signed(); TIME_NONE, or from 1970 on */

/* `item` holds the base, and then what was written. Instants are TIME_NONE or from 1970 on. */
void take_record(struct extract_reader *r, const struct column *columns, size_t count, void *item,
                 int64_t *last_ns);

#endif
