/* ouroscope genesis create. */
#ifndef OU_CMD_GENESIS_CREATE_H
#define OU_CMD_GENESIS_CREATE_H

#include "cmd/commands.h"

/* Rows of the option table. */
enum genesis_create_option {
    GENESIS_CREATE_OVERLAY,
    GENESIS_CREATE_START,
    GENESIS_CREATE_CACHE,
    GENESIS_CREATE_NO_CACHE,
    GENESIS_CREATE_SEED,
    GENESIS_CREATE_CARDANO_CLI,
    GENESIS_CREATE_NODE_VERSION,
    GENESIS_CREATE_JSON,
    GENESIS_CREATE_PROGRESS,
    GENESIS_CREATE_QUIET,
};

enum exit_code cmd_genesis_create(const struct parsed_options *options);

#endif
