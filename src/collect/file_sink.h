/* One run of log files: those of one node in one folder, of one extension. Lines are appended to the current file,
 * whole or not at all. One thread at a time.
 *
 * The file is made when the first line comes, and made again when it or its folder has been removed. */
#ifndef OU_COLLECT_FILE_SINK_H
#define OU_COLLECT_FILE_SINK_H

#include "base/span.h"
#include "collect/config.h"
#include "collect/disk.h"
#include "collect/tail.h"

struct file_sink {
    struct disk *disk;
    char *root, *folder, *link; /* owned: LOGROOT, LOGROOT/NODE, LOGROOT/NODE/node.json */
    const char *extension;      /* static */
    enum log_durability durability;
    int fd;          /* -1: not open */
    int64_t stamp_s; /* of the current file's name; -1: there is none */
    bool unsynced;   /* it holds lines that were not made durable */
    bool link_due;   /* the link to it could not be made yet */
};

/* root is copied. OU_NO_MEMORY, OU_TOO_LARGE (the paths). */
enum ou_status file_sink_init(struct file_sink *s, struct disk *disk, const char *root,
                              const char *folder, const char *extension);
void file_sink_release(struct file_sink *s); /* closed; a zeroed one is fine */

/* Appends lines. OU_OK: all are in the file (and durable, with DURABLE_BATCH). Else *ret says how many bytes are, a whole
 * number of lines, and err what went wrong. */
enum ou_status file_sink_append(struct file_sink *s, struct span lines, size_t *ret,
                                struct ou_error *err);

/* A new file, when the current one has so many bytes at least (and one). */
enum ou_status file_sink_rotate(struct file_sink *s, uint64_t limit_bytes, struct ou_error *err);

/* Makes durable what has been written. */
enum ou_status file_sink_sync(struct file_sink *s, struct ou_error *err);

/* Puts right what others did to the folder: a current file that was moved away is not written to any more; the link
 * is there. */
enum ou_status file_sink_look_after(struct file_sink *s, struct ou_error *err);

/* Later lines go on in the same file, when it is still there. */
void file_sink_close(struct file_sink *s);

/* The end of what an earlier process wrote: the last `keep` whole lines, as far as they are within FILE_SINK_TAIL_BYTES and the last
 * files. They are durable then, unless DURABLE_NEVER. What cannot be read is no tail. OU_IO: the folder cannot be read, or the lines not
 * be made durable. */
#define FILE_SINK_TAIL_BYTES (8U << 20)
enum ou_status file_sink_tail(struct file_sink *s, size_t keep, struct tail *ret,
                              struct ou_error *err);

#endif
