#include "cmd/tracer_socket.h"

#include "base/endpoint.h"
#include "cmd/say.h"

static enum ou_status check(const struct option_info *option, const char *value, bool wants_path,
                            struct ou_error *err)
{
    struct endpoint at;
    struct ou_error why = { "" };
    enum ou_status status = endpoint_parse(value, &at, &why);

    if (status)
        return ou_fail(err, OU_USAGE, "--%s: %s", option->name, why.text);
    if (wants_path && !at.is_path)
        return ou_fail(
            err, OU_USAGE,
            "--%s wants a path, and '%s' is a host and port; a file of that name is ./%s",
            option->name, value, value);
    if (!wants_path && at.is_path)
        return ou_fail(err, OU_USAGE, "--%s wants HOST:PORT, not '%s'", option->name, value);
    return OU_OK;
}

static void tell(void *context, const char *what)
{
    say(context, what);
}

enum ou_status tracer_socket_of(const struct parsed_options *options, size_t first,
                                struct collector_address *ret, struct ou_error *err)
{
    const char *given = NULL;

    *ret = (struct collector_address){ .told = tell, .context = (void *)options->command };
    for (size_t i = 0; i < TRACER_OPTIONS; i++) {
        const struct option_info *option = &options->command->options[first + i];
        const char *value = option_value(options, first + i);
        enum ou_status status;

        if (!value)
            continue;
        if (given)
            return ou_fail(err, OU_USAGE, "--%s and --%s: one of them", given, option->name);
        given = option->name;
        status = check(option, value, i == TRACER_PATH_ACCEPT || i == TRACER_PATH_CONNECT, err);
        if (status)
            return status;
        *(i == TRACER_PATH_ACCEPT || i == TRACER_NETWORK_ACCEPT ? &ret->accept : &ret->connect) =
            value;
    }
    return OU_OK;
}
