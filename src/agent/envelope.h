/* Signed documents: what operator and agents tell each other by way of a bucket that others may write to. {"text": "<the document>", "signature": "<hex>"}: Ed25519
 * over the purpose, a newline and the text, so that one kind of document cannot stand for another. libsodium. */
#ifndef OU_AGENT_ENVELOPE_H
#define OU_AGENT_ENVELOPE_H

#include <jansson.h>

#include "base/buffer.h"
#include "base/span.h"

#define ENVELOPE_SECRET_BYTES 64
#define ENVELOPE_PUBLIC_BYTES 32
#define ENVELOPE_SEED_BYTES 32
#define ENVELOPE_PUBLIC_HEX (2 * ENVELOPE_PUBLIC_BYTES + 1)
#define ENVELOPE_BYTES_MAX ((size_t)8 << 20)

#define ENVELOPE_ORDERS "ouroscope orders 1"
#define ENVELOPE_STATE "ouroscope state 1"

void envelope_keys(const unsigned char seed[ENVELOPE_SEED_BYTES],
                   unsigned char ret_public[ENVELOPE_PUBLIC_BYTES],
                   unsigned char ret_secret[ENVELOPE_SECRET_BYTES]);
enum ou_status envelope_seal(const char *purpose, const json_t *document,
                             const unsigned char secret[ENVELOPE_SECRET_BYTES], struct buffer *ret,
                             struct ou_error *err);
/* OU_INVALID: not signed by that key for that purpose, or no such document. The caller json_decref()s. */
enum ou_status envelope_open(const char *purpose, struct span text,
                             const unsigned char key[ENVELOPE_PUBLIC_BYTES], json_t **ret,
                             struct ou_error *err);

#endif
