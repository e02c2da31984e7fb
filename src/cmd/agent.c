/* ouroscope agent: the process of a deployed task. */
#include <math.h>
#include <stdlib.h>

#include "agent/agent.h"
#include "cmd/agent.h"
#include "cmd/run_once.h"
#include "cmd/say.h"

static void say_line(void *context, const char *line)
{
    say(context, line);
}

static enum ou_status read_lost_after(const struct parsed_options *options, double *ret,
                                      struct ou_error *err)
{
    const char *text = option_value(options, AGENT_OPTION_LOST_AFTER);
    char *end = NULL;

    *ret = text ? strtod(text, &end) : AGENT_LOST_AFTER_S;
    if (text && (end == text || *end || !isfinite(*ret) || *ret <= 0))
        return ou_fail(err, OU_USAGE, "--lost-after %s: no number of seconds above 0", text);
    return OU_OK;
}

static enum ou_status work(const struct parsed_options *options, struct ou_error *err)
{
    char program[PATH_MAX];
    struct agent_options agent = {
        .task_file = option_value(options, AGENT_OPTION_TASK),
        .folder = option_value(options, AGENT_OPTION_FOLDER),
        .program = program,
        .say = say_line,
        .context = (void *)options->command,
    };
    enum ou_status status;

    if (!agent.task_file)
        return ou_fail(err, OU_USAGE,
                       "--task is needed: Nomad starts agents (ouroscope run --on "
                       "nomad), and writes the file");
    status = read_lost_after(options, &agent.lost_after_s, err);
    if (!status)
        status = run_find_program(program, err);
    return status ? status : agent_run(&agent, err);
}

enum exit_code cmd_agent(const struct parsed_options *options)
{
    struct ou_error err = { "" };
    enum ou_status status = work(options, &err);

    if (status == OU_USAGE)
        return say_usage_error(options->command, &err);
    if (status)
        say(options->command, err.text);
    return status ? EXIT_FAILED : EXIT_DONE;
}
