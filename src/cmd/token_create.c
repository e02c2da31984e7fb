/* ouroscope token create: a token, told once. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "cmd/token.h"
#include "publish/publication.h"
#include "store/access.h"
#include "store/records.h"

#define NAME_BYTES_MAX 100
#define DAY_NS (24 * 3600 * NS_PER_SECOND)
#define DAYS_MAX 36500

struct making {
    struct token_wish wish;
    int64_t now_ns;
    char token[TOKEN_ROOM], id[TOKEN_ID_ROOM];
};

/* "90d", or an instant or a day: until its beginning. */
static bool read_expiry(const char *text, int64_t now_ns, int64_t *ret_ns)
{
    char instant[TIME_ISO_ROOM], *end;
    unsigned long days = strtoul(text, &end, 10);

    if (strcmp(end, "d") == 0 && days > 0 && days <= DAYS_MAX) {
        *ret_ns = now_ns + (int64_t)days * DAY_NS;
        return true;
    }
    snprintf(instant, sizeof instant, strlen(text) == 10 ? "%sT00:00:00Z" : "%s", text);
    return time_parse_iso(instant, strlen(instant), ret_ns) && *ret_ns > now_ns;
}

static enum ou_status read_wish(const struct parsed_options *options, struct making *m,
                                struct ou_error *err)
{
    const char *scopes = option_value(options, TOKEN_CREATE_SCOPES),
               *expires = option_value(options, TOKEN_CREATE_EXPIRES);

    m->wish.name = options->operands[0];
    m->wish.project = option_value(options, TOKEN_CREATE_PROJECT);
    m->wish.expires_ns = TIME_NONE;
    if (!*m->wish.name || strlen(m->wish.name) > NAME_BYTES_MAX)
        return ou_fail(err, OU_USAGE, "the name may have 1 to %d bytes", NAME_BYTES_MAX);
    if (!scopes_parse(scopes ? scopes : "publish", &m->wish.scopes))
        return ou_fail(err, OU_USAGE,
                       "--scopes: read, publish, alerts, admin, with commas between them");
    if (m->wish.project && !publication_project_is_good(m->wish.project))
        return ou_fail(err, OU_USAGE, "--project: letters, digits, and . _ - are taken");
    if (expires && !read_expiry(expires, m->now_ns, &m->wish.expires_ns))
        return ou_fail(err, OU_USAGE,
                       "--expires: days from now (90d), or a day to come (2027-11-23) is wanted");
    return OU_OK;
}

/* A project may be given a token before it has its first run. */
static enum ou_status make(struct sql *db, void *context, struct ou_error *err)
{
    struct making *m = context;
    int64_t no;
    enum ou_status status = OU_OK;

    if (m->wish.project)
        status = record_project_no(db, m->wish.project, m->now_ns, &no, err);
    return status ? status
                  : token_create(db, &m->wish, TOKEN_ACTOR, m->now_ns, m->token, m->id, err);
}

/* ---- where it goes ---- */

/* A new file for its owner's eyes alone, or standard output. The file is made before the token is: nobody has the secret of a
 * token that could not be written. */
struct outlet {
    const char *path; /* NULL: standard output */
    int fd;
};

static enum ou_status outlet_open(struct outlet *out, struct ou_error *err)
{
    if (!out->path)
        return OU_OK;
    out->fd = open(out->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    return out->fd >= 0 ? OU_OK
                        : ou_fail(err, OU_IO, "%s cannot be made: %s", out->path, strerror(errno));
}

static enum ou_status outlet_put(struct outlet *out, const char *token, struct ou_error *err)
{
    enum ou_status status = fd_write_all(out->fd, token, strlen(token), err);

    return status ? status : fd_write_all(out->fd, "\n", 1, err);
}

/* `status`: how it went so far; where it went wrong, no file stays. */
static enum ou_status outlet_close(struct outlet *out, enum ou_status status, struct ou_error *err)
{
    if (!out->path || out->fd < 0)
        return status;
    if (close(out->fd) != 0 && !status)
        status = ou_fail(err, OU_IO, "write %s: %s", out->path, strerror(errno));
    if (status)
        (void)unlink(out->path);
    return status;
}

/* ---- the command ---- */

/* A token that nobody has is good for nobody. */
static enum ou_status take_back(struct sql *db, void *context, struct ou_error *err)
{
    const struct making *m = context;

    return token_revoke(db, m->id, TOKEN_ACTOR, time_wall_ns(), err);
}

static enum ou_status make_and_put(struct sql *db, struct making *m, struct outlet *out,
                                   struct ou_error *err)
{
    struct ou_error ignored = { 0 };
    enum ou_status status = outlet_open(out, err);
    bool is_made;

    if (!status)
        status = sql_write(db, make, m, err);
    is_made = !status;
    if (!status)
        status = outlet_put(out, m->token, err);
    status = outlet_close(out, status, err);
    if (status && is_made)
        (void)sql_write(db, take_back, m, &ignored);
    return status;
}

enum exit_code cmd_token_create(const struct parsed_options *options)
{
    struct making m = { .now_ns = time_wall_ns() };
    struct outlet out = { option_value(options, TOKEN_CREATE_OUT), STDOUT_FILENO };
    struct ou_error err = { 0 };
    struct sql *db = NULL;
    enum ou_status status = read_wish(options, &m, &err);
    enum exit_code code = EXIT_DONE;

    if (!status)
        status = token_open(options, DB_WRITE, &db, &err);
    if (!status)
        status = make_and_put(db, &m, &out, &err);
    sodium_memzero(m.token, sizeof m.token);
    if (status)
        code = token_failed(options, status, &err);
    sql_close(db);
    return code;
}
