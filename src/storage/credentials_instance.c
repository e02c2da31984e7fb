/* The metadata service of a machine in AWS's cloud, version 2: a token is put first, which a request that was forged through a
 * proxy on the machine cannot do; it names the machine's role, and gives that role's credentials of the hour. */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/time.h"
#include "http/retry.h"
#include "json/tree.h"
#include "storage/credentials_private.h"

#define ENDPOINT "http://169.254.169.254"
#define ROLES "/latest/meta-data/iam/security-credentials/"
#define URL_ROOM 1024
#define TOKEN_ROOM 1024
#define ROLE_ROOM 256
#define ANSWER_MAX ((size_t)64 << 10)

/* Where there is no such service nothing answers at all: two tries of two seconds tell. */
static const struct retry_policy POLICY = { .tries = 2, .first_s = 0.2, .most_s = 0.5 };

struct service {
    struct http_client *client;
    const char *endpoint;
    char token_line[TOKEN_ROOM]; /* of the requests that follow the first */
};

static void release_secret(struct http_reply *reply)
{
    if (reply->body.at)
        sodium_memzero(reply->body.at, reply->body.cap);
    http_reply_release(reply);
}

static enum ou_status ask(const struct service *s, const char *method, const char *path,
                          const char *line, struct http_reply *ret, struct ou_error *err)
{
    char url[URL_ROOM];
    const char *const headers[] = { line, NULL };
    const struct http_request request = {
        .method = method, .url = url, .headers = headers, .timeout_s = 2, .body_max = ANSWER_MAX
    };
    struct retry retry = retry_begin(&POLICY);
    enum ou_status status;

    if (snprintf(url, sizeof url, "%s%s", s->endpoint, path) >= (int)sizeof url)
        return ou_fail(err, OU_INVALID, "the metadata service's address is too long");
    do
        status = http_ask(s->client, &request, ret, err);
    while (retry_again(&retry, status, ret));
    if (!status && ret->status == 404)
        status = ou_fail(err, OU_NOT_FOUND, "%s has nothing at %s: has this machine a role?",
                         s->endpoint, path);
    else if (!status && ret->status != 200)
        status = ou_fail(err, OU_IO, "%s: status %d of %s", s->endpoint, ret->status, path);
    return status;
}

static enum ou_status fetch_token(struct service *s, struct ou_error *err)
{
    struct http_reply reply = { 0 };
    char token[TOKEN_ROOM - 32];
    enum ou_status status = ask(s, "PUT", "/latest/api/token",
                                "X-aws-ec2-metadata-token-ttl-seconds: 300", &reply, err);

    if (!status)
        status =
            credentials_set(token, sizeof token, (struct span){ reply.body.at, reply.body.len },
                            "the metadata service's token", err);
    if (!status)
        snprintf(s->token_line, sizeof s->token_line, "X-aws-ec2-metadata-token: %s", token);
    sodium_memzero(token, sizeof token);
    release_secret(&reply);
    return status;
}

/* A machine has one role; the first line names it. */
static enum ou_status fetch_role(const struct service *s, char ret[ROLE_ROOM], struct ou_error *err)
{
    struct http_reply reply = { 0 };
    enum ou_status status = ask(s, "GET", ROLES, s->token_line, &reply, err);
    size_t len = strcspn(buffer_string(&reply.body), "\r\n");

    if (!status)
        status = credentials_set(ret, ROLE_ROOM, (struct span){ reply.body.at, len },
                                 "the name of this machine's role", err);
    if (!status && (len == 0 || strpbrk(ret, "/?#%")))
        status = ou_fail(err, OU_NOT_FOUND, "%s names no role of this machine", s->endpoint);
    http_reply_release(&reply);
    return status;
}

static enum ou_status take_member(const json_t *document, const char *name, char *to, size_t room,
                                  struct ou_error *err)
{
    const char *text = json_string_value(json_object_get(document, name));

    if (!text || !*text)
        return ou_fail(err, OU_INVALID, "the metadata service gave no %s", name);
    return credentials_set(to, room, span_of(text), name, err);
}

static enum ou_status read_document(const json_t *document, struct s3_credentials *ret,
                                    struct ou_error *err)
{
    const char *expires = json_string_value(json_object_get(document, "Expiration"));
    enum ou_status status =
        take_member(document, "AccessKeyId", ret->access_key, sizeof ret->access_key, err);

    if (!status)
        status =
            take_member(document, "SecretAccessKey", ret->secret_key, sizeof ret->secret_key, err);
    if (!status)
        status = take_member(document, "Token", ret->session_token, sizeof ret->session_token, err);
    if (!expires || !time_parse_iso(expires, strlen(expires), &ret->expires_ns))
        ret->expires_ns = TIME_NONE;
    ret->source = "instance";
    return status;
}

/* jansson's own memory of the document is not overwritten: it is freed. */
static enum ou_status fetch_credentials(const struct service *s, struct s3_credentials *ret,
                                        struct ou_error *err)
{
    struct http_reply reply = { 0 };
    char role[ROLE_ROOM], path[sizeof ROLES + ROLE_ROOM];
    json_t *document = NULL;
    enum ou_status status = fetch_role(s, role, err);

    if (status)
        return status;
    snprintf(path, sizeof path, "%s%s", ROLES, role);
    status = ask(s, "GET", path, s->token_line, &reply, err);
    if (!status)
        status = json_tree_parse((struct span){ reply.body.at, reply.body.len },
                                 "the metadata service's answer", &document, err);
    if (!status)
        status = read_document(document, ret, err);
    json_decref(document);
    release_secret(&reply);
    return status;
}

static const char *endpoint_of(const struct credentials_options *options)
{
    const char *named = getenv("AWS_EC2_METADATA_SERVICE_ENDPOINT");

    if (options->instance_endpoint)
        return options->instance_endpoint;
    return named && *named ? named : ENDPOINT;
}

enum ou_status credentials_of_instance(const struct credentials_options *options,
                                       struct s3_credentials *ret, struct ou_error *err)
{
    const char *disabled = getenv("AWS_EC2_METADATA_DISABLED");
    struct service s = { .endpoint = endpoint_of(options) };
    enum ou_status status;

    if (disabled && strcasecmp(disabled, "true") == 0)
        return ou_fail(err, OU_NOT_FOUND,
                       "AWS_EC2_METADATA_DISABLED forbids to ask for an instance's credentials");
    status = http_client_ready(err);
    if (!status)
        status = http_client_open(NULL, &s.client, err);
    if (!status)
        status = fetch_token(&s, err);
    if (!status)
        status = fetch_credentials(&s, ret, err);
    http_client_close(s.client);
    sodium_memzero(s.token_line, sizeof s.token_line);
    return status;
}
