/* The file in which a node keeps its blocks, and notes of what became of them.
 *
 * Records are only ever appended, without fsync: what the machine loses when its power goes is
 * fetched from peers again. At the next start all records are read. From the first one that is
 * torn or corrupt on the file is cut off. docs/formats/chain-database.md has the layout. One
 * process, by a lock; one thread. */
#ifndef OU_NODE_BLOCK_STORE_H
#define OU_NODE_BLOCK_STORE_H

#include "chain/block.h"

enum record_kind {
    RECORD_BLOCK = 1,   /* [7, block] */
    RECORD_ADOPTED = 2, /* a hash: that block became the tip, so it and all before it are valid */
    RECORD_INVALID = 3, /* a hash: that block breaks a rule */
};

/* What was found at the end of the good records. */
struct block_store_damage {
    const char *what;        /* static text; NULL: nothing */
    uint64_t at;             /* where, in bytes from the file's start */
    uint64_t cut_bytes;      /* from there to its end */
    uint64_t records_behind; /* good ones among what was cut: above 0, the damage was no torn end */
};

/* A record; payload is valid during the call. What it returns other than OU_OK ends the reading. */
typedef enum ou_status block_store_record(void *context, enum record_kind kind, uint64_t offset,
                                          struct bytes payload, struct ou_error *err);

struct block_store; /* opaque */

/* Opens DIRECTORY/blocks or creates it, and hands over all records. OU_USAGE when another
 * process has it open, OU_INVALID when it is no such file or of another network (told by the
 * hash of its genesis). */
enum ou_status block_store_open(const char *directory, const uint8_t network[HASH_BYTES],
                                block_store_record *record, void *context, struct block_store **ret,
                                struct ou_error *err);
void block_store_close(struct block_store *s); /* NULL is fine */

const struct block_store_damage *block_store_damage(const struct block_store *s);

/* Appends a record. After OU_IO (a full disk, say) the file is as before. */
enum ou_status block_store_append(struct block_store *s, enum record_kind kind,
                                  struct bytes payload, uint64_t *ret_offset, struct ou_error *err);

/* Appends the payload of the record at an offset to *ret, checked again. */
enum ou_status block_store_read(const struct block_store *s, uint64_t offset, struct buffer *ret,
                                struct ou_error *err);

/* Appends `count` bytes of it from `skip` on, unchecked. */
enum ou_status block_store_read_part(const struct block_store *s, uint64_t offset, uint64_t skip,
                                     size_t count, struct buffer *ret, struct ou_error *err);

/* The reading alone, of a file's records from `from` on. The file is not changed. */
enum ou_status block_store_scan(int fd, uint64_t from, block_store_record *record, void *context,
                                struct block_store_damage *ret, struct ou_error *err);

#endif
