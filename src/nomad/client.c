#include "nomad/client.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/file.h"
#include "json/tree.h"
#include "nomad/call.h"
#include "nomad/explain.h"

#define TOKEN_FILE_MAX 4096
#define TOKEN_HEADER "X-Nomad-Token: "
#define URL_MAX ((size_t)64 << 10)
#define STALL_S 30.0
#define WAIT_MAX_S 600.0 /* Nomad's own limit of a blocking query */

struct nomad {
    struct http_client *http;  /* owned */
    char *address;             /* without a slash at the end */
    char *region, *namespace_; /* NULL: the agent's */
    char *token_header;        /* a secret; NULL: none */
    const struct retry_policy *policy;
    void (*say)(void *context, const char *why, double wait_s);
    void *say_context;
};

/* ---- where it is ---- */

static const char *or_environment(const char *given, const char *name, const char *otherwise)
{
    const char *set = given ? given : getenv(name);

    return set && set[0] ? set : otherwise;
}

static bool copy_text(const char *text, char **ret)
{
    *ret = text ? strdup(text) : NULL;
    return !text || *ret;
}

/* Whether a URL's host is this machine. */
static bool is_here(const char *address)
{
    const char *at = strstr(address, "://") + 3;
    struct span host = { at, at[0] == '[' ? strcspn(at, "]") + 1 : strcspn(at, ":/") };

    if (span_starts(host, "127."))
        return strspn(at, "0123456789.") == host.len;
    return span_is(host, "localhost") || span_is(host, "[::1]");
}

static enum ou_status set_address(struct nomad *n, const char *address, struct ou_error *err)
{
    bool clear = strncasecmp(address, "http://", 7) == 0;
    size_t len = strlen(address);

    if (!clear && strncasecmp(address, "https://", 8) != 0)
        return ou_fail(err, OU_USAGE,
                       "Nomad's address begins with http:// or https:// (NOMAD_ADDR)");
    if (strpbrk(address, "?#@ \t\r\n") || strspn(strstr(address, "://") + 3, "/:") > 0 ||
        strstr(address, "://")[3] == '\0')
        return ou_fail(err, OU_USAGE,
                       "Nomad's address is http://HOST:PORT, without user or query (NOMAD_ADDR)");
    if (clear && n->token_header && !is_here(address))
        return ou_fail(err, OU_USAGE,
                       "a token would go to %s in clear text: use https://, or a tunnel to "
                       "127.0.0.1",
                       address);
    while (address[len - 1] == '/')
        len--;
    n->address = strndup(address, len);
    return n->address ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for a client of Nomad");
}

/* ---- who we are ---- */

/* A token is one word of printable characters: it becomes a header. */
static enum ou_status set_token(struct nomad *n, const char *text, const char *where,
                                struct ou_error *err)
{
    size_t begin = strspn(text, " \t\r\n"), len = strcspn(text + begin, " \t\r\n"), room;

    if (len == 0 || text[begin + len + strspn(text + begin + len, " \t\r\n")] != '\0')
        return ou_fail(err, OU_USAGE, "%s does not hold one token", where);
    for (size_t i = 0; i < len; i++)
        if (text[begin + i] < 0x21 || text[begin + i] > 0x7e)
            return ou_fail(err, OU_USAGE, "%s does not hold a token", where);
    room = strlen(TOKEN_HEADER) + len + 1;
    n->token_header = malloc(room);
    if (!n->token_header)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a client of Nomad");
    snprintf(n->token_header, room, TOKEN_HEADER "%.*s", (int)len, text + begin);
    return OU_OK;
}

static enum ou_status read_token(struct nomad *n, const char *path, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), TOKEN_FILE_MAX);
    status = file_read(path, &text, err);
    if (!status)
        status = set_token(n, buffer_string(&text), path, err);
    if (text.at)
        sodium_memzero(text.at, text.cap);
    buffer_release(&text);
    return status;
}

static enum ou_status find_token(struct nomad *n, const struct nomad_place *place,
                                 struct ou_error *err)
{
    const char *set = or_environment(NULL, "NOMAD_TOKEN", NULL);

    if (place->token_file)
        return read_token(n, place->token_file, err);
    return set ? set_token(n, set, "NOMAD_TOKEN", err) : OU_OK;
}

static struct http_identity identity_of(const struct nomad_place *place)
{
    return (struct http_identity){
        .ca_file = or_environment(place->identity.ca_file, "NOMAD_CACERT", NULL),
        .certificate_file =
            or_environment(place->identity.certificate_file, "NOMAD_CLIENT_CERT", NULL),
        .key_file = or_environment(place->identity.key_file, "NOMAD_CLIENT_KEY", NULL),
        .server_name = or_environment(place->identity.server_name, "NOMAD_TLS_SERVER_NAME", NULL),
    };
}

static enum ou_status set_up(struct nomad *n, const struct nomad_place *place, struct ou_error *err)
{
    struct http_identity identity = identity_of(place);
    enum ou_status status = find_token(n, place, err);

    if (!status)
        status = set_address(
            n, or_environment(place->address, "NOMAD_ADDR", "http://127.0.0.1:4646"), err);
    if (!status &&
        (!copy_text(or_environment(place->region, "NOMAD_REGION", NULL), &n->region) ||
         !copy_text(or_environment(place->namespace_, "NOMAD_NAMESPACE", NULL), &n->namespace_)))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for a client of Nomad");
    if (!status)
        status = http_client_ready(err);
    return status ? status : http_client_open(&identity, &n->http, err);
}

enum ou_status nomad_open(const struct nomad_place *place, struct nomad **ret, struct ou_error *err)
{
    struct nomad *n = calloc(1, sizeof *n);
    enum ou_status status;

    *ret = NULL;
    if (!n)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a client of Nomad");
    n->policy = &RETRY_USUAL;
    status = set_up(n, place, err);
    if (status)
        nomad_close(n);
    else
        *ret = n;
    return status;
}

void nomad_close(struct nomad *nomad)
{
    if (!nomad)
        return;
    http_client_close(nomad->http);
    if (nomad->token_header)
        sodium_memzero(nomad->token_header, strlen(nomad->token_header));
    free(nomad->token_header);
    free(nomad->address);
    free(nomad->region);
    free(nomad->namespace_);
    free(nomad);
}

void nomad_retry_with(struct nomad *nomad, const struct retry_policy *policy)
{
    nomad->policy = policy;
}

void nomad_on_wait(struct nomad *nomad, void (*say)(void *context, const char *why, double wait_s),
                   void *context)
{
    nomad->say = say;
    nomad->say_context = context;
}

void nomad_cancel(struct nomad *nomad)
{
    http_client_cancel(nomad->http);
}

/* ---- one request ---- */

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

enum ou_status nomad_call_judge(const char *what, const struct http_reply *reply,
                                struct ou_error *err)
{
    struct buffer text;
    enum ou_status status = reply->status == 404 ? OU_NOT_FOUND : OU_IO;

    if (is_good(reply))
        return OU_OK;
    buffer_init(&text, allocator_libc(), 4096);
    nomad_explain_refusal(reply->status, text_of(reply), what, &text);
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
    return nomad_call_judge(call->what ? call->what : what, ret, err);
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
