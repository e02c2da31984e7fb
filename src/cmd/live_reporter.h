/* Reports about a run in progress go to a database or a server of results, from a thread of their own: the run neither waits for
 * them nor fails because of them. Only the newest report counts; those that found no way are dropped and counted. */
#ifndef OU_CMD_LIVE_REPORTER_H
#define OU_CMD_LIVE_REPORTER_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"

struct live_reporter; /* opaque; all calls in one thread */

/* place: http(s)://SERVER, postgres://..., or the path of an SQLite file. token: of a server; NULL: none; copied. Nothing is asked
 * yet, but that the place makes sense and a thread can be had: what is wrong later is told by live_reporter_trouble(). */
enum ou_status live_reporter_open(const char *place, const char *token, struct live_reporter **ret,
                                  struct ou_error *err);

/* What is to be known of the run `id` from now on: JSON as of docs/formats/live.md. Sent at most once a second, but at once where it
 * is urgent: a change of state. */
void live_reporter_offer(struct live_reporter *r, const char *id, struct span report, bool urgent);

/* Why reports do not arrive: once each time that it begins. False: nothing new. */
bool live_reporter_trouble(struct live_reporter *r, char *ret, size_t room);

struct live_reporter_counts {
    uint64_t sent, dropped; /* dropped: tried, and did not arrive */
};
/* Sends the last report, for some seconds at most, and ends. r may be NULL. */
struct live_reporter_counts live_reporter_close(struct live_reporter *r);

#endif
