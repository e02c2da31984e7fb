/* ouroscope generator: the load of a benchmark. */
#include "node/generator.h"

#include "cmd/help.h"
#include "cmd/say.h"

enum exit_code cmd_generator(const struct parsed_options *options)
{
    const char *config = option_value(options, GENERATOR_OPTION_CONFIG);
    struct ou_error err = { "" };

    if (!config) {
        (void)ou_fail(&err, OU_USAGE, "--config is needed");
        return say_usage_error(options->command, &err);
    }
    if (generator_run(config, &err) == OU_OK)
        return EXIT_DONE;
    say(options->command, err.text);
    return EXIT_FAILED;
}
