/* Where a bucket is, and who asks: what is settled before the first request. */
#include "storage/s3.h"

#include <ctype.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "storage/s3_private.h"

#define NAME_ROOM 256 /* of a host */
#define BUCKET_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_"
#define REGION_CHARS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"

/* ---- the place ---- */

static const char *or_environment(const char *given, const char *name)
{
    const char *value = given ? given : getenv(name);

    return value && *value ? value : NULL;
}

static enum ou_status use_names(struct s3 *s3, const struct s3_place *place, struct ou_error *err)
{
    const char *region = or_environment(place->region, "AWS_REGION");
    size_t len = place->bucket ? strlen(place->bucket) : 0;

    region = or_environment(region, "AWS_DEFAULT_REGION");
    if (!region)
        region = "us-east-1";
    if (len < 3 || len >= sizeof s3->bucket || strspn(place->bucket, BUCKET_CHARS) != len)
        return ou_fail(err, OU_USAGE, "a bucket's name has 3 to 63 of a-z, 0-9, \"-\" and \".\"");
    if (strlen(region) >= sizeof s3->region || strspn(region, REGION_CHARS) != strlen(region))
        return ou_fail(err, OU_USAGE, "a region's name has letters, digits and \"-\"");
    memcpy(s3->bucket, place->bucket, len + 1);
    memcpy(s3->region, region, strlen(region) + 1);
    return OU_OK;
}

/* AWS's certificates are for one name below its own: buckets with dots are asked for by path. */
static void use_aws(struct s3 *s3, const struct s3_place *place)
{
    bool is_china = strncmp(s3->region, "cn-", 3) == 0;

    s3->is_https = true;
    s3->bucket_in_host = !place->path_style && !strchr(s3->bucket, '.');
    snprintf(s3->host, sizeof s3->host, "%s%ss3.%s.amazonaws.com%s",
             s3->bucket_in_host ? s3->bucket : "", s3->bucket_in_host ? "." : "", s3->region,
             is_china ? ".cn" : "");
}

/* "host", "host:port", "[::1]:port": the name's characters, and digits behind a colon. *ret_port is "" where it is not said. */
static bool split_host(const char *text, char host[NAME_ROOM], char ret_port[8])
{
    size_t name = *text == '[' ? strcspn(text, "]") + 1 : strcspn(text, ":");
    const char *port = text + name;

    if (name == 0 || name > strlen(text) || name >= NAME_ROOM)
        return false;
    for (size_t i = 0; i < name; i++) {
        if (!isalnum((unsigned char)text[i]) && !strchr(*text == '[' ? "[]:." : ".-_", text[i]))
            return false;
        host[i] = (char)tolower((unsigned char)text[i]);
    }
    host[name] = '\0';
    *ret_port = '\0';
    if (!*port)
        return true;
    if (*port != ':' || strlen(port) < 2 || strlen(port) > 6 ||
        strspn(port + 1, "0123456789") != strlen(port + 1))
        return false;
    memcpy(ret_port, port + 1, strlen(port));
    return true;
}

static enum ou_status use_endpoint(struct s3 *s3, const struct s3_place *place,
                                   struct ou_error *err)
{
    const char *at = place->endpoint;
    char text[NAME_ROOM + 8], host[NAME_ROOM], port[8];
    size_t len;

    s3->is_https = strncmp(at, "https://", 8) == 0;
    if (!s3->is_https && strncmp(at, "http://", 7) != 0)
        return ou_fail(err, OU_USAGE, "an endpoint begins with https:// or http://");
    at += s3->is_https ? 8 : 7;
    len = strcspn(at, "/");
    if (strspn(at + len, "/") != strlen(at + len) || len >= sizeof text)
        return ou_fail(err, OU_USAGE, "an endpoint is https://HOST:PORT, without a path");
    snprintf(text, sizeof text, "%.*s", (int)len, at);
    if (!split_host(text, host, port))
        return ou_fail(err, OU_USAGE, "an endpoint is https://HOST:PORT");
    if (strcmp(port, s3->is_https ? "443" : "80") == 0)
        *port = '\0'; /* clients leave the scheme's own away, and Host is signed */
    if (!s3->is_https && !place->allow_http && !http_is_loopback(host))
        return ou_fail(err, OU_USAGE,
                       "the endpoint http://%s would be spoken to in clear text: use https://, or "
                       "allow it where nobody listens",
                       text);
    s3->bucket_in_host = place->virtual_host && !place->path_style;
    snprintf(s3->host, sizeof s3->host, "%s%s%s%s%s", s3->bucket_in_host ? s3->bucket : "",
             s3->bucket_in_host ? "." : "", host, *port ? ":" : "", port);
    return OU_OK;
}

/* ---- credentials ---- */

static bool copy_text(const char *text, char **ret)
{
    *ret = text ? strdup(text) : NULL;
    return !text || *ret;
}

static struct credentials_options options_of(const struct s3 *s3)
{
    return (struct credentials_options){
        .source = s3->from.source,
        .file = s3->from.file,
        .profile = s3->from.profile,
        .instance_endpoint = s3->from.instance_endpoint,
    };
}

static enum ou_status use_credentials(struct s3 *s3, const struct credentials_options *options,
                                      char *ret_remark, struct ou_error *err)
{
    struct credentials_options own;

    s3->from.source = options->source;
    if (!copy_text(options->file, &s3->from.file) ||
        !copy_text(options->profile, &s3->from.profile) ||
        !copy_text(options->instance_endpoint, &s3->from.instance_endpoint))
        return ou_fail(err, OU_NO_MEMORY, "no memory for a store");
    own = options_of(s3);
    return credentials_find(&own, &s3->credentials, ret_remark, err);
}

/* An instance has the next ones at least five minutes before those that it gave out expire. */
enum ou_status s3_renew(struct s3 *s3, struct ou_error *err)
{
    const int64_t early_ns = 240 * NS_PER_SECOND;
    struct credentials_options options = options_of(s3);
    struct s3_credentials found;
    char remark[256];
    enum ou_status status;

    if (s3->from.source != CREDENTIALS_INSTANCE || s3->credentials.expires_ns == TIME_NONE ||
        s3->now_ns() < s3->credentials.expires_ns - early_ns)
        return OU_OK;
    status = credentials_find(&options, &found, remark, err);
    if (!status)
        s3->credentials = found;
    else if (s3->now_ns() < s3->credentials.expires_ns)
        status = OU_OK; /* the old ones are good yet */
    credentials_forget(&found);
    return status;
}

/* ---- opening and closing ---- */

enum ou_status s3_open(const struct s3_place *place, struct s3 **ret, char *ret_remark,
                       struct ou_error *err)
{
    struct s3 *s3;
    enum ou_status status;

    *ret = NULL;
    *ret_remark = '\0';
    if (sodium_init() < 0)
        return ou_fail(err, OU_IO, "libsodium cannot be used");
    s3 = calloc(1, sizeof *s3);
    if (!s3)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a store");
    s3->policy = &RETRY_USUAL;
    s3->now_ns = time_wall_ns;
    status = use_names(s3, place, err);
    if (!status && place->endpoint)
        status = use_endpoint(s3, place, err);
    else if (!status)
        use_aws(s3, place);
    if (!status)
        status = use_credentials(s3, &place->credentials, ret_remark, err);
    if (!status)
        status = http_client_ready(err);
    if (!status)
        status = http_client_open(&place->identity, &s3->client, err);
    if (status)
        s3_close(s3);
    else
        *ret = s3;
    return status;
}

void s3_close(struct s3 *s3)
{
    if (!s3)
        return;
    credentials_forget(&s3->credentials);
    http_client_close(s3->client);
    free(s3->from.file);
    free(s3->from.profile);
    free(s3->from.instance_endpoint);
    free(s3);
}

void s3_on_wait(struct s3 *s3, void (*say)(void *context, const char *why, double wait_s),
                void *context)
{
    s3->say = say;
    s3->context = context;
}

void s3_clean_up(struct s3 *s3, bool cleans_up)
{
    http_client_clean_up(s3->client, cleans_up);
}

void s3_retry_with(struct s3 *s3, const struct retry_policy *policy)
{
    s3->policy = policy;
}

const char *s3_bucket(const struct s3 *s3)
{
    return s3->bucket;
}

const char *s3_region(const struct s3 *s3)
{
    return s3->region;
}
