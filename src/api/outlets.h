/* Where messages about alerts go: webhooks and commands of the server's configuration. */
#ifndef OU_API_OUTLETS_H
#define OU_API_OUTLETS_H

#include <stdatomic.h>

#include "api/api.h"
#include "http/client.h"
#include "store/judgements.h"

#define OUTLET_WHY_ROOM 256
#define WEBHOOK_LIMIT_S 10
#define COMMAND_LIMIT_S 15 /* both end well before the claim of a delivery does */

/* The message: {"delivery", "event", "alert"}, the same at each try. Ask the buffer for failures. */
void outlet_message(const struct delivery *delivery, struct buffer *out);

/* Sends it once. OU_OK: the outlet has taken it (2xx, exit status 0); else why, in few words and without secrets. A webhook gets
 *   Idempotency-Key: ID of the delivery
 *   Ouroscope-Signature: sha256=HMAC-SHA-256 of the body, in hex, where the outlet has a secret
 * Redirects are failures. Once *cancel is true it ends. */
enum ou_status outlet_send(const struct api_outlet *outlet, struct http_client *client,
                           const struct delivery *delivery, struct span message,
                           const atomic_bool *cancel, char ret_why[OUTLET_WHY_ROOM]);

/* "sha256=..." */
#define SIGNATURE_ROOM 72
void outlet_sign(const char *secret, struct span message, char ret[SIGNATURE_ROOM]);

/* How long to wait behind so many tries, in ns: from 1 s on twofold up to an hour, a random half to all of it. draw: 0 to 1. */
int64_t outlet_pause_ns(int64_t tries, double draw);

#endif
