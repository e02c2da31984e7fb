/* The row of `ouroscope agent` in the table of commands. */
#include "cmd/agent.h"
#include "cmd/table/shared.h"

/* clang-format off */

static const struct option_info agent_options[] = {
    [AGENT_OPTION_TASK] = {
        .name = "task", .argument = "FILE", .kind = VALUE_FILE,
        .help = "What it is to know of its run: JSON that `ouroscope run` has written into the job, "
                "and which nobody else should be able to read.",
    },
    [AGENT_OPTION_FOLDER] = {
        .name = "folder", .argument = "DIR", .kind = VALUE_DIRECTORY,
        .help = "Where its folders run and agent are to stand; $NOMAD_TASK_DIR if not given, else "
                "the current one.",
    },
    [AGENT_OPTION_LOST_AFTER] = {
        .name = "lost-after", .argument = "SECONDS",
        .help = "End when no orders could be fetched for so long; 3600 if not given.",
    },
};

static const struct command_example agent_examples[] = {
    { "ouroscope agent --task \"$NOMAD_SECRETS_DIR/agent.json\"", "What the task of a job runs" },
};

const struct command command_agent = {
    .name = "agent",
    .operands = "",
    .summary = "do at one host of a deployed run what its operator orders",
    .description =
        "Nomad starts it, one at each host of a run (ouroscope run --on nomad). It asks an object store for "
        "orders, by URLs that its task file has, and tells its state there: it has no credentials, "
        "listens at no port, and believes only orders that are signed with the run's key. It fetches "
        "genesis files and those of its host, checks their size and hash and unpacks them into a "
        "private folder, starts the collector, the node and the generator when their time has come, "
        "watches them, and sends logs when it is asked for them.\n\n"
        "Services are its children, and end with it. An agent that is started again in the same "
        "folder goes on where the last one was; services are started again only where orders say "
        "so. When the store cannot be reached services go on, for an hour (--lost-after).\n\n"
        "SIGTERM and SIGINT end the services, the last one that was started first, and then it.",
    .options = agent_options,
    .option_count = ROWS(agent_options),
    .examples = agent_examples,
    .example_count = ROWS(agent_examples),
    .exits = {
        [EXIT_DONE] = "it was told to leave, or to end by a signal",
        [EXIT_FAILED] = "the task file or the folder is wrong, or no orders could be fetched for too long",
        [EXIT_WRONG_USAGE] = "the command line cannot be understood",
    },
    .see_also = { "ouroscope-run 1", "ouroscope-placement-show 1" },
    .run = cmd_agent,
};
