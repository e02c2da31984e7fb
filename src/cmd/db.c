#include "cmd/db.h"

#include <errno.h>
#include <unistd.h>

#include "cmd/help.h"
#include "cmd/place.h"
#include "cmd/say.h"

enum ou_status db_open(const struct parsed_options *options, enum db_access how, struct sql **ret,
                       struct ou_error *err)
{
    const struct sql_options sql = { .read_only = how == DB_READ,
                                     .busy_s = PLACE_PATIENCE_S,
                                     .application = "ouroscope db" };
    const char *place = place_or_default(option_value(options, DB_PLACE));

    if (place_is_server(place))
        return ou_fail(err, OU_USAGE,
                       "%s is a server: this wants its database, an SQLite file or postgres://...",
                       place);
    if (how != DB_MAKE && !sql_is_postgres(place) && access(place, F_OK) < 0 && errno == ENOENT)
        return ou_fail(err, OU_NOT_FOUND,
                       "there is no %s: --db or $OUROSCOPE_DB tells where the database is", place);
    return sql_open(place, &sql, ret, err);
}

enum exit_code db_failed(const struct parsed_options *options, enum ou_status status,
                         const struct ou_error *err)
{
    if (status == OU_USAGE)
        return say_usage_error(options->command, err);
    say(options->command, err->text);
    return EXIT_FAILED;
}
