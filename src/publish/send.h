/* A publication to a server of results, by HTTP. */
#ifndef OU_PUBLISH_SEND_H
#define OU_PUBLISH_SEND_H

#include <stdbool.h>

#include "base/buffer.h"
#include "base/span.h"
#include "http/retry.h"
#include "store/records.h"

#define SENT_URL_ROOM 512

/* Whom to send to, and how. Nothing is owned. */
struct sending {
    struct http_client *client;
    const char *server; /* "https://results.example", with or without a slash behind it */
    const char *token;  /* "": none */
    bool replace;
    const struct retry_policy *retries;
    void (*say)(void *context, const char *why, double wait_s); /* before each wait; NULL */
    void *context;
};

struct sent {
    enum put_outcome outcome; /* PUT_CONFLICT, PUT_ELSEWHERE: nothing was changed */
    char id[RECORD_ID_ROOM];  /* of the run that is there now; "": of those two */
    char url[SENT_URL_ROOM];  /* of its page; likewise */
};

/* Sends a document, packed. What the server refuses is OU_INVALID (OU_USAGE for a token that is missing or not good for it,
 * OU_TOO_LARGE), with the detail of its problem; OU_IO: no reply. */
enum ou_status publication_send(const struct sending *how, struct span document, struct sent *ret,
                                struct ou_error *err);

/* Whether the server takes publications with this token: it is sent one without anything in it, and is to refuse that alone.
 * Statuses as above. */
enum ou_status publication_ask(const struct sending *how, struct ou_error *err);

#endif
