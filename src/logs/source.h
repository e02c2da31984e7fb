/* A log file as a stream of bytes, decompressed when it is gzip or zstd (told
 * by its first bytes, not by its name). One thread at a time. */
#ifndef OU_LOGS_SOURCE_H
#define OU_LOGS_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

struct source;

/* "-" is standard input. A directory is refused. */
enum ou_status source_open(const char *path, struct source **ret, struct ou_error *err);
void source_close(struct source *s); /* NULL is fine */

/* Up to room bytes into `into`; *ret_len is 0 at the end. Blocks on pipes.
 * OU_IO when reading or decompressing fails (what came before stays good),
 * OU_INTERRUPTED on Ctrl-C. */
enum ou_status source_read(struct source *s, char *into, size_t room, size_t *ret_len,
                           struct ou_error *err);

/* "none", "gzip" or "zstd". */
const char *source_compression(const struct source *s);

/* Bytes taken from the file so far (before decompression), and its size when it
 * was opened; 0 for pipes. */
uint64_t source_taken_bytes(const struct source *s);
uint64_t source_size_bytes(const struct source *s);

#endif
