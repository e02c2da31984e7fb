#include "nomad/client.h"

#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

#include "base/file.h"
#include "nomad/call.h"

#define TOKEN_FILE_MAX 4096
#define TOKEN_HEADER "X-Nomad-Token: "

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
    return copy_text(where, &n->token_source)
               ? OU_OK
               : ou_fail(err, OU_NO_MEMORY, "no memory for a client of Nomad");
}

/* It is taken nevertheless, as credentials of the bucket are. */
static void remark_mode(struct nomad *n, const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && st.st_mode & 077)
        snprintf(n->remark, sizeof n->remark,
                 "others may read the token in %.180s (mode %03o): chmod 600", path,
                 (unsigned)st.st_mode & 0777);
}

static enum ou_status read_token(struct nomad *n, const char *path, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), TOKEN_FILE_MAX);
    status = file_read(path, &text, err);
    if (status && err)
        ou_fail(err, status, "nomad.token_file of the placement plan: %s", err->text);
    if (!status)
        status = set_token(n, buffer_string(&text), path, err);
    if (!status)
        remark_mode(n, path);
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

const char *nomad_remark(const struct nomad *nomad)
{
    return nomad->remark;
}

void nomad_close(struct nomad *nomad)
{
    if (!nomad)
        return;
    http_client_close(nomad->http);
    if (nomad->token_header)
        sodium_memzero(nomad->token_header, strlen(nomad->token_header));
    free(nomad->token_header);
    free(nomad->token_source);
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
