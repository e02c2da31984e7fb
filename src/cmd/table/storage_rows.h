/* Rows that the tables of the storage commands begin with. */
#ifndef OU_CMD_TABLE_STORAGE_ROWS_H
#define OU_CMD_TABLE_STORAGE_ROWS_H

#include "cmd/storage.h"
#include "cmd/table/shared.h"

/* clang-format off */
#define STORAGE_PLACE_ROWS \
    [STORAGE_PLACEMENT] = {                                                                        \
        .name = "placement", .letter = 'p', .argument = "PLAN", .kind = VALUE_FILE,                \
        .help = "The bucket of this placement plan. The options below are stronger.",              \
    },                                                                                             \
    [STORAGE_ENDPOINT] = {                                                                         \
        .name = "endpoint", .argument = "URL",                                                     \
        .help = "The server, https://HOST:PORT; AWS's of the region if not given.",                \
    },                                                                                             \
    [STORAGE_REGION] = {                                                                           \
        .name = "region", .argument = "REGION",                                                    \
        .help = "Its region; $AWS_REGION, $AWS_DEFAULT_REGION or us-east-1 if not given.",         \
    },                                                                                             \
    [STORAGE_BUCKET] = {                                                                           \
        .name = "bucket", .letter = 'b', .argument = "NAME",                                       \
        .help = "The bucket; $OUROSCOPE_BUCKET if not given.",                                     \
    },                                                                                             \
    [STORAGE_PREFIX] = {                                                                           \
        .name = "prefix", .argument = "PREFIX",                                                    \
        .help = "What our keys begin with, up to a slash; ouroscope/ if not given.",               \
    },                                                                                             \
    [STORAGE_PATH_STYLE] = {                                                                       \
        .name = "path-style",                                                                      \
        .help = "Ask for HOST/BUCKET also where the server is AWS.",                               \
    },                                                                                             \
    [STORAGE_VIRTUAL_HOST] = {                                                                     \
        .name = "virtual-host",                                                                    \
        .help = "Ask for BUCKET.HOST also where the server is not AWS.",                           \
    },                                                                                             \
    [STORAGE_CA] = {                                                                               \
        .name = "ca", .argument = "FILE", .kind = VALUE_FILE,                                      \
        .help = "Trust this authority's certificate, and not the system's.",                       \
    },                                                                                             \
    [STORAGE_ALLOW_HTTP] = {                                                                       \
        .name = "allow-http",                                                                      \
        .help = "Take http:// also of another machine: keys of nodes then go over the network in " \
                "clear text.",                                                                     \
    },                                                                                             \
    [STORAGE_CREDENTIALS] = {                                                                      \
        .name = "credentials", .argument = "SOURCE",                                               \
        .choices = "any environment file instance",                                                \
        .help = "Where credentials come from. any: the environment, else the file; the metadata "  \
                "service of a machine in a cloud is asked only when it is named.",                 \
    },                                                                                             \
    [STORAGE_CREDENTIALS_FILE] = {                                                                 \
        .name = "credentials-file", .argument = "FILE", .kind = VALUE_FILE,                        \
        .help = "$AWS_SHARED_CREDENTIALS_FILE or ~/.aws/credentials if not given.",                \
    },                                                                                             \
    [STORAGE_CREDENTIALS_PROFILE] = {                                                              \
        .name = "credentials-profile", .argument = "NAME",                                         \
        .help = "The section of that file; $AWS_PROFILE or default if not given.",                 \
    }
/* clang-format on */

#endif
