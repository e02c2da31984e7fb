#include "publish/send.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "json/tree.h"
#include "publish/publication.h"

#define AUTHORIZATION_ROOM 256

/* --- The request ------------------------------------------------------------------------------ */

static size_t base_length(const char *server)
{
    size_t len = strlen(server);

    while (len > 0 && server[len - 1] == '/')
        len--;
    return len;
}

static enum ou_status find_url(const struct sending *how, char ret[SENT_URL_ROOM],
                               struct ou_error *err)
{
    const int len =
        snprintf(ret, SENT_URL_ROOM, "%.*s/api/v1/runs%s", (int)base_length(how->server),
                 how->server, how->replace ? "?replace=true" : "");

    return len < SENT_URL_ROOM ? OU_OK
                               : ou_fail(err, OU_USAGE, "the address of the server is too long");
}

static enum ou_status pack(struct span document, struct buffer *ret, struct ou_error *err)
{
    enum ou_status status = record_pack(document, ret, err);

    if (!status && ret->len > PUBLICATION_PACKED_MAX)
        status = ou_fail(err, OU_TOO_LARGE, "%zu MB are more than a server takes (%zu MB)",
                         ret->len >> 20, PUBLICATION_PACKED_MAX >> 20);
    return status;
}

static enum ou_status ask(const struct sending *how, const char *url, struct span packed,
                          struct http_reply *ret, struct ou_error *err)
{
    char authorization[AUTHORIZATION_ROOM];
    const char *const headers[] = { "Content-Type: application/json", "Content-Encoding: zstd",
                                    "Accept: application/json", *how->token ? authorization : NULL,
                                    NULL };
    const struct http_request request = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = packed,
        .stall_s = how->retries->stall_s,
    };
    struct retry retry = retry_begin(how->retries);
    enum ou_status status;

    retry.say = how->say;
    retry.context = how->context;
    retry.client = how->client;
    snprintf(authorization, sizeof authorization, "Authorization: Bearer %s", how->token);
    do
        status = http_ask(how->client, &request, ret, err);
    while (retry_again(&retry, status, ret));
    sodium_memzero(authorization, sizeof authorization);
    return status;
}

/* --- The reply -------------------------------------------------------------------------------- */

static json_t *body_of(const struct http_reply *reply)
{
    json_t *tree = NULL;

    if (reply->body.len == 0 ||
        json_tree_parse((struct span){ reply->body.at, reply->body.len }, "reply", &tree, NULL))
        return NULL;
    return tree;
}

/* Its detail, else its title; then the first of what is wrong in particular. */
static void problem_text(const json_t *problem, char *ret, size_t room)
{
    const json_t *first = json_array_get(json_object_get(problem, "errors"), 0);
    const char *detail = json_string_value(json_object_get(problem, "detail"));
    const char *title = json_string_value(json_object_get(problem, "title"));
    const char *more = json_string_value(json_object_get(first, "detail"));

    detail = detail ? detail : title ? title : "it does not say why";
    snprintf(ret, room, "%.300s%s%.200s", detail, more ? ": " : "", more ? more : "");
}

static enum ou_status refused(const char *shown, const struct http_reply *reply,
                              struct ou_error *err)
{
    json_t *problem = body_of(reply);
    const bool is_problem = json_is_string(json_object_get(problem, "title"));
    char text[512];

    problem_text(problem, text, sizeof text);
    json_decref(problem);
    switch (reply->status) {
    case 401:
        return ou_fail(
            err, OU_USAGE,
            "%s wants a token with the scope publish: in $OUROSCOPE_TOKEN, or --token-file "
            "(401: %s)",
            shown, text);
    case 403: return ou_fail(err, OU_USAGE, "%s: the token is not good for this: %s", shown, text);
    case 413: return ou_fail(err, OU_TOO_LARGE, "%s: %s", shown, text);
    default: break;
    }
    if (reply->status == 503)
        return ou_fail(err, OU_IO, "%s cannot take it now: %s (503); it may be sent again later",
                       shown, text);
    if (!is_problem)
        return ou_fail(err, reply->status >= 500 ? OU_IO : OU_INVALID,
                       "%s answers %d: is it a server of results?", shown, reply->status);
    return ou_fail(err, reply->status >= 500 ? OU_IO : OU_INVALID, "%s refuses it (%d): %s", shown,
                   reply->status, text);
}

static bool is_id(const char *text)
{
    return text && strlen(text) == RECORD_ID_DIGITS &&
           strspn(text, "0123456789abcdef") == RECORD_ID_DIGITS;
}

/* {"id": "0123...", "outcome": "created", ...} */
static enum ou_status read_taken(const char *shown, const struct http_reply *reply,
                                 struct sent *ret, struct ou_error *err)
{
    json_t *body = body_of(reply);
    const char *id = json_string_value(json_object_get(body, "id"));
    const char *outcome = json_string_value(json_object_get(body, "outcome"));
    enum ou_status status = OU_OK;

    if (!is_id(id) || !outcome) {
        status = ou_fail(err, OU_INVALID,
                         "%s answers %d, but not what has become of the run: is it a server of "
                         "results?",
                         shown, reply->status);
    } else {
        ret->outcome = strcmp(outcome, "created") == 0    ? PUT_CREATED
                       : strcmp(outcome, "replaced") == 0 ? PUT_REPLACED
                                                          : PUT_SAME;
        snprintf(ret->id, sizeof ret->id, "%s", id);
        snprintf(ret->url, sizeof ret->url, "%.*s/runs/%s", (int)base_length(shown), shown, id);
    }
    json_decref(body);
    return status;
}

/* Of 409: its kind tells which of the two. */
static enum put_outcome read_conflict(const struct http_reply *reply)
{
    static const char elsewhere[] = "#elsewhere";
    json_t *problem = body_of(reply);
    const char *type = json_string_value(json_object_get(problem, "type"));
    const char *kind = type ? strrchr(type, '#') : NULL;
    const bool is_elsewhere = kind && strcmp(kind, elsewhere) == 0;

    json_decref(problem);
    return is_elsewhere ? PUT_ELSEWHERE : PUT_CONFLICT;
}

static enum ou_status read_reply(const char *shown, const struct http_reply *reply,
                                 struct sent *ret, struct ou_error *err)
{
    if (reply->status == 200 || reply->status == 201)
        return read_taken(shown, reply, ret, err);
    if (reply->status != 409)
        return refused(shown, reply, err);
    ret->outcome = read_conflict(reply);
    return OU_OK;
}

/* --- The whole -------------------------------------------------------------------------------- */

enum ou_status publication_ask(const struct sending *how, struct ou_error *err)
{
    char url[SENT_URL_ROOM], shown[SENT_URL_ROOM - 64];
    struct http_reply reply = { 0 };
    struct buffer packed;
    enum ou_status status = find_url(how, url, err);

    http_url_shown(how->server, shown, sizeof shown);
    buffer_init(&packed, allocator_libc(), 4096);
    if (!status)
        status = pack(span_of("{}"), &packed, err);
    if (!status)
        status = ask(how, url, (struct span){ packed.at, packed.len }, &reply, err);
    if (!status && reply.status != 400 && reply.status != 422)
        status = refused(shown, &reply, err);
    http_reply_release(&reply);
    buffer_release(&packed);
    return status;
}

enum ou_status publication_send(const struct sending *how, struct span document, struct sent *ret,
                                struct ou_error *err)
{
    char url[SENT_URL_ROOM], shown[SENT_URL_ROOM - 64];
    struct http_reply reply = { 0 };
    struct buffer packed;
    enum ou_status status = find_url(how, url, err);

    *ret = (struct sent){ .outcome = PUT_SAME };
    http_url_shown(how->server, shown, sizeof shown);
    buffer_init(&packed, allocator_libc(), 2 * PUBLICATION_MAX);
    if (!status)
        status = pack(document, &packed, err);
    if (!status)
        status = ask(how, url, (struct span){ packed.at, packed.len }, &reply, err);
    if (!status)
        status = read_reply(shown, &reply, ret, err);
    http_reply_release(&reply);
    buffer_release(&packed);
    return status;
}
