/* The commands of the program. Dispatch, the reading of
 * arguments, --help, bash completion and the manual pages all come from their rows. */
#ifndef OU_CMD_COMMANDS_H
#define OU_CMD_COMMANDS_H

#include "cmd/options.h"

/* What the program's end tells its caller. */
enum exit_code {
    EXIT_DONE = 0,
    EXIT_FAILED = 1,      /* the work could not be done */
    EXIT_WRONG_USAGE = 2, /* the work was not begun */
    EXIT_REGRESSION = 3,  /* the work was done, and found a regression */
};

struct command_example {
    const char *line; /* what to type */
    const char *what; /* what it does, without the last stop */
};

#define SEE_ALSO_MAX 3

struct command {
    const char *name;
    const char *operands; /* "RUN | LOGS..." as the synopsis shows them; "" when there are none */
    const char *summary;  /* half a line, no capital, no stop */
    const char *description; /* paragraphs with an empty line between them */

    const struct option_info *options;
    size_t option_count;

    size_t operands_min, operands_max;
    enum value_kind operand_kind;
    const char *operand_choices; /* as in struct option_info */
    bool operand_groups;         /* "--" stands between groups of operands */

    const struct command_example *examples;
    size_t example_count;
    const char *exits[EXIT_REGRESSION + 1]; /* when it ends with that code; NULL: never */

    const char *see_also[SEE_ALSO_MAX]; /* further manual pages: "ouroscope-docs 1" */

    enum exit_code (*run)(const struct parsed_options *options);
};

/* Each stands in a file of its own, table/NAME.c. The name of a command may be two words, "profile show":
 * then the first of them names a family. A family may have a command of its own name, too: "run" and "run list". */
extern const struct command *const commands[];
extern const size_t command_count;

/* What several commands have the first word of, and what has no command of its own name. */
struct command_family {
    const char *name;
    const char *summary; /* as of a command */
};
extern const struct command_family command_families[];
extern const size_t command_family_count;

/* NULL when there is none. */
const struct command *command_find(const char *name);
const struct command_family *command_family_find(const char *name);

/* The command that the first one or two of these words name, two before one; NULL: none. *ret_used says how many. */
const struct command *command_of_words(int count, const char *const *words, int *ret_used);

/* Whether the first of the two words of its name is this one. */
bool command_is_of(const struct command *command, const char *family);

/* Rows of the option table of `analyse`. */
enum analyse_option {
    ANALYSE_GENESIS,
    ANALYSE_NETWORK,
    ANALYSE_FORMAT,
    ANALYSE_JSON,
    ANALYSE_TABLE,
    ANALYSE_OUT,
    ANALYSE_NO_WRITE,
    ANALYSE_FILTER,
    ANALYSE_NO_FILTERS,
    ANALYSE_COMPAT,
    ANALYSE_QUANTILES,
    ANALYSE_META,
    ANALYSE_EXTRACT,
    ANALYSE_FROM_EXTRACTS,
    ANALYSE_ON,
    ANALYSE_DATE,
    ANALYSE_THREADS,
    ANALYSE_PROGRESS,
    ANALYSE_COLOR,
    ANALYSE_QUIET,
};

/* Rows of the option table of `compare`. */
enum compare_option {
    COMPARE_OPTION_FAIL_ON,
    COMPARE_OPTION_METRIC,
    COMPARE_OPTION_MARGIN,
    COMPARE_OPTION_HISTORY,
    COMPARE_OPTION_ADJUST,
    COMPARE_OPTION_PAIRED,
    COMPARE_OPTION_UNPAIRED,
    COMPARE_OPTION_ALLOW_DIFFERENT,
    COMPARE_OPTION_SEED,
    COMPARE_OPTION_DOCUMENT, /* the first of DOCUMENT_OPTIONS rows */
};

/* Rows of the option table of `docs`. */
enum docs_option {
    DOCS_CONFIG,
    DOCS_OUT,
    DOCS_CHECK,
    DOCS_FORMAT,
    DOCS_OF,
};

/* The rows that say where a program's traces are collected, from the first of them on: of `node` and
 * of `generator`. */
enum tracer_option {
    TRACER_PATH_ACCEPT,
    TRACER_PATH_CONNECT,
    TRACER_NETWORK_ACCEPT,
    TRACER_NETWORK_CONNECT,
    TRACER_OPTIONS,
};

/* The rows that say which form a document takes and where it goes, from the first of them on: of
 * `variance`, `compare`, `history` and `report`. cmd/document_output.h reads them. */
enum document_option {
    DOCUMENT_OPTION_FORMAT,
    DOCUMENT_OPTION_JSON,
    DOCUMENT_OPTION_OUT,
    DOCUMENT_OPTION_FULL,
    DOCUMENT_OPTION_WIDTH,
    DOCUMENT_OPTION_ASCII,
    DOCUMENT_OPTION_COLOR,
    DOCUMENT_OPTION_QUIET,
    DOCUMENT_OPTIONS,
};

/* Rows of the option table of `generator`. */
enum generator_option {
    GENERATOR_OPTION_CONFIG,
    GENERATOR_OPTION_TRACER, /* the first of TRACER_OPTIONS rows */
};

/* Rows of the option table of `history`. */
enum history_option {
    HISTORY_OPTION_BY,
    HISTORY_OPTION_THRESHOLD,
    HISTORY_OPTION_MINIMUM,
    HISTORY_OPTION_LEAST,
    HISTORY_OPTION_DOCUMENT, /* the first of DOCUMENT_OPTIONS rows */
};

/* Rows of the option table of `names`. */
enum names_option {
    NAMES_OPTION_EVENTS,
    NAMES_OPTION_TOGGLES,
    NAMES_OPTION_METRICS,
    NAMES_OPTION_FROM,
    NAMES_OPTION_JSON,
    NAMES_OPTION_CONFIG,
    NAMES_OPTION_FORMAT,
};

/* Rows of the option table of `node`. */
enum node_option {
    NODE_OPTION_CONFIG,
    NODE_OPTION_TOPOLOGY,
    NODE_OPTION_DATABASE,
    NODE_OPTION_HOST,
    NODE_OPTION_PORT,
    NODE_OPTION_KES,
    NODE_OPTION_VRF,
    NODE_OPTION_CERTIFICATE,
    NODE_OPTION_BULK,
    NODE_OPTION_STOP_SLOT,
    NODE_OPTION_STOP_BLOCK,
    NODE_OPTION_TRACER, /* the first of TRACER_OPTIONS rows */
};

/* Rows of the option table of `report`. */
enum report_option {
    REPORT_OPTION_METRICS,
    REPORT_OPTION_TITLE,
    REPORT_OPTION_ALLOW_DIFFERENT,
    REPORT_OPTION_FROM_SLOT,
    REPORT_OPTION_TO_SLOT,
    REPORT_OPTION_BLOCK,
    REPORT_OPTION_OUTPUT, /* the first of DOCUMENT_OPTIONS rows */
};

/* Rows of the option table of `run`. */
enum run_option {
    RUN_OPTION_DIR,
    RUN_OPTION_IDENT,
    RUN_OPTION_BATCH,
    RUN_OPTION_REPEAT,
    RUN_OPTION_DESIGN,
    RUN_OPTION_OVERLAY,
    RUN_OPTION_KEEP,
    RUN_OPTION_NO_ANALYSIS,
    RUN_OPTION_PREPARE,
    RUN_OPTION_ON,
    RUN_OPTION_PLACEMENT,
    RUN_OPTION_PLAN,
    RUN_OPTION_KEEP_CLUSTER,
    RUN_OPTION_RESUME,
    RUN_OPTION_GENESIS_CACHE,
    RUN_OPTION_JSON,
    RUN_OPTION_PROGRESS,
    RUN_OPTION_REPORT_TO,
    RUN_OPTION_PUBLISH_TO,
    RUN_OPTION_PROJECT,
    RUN_OPTION_TOKEN_FILE,
};

/* Rows of the option table of `tracer`. */
enum collect_option {
    COLLECT_OPTION_CONFIG,
    COLLECT_OPTION_CHECK,
    COLLECT_OPTION_JSON,
    COLLECT_OPTION_STATE,
    COLLECT_OPTION_SEVERITY,
};

/* Rows of the option table of `variance`. */
enum variance_option {
    VARIANCE_OPTION_ASPECT,
    VARIANCE_OPTION_ALLOW_DIFFERENT,
    VARIANCE_OPTION_RESAMPLES,
    VARIANCE_OPTION_SEED,
    VARIANCE_OPTION_DOCUMENT, /* the first of DOCUMENT_OPTIONS rows */
};

/* One function per command, in the file of its name; the built-in ones that
 * speak of the table itself are in help.c, manual.c and completion.c. */
enum exit_code cmd_analyse(const struct parsed_options *options);
enum exit_code cmd_compare(const struct parsed_options *options);
enum exit_code cmd_completion(const struct parsed_options *options);
enum exit_code cmd_docs(const struct parsed_options *options);
enum exit_code cmd_generator(const struct parsed_options *options);
enum exit_code cmd_help(const struct parsed_options *options);
enum exit_code cmd_history(const struct parsed_options *options);
enum exit_code cmd_man(const struct parsed_options *options);
enum exit_code cmd_names(const struct parsed_options *options);
enum exit_code cmd_node(const struct parsed_options *options);
enum exit_code cmd_report(const struct parsed_options *options);
enum exit_code cmd_run(const struct parsed_options *options);
enum exit_code cmd_tracer(const struct parsed_options *options);
enum exit_code cmd_variance(const struct parsed_options *options);

#endif
