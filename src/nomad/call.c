/* One request: its URL, tries, the answer as a document, and what a refusal means. */
#include "nomad/call.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "nomad/explain.h"

#define URL_MAX ((size_t)64 << 10)
#define STALL_S 30.0
#define WAIT_MAX_S 600.0 /* Nomad's own limit of a blocking query */

void nomad_query_add(struct buffer *query, const char *name, const char *value)
{
    if (query->len > 0)
        buffer_char(query, '&');
    buffer_printf(query, "%s=", name);
    http_encode(query, span_of(value), false);
}

static void put_query(const struct nomad *n, const struct nomad_call *call, struct buffer *url)
{
    struct buffer query;

    buffer_init(&query, allocator_libc(), URL_MAX);
    buffer_text(&query, call->query ? call->query : "");
    if (n->region)
        nomad_query_add(&query, "region", n->region);
    if (n->namespace_)
        nomad_query_add(&query, "namespace", n->namespace_);
    if (call->index)
        buffer_printf(&query, "%sindex=%llu&wait=%.0fms", query.len ? "&" : "",
                      (unsigned long long)call->index, call->wait_s * 1e3);
    if (query.len > 0)
        buffer_printf(url, "?%s", buffer_string(&query));
    if (query.status)
        url->status = query.status;
    buffer_release(&query);
}

/* Nomad answers a blocking query up to a sixteenth later than asked. */
static double stall_s(const struct nomad_call *call)
{
    if (call->stall_s > 0)
        return call->stall_s;
    return call->index ? call->wait_s * 17 / 16 + STALL_S : STALL_S;
}

static enum ou_status send_call(struct nomad *n, const struct nomad_call *call, struct span body,
                                const char *url, struct http_reply *ret, struct ou_error *err)
{
    const char *headers[3] = { NULL, NULL, NULL };
    struct http_request request = {
        .method = call->method ? call->method : "GET",
        .url = url,
        .headers = headers,
        .body = body,
        .stall_s = stall_s(call),
        .take = call->take,
        .context = call->context,
        .body_max = NOMAD_ANSWER_MAX,
    };
    size_t count = 0;

    if (n->token_header)
        headers[count++] = n->token_header;
    if (body.len > 0)
        headers[count++] = "Content-Type: application/json";
    return http_ask(n->http, &request, ret, err);
}

enum ou_status nomad_call_once(struct nomad *n, const struct nomad_call *call,
                               struct http_reply *ret, struct ou_error *err)
{
    char *body = call->body ? json_dumps(call->body, JSON_COMPACT) : NULL;
    struct buffer url;
    enum ou_status status;

    *ret = (struct http_reply){ 0 };
    buffer_init(&url, allocator_libc(), URL_MAX);
    buffer_printf(&url, "%s%s", n->address, call->path);
    put_query(n, call, &url);
    status = buffer_status(&url);
    if (!status && call->body && !body)
        status = OU_NO_MEMORY;
    if (status)
        ou_fail(err, status, "a request to Nomad: %s", ou_status_name(status));
    else
        status = send_call(n, call, body ? span_of(body) : (struct span){ NULL, 0 },
                           buffer_string(&url), ret, err);
    if (status == OU_IO && err) /* it begins with the address */
        ou_fail(err, status, "Nomad at %s", err->text);
    buffer_release(&url);
    if (body)
        sodium_memzero(body, strlen(body)); /* a job has its hosts' secrets in it */
    free(body);
    return status;
}

struct retry nomad_retry(struct nomad *n)
{
    struct retry retry = retry_begin(n->policy);

    retry.say = n->say;
    retry.context = n->say_context;
    retry.client = n->http;
    return retry;
}

static struct span text_of(const struct http_reply *reply)
{
    return (struct span){ reply->body.at, reply->body.len };
}

static bool is_good(const struct http_reply *reply)
{
    return reply->status >= 200 && reply->status < 300;
}

/* Nomad answers 500 to much that is the asker's mistake, and will be one the next time. */
bool nomad_again(struct retry *retry, enum ou_status status, struct http_reply *reply)
{
    if (!status && !is_good(reply) && nomad_refusal_lasts(reply->status, text_of(reply)))
        return false;
    return retry_again(retry, status, reply);
}

enum ou_status nomad_call_judge(const struct nomad *n, const char *what,
                                const struct http_reply *reply, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status = reply->status == 404 ? OU_NOT_FOUND : OU_IO;

    if (is_good(reply))
        return OU_OK;
    buffer_init(&text, allocator_libc(), 4096);
    nomad_explain_refusal(reply->status, text_of(reply), what, n->token_source, &text);
    ou_fail(err, status, "%s", buffer_string(&text));
    buffer_release(&text);
    return status;
}

enum ou_status nomad_call(struct nomad *n, const struct nomad_call *call, struct http_reply *ret,
                          struct ou_error *err)
{
    struct retry retry = nomad_retry(n);
    enum ou_status status;
    char what[400];

    do
        status = nomad_call_once(n, call, ret, err);
    while (!call->once && nomad_again(&retry, status, ret));
    if (status)
        return status;
    snprintf(what, sizeof what, "answer %s %.300s", call->method ? call->method : "GET",
             call->path);
    return nomad_call_judge(n, call->what ? call->what : what, ret, err);
}

/* ---- documents ---- */

static bool is_document(struct span text)
{
    size_t i = 0;

    while (i < text.len && strchr(" \t\r\n", text.at[i]))
        i++;
    return i < text.len && (text.at[i] == '{' || text.at[i] == '[');
}

/* "text", null and numbers, which are no documents of their own, as the only item of one. */
static enum ou_status parse_scalar(struct span text, const char *name, json_t **ret,
                                   struct ou_error *err)
{
    struct buffer wrapped;
    json_t *array = NULL;
    enum ou_status status;

    buffer_init(&wrapped, allocator_libc(), NOMAD_ANSWER_MAX + 2);
    buffer_char(&wrapped, '[');
    buffer_append(&wrapped, text.at, text.len);
    buffer_char(&wrapped, ']');
    status = buffer_status(&wrapped);
    if (status)
        ou_fail(err, status, "%s: %s", name, ou_status_name(status));
    else
        status = json_tree_parse((struct span){ wrapped.at, wrapped.len }, name, &array, err);
    if (!status && !json_is_null(json_array_get(array, 0)))
        *ret = json_incref(json_array_get(array, 0));
    json_decref(array);
    buffer_release(&wrapped);
    return status;
}

enum ou_status nomad_call_read(const struct nomad_call *call, const struct http_reply *reply,
                               json_t **ret, struct ou_error *err)
{
    struct span text = text_of(reply);
    struct ou_error why = { 0 };
    enum ou_status status;
    char name[128];

    *ret = NULL;
    if (text.len == 0)
        return OU_OK;
    snprintf(name, sizeof name, "the answer to %.100s", call->path);
    status = is_document(text) ? json_tree_parse(text, name, ret, &why)
                               : parse_scalar(text, name, ret, &why);
    if (status == OU_INVALID)
        return ou_fail(err, OU_IO, "%s; is there a Nomad agent behind that address?", why.text);
    return status ? ou_fail(err, status, "%s", why.text) : OU_OK;
}

/* An index that goes back (a server that was restored) is not to be waited on: the next query begins anew. */
static uint64_t index_of(const struct http_reply *reply, uint64_t asked)
{
    struct span value = http_reply_header(reply, "X-Nomad-Index");
    char digits[24];
    uint64_t index;

    if (value.len == 0 || value.len >= sizeof digits)
        return 0;
    snprintf(digits, sizeof digits, "%.*s", (int)value.len, value.at);
    index = strtoull(digits, NULL, 10);
    return index < asked ? 0 : index;
}

enum ou_status nomad_call_document(struct nomad *n, const struct nomad_call *call, json_t **ret,
                                   uint64_t *ret_index, struct ou_error *err)
{
    struct http_reply reply;
    enum ou_status status = nomad_call(n, call, &reply, err);

    *ret = NULL;
    if (!status)
        status = nomad_call_read(call, &reply, ret, err);
    if (!status && ret_index)
        *ret_index = index_of(&reply, call->index);
    http_reply_release(&reply);
    return status;
}

enum ou_status nomad_call_done(struct nomad *n, const struct nomad_call *call, struct ou_error *err)
{
    json_t *answer = NULL;
    enum ou_status status = nomad_call_document(n, call, &answer, NULL, err);

    json_decref(answer);
    return status;
}

enum ou_status nomad_ask(struct nomad *nomad, const char *method, const char *path,
                         const char *query, const json_t *body, uint64_t index, double wait_s,
                         json_t **ret, uint64_t *ret_index, struct ou_error *err)
{
    const struct nomad_call call = {
        .method = method,
        .path = path,
        .query = query,
        .body = body,
        .index = index,
        .wait_s = wait_s < WAIT_MAX_S ? wait_s : WAIT_MAX_S,
        /* The one request that does more when it comes twice. */
        .once = strcmp(method, "POST") == 0 && strstr(path, "/evaluate"),
    };

    return nomad_call_document(nomad, &call, ret, ret_index, err);
}

enum ou_status nomad_path(const char *before, const char *id, const char *after,
                          char ret[NOMAD_PATH_ROOM], struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    if (id[0] == '\0' || strcmp(id, ".") == 0 || strcmp(id, "..") == 0)
        return ou_fail(err, OU_INVALID, "\"%s\" is no name of Nomad's", id);
    buffer_init(&text, allocator_libc(), NOMAD_PATH_ROOM - 1);
    buffer_text(&text, before);
    http_encode(&text, span_of(id), false);
    buffer_text(&text, after);
    status = buffer_status(&text);
    if (status)
        ou_fail(err, status, "a name of %zu bytes is none of Nomad's", strlen(id));
    else
        snprintf(ret, NOMAD_PATH_ROOM, "%s", buffer_string(&text));
    buffer_release(&text);
    return status;
}
