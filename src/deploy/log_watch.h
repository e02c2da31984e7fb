/* What the log of a running node, or of the generator, says so far: read as it grows, only the new bytes, for
 * those who watch a run. The analysis reads logs again, and all of them. Lines in the new and in the legacy format.
 * One thread. */
#ifndef OU_DEPLOY_LOG_WATCH_H
#define OU_DEPLOY_LOG_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

#define LOG_WATCH_LINE_BYTES (256 << 10) /* longer lines are passed over */

struct log_watch {
    char *path;         /* owned */
    int fd;             /* -1: the file is not there yet */
    struct buffer text; /* read and not yet a whole line */
    bool in_long_line;
    bool is_left; /* the name leads to another file by now */

    uint32_t starts;  /* how often its server was started */
    int64_t height;   /* block number of its tip; -1: no block yet */
    int64_t tip_slot; /* -1: likewise */
    uint64_t blocks_forged;
    uint64_t txs_acked;              /* transactions that nodes acknowledged to the generator */
    uint64_t setup_taken, setup_txs; /* of the generator's, those that split its fund */
};

/* The file need not be there yet. */
enum ou_status log_watch_open(struct log_watch *w, const char *path, struct ou_error *err);
void log_watch_close(struct log_watch *w); /* a zeroed one is fine */

/* Passes over what is there already: of an earlier process. A link, which leads to a file that a collector has written, is
 * removed: the next collector makes another one. */
void log_watch_skip(struct log_watch *w);

/* Takes in what has been written since, but most_bytes at most; false when there is more. */
bool log_watch_read(struct log_watch *w, size_t most_bytes);

#endif
