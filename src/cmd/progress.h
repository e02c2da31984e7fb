/* How far the work is, on one line that is written again and again; of the reading of logs:
 *
 *   42 %  1.3 of 3.1 GB  512 MB/s  9,012,345 lines  4 s left
 */
#ifndef OU_CMD_PROGRESS_H
#define OU_CMD_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "logs/ingest.h"

/* Set fd and width, and shown when there is to be one; the rest zero. One thread. */
struct progress {
    bool shown;
    int fd;
    int width;          /* columns of the terminal */
    int64_t started_ns; /* monotonic; 0 before the first line */
    bool on_screen;     /* there is something to erase */
};

/* For ingest_options.progress; context is a struct progress. */
void progress_show(void *context, const struct ingest_progress *now);

/* Leaves the terminal as it was. */
void progress_erase(struct progress *p);

/* Any other line in its place: what is shown is the caller's business. */
void progress_draw(struct progress *p, const char *line);

#define PROGRESS_ROOM 160

/* Appends an item behind a gap if the line stays below the width. */
void progress_add(char out[PROGRESS_ROOM], int width, const char *item);

/* The line itself, of less than `width` columns: an item that does not fit is
 * left out. Without a total there is no share and no time left, and nothing that
 * needs a rate in the first half second. */
void progress_line(const struct ingest_progress *now, int64_t elapsed_ns, int width,
                   char out[PROGRESS_ROOM]);

#endif
