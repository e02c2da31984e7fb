/* ouroscope docs: the trace points of a Cardano node, as a configuration shows them. */
#include <ouroscope/node.h>
#include <ouroscope/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "trace/reflection.h"

struct warned {
    const struct command *command;
    size_t count;
};

static void warn(void *context, const char *warning)
{
    struct warned *warned = context;

    say_warning(warned->command, warning);
    warned->count++;
}

static enum ou_status print(const char *text, struct ou_error *err)
{
    return fd_write_all(STDOUT_FILENO, text, strlen(text), err);
}

static enum ou_status write_file(const char *path, const char *text, struct ou_error *err)
{
    struct out_file file = { .path = NULL };
    enum ou_status status = out_open(&file, path, err);

    if (!status) {
        out_write(&file, text, strlen(text));
        status = out_commit(&file, err);
    }
    out_release(&file);
    return status;
}

static enum ou_status document(const char *config, const char *out, struct ou_error *err)
{
    char *text = NULL;
    enum ou_status status = ou_trace_document(config, &text, err);

    if (!status)
        status = out ? write_file(out, text, err) : print(text, err);
    free(text);
    return status;
}

static enum ou_status tell_result(const char *config, size_t warnings, struct ou_error *err)
{
    struct ou_error line = { { 0 } };

    snprintf(line.text, sizeof(line.text), "%.900s: %zu warning%s\n", config, warnings,
             warnings == 1 ? "" : "s");
    return print(line.text, err);
}

static enum ou_status make(const struct parsed_options *options, struct ou_error *err)
{
    const char *config = option_value(options, DOCS_CONFIG), *out = option_value(options, DOCS_OUT);
    bool check = option_given(options, DOCS_CHECK);
    struct warned warned = { .command = options->command };
    enum ou_status status;

    if (check && !config)
        return ou_fail(err, OU_USAGE, "--check needs --config, the file to check");
    if (check && out)
        return ou_fail(err, OU_USAGE, "--check writes nothing to --out");
    status = ou_trace_check(config, warn, &warned, err);
    if (status)
        return status;
    return check ? tell_result(config, warned.count, err) : document(config, out, err);
}

enum exit_code cmd_docs(const struct parsed_options *options)
{
    struct ou_error err = { { 0 } };
    enum ou_status status = make(options, &err);

    if (status == OU_OK)
        return EXIT_DONE;
    if (status == OU_USAGE)
        return say_usage_error(options->command, &err);
    say(options->command, err.text);
    return EXIT_FAILED;
}
