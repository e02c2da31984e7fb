/* The end of what has been written for a node, to recognise what its forwarder sends a second time.
 *
 * A forwarder that keeps what it handed out until more is asked for sends it again after a lost
 * connection. What it sends first then equals the end of what was written: the last k lines are
 * the first k objects. Lines are known by their hashes, which also serve to look for them in a
 * file that an earlier process wrote. One thread at a time. */
#ifndef OU_COLLECT_TAIL_H
#define OU_COLLECT_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

/* Lines of a tail, and objects of a reply. */
#define TAIL_LINES_MAX 65536

/* A line of a text: where it ends, and what it says. */
struct line_mark {
    uint64_t hash;
    size_t end; /* behind its newline */
};

struct tail {
    uint64_t *hashes; /* oldest first; owned */
    size_t count, cap;
    /* While a connection repeats, and has not come to the end yet: what is next; else SIZE_MAX. */
    size_t next;
    uint32_t *borders; /* of tail_match(); owned */
    size_t border_cap;
};

void tail_init(struct tail *t);
void tail_release(struct tail *t); /* a zeroed tail is fine */

uint64_t tail_hash(struct span line); /* without its newline */

/* How many of the first lines of a reply are repeats. first: of a connection; later replies of it
 * go on in a tail that is longer than the replies. OU_NO_MEMORY: *ret is untouched. */
enum ou_status tail_match(struct tail *t, const struct line_mark *lines, size_t count, bool first,
                          size_t *ret);

/* Lines that have been written now; at least the last `keep` are remembered. */
enum ou_status tail_add(struct tail *t, const struct line_mark *lines, size_t count, size_t keep);

/* The whole lines of the end of a file, put before what is there, until `keep` are known. starts: text
 * begins where the file does; else its first line is a part of one, as is one without a newline at the end. */
enum ou_status tail_prepend(struct tail *t, struct span text, bool starts, size_t keep);

#endif
