/* Files as a whole: read one, or write one so that a reader sees either the
 * old or the complete new content. */
#ifndef OU_BASE_FILE_H
#define OU_BASE_FILE_H

#include <stdio.h>

#include "base/buffer.h"
#include "base/status.h"

/* Appends a whole file to *ret (whose maximum bounds it). A FIFO is read to its
 * end, a growing file to the end it has by then. No such file is OU_NOT_FOUND; a
 * directory, a file above the maximum and a failing read give a message with the
 * path too; waiting ends with OU_INTERRUPTED. *ret is as before after a failure,
 * except that a failed allocation sticks to it. */
enum ou_status file_read(const char *path, struct buffer *ret, struct ou_error *err);

/* Creates a directory and its parents; an existing one is fine. */
enum ou_status file_make_directory(const char *path, struct ou_error *err);

/* A file being written next to its final name (".NAME.part-PID"). Only
 * out_commit() puts it in its place, atomically; out_release() without it
 * removes it, so an interrupted program leaves nothing half-written. A device
 * or FIFO cannot be replaced and is written as it stands; a symbolic link is
 * replaced, not what it points to. Zero-initialise; one thread. */
struct out_file {
    char *path, *part; /* owned; part is NULL for a device and after the commit */
    int fd;            /* -1 when closed */
    struct buffer pending;
    enum ou_status status; /* first failure, sticky */
    int os_error;          /* errno of it */
};

enum ou_status out_open(struct out_file *f, const char *path, struct ou_error *err);
/* Bytes go out in large writes; failures stick and are told by out_commit(). */
void out_write(struct out_file *f, const void *bytes, size_t len);
void out_write_text(struct out_file *f,
                    const struct buffer *text); /* one that failed is a failure */
enum ou_status out_commit(struct out_file *f, struct ou_error *err);
void out_release(struct out_file *f);

/* Writes all bytes to a file descriptor (standard output, say). OU_IO with
 * errno's text; a closed pipe is OU_IO too, in a program that ignores SIGPIPE. */
enum ou_status fd_write_all(int fd, const void *bytes, size_t len, struct ou_error *err);
/* Likewise a whole text. Of one that failed nothing is written: its status, and why. */
enum ou_status fd_write_text(int fd, const struct buffer *text, struct ou_error *err);

#endif
