/* Tokens, and the record of who wrote. */
#include <sodium.h>
#include <string.h>

#include "api/runs.h"
#include "base/time.h"

/* ---- tokens ---- */

struct making {
    struct api_request *r;
    struct token_wish wish;
    char token[TOKEN_ROOM], id[TOKEN_ID_ROOM];
};

static enum ou_status make_token(struct sql *db, void *context, struct ou_error *err)
{
    struct making *m = context;

    return token_create(db, &m->wish, m->r->holder.id, m->r->now_ns, m->token, m->id, err);
}

/* The scopes have been held against the description. */
static unsigned scopes_of(const json_t *names)
{
    unsigned scopes = 0, one;
    size_t i;
    json_t *name;

    json_array_foreach(names, i, name) if (scopes_parse(json_string_value(name), &one)) scopes |=
        one;
    return scopes;
}

static bool read_wish(struct api_request *r, struct token_wish *ret)
{
    struct problem_place place = { .pointer = "/expiresAt", .detail = "it is past already" };
    const char *expires;
    json_t *body;

    if (!api_body_json(r, &body))
        return false;
    ret->name = json_string_value(json_object_get(body, "name"));
    ret->scopes = scopes_of(json_object_get(body, "scopes"));
    ret->project = json_string_value(json_object_get(body, "project"));
    ret->expires_ns = TIME_NONE;
    expires = json_string_value(json_object_get(body, "expiresAt"));
    if (expires && time_parse_iso(expires, strlen(expires), &ret->expires_ns) &&
        ret->expires_ns <= r->now_ns)
        return api_problem_at(r, PROBLEM_INVALID_BODY, &place, 1, "The token would never be good.");
    return api_may(r, ret->project ? ret->project : "");
}

static void answer_token(struct api_request *r, const struct making *m)
{
    struct buffer *body = &r->answer->body;

    if (!api_item_put(r, "tokens", NULL, 0, m->id, body))
        return;
    buffer_drop(body, 1); /* another member goes behind the others */
    buffer_printf(body, ",\"token\":\"%s\"}", m->token);
    r->answer->status = 201;
    r->answer->type = "application/json";
    http_answer_header(r->answer, "Location", "%s", api_link(r, "/tokens/%s", m->id));
}

static void create_token(struct api_request *r)
{
    struct making m = { .r = r };
    struct ou_error err = { 0 };
    enum ou_status status;

    if (!read_wish(r, &m.wish))
        return;
    status = sql_write(r->db, make_token, &m, &err);
    if (status)
        api_failed(r, status, &err);
    else
        answer_token(r, &m);
    sodium_memzero(m.token, sizeof m.token);
}

static void list_tokens(struct api_request *r)
{
    api_list(r, "tokens", NULL, 0);
}

static void get_token(struct api_request *r)
{
    api_item(r, "tokens", api_path_value(r, "token"));
}

static enum ou_status revoke_token(struct sql *db, void *context, struct ou_error *err)
{
    struct api_request *r = context;

    return token_revoke(db, api_path_value(r, "token"), r->holder.id, r->now_ns, err);
}

/* Looked at as an item first: of another project's tokens a project's administrator sees none. */
static void delete_token(struct api_request *r)
{
    struct ou_error err = { 0 };
    struct buffer item;
    enum ou_status status;
    bool found;

    buffer_init(&item, allocator_libc(), HTTP_BODY_MAX);
    found = api_item_put(r, "tokens", NULL, 0, api_path_value(r, "token"), &item);
    buffer_release(&item);
    if (!found)
        return;
    status = sql_write(r->db, revoke_token, r, &err);
    if (status)
        api_failed(r, status, &err);
    else
        r->answer->status = 204;
}

/* ---- audit ---- */

static void list_audit(struct api_request *r)
{
    if (r->holder.project[0])
        api_problem(r, PROBLEM_FORBIDDEN, "The record is for tokens of all projects.");
    else
        api_list(r, "audit", NULL, 0);
}

const struct api_operation access_operations[] = {
    { "listTokens", SCOPE_ADMIN, 0, list_tokens }, { "createToken", SCOPE_ADMIN, 0, create_token },
    { "getToken", SCOPE_ADMIN, 0, get_token },     { "revokeToken", SCOPE_ADMIN, 0, delete_token },
    { "listAudit", SCOPE_ADMIN, 0, list_audit },   { 0 },
};
