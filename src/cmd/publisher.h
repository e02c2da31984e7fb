/* Runs on their way to a database or a server of results: what `publish`, `import` and `run --publish-to` have in common. */
#ifndef OU_CMD_PUBLISHER_H
#define OU_CMD_PUBLISHER_H

#include "cmd/commands.h"
#include "cmd/place.h"
#include "cmd/progress.h"
#include "publish/send.h"

struct publisher_options {
    const struct command *command; /* whose remarks they are */
    const char *place;             /* NULL: the default database */
    const char *token_file;        /* NULL: $OUROSCOPE_TOKEN */
    const char *ca_file; /* whom a server is believed by; NULL: the system's authorities */
    bool replace;
    struct progress *progress; /* erased before a remark; may be NULL */
};

/* One thread. Zero-initialise; it must stay where it is while it is open. */
struct publisher {
    struct publisher_options options;
    const char *place;
    struct sql *db; /* NULL: a server */
    struct http_client *client;
    char token[TOKEN_ROOM];
};

/* OU_USAGE for what cannot be a place or a token; else as of place_open(). A server is not asked yet. */
enum ou_status publisher_open(struct publisher *p, const struct publisher_options *options,
                              struct ou_error *err);
void publisher_close(struct publisher *p); /* a zeroed one is fine */

/* A document, and what has become of it. */
struct publishing {
    const char *name; /* for messages */
    struct span document;
    struct sent sent; /* url: empty for a database */
};

#define PUBLISHER_BATCH 100
/* Publishes all of them: into a database in few transactions, to a server one after the other. What it returns is the first
 * failure; *ret_done (may be NULL): how many were published before it. */
enum ou_status publisher_put(struct publisher *p, struct publishing *runs, size_t count,
                             size_t *ret_done, struct ou_error *err);

/* Whether it would be taken, as far as that is known before: a server is asked, and tried again for seconds. */
enum ou_status publisher_ask(struct publisher *p, struct ou_error *err);

/* The place as messages may show it. */
const char *publisher_shown(const struct publisher *p, char *room, size_t bytes);

/* "published", "already there", "replaced", "conflict" */
const char *publisher_outcome(enum put_outcome outcome);

#endif
