/* The steps of answering a request; answer.c takes them one after the other. In workers' threads. */
#ifndef OU_API_ANSWERING_H
#define OU_API_ANSWERING_H

#include "api/description.h"
#include "api/parts.h"
#include "api/rate.h"
#include "api/work.h"

/* What the steps want of the server; api.c. */
const struct description *api_description(const struct api *a);
struct rate *api_rate(struct api *a);
struct work *api_work(struct api *a);
const unsigned char *api_key(const struct api *a); /* SERVER_KEY_BYTES */

/* All that any path has. */
#define API_METHODS "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"

/* A work_fn: answers the job's request. context: the server. (answer.c) */
void answer_job(void *context, const struct job *job);
/* In the loop's thread: there is no room for the request. */
void answer_busy(struct api *a, const struct job *job);
/* An http_handler: the problem that a request is which the HTTP server refuses itself. context: the server. Loop's thread. */
http_handler answer_refusal;
/* The headers that every answer has; again after they were thrown away. */
void answer_headers(struct api_request *r);

/* What addresses of this server begin with: the public URL, or "". (request.c) */
const char *api_base(const struct api_request *r);

/* Whether it is for programs: /api, /prometheus, /metrics. Problems of other paths become pages. */
bool is_api_path(const char *path);
/* Whether it changes something. */
bool is_write(const struct http_call *call);

/* --- Clients ---------------------------------------------------------------------------------------- */

/* The address that counts: behind trusted proxies the last one that is not theirs. In memory, or one of the call's. (client.c) */
const char *client_address(const struct http_call *call, const char *const *trusted_proxies,
                           struct arena *memory);
/* Whether others on the way could read what the client sends: it is on another machine, and neither it nor a trusted proxy talks
 * TLS. A proxy that does not say how its client talks is taken to know what it does. (client.c) */
bool client_is_in_clear(const struct http_call *call, const char *const *trusted_proxies);

/* Takes a request from what the client has; false: answered (429). Failed tokens cost more. (rate_answer in rate.c) */
bool rate_request(struct api_request *r);
void rate_failed_token(struct api_request *r);

/* Who asks, and whether that will do. False: answered (401, 403, 503). Sets r->holder. (auth.c) */
bool auth_request(struct api_request *r);
/* Whether the answer would be another one for another token, so that nobody in between may keep it. */
bool auth_is_private(const struct api_request *r);

/* --- Other origins (cors.c) ------------------------------------------------------------------------- */

/* Adds what browsers want to see before a page of an allowed origin may read the answer. */
void cors_headers(struct api_request *r);
/* Whether the request comes from a page of an origin that is neither ours nor allowed. */
bool cors_is_foreign(const struct api_request *r);
/* OPTIONS: with or without a preflight's question. allow: the methods of the path. */
void cors_options(struct api_request *r, const char *allow);

/* api_if_match() against the tag that api_conditional() would give to this body. (conditions.c) */
bool api_if_match_body(struct api_request *r, const struct buffer *body);

/* Appends a row as a JSON object, with all its fields. False: answered. (lists.c) */
bool api_item_put(struct api_request *r, const char *resource, const struct list_fixed *fixed,
                  size_t count, const char *id, struct buffer *ret);

/* --- Parameters (parameters.c) ----------------------------------------------------------------------- */

/* Holds path and query against the description. False: answered (400). */
bool parameters_check(struct api_request *r);
/* Whether the client takes one of the media types that the operation has. False: answered (406). */
bool media_check(struct api_request *r);
/* Whether the body, where the operation takes one, is of a media type that it takes: before parameters are looked at, which a
 * form's members are, too. False: answered (415). (bodies.c) */
bool body_type_check(struct api_request *r);

#endif
