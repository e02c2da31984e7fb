/* ouroscope tracer: the collector of traces. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "collect/collector.h"
#include "collect/config_check.h"
#include "trace/points.h"

#define TEXT_BYTES ((size_t)16 << 20)

/* A line each. Returns how many. */
static size_t say_warnings(const struct command *command, const struct buffer *warnings)
{
    const char *line = buffer_string(warnings);
    size_t count = 0;

    while (*line) {
        const size_t len = strcspn(line, "\n");
        struct ou_error text;

        snprintf(text.text, sizeof text.text, "%.*s", (int)len, line);
        say_warning(command, text.text);
        line += len + (line[len] == '\n');
        count++;
    }
    return count;
}

static enum ou_status print_config(const struct collector_config *config, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), TEXT_BYTES);
    collector_config_json(config, &text, CONFIG_FOR_OWNER);
    buffer_char(&text, '\n');
    status = fd_write_text(STDOUT_FILENO, &text, err);
    buffer_release(&text);
    return status;
}

static enum ou_status print_result(const char *path, size_t warnings, struct ou_error *err)
{
    enum ou_status status = fd_write_all(STDOUT_FILENO, path, strlen(path), err);
    char text[64] = ": fine\n";

    if (warnings)
        snprintf(text, sizeof text, ": %zu warning%s\n", warnings, warnings == 1 ? "" : "s");
    return status ? status : fd_write_all(STDOUT_FILENO, text, strlen(text), err);
}

static enum ou_status check(const struct parsed_options *options, struct ou_error *err)
{
    const char *path = option_value(options, COLLECT_OPTION_CONFIG);
    struct collector_config *config = NULL;
    struct buffer warnings;
    enum ou_status status;
    size_t warning_count;

    buffer_init(&warnings, allocator_libc(), TEXT_BYTES);
    status = collector_config_load(path, &warnings, &config, err);
    if (!status)
        status = collector_config_check(config, path, &warnings, err);
    warning_count = say_warnings(options->command, &warnings);
    if (!status && option_given(options, COLLECT_OPTION_JSON))
        status = print_config(config, err);
    else if (!status)
        status = print_result(path, warning_count, err);
    collector_config_free(config);
    buffer_release(&warnings);
    return status;
}

/* One line, for whoever waits until nodes can connect. */
static void tell_ready(void *context, bool listens, const char *addresses)
{
    struct buffer line;

    buffer_init(&line, allocator_libc(), TEXT_BYTES);
    buffer_printf(&line, "%s %s", listens ? "nodes connect to" : "connecting to", addresses);
    say(context, buffer_string(&line));
    buffer_release(&line);
}

static enum ou_status collect(const struct parsed_options *options, struct ou_error *err)
{
    const char *name = option_value(options, COLLECT_OPTION_SEVERITY);
    struct collector_options collector = {
        .config_path = option_value(options, COLLECT_OPTION_CONFIG),
        .state_path = option_value(options, COLLECT_OPTION_STATE),
        .severity_min = -1,
        .ready = tell_ready,
        .context = (void *)options->command,
    };
    enum ou_severity severity;

    if (name && severity_parse(name, &severity))
        collector.severity_min = (int)severity;
    return collector_run(&collector, err);
}

static enum ou_status work(const struct parsed_options *options, struct ou_error *err)
{
    if (!option_given(options, COLLECT_OPTION_CONFIG))
        return ou_fail(err, OU_USAGE, "--config is needed");
    if (option_given(options, COLLECT_OPTION_CHECK))
        return check(options, err);
    if (option_given(options, COLLECT_OPTION_JSON))
        return ou_fail(err, OU_USAGE, "--json goes with --check");
    return collect(options, err);
}

enum exit_code cmd_tracer(const struct parsed_options *options)
{
    struct ou_error err = { "" };
    enum ou_status status = work(options, &err);

    if (status == OU_USAGE)
        return say_usage_error(options->command, &err);
    if (status)
        say(options->command, err.text);
    return status ? EXIT_FAILED : EXIT_DONE;
}
