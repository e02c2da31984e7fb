#include "cmd/token.h"

#include "cmd/place.h"
#include "cmd/say.h"
#include "store/migrate.h"

enum ou_status token_open(const struct parsed_options *options, enum db_access access,
                          struct sql **ret, struct ou_error *err)
{
    const char *place = place_or_default(option_value(options, TOKEN_PLACE));
    enum ou_status status;

    *ret = NULL;
    if (place_is_server(place))
        return ou_fail(
            err, OU_USAGE,
            "--db: a database is wanted, no server; on a server, POST /api/v1/tokens makes tokens");
    status = db_open(options, access, ret, err);
    return status ? status : migrate_check(*ret, err);
}

enum exit_code token_failed(const struct parsed_options *options, enum ou_status status,
                            const struct ou_error *err)
{
    say(options->command, err->text);
    return status == OU_USAGE ? EXIT_WRONG_USAGE : EXIT_FAILED;
}
