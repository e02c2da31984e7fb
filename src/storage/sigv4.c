/* The steps of AWS's "Signature Version 4 signing process": a request is written down in one way (the canonical request), its hash
 * with time and scope makes the string to sign, and the key is derived from the secret by HMACs over the parts of the scope. S3's
 * exception: the path is encoded once, and dots in it are left alone. */
#include "storage/sigv4.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/digits.h"
#include "base/time.h"
#include "http/client.h"

#define ALGORITHM "AWS4-HMAC-SHA256"
#define STAMP_ROOM sizeof "20130524T000000Z"
#define DAY_CHARS 8
#define SCOPE_ROOM 160
#define NUMBER_ROOM 12
#define CANONICAL_MAX ((size_t)1 << 20)

/* A pair, encoded as the canonical query has it, or a header as its canonical form has it. */
struct item {
    const char *name, *value;
};

struct signing {
    const struct sigv4_request *request;
    const struct sigv4_scope *scope;
    char stamp[STAMP_ROOM];
    char scope_text[SCOPE_ROOM]; /* day/region/service/aws4_request */
    struct item headers[SIGV4_PAIRS_MAX];
    size_t header_count;
    struct sigv4_pair query[SIGV4_PAIRS_MAX];
    size_t query_count;
};

/* ---- names, values and their order ---- */

static void add_header(struct signing *s, const char *name, const char *value)
{
    s->headers[s->header_count++] = (struct item){ name, value };
}

static void add_query(struct signing *s, const char *name, const char *value)
{
    s->query[s->query_count++] = (struct sigv4_pair){ name, value };
}

static int by_header(const void *a, const void *b)
{
    return strcmp(((const struct item *)a)->name, ((const struct item *)b)->name);
}

/* Reads on in what http_encode() would write of a text; '\0' at its end. `digit` is where in "%XX" we are. */
static char next_encoded(const char **at, unsigned *digit)
{
    static const char digits[] = "0123456789ABCDEF";
    unsigned char c = (unsigned char)**at;
    bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                 strchr("-._~", c);

    if (plain) { /* strchr() finds the terminating NUL, too */
        *at += c != '\0';
        return (char)c;
    }
    switch ((*digit)++) {
    case 0: return '%';
    case 1: return digits[c >> 4];
    default:
        *digit = 0;
        (*at)++;
        return digits[c & 15];
    }
}

/* The order of the encoded texts, which is not always that of the plain ones ("~" and UTF-8). */
static int compare_encoded(const char *a, const char *b)
{
    unsigned digit_a = 0, digit_b = 0;

    for (;;) {
        char x = next_encoded(&a, &digit_a), y = next_encoded(&b, &digit_b);

        if (x != y)
            return x < y ? -1 : 1;
        if (!x)
            return 0;
    }
}

static int by_query(const void *a, const void *b)
{
    const struct sigv4_pair *x = a, *y = b;
    int order = compare_encoded(x->name, y->name);

    return order ? order : compare_encoded(x->value, y->value);
}

static void write_query(const struct sigv4_pair *query, size_t count, struct buffer *out)
{
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            buffer_char(out, '&');
        http_encode(out, span_of(query[i].name), false);
        buffer_char(out, '=');
        http_encode(out, span_of(query[i].value), false);
    }
}

/* ---- what is signed ---- */

static enum ou_status begin(struct signing *s, const struct sigv4_request *request,
                            const struct sigv4_scope *scope, struct ou_error *err)
{
    time_t seconds = (time_t)(scope->at_ns / NS_PER_SECOND);
    struct tm utc;
    int len;

    *s = (struct signing){ .request = request, .scope = scope };
    /* what is made here: host and three headers, or six pairs of a query */
    if (request->query_count > SIGV4_PAIRS_MAX - 6 || request->header_count > SIGV4_PAIRS_MAX - 4)
        return ou_fail(err, OU_TOO_LARGE, "a request to be signed has too many parameters");
    if (scope->at_ns < 0 || !gmtime_r(&seconds, &utc) ||
        strftime(s->stamp, sizeof s->stamp, "%Y%m%dT%H%M%SZ", &utc) != STAMP_ROOM - 1)
        return ou_fail(err, OU_INVALID, "no time to sign a request with");
    len = snprintf(s->scope_text, sizeof s->scope_text, "%.*s/%s/%s/aws4_request", DAY_CHARS,
                   s->stamp, scope->region, scope->service);
    if (len < 0 || (size_t)len >= sizeof s->scope_text)
        return ou_fail(err, OU_INVALID, "the region's name is too long");
    add_header(s, "host", request->host);
    for (size_t i = 0; i < request->header_count; i++)
        add_header(s, request->headers[i].name, request->headers[i].value);
    for (size_t i = 0; i < request->query_count; i++)
        add_query(s, request->query[i].name, request->query[i].value);
    return OU_OK;
}

static void write_signed_names(const struct signing *s, struct buffer *out)
{
    for (size_t i = 0; i < s->header_count; i++)
        buffer_printf(out, "%s%s", i > 0 ? ";" : "", s->headers[i].name);
}

/* Blanks around a value do not count, and several within count as one. */
static void write_header_value(const char *value, struct buffer *out)
{
    bool blank = false, begun = false;

    for (; *value; value++) {
        if (*value == ' ' || *value == '\t') {
            blank = begun;
            continue;
        }
        if (blank)
            buffer_char(out, ' ');
        buffer_char(out, *value);
        blank = false;
        begun = true;
    }
}

static void write_canonical(const struct signing *s, struct buffer *out)
{
    buffer_printf(out, "%s\n", s->request->method);
    http_encode(out, span_of(s->request->path), true);
    buffer_char(out, '\n');
    write_query(s->query, s->query_count, out);
    buffer_char(out, '\n');
    for (size_t i = 0; i < s->header_count; i++) {
        buffer_printf(out, "%s:", s->headers[i].name);
        write_header_value(s->headers[i].value, out);
        buffer_char(out, '\n');
    }
    buffer_char(out, '\n');
    write_signed_names(s, out);
    buffer_printf(out, "\n%s", s->request->payload_sha256);
}

static void hmac(unsigned char key[SHA256_BYTES], const char *text)
{
    crypto_auth_hmacsha256_state state;

    crypto_auth_hmacsha256_init(&state, key, SHA256_BYTES);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)text, strlen(text));
    crypto_auth_hmacsha256_final(&state, key);
    sodium_memzero(&state, sizeof state);
}

static void derive_key(const struct signing *s, unsigned char key[SHA256_BYTES])
{
    const char *secret = s->scope->credentials->secret_key;
    crypto_auth_hmacsha256_state state;
    char first[sizeof "AWS4" + CREDENTIAL_ROOM];
    char day[DAY_CHARS + 1];

    snprintf(first, sizeof first, "AWS4%s", secret);
    snprintf(day, sizeof day, "%.*s", DAY_CHARS, s->stamp);
    crypto_auth_hmacsha256_init(&state, (const unsigned char *)first, strlen(first));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)day, DAY_CHARS);
    crypto_auth_hmacsha256_final(&state, key);
    hmac(key, s->scope->region);
    hmac(key, s->scope->service);
    hmac(key, "aws4_request");
    sodium_memzero(first, sizeof first);
    sodium_memzero(&state, sizeof state);
}

static enum ou_status sign(struct signing *s, char ret[SHA256_HEX], struct ou_error *err)
{
    unsigned char key[SHA256_BYTES];
    char hash[SHA256_HEX], text[SCOPE_ROOM + SHA256_HEX + 64];
    struct buffer canonical;
    enum ou_status status;

    qsort(s->headers, s->header_count, sizeof *s->headers, by_header);
    buffer_init(&canonical, allocator_libc(), CANONICAL_MAX);
    write_canonical(s, &canonical);
    status = buffer_status(&canonical);
    sha256_hex((struct span){ canonical.at, canonical.len }, hash);
    buffer_release(&canonical);
    if (status)
        return ou_fail(err, status, "a request to be signed is too long");
    snprintf(text, sizeof text, ALGORITHM "\n%s\n%s\n%s", s->stamp, s->scope_text, hash);
    derive_key(s, key);
    hmac(key, text);
    ret[digits_hex(key, 2 * (size_t)SHA256_BYTES, ret)] = '\0';
    sodium_memzero(key, sizeof key);
    return OU_OK;
}

/* ---- the two forms ---- */

static void write_line(struct buffer *out, const char *name, const char *value)
{
    buffer_printf(out, "%s: %s", name, value);
    buffer_char(out, '\0');
}

enum ou_status sigv4_headers(const struct sigv4_request *request, const struct sigv4_scope *scope,
                             struct buffer *ret, struct ou_error *err)
{
    const char *token = scope->credentials->session_token;
    struct signing s;
    char signature[SHA256_HEX];
    enum ou_status status = begin(&s, request, scope, err);

    if (status)
        return status;
    qsort(s.query, s.query_count, sizeof *s.query, by_query);
    add_header(&s, "x-amz-date", s.stamp);
    add_header(&s, "x-amz-content-sha256", request->payload_sha256);
    if (*token)
        add_header(&s, "x-amz-security-token", token);
    status = sign(&s, signature, err);
    if (status)
        return status;
    write_line(ret, "x-amz-date", s.stamp);
    write_line(ret, "x-amz-content-sha256", request->payload_sha256);
    if (*token)
        write_line(ret, "x-amz-security-token", token);
    buffer_printf(ret, "Authorization: " ALGORITHM " Credential=%s/%s,SignedHeaders=",
                  scope->credentials->access_key, s.scope_text);
    write_signed_names(&s, ret);
    buffer_printf(ret, ",Signature=%s", signature);
    buffer_char(ret, '\0');
    return buffer_status(ret) ? ou_fail(err, buffer_status(ret), "no memory for a request") : OU_OK;
}

static enum ou_status presign(struct signing *s, const char *expires, struct buffer *ret,
                              struct ou_error *err)
{
    const struct s3_credentials *credentials = s->scope->credentials;
    char who[CREDENTIAL_ROOM + SCOPE_ROOM], names[1024], signature[SHA256_HEX];
    struct buffer text;
    enum ou_status status;

    snprintf(who, sizeof who, "%s/%s", credentials->access_key, s->scope_text);
    buffer_init(&text, allocator_libc(), sizeof names - 1);
    qsort(s->headers, s->header_count, sizeof *s->headers, by_header);
    write_signed_names(s, &text);
    snprintf(names, sizeof names, "%s", buffer_string(&text));
    status = buffer_status(&text);
    buffer_release(&text);
    if (status)
        return ou_fail(err, status, "a request to be signed has too many headers");
    add_query(s, "X-Amz-Algorithm", ALGORITHM);
    add_query(s, "X-Amz-Credential", who);
    add_query(s, "X-Amz-Date", s->stamp);
    add_query(s, "X-Amz-Expires", expires);
    add_query(s, "X-Amz-SignedHeaders", names);
    if (*credentials->session_token)
        add_query(s, "X-Amz-Security-Token", credentials->session_token);
    qsort(s->query, s->query_count, sizeof *s->query, by_query);
    status = sign(s, signature, err);
    if (status)
        return status;
    http_encode(ret, span_of(s->request->path), true);
    buffer_char(ret, '?');
    write_query(s->query, s->query_count, ret);
    buffer_printf(ret, "&X-Amz-Signature=%s", signature);
    return buffer_status(ret) ? ou_fail(err, buffer_status(ret), "no memory for a URL") : OU_OK;
}

enum ou_status sigv4_presign(const struct sigv4_request *request, const struct sigv4_scope *scope,
                             uint32_t expires_s, struct buffer *ret, struct ou_error *err)
{
    struct signing s;
    char expires[NUMBER_ROOM];
    enum ou_status status;

    if (expires_s < 1 || expires_s > 604800)
        return ou_fail(err, OU_USAGE, "a signed URL is valid for 1 second to 7 days");
    snprintf(expires, sizeof expires, "%u", (unsigned)expires_s);
    status = begin(&s, request, scope, err);
    return status ? status : presign(&s, expires, ret, err);
}

void sigv4_target(const struct sigv4_request *request, struct buffer *ret)
{
    struct sigv4_pair query[SIGV4_PAIRS_MAX];
    size_t count = request->query_count < SIGV4_PAIRS_MAX ? request->query_count : SIGV4_PAIRS_MAX;

    http_encode(ret, span_of(request->path), true);
    if (count == 0)
        return;
    memcpy(query, request->query, count * sizeof *query);
    qsort(query, count, sizeof *query, by_query);
    buffer_char(ret, '?');
    write_query(query, count, ret);
}
