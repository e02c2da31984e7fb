/* Tokens of requests. Only the Authorization header is looked at. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "api/answering.h"

#define CREDENTIAL_ROOM 256

/* Behind "SCHEME "; NULL: another scheme. */
static const char *behind_scheme(const char *header, const char *scheme)
{
    size_t len = strlen(scheme);

    if (strncasecmp(header, scheme, len) != 0 || header[len] != ' ')
        return NULL;
    return header + len + strspn(header + len, " ");
}

/* The password of Basic credentials, whatever the user is called. */
static bool read_basic(const char *encoded, char ret[CREDENTIAL_ROOM])
{
    char plain[CREDENTIAL_ROOM];
    size_t len = 0;
    const char *colon;
    bool fits =
        sodium_base642bin((unsigned char *)plain, sizeof plain - 1, encoded, strlen(encoded), NULL,
                          &len, NULL, sodium_base64_VARIANT_ORIGINAL) == 0;

    plain[len] = '\0';
    colon = fits ? strchr(plain, ':') : NULL;
    if (colon)
        snprintf(ret, CREDENTIAL_ROOM, "%s", colon + 1);
    sodium_memzero(plain, sizeof plain);
    return colon != NULL;
}

/* The token that the request has; "": credentials that are none. Reads take Basic, too: it is what a browser asks for when a
 * page wants a token, and what it then sends with the page's own questions and to links. Nothing is changed by it: a page of
 * another site gains nothing from what browsers send by themselves. */
static bool read_token(const struct api_request *r, char ret[CREDENTIAL_ROOM])
{
    const char *header = http_header(r->call, "Authorization"), *value;

    *ret = '\0';
    if (!header)
        return false;
    value = behind_scheme(header, "Bearer");
    if (value && strlen(value) < CREDENTIAL_ROOM)
        snprintf(ret, CREDENTIAL_ROOM, "%s", value);
    value = behind_scheme(header, "Basic");
    if (value && !is_write(r->call))
        read_basic(value, ret);
    return true;
}

static bool refuse(struct api_request *r, bool was_given)
{
    if (was_given)
        rate_failed_token(r);
    api_problem(r, PROBLEM_UNAUTHENTICATED, "%s",
                was_given ? "The token is not good: it may be mistyped, expired or revoked."
                          : "Send a token: \"Authorization: Bearer ouro_...\".");
    http_answer_header(r->answer, "WWW-Authenticate", "Bearer realm=\"ouroscope\"%s",
                       was_given ? ", error=\"invalid_token\"" : "");
    return false;
}

/* A token that was sent so is known to others now; to take it would teach people to go on. */
static bool refuse_clear(struct api_request *r)
{
    return api_problem(r, PROBLEM_FORBIDDEN,
                       "Tokens are taken over TLS only, from other machines. This one should be "
                       "revoked: it was sent in clear text.");
}

static unsigned scope_needed(const struct api_request *r)
{
    unsigned flags = r->page ? r->page->flags : r->operation->flags;
    unsigned scope = r->page ? (unsigned)SCOPE_READ : r->operation->scope;

    if (flags & OPERATION_OPEN)
        return 0;
    return scope == SCOPE_READ && !api_config(r->api)->reads_need_token ? 0 : scope;
}

bool auth_is_private(const struct api_request *r)
{
    return api_config(r->api)->reads_need_token || scope_needed(r) != 0;
}

/* The connection of the request, or one for this alone. */
static enum ou_status check_token(struct api_request *r, const char *token, struct ou_error *err)
{
    struct sql *db = r->db;
    enum ou_status status = db ? OU_OK : store_take(api_store(r->api), &db, err);

    if (!status)
        status = token_check(db, token, r->now_ns, &r->holder, err);
    if (!r->db)
        store_give(api_store(r->api), db);
    return status;
}

bool auth_request(struct api_request *r)
{
    unsigned flags = r->page ? r->page->flags : r->operation->flags, needed = scope_needed(r);
    char token[CREDENTIAL_ROOM];
    struct ou_error err = { 0 };
    enum ou_status status;
    bool given = !(flags & OPERATION_OPEN) && read_token(r, token);

    if (!given)
        return needed == 0 || refuse(r, false);
    if (client_is_in_clear(r->call, api_config(r->api)->trusted_proxies)) {
        sodium_memzero(token, sizeof token);
        return refuse_clear(r);
    }
    status = check_token(r, token, &err);
    sodium_memzero(token, sizeof token);
    if (status == OU_NOT_FOUND)
        return refuse(r, true);
    if (status == OU_IO)
        return api_database_away(r, err.text);
    if (status)
        return api_failed(r, status, &err);
    if (needed && !(r->holder.scopes & (needed | SCOPE_ADMIN)))
        return api_problem(r, PROBLEM_FORBIDDEN, "The token lacks the scope \"%s\".",
                           scope_name((enum scope)needed));
    return true;
}

const char *api_only_project(const struct api_request *r)
{
    return auth_is_private(r) ? r->holder.project : "";
}

bool api_may(struct api_request *r, const char *project)
{
    bool open = !is_write(r->call) && !api_config(r->api)->reads_need_token;

    if (open || r->holder.project[0] == '\0' || strcmp(r->holder.project, project) == 0)
        return true;
    return api_problem(r, PROBLEM_FORBIDDEN, "The token is of the project \"%s\".",
                       r->holder.project);
}
