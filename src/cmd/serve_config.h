/* How `ouroscope serve` is to run: a configuration file, and the options that go before it. */
#ifndef OU_CMD_SERVE_CONFIG_H
#define OU_CMD_SERVE_CONFIG_H

#include "api/api.h"
#include "base/arena.h"
#include "cmd/commands.h"

enum serve_option {
    SERVE_OPTION_DB,
    SERVE_OPTION_LISTEN,
    SERVE_OPTION_CONFIG,
    SERVE_OPTION_CHECK,
    SERVE_OPTION_RUNS,
    SERVE_OPTION_READS,
    SERVE_OPTION_NO_MIGRATE,
    SERVE_OPTION_LOG,
};

#define SERVE_HOST "127.0.0.1"
#define SERVE_PORT 8380

enum serve_log_to { SERVE_LOG_STDOUT, SERVE_LOG_FILE, SERVE_LOG_NONE };
enum serve_log_form { SERVE_LOG_MACHINE, SERVE_LOG_HUMAN };

struct serve_config {
    struct arena memory; /* of all texts and lists */
    struct api_config api;
    struct http_tls tls; /* texts of the PEM files, for api.tls */
    const char *database;
    bool no_migration; /* the schema is brought up to date by somebody else */
    enum serve_log_to log_to;
    enum serve_log_form log_form;
    const char *log_file; /* of SERVE_LOG_FILE */
};

/* Reads the file that --config names, if it is given, and the options. Secrets and certificates are read from where it says they are.
 * OU_USAGE for options, OU_INVALID with file and line for the file, whose unknown members are refused. *ret is to be released in any
 * case. */
enum ou_status serve_config_load(const struct parsed_options *options, struct serve_config *ret,
                                 struct ou_error *err);
void serve_config_release(
    struct serve_config *config); /* overwrites secrets; a zeroed one is fine */

/* The configuration's file alone; `name` for messages. */
enum ou_status serve_config_read(struct span text, const char *name, struct serve_config *config,
                                 struct ou_error *err);

/* Whether only programs of this machine reach the address. */
bool serve_is_local(const struct serve_config *config);
/* OU_USAGE where what is configured could not work safely: reads that want tokens, which would go over the net in clear text. */
enum ou_status serve_config_check(const struct serve_config *config, struct ou_error *err);

enum exit_code cmd_serve(const struct parsed_options *options);

#endif
