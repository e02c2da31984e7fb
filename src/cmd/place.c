#include "cmd/place.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "store/migrate.h"

#define PLACE_DEFAULT "results.db"

const char *place_or_default(const char *given)
{
    const char *told = getenv(PLACE_DATABASE_VARIABLE);

    return given ? given : told && *told ? told : PLACE_DEFAULT;
}

bool place_is_server(const char *place)
{
    return strncmp(place, "http://", 7) == 0 || strncmp(place, "https://", 8) == 0;
}

/* --- Tokens ----------------------------------------------------------------------------------- */

/* Printable characters without blanks: it becomes a header of requests. */
static enum ou_status keep_token(const char *text, size_t len, const char *source,
                                 char ret[TOKEN_ROOM], struct ou_error *err)
{
    bool good = len > 0 && len < TOKEN_ROOM;

    for (size_t i = 0; good && i < len; i++)
        good = text[i] > ' ' && text[i] < 0x7f;
    if (!good)
        return ou_fail(err, OU_USAGE, "%s holds no token; `ouroscope token create` makes one",
                       source);
    memcpy(ret, text, len);
    ret[len] = '\0';
    return OU_OK;
}

static enum ou_status check_private(const char *file, struct ou_error *err)
{
    struct stat about;

    if (stat(file, &about) || !S_ISREG(about.st_mode) || !(about.st_mode & (S_IRWXG | S_IRWXO)))
        return OU_OK;
    return ou_fail(err, OU_USAGE, "%s: others may read this token; `chmod 600 %s` makes it yours",
                   file, file);
}

static enum ou_status read_token(const char *file, char ret[TOKEN_ROOM], struct ou_error *err)
{
    struct buffer text;
    enum ou_status status = check_private(file, err);

    if (status)
        return status;
    buffer_init(&text, allocator_libc(), 4096);
    status = file_read(file, &text, err);
    while (text.len > 0 && strchr(" \t\r\n", text.at[text.len - 1]))
        text.len--;
    if (!status)
        status = keep_token(text.at, text.len, file, ret, err);
    if (text.at)
        sodium_memzero(text.at, text.cap);
    buffer_release(&text);
    return status;
}

enum ou_status place_token(const char *file, char ret[TOKEN_ROOM], struct ou_error *err)
{
    const char *told = getenv(PLACE_TOKEN_VARIABLE);

    *ret = '\0';
    if (file)
        return read_token(file, ret, err);
    return told && *told ? keep_token(told, strlen(told), "$" PLACE_TOKEN_VARIABLE, ret, err)
                         : OU_OK;
}

/* --- Databases -------------------------------------------------------------------------------- */

static enum ou_status make_ready(struct sql *db, struct ou_error *err)
{
    int64_t version;
    enum ou_status status = migrate_current(db, &version, err);

    if (!status && version == 0)
        return migrate(db, 0, NULL, err);
    return status ? status : migrate_check(db, err);
}

enum ou_status place_open(const char *place, struct sql **ret, struct ou_error *err)
{
    const struct sql_options patient = { .busy_s = PLACE_PATIENCE_S };
    enum ou_status status;

    *ret = NULL;
    if (place_is_server(place))
        return ou_fail(err, OU_USAGE,
                       "wanted is a database, not a server: the path of a file, or "
                       "postgres://...");
    if (strstr(place, "://") && !sql_is_postgres(place))
        return ou_fail(err, OU_USAGE, "%.*s://: places are files, postgres:// and http(s)://",
                       (int)strcspn(place, ":") < 32 ? (int)strcspn(place, ":") : 32, place);
    status = sql_open(place, &patient, ret, err);
    if (!status)
        status = make_ready(*ret, err);
    if (status) {
        sql_close(*ret);
        *ret = NULL;
    }
    return status;
}
