/* Commands about tokens for a server of results: `token create`, `token list`, `token revoke`. They work on the database
 * itself, as whoever may write to it may do anything with it. */
#ifndef OU_CMD_TOKEN_H
#define OU_CMD_TOKEN_H

#include "cmd/commands.h"
#include "cmd/db.h"

/* Rows of the option tables; the first one is the same in all, and that of db.h. */
enum token_option { TOKEN_PLACE = DB_PLACE, TOKEN_OPTIONS };
enum token_create_option {
    TOKEN_CREATE_SCOPES = TOKEN_OPTIONS,
    TOKEN_CREATE_PROJECT,
    TOKEN_CREATE_EXPIRES,
    TOKEN_CREATE_OUT,
};
enum token_list_option { TOKEN_LIST_JSON = TOKEN_OPTIONS };

enum exit_code cmd_token_create(const struct parsed_options *options);
enum exit_code cmd_token_list(const struct parsed_options *options);
enum exit_code cmd_token_revoke(const struct parsed_options *options);

#define TOKEN_ACTOR "local" /* what the record calls whoever has the database */

/* Opens the database that is meant, and never makes one: a token for a database that is not the server's is good for nothing.
 * A server is OU_USAGE; what is no results database yet, OU_NOT_FOUND or OU_INVALID with the next step. */
enum ou_status token_open(const struct parsed_options *options, enum db_access access,
                          struct sql **ret, struct ou_error *err);
/* Tells what went wrong, and how the command ends. */
enum exit_code token_failed(const struct parsed_options *options, enum ou_status status,
                            const struct ou_error *err);

#endif
