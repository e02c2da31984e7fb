#include "store/access.h"

#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "json/write.h"

#define TOKEN_PREFIX "ouro_"
#define ID_BYTES 8      /* 16 hex digits */
#define SECRET_BYTES 32 /* 43 characters of base64 */
#define SECRET_ROOM \
    sodium_base64_ENCODED_LEN(SECRET_BYTES, sodium_base64_VARIANT_URLSAFE_NO_PADDING)
#define HASH_BYTES crypto_generichash_BYTES
#define USED_STEP_NS (3600 * NS_PER_SECOND)
#define SERVER_KEY_NAME "server-key"

static const char *const names[SCOPE_COUNT] = { "read", "publish", "alerts", "admin" };

const char *scope_name(enum scope s)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if ((unsigned)s == 1U << i)
            return names[i];
    return "none";
}

static unsigned scope_of(struct span word)
{
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (span_is(word, names[i]))
            return 1U << i;
    return 0;
}

bool scopes_parse(const char *text, unsigned *ret)
{
    *ret = 0;
    for (;;) {
        size_t len = strcspn(text, ",");
        unsigned scope = scope_of((struct span){ text, len });

        if (!scope)
            return false;
        *ret |= scope;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

/* ["read","publish"] */
static void scopes_to_json(unsigned scopes, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_begin_array(&w);
    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (scopes & 1U << i)
            json_cstring(&w, names[i]);
    json_end(&w);
}

/* Our own texts, so that looking for the names in quotes is enough. */
static unsigned scopes_of_json(struct span json)
{
    unsigned scopes = 0;

    for (size_t i = 0; i < SCOPE_COUNT; i++)
        if (memmem(json.at, json.len, names[i], strlen(names[i])))
            scopes |= 1U << i;
    return scopes;
}

/* ---- making ---- */

static void hash_secret(const char *secret, unsigned char ret[HASH_BYTES])
{
    crypto_generichash(ret, HASH_BYTES, (const unsigned char *)secret, strlen(secret), NULL, 0);
}

static void make_secret(char ret[SECRET_ROOM])
{
    unsigned char random[SECRET_BYTES];

    randombytes_buf(random, sizeof random);
    sodium_bin2base64(ret, SECRET_ROOM, random, sizeof random,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(random, sizeof random);
}

static void make_id(char ret[TOKEN_ID_ROOM])
{
    unsigned char random[ID_BYTES];

    randombytes_buf(random, sizeof random);
    sodium_bin2hex(ret, TOKEN_ID_ROOM, random, sizeof random);
}

/* *ret: NULL for all projects. */
static enum ou_status find_project(struct sql *db, const char *name, struct sql_value *ret,
                                   struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status;
    bool found;

    *ret = sql_none();
    if (!name)
        return OU_OK;
    status = sql_query(db, "SELECT no FROM projects WHERE name = $1", SQL_ARGS(sql_text(name)),
                       &rows, err);
    if (status)
        return status;
    found = sql_next(rows);
    if (found)
        *ret = sql_int(sql_get_int(rows, 0));
    status = sql_rows_end(rows, err);
    if (status || found)
        return status;
    return ou_fail(err, OU_NOT_FOUND, "there is no project \"%s\"", name);
}

static enum ou_status audit_token(struct sql *db, const char *action, const char *id,
                                  const char *actor, int64_t now_ns, struct ou_error *err)
{
    struct audit_entry entry = { .actor = actor, .action = action, .target = id };

    return audit_put(db, &entry, now_ns, err);
}

enum ou_status token_create(struct sql *db, const struct token_wish *wish, const char *actor,
                            int64_t now_ns, char ret_token[TOKEN_ROOM], char ret_id[TOKEN_ID_ROOM],
                            struct ou_error *err)
{
    char secret[SECRET_ROOM];
    unsigned char hash[HASH_BYTES];
    struct buffer scopes;
    struct sql_value project;
    enum ou_status status = find_project(db, wish->project, &project, err);

    if (status)
        return status;
    make_id(ret_id);
    make_secret(secret);
    hash_secret(secret, hash);
    buffer_init(&scopes, allocator_libc(), 256);
    scopes_to_json(wish->scopes, &scopes);
    status =
        sql_run(db,
                "INSERT INTO tokens (id, name, scopes, project_no, hash, created_ns, expires_ns) "
                "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                SQL_ARGS(sql_text(ret_id), sql_text(wish->name), sql_text(buffer_string(&scopes)),
                         project, sql_blob((struct span){ (const char *)hash, sizeof hash }),
                         sql_int(now_ns), sql_time(wish->expires_ns)),
                NULL, err);
    buffer_release(&scopes);
    if (!status)
        status = audit_token(db, "token.create", ret_id, actor, now_ns, err);
    snprintf(ret_token, TOKEN_ROOM, TOKEN_PREFIX "%s_%s", ret_id, secret);
    sodium_memzero(secret, sizeof secret);
    if (status)
        sodium_memzero(ret_token, TOKEN_ROOM);
    return status;
}

enum ou_status token_revoke(struct sql *db, const char *id, const char *actor, int64_t now_ns,
                            struct ou_error *err)
{
    int64_t changed = 0;
    enum ou_status status =
        sql_run(db, "UPDATE tokens SET revoked_ns = $1 WHERE id = $2 AND revoked_ns IS NULL",
                SQL_ARGS(sql_int(now_ns), sql_text(id)), &changed, err);

    if (status)
        return status;
    if (changed == 0)
        return ou_fail(err, OU_NOT_FOUND, "there is no such token, or it is revoked already");
    return audit_token(db, "token.revoke", id, actor, now_ns, err);
}

/* ---- checking ---- */

struct token_parts {
    char id[TOKEN_ID_ROOM];
    char secret[SECRET_ROOM];
};

/* What is no token becomes the parts of one that nobody has. */
static void token_split(const char *token, struct token_parts *ret)
{
    size_t prefix = strlen(TOKEN_PREFIX), id = TOKEN_ID_ROOM - 1;

    memset(ret, 0, sizeof *ret);
    if (strncmp(token, TOKEN_PREFIX, prefix) != 0 ||
        strlen(token) != prefix + id + 1 + SECRET_ROOM - 1 || token[prefix + id] != '_')
        return;
    memcpy(ret->id, token + prefix, id);
    memcpy(ret->secret, token + prefix + id + 1, SECRET_ROOM - 1);
}

static void copy_text(struct span text, char *ret, size_t room)
{
    size_t len = text.len < room ? text.len : room - 1;

    if (len)
        memcpy(ret, text.at, len);
    ret[len] = '\0';
}

struct token_row {
    bool good;
    int64_t no, used_ns;
};

static void read_row(const struct sql_rows *rows, const unsigned char hash[HASH_BYTES],
                     int64_t now_ns, struct token_row *row, struct token_holder *ret)
{
    struct span stored = sql_get_blob(rows, 1);
    int64_t expires_ns = sql_get_time(rows, 4), revoked_ns = sql_get_time(rows, 5);

    row->no = sql_get_int(rows, 0);
    row->used_ns = sql_get_time(rows, 6);
    row->good = stored.len == HASH_BYTES && sodium_memcmp(stored.at, hash, HASH_BYTES) == 0 &&
                (expires_ns == TIME_NONE || now_ns < expires_ns) && revoked_ns == TIME_NONE;
    ret->scopes = scopes_of_json(sql_get_text(rows, 2));
    copy_text(sql_get_text(rows, 3), ret->name, sizeof ret->name);
    copy_text(sql_get_text(rows, 7), ret->project, sizeof ret->project);
}

/* So that tokens that nobody uses can be found. Others need not wait for it, and it may fail. */
static void note_use(struct sql *db, const struct token_row *row, int64_t now_ns)
{
    int64_t hour_ns = now_ns - now_ns % USED_STEP_NS;

    if (row->used_ns < hour_ns)
        sql_run(db, "UPDATE tokens SET used_ns = $1 WHERE no = $2",
                SQL_ARGS(sql_int(hour_ns), sql_int(row->no)), NULL, NULL);
}

enum ou_status token_check(struct sql *db, const char *token, int64_t now_ns,
                           struct token_holder *ret, struct ou_error *err)
{
    struct token_parts parts;
    unsigned char hash[HASH_BYTES];
    struct token_row row = { 0 };
    struct sql_rows *rows;
    enum ou_status status;

    *ret = (struct token_holder){ 0 };
    token_split(token, &parts);
    hash_secret(parts.secret, hash);
    status =
        sql_query(db,
                  "SELECT k.no, k.hash, k.scopes, k.name, k.expires_ns, k.revoked_ns, "
                  "k.used_ns, p.name FROM tokens k LEFT JOIN projects p ON p.no = k.project_no "
                  "WHERE k.id = $1",
                  SQL_ARGS(sql_text(parts.id)), &rows, err);
    if (!status) {
        if (sql_next(rows))
            read_row(rows, hash, now_ns, &row, ret);
        status = sql_rows_end(rows, err);
    }
    if (!status && row.good) {
        memcpy(ret->id, parts.id, sizeof ret->id);
        note_use(db, &row, now_ns);
    }
    sodium_memzero(&parts, sizeof parts);
    if (status || row.good)
        return status;
    *ret = (struct token_holder){ 0 };
    return ou_fail(err, OU_NOT_FOUND, "the token is not good");
}

/* ---- audit, settings ---- */

enum ou_status audit_put(struct sql *db, const struct audit_entry *entry, int64_t now_ns,
                         struct ou_error *err)
{
    return sql_run(db,
                   "INSERT INTO audit (at_ns, actor, action, target, client, request, detail) "
                   "VALUES ($1, $2, $3, $4, $5, $6, $7)",
                   SQL_ARGS(sql_int(now_ns), sql_text(entry->actor), sql_text(entry->action),
                            sql_text(entry->target), sql_text(entry->client),
                            sql_text(entry->request), sql_text(entry->detail)),
                   NULL, err);
}

/* Of two programs that do this at once one makes the key, and both read it. */
static enum ou_status make_key(struct sql *db, void *context, struct ou_error *err)
{
    unsigned char random[SERVER_KEY_BYTES];
    char digits[2 * SERVER_KEY_BYTES + 1];
    enum ou_status status;

    (void)context;
    randombytes_buf(random, sizeof random);
    sodium_bin2hex(digits, sizeof digits, random, sizeof random);
    status =
        sql_run(db, "INSERT INTO settings (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING",
                SQL_ARGS(sql_text(SERVER_KEY_NAME), sql_text(digits)), NULL, err);
    sodium_memzero(random, sizeof random);
    sodium_memzero(digits, sizeof digits);
    return status;
}

static enum ou_status read_key(struct sql *db, unsigned char *ret, bool *ret_found,
                               struct ou_error *err)
{
    struct sql_rows *rows;
    enum ou_status status = sql_query(db, "SELECT value FROM settings WHERE name = $1",
                                      SQL_ARGS(sql_text(SERVER_KEY_NAME)), &rows, err);
    size_t len = 0;

    if (status)
        return status;
    *ret_found = false;
    if (sql_next(rows)) {
        struct span digits = sql_get_text(rows, 0);

        *ret_found =
            sodium_hex2bin(ret, SERVER_KEY_BYTES, digits.at, digits.len, NULL, &len, NULL) == 0 &&
            len == SERVER_KEY_BYTES;
        if (!*ret_found) {
            sql_rows_end(rows, NULL);
            return ou_fail(err, OU_INVALID, "the database's server-key is damaged");
        }
    }
    return sql_rows_end(rows, err);
}

enum ou_status server_key(struct sql *db, unsigned char ret[SERVER_KEY_BYTES], struct ou_error *err)
{
    bool found = false;
    enum ou_status status = read_key(db, ret, &found, err);

    if (!status && !found)
        status = sql_write(db, make_key, NULL, err);
    if (!status && !found)
        status = read_key(db, ret, &found, err);
    return status;
}
