/* Rows of the option tables of `publish` and `import`. */
#ifndef OU_CMD_PUBLISH_H
#define OU_CMD_PUBLISH_H

#include "cmd/commands.h"

/* Those that both have, from the first row on. */
enum publisher_option {
    PUBLISHER_TO,
    PUBLISHER_PROJECT,
    PUBLISHER_INFO,
    PUBLISHER_TOKEN_FILE,
    PUBLISHER_CA,
    PUBLISHER_REPLACE,
    PUBLISHER_JSON,
    PUBLISHER_PROGRESS,
    PUBLISHER_OPTIONS,
};

enum publish_option {
    PUBLISH_DRY_RUN = PUBLISHER_OPTIONS,
};

enum exit_code cmd_publish(const struct parsed_options *options);
enum exit_code cmd_import(const struct parsed_options *options);

#endif
