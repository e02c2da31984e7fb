/* ouroscope generator: the load of a benchmark. */
#include "node/generator.h"

#include "cmd/help.h"
#include "cmd/say.h"
#include "cmd/tracer_socket.h"

enum exit_code cmd_generator(const struct parsed_options *options)
{
    const char *config = option_value(options, GENERATOR_OPTION_CONFIG);
    struct collector_address collector;
    struct ou_error err = { "" };
    enum ou_status status = OU_OK;

    if (!config)
        status = ou_fail(&err, OU_USAGE, "--config is needed");
    if (!status)
        status = tracer_socket_of(options, GENERATOR_OPTION_TRACER, &collector, &err);
    if (status)
        return say_usage_error(options->command, &err);
    if (generator_run(config, &collector, &err) == OU_OK)
        return EXIT_DONE;
    say(options->command, err.text);
    return EXIT_FAILED;
}
