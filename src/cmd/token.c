#include "cmd/token.h"

#include "cmd/place.h"
#include "cmd/say.h"

enum ou_status token_open(const struct parsed_options *options, struct sql **ret,
                          struct ou_error *err)
{
    const char *place = place_or_default(option_value(options, TOKEN_PLACE));

    *ret = NULL;
    if (place_is_server(place))
        return ou_fail(
            err, OU_USAGE,
            "--db: a database is wanted, no server; on a server, POST /api/v1/tokens makes tokens");
    return place_open(place, ret, err);
}

enum exit_code token_failed(const struct parsed_options *options, enum ou_status status,
                            const struct ou_error *err)
{
    say(options->command, err->text);
    return status == OU_USAGE ? EXIT_WRONG_USAGE : EXIT_FAILED;
}
