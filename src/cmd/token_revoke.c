/* ouroscope token revoke: from now on a token is not good. */
#include "base/time.h"
#include "cmd/token.h"
#include "store/access.h"

struct revoking {
    const struct parsed_options *options;
    const char *id; /* that is being revoked: for messages */
};

/* All of them or none. */
static enum ou_status revoke_all(struct sql *db, void *context, struct ou_error *err)
{
    struct revoking *r = context;
    enum ou_status status = OU_OK;

    for (size_t i = 0; i < r->options->operand_count && !status; i++) {
        r->id = r->options->operands[i];
        status = token_revoke(db, r->id, TOKEN_ACTOR, time_wall_ns(), err);
    }
    return status;
}

enum exit_code cmd_token_revoke(const struct parsed_options *options)
{
    struct revoking r = { .options = options };
    struct ou_error err = { 0 }, cause;
    struct sql *db = NULL;
    enum ou_status status = token_open(options, DB_WRITE, &db, &err);
    enum exit_code code = EXIT_DONE;

    if (!status)
        status = sql_write(db, revoke_all, &r, &err);
    if (status && r.id) {
        cause = err;
        ou_fail(&err, status, "%.64s: %.900s", r.id, cause.text);
    }
    if (status)
        code = token_failed(options, status, &err);
    sql_close(db);
    return code;
}
