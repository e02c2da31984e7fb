/* The row of `ouroscope serve` in the table of commands. */
#include "cmd/serve_config.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info serve_options[] = {
    [SERVE_OPTION_DB] = {
        .name = "db", .argument = "PLACE", .kind = VALUE_FILE,
        .help = "The results: the path of an SQLite file, which is made if it is not there, or postgres://USER@HOST/NAME. If "
                "not given $OUROSCOPE_DB, else results.db here.",
    },
    [SERVE_OPTION_LISTEN] = {
        .name = "listen", .letter = 'l', .argument = "HOST:PORT",
        .help = "Answer requests there; at 127.0.0.1:8380 if not given. Port 0 is a free one.",
    },
    [SERVE_OPTION_CONFIG] = {
        .name = "config", .letter = 'c', .argument = "FILE", .kind = VALUE_FILE,
        .help = "A configuration, YAML or JSON: certificates, proxies, rates, where messages about alerts go, and more. Options "
                "go before it.",
    },
    [SERVE_OPTION_CHECK] = {
        .name = "check",
        .help = "Serve nothing; only say what is wrong about the configuration.",
    },
    [SERVE_OPTION_RUNS] = {
        .name = "runs", .argument = "DIR", .kind = VALUE_DIRECTORY, .repeatable = true,
        .help = "Show runs in progress of which the run directories are made there, without their reporting.",
    },
    [SERVE_OPTION_READS] = {
        .name = "reads", .argument = "WHO", .choices = "open token",
        .help = "Who may read: anybody who reaches the server, or only who has a token for it. Writing always needs a token.",
    },
    [SERVE_OPTION_NO_MIGRATE] = {
        .name = "no-migrate",
        .help = "Do not bring an older database up to date, but end; ouroscope db migrate does it.",
    },
    [SERVE_OPTION_LOG] = {
        .name = "log", .argument = "FORM", .choices = "machine human none",
        .help = "The access log on standard output: lines of JSON, lines to be read, or none.",
    },
};

static const struct command_example serve_examples[] = {
    { "ouroscope serve --db runs/results.db", "Show the results in a file at http://127.0.0.1:8380/" },
    { "ouroscope serve --db runs/results.db --runs runs --log human",
      "The same, with runs of this machine while they go on" },
    { "ouroscope serve --config serve.yaml --check", "See whether a configuration is right" },
};

const struct command command_serve = {
    .name = "serve",
    .operands = "",
    .summary = "show results in a browser, and to programs",
    .description =
        "Answers requests for the results in a database: pages for people at /, the API at /api/v1 with its description at "
        "/api/v1/openapi.json and interactive pages at /docs, queries as Prometheus has them at /prometheus, and the "
        "server's own metrics at /metrics.\n\n"
        "Reading is open to whoever reaches the server, unless --reads token is given; publishing and all else that changes "
        "something needs a token (`ouroscope token create`). From other machines tokens are taken only over TLS, or "
        "from a proxy that the configuration trusts.\n\n"
        "Several servers may have the same database open; each hears of what the others write. An older "
        "database is brought up to date first.\n\n"
        "The address is told on standard error, the access log, a line of JSON for each request, goes to standard output. SIGINT "
        "and SIGTERM end it in order: streams are ended, requests that go on are answered; a second one ends it at "
        "once. SIGHUP opens the file of the access log anew. A new certificate wants a new start.",
    .options = serve_options,
    .option_count = ROWS(serve_options),
    .examples = serve_examples,
    .example_count = ROWS(serve_examples),
    .exits = {
        [EXIT_DONE] = "it was told to end, or the configuration is right",
        [EXIT_FAILED] = "the configuration is wrong, the database cannot be opened, or the address cannot be listened at",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood, or tokens would go over the net in clear text",
    },
    .see_also = { "ouroscope-publish 1", "ouroscope-run 1", "ouroscope-token-create 1" },
    .run = cmd_serve,
};
