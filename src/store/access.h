/* Tokens, and the record of who wrote what. A token is "ouro_" ID "_" SECRET: 16 and 43 characters; the database has the
 * BLAKE2b-256 of the secret, which is random, and compares it in constant time. */
#ifndef OU_STORE_ACCESS_H
#define OU_STORE_ACCESS_H

#include "base/arena.h"
#include "store/sql.h"

enum scope {
    SCOPE_READ = 1,    /* where reads are not open */
    SCOPE_PUBLISH = 2, /* runs, and runs in progress */
    SCOPE_ALERTS = 4,  /* thresholds, alerts, notes at change points */
    SCOPE_ADMIN = 8,   /* all of it; projects, tokens, deleting */
};
#define SCOPE_COUNT 4
const char *scope_name(enum scope s);               /* "publish" */
bool scopes_parse(const char *text, unsigned *ret); /* "read,publish" */

#define TOKEN_ROOM 80
#define TOKEN_ID_ROOM 17
struct token_wish {
    const char *name;
    unsigned scopes;
    const char *project; /* NULL: all; OU_NOT_FOUND if it is not there */
    int64_t expires_ns;  /* TIME_NONE */
};
/* ret_token: shown once, to be overwritten by its caller. In a transaction, as all that writes. */
enum ou_status token_create(struct sql *db, const struct token_wish *wish, const char *actor,
                            int64_t now_ns, char ret_token[TOKEN_ROOM], char ret_id[TOKEN_ID_ROOM],
                            struct ou_error *err);
enum ou_status token_revoke(struct sql *db, const char *id, const char *actor, int64_t now_ns,
                            struct ou_error *err);

struct token_holder {
    char id[TOKEN_ID_ROOM];
    unsigned scopes;
    char project[128]; /* "": all */
    char name[128];
};
/* OU_OK: it is good now. OU_NOT_FOUND for any other, in as much time whatever is wrong with it. */
enum ou_status token_check(struct sql *db, const char *token, int64_t now_ns,
                           struct token_holder *ret, struct ou_error *err);

struct audit_entry {
    const char *actor, *action, *target, *client, *request; /* the last two may be NULL */
    const char *detail;                                     /* JSON; NULL */
};
enum ou_status audit_put(struct sql *db, const struct audit_entry *entry, int64_t now_ns,
                         struct ou_error *err);

#define SERVER_KEY_BYTES 32
/* The key that all servers of this database sign with, made when it is first wanted. Not in a transaction. */
enum ou_status server_key(struct sql *db, unsigned char ret[SERVER_KEY_BYTES],
                          struct ou_error *err);

#endif
