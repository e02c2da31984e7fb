/* Where lines go: standard output or a file, by the consumer's thread only.
 *
 * Lines are gathered and written with few calls, whole. When a write fails the lines in it
 * are lost and counted; a line that was cut is ended before the next one, so
 * that never more than one line of a file is damaged. A pipe nobody reads is given up. */
#ifndef OU_TRACE_OUTPUT_H
#define OU_TRACE_OUTPUT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/status.h"

struct output {
    char *path; /* NULL: standard output */
    int fd;     /* -1: not in use */
    struct buffer pending;
    uint64_t pending_lines;
    size_t line_start; /* of the line being made, in pending */
    bool cut;          /* the last line in the file has no end */
    bool may_raise;    /* writing may raise SIGPIPE or SIGXFSZ, which must not reach the program */
    bool gone;         /* a closed pipe: nothing is written any more */
    uint64_t lines, lost_lines;
};

/* A file is created when missing and appended to. */
enum ou_status output_open(struct output *o, const char *path, struct ou_error *err);

/* The buffer to which one line is appended, which output_line_end() then counts. */
struct buffer *output_line(struct output *o);
void output_line_end(struct output *o);

/* Lines of all outputs that have been made, and not been written or lost. Of those a part may be on its
 * way in a write that does not return. Safe in signal handlers. */
uint64_t output_lines_waiting(void);

/* Writes what is pending. The error (may be NULL) says what was lost and why. */
enum ou_status output_flush(struct output *o, struct ou_error *err);

/* Opens the file by its name again (it may have been moved away). */
enum ou_status output_reopen(struct output *o, struct ou_error *err);
void output_close(struct output *o);   /* what is pending is flushed first */
void output_abandon(struct output *o); /* what is pending is somebody else's: a parent's */

#endif
