/* A large JSON object on its way to a file: written in pieces, hashed on the way, in bounded memory. Failures stick and are told
 * at the end. One thread. */
#ifndef OU_GENESIS_STREAM_H
#define OU_GENESIS_STREAM_H

#include "base/file.h"
#include "genesis/digest.h"

/* How far the making of a data set is, over all of its files. */
struct genesis_progress {
    void (*tell)(void *context, uint64_t done, uint64_t all); /* may be NULL */
    void *context;
    uint64_t done, all; /* entries */
};

struct genesis_stream {
    struct out_file file;
    struct buffer text;
    struct genesis_digest digest; /* of what went to the file */
    struct genesis_progress *progress;
    const char *indent; /* of the entries of the object being written */
    bool first;         /* of them */
    struct ou_error *err;
    enum ou_status status;
};

/* Everything below does nothing once the stream has failed. */
void genesis_stream_open(struct genesis_stream *s, const char *path,
                         struct genesis_progress *progress, struct ou_error *err);

void genesis_stream_text(struct genesis_stream *s, const char *text);
void genesis_stream_bytes(struct genesis_stream *s, const char *bytes, size_t count);
void genesis_stream_hex(struct genesis_stream *s, const uint8_t *bytes, size_t count);
void genesis_stream_number(struct genesis_stream *s, uint64_t number);

/* `opening` and then entries, each on a line of its own, until the next one begins. */
void genesis_stream_begin(struct genesis_stream *s, const char *opening, const char *indent);
/* "PREFIXHEX": of the object that was begun last; its value must follow. Asks for interruption now and then. */
void genesis_stream_entry(struct genesis_stream *s, const char *prefix, const uint8_t *key,
                          size_t key_bytes);

/* The file gets its name, unless something failed: that is returned then. *ret: the hash of it, to be gone on with. */
enum ou_status genesis_stream_close(struct genesis_stream *s, struct genesis_digest *ret);

#endif
