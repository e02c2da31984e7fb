/* ouroscope docs: the trace points of a Cardano node, of the collector, or of the server of results, as a configuration
 * shows them. */
#include <ouroscope/node.h>
#include <ouroscope/trace.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/points.h"
#include "base/file.h"
#include "cmd/docs_forms.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "cmd/serve_log.h"
#include "collect/collector.h"
#include "collect/own_points.h"
#include "trace/config.h"
#include "trace/reflection.h"

#define DOCUMENT_BYTES_MAX ((size_t)64 << 20)

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

/* --- Whose points ------------------------------------------------------------------------ */

static bool is_below(const struct ou_point *point, const char *prefix)
{
    return strncmp(point->ns, prefix, strlen(prefix)) == 0;
}

static bool is_of_collector(const struct ou_point *point)
{
    return is_below(point, "Tracer.");
}

static bool is_of_server(const struct ou_point *point)
{
    return is_below(point, "Results.");
}

static bool is_of_node(const struct ou_point *point)
{
    return !is_of_collector(point) && !is_of_server(point);
}

static void collectors_own(struct buffer *text)
{
    collector_tracing_text(&(struct collector_options){ .severity_min = -1 }, NULL, text);
}

static void servers_own(struct buffer *text)
{
    serve_tracing_text(NULL, text);
}

/* A program of ours, whose messages are documented. */
struct documented {
    const char *name; /* as --of has it */
    const char *title;
    document_wanted *wanted;
    void (*own_config)(struct buffer *text); /* of tracing; NULL: the library's default */
};

static const struct documented programs[] = {
    { "node", "Trace documentation", is_of_node, NULL },
    { "tracer", "Messages of the collector, `ouroscope tracer`", is_of_collector, collectors_own },
    { "serve", "Messages of the server of results, `ouroscope serve`", is_of_server, servers_own },
};

static const struct documented *asked_about(const struct parsed_options *options)
{
    const char *name = option_value(options, DOCS_OF);

    for (size_t i = 0; name && i < sizeof programs / sizeof *programs; i++)
        if (strcmp(programs[i].name, name) == 0)
            return &programs[i];
    return &programs[0];
}

static document_wanted *wanted_by(const struct parsed_options *options)
{
    return asked_about(options)->wanted;
}

static const char *title_of(const struct parsed_options *options)
{
    return asked_about(options)->title;
}

/* --- Under which configuration ----------------------------------------------------------- */

static enum ou_status parse_own(const struct documented *program, struct config **ret,
                                struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), DOCUMENT_BYTES_MAX);
    program->own_config(&text);
    status = config_parse(buffer_string(&text), text.len, program->name, NULL, ret, err);
    buffer_release(&text);
    return status;
}

/* The caller config_free()s *ret. */
static enum ou_status find_config(const struct parsed_options *options, struct config **ret,
                                  struct ou_error *err)
{
    const struct documented *program = asked_about(options);
    const char *path = option_value(options, DOCS_CONFIG);

    if (path)
        return config_load(path, NULL, ret, err);
    if (program->own_config)
        return parse_own(program, ret, err);
    *ret = config_default();
    return *ret ? OU_OK : ou_fail(err, OU_NO_MEMORY, "document trace points: no memory");
}

/* --- The document --------------------------------------------------------------------------- */

static bool is_format(const struct parsed_options *options, const char *format)
{
    const char *given = option_value(options, DOCS_FORMAT);

    return given && strcmp(given, format) == 0;
}

static enum ou_status tree_text(json_t *tree, char **ret, struct ou_error *err)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), DOCUMENT_BYTES_MAX);
    json_tree_append(&text, tree);
    buffer_char(&text, '\n');
    json_decref(tree);
    if (buffer_status(&text)) {
        buffer_release(&text);
        return ou_fail(err, OU_NO_MEMORY, "document trace points: no memory");
    }
    *ret = text.at; /* malloc's */
    return OU_OK;
}

static enum ou_status make_text(const struct parsed_options *options, const struct config *config,
                                char **ret, struct ou_error *err)
{
    document_wanted *wanted = wanted_by(options);
    json_t *tree = NULL;
    enum ou_status status;

    if (is_format(options, "json"))
        status = docs_json(config, wanted, &tree, err);
    else if (is_format(options, "schema"))
        status = docs_schema(wanted, &tree, err);
    else
        return document_make(config, title_of(options), wanted, ret, err);
    return status ? status : tree_text(tree, ret, err);
}

static enum ou_status document(const struct parsed_options *options, struct ou_error *err)
{
    const char *out = option_value(options, DOCS_OUT);
    struct config *config = NULL;
    char *text = NULL;
    enum ou_status status = find_config(options, &config, err);

    if (!status)
        status = make_text(options, config, &text, err);
    config_free(config);
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

static enum ou_status check_options(const struct parsed_options *options, struct ou_error *err)
{
    const bool check = option_given(options, DOCS_CHECK);

    if (check && !option_given(options, DOCS_CONFIG))
        return ou_fail(err, OU_USAGE, "--check needs --config, the file to check");
    if (check && option_given(options, DOCS_OUT))
        return ou_fail(err, OU_USAGE, "--check writes nothing to --out");
    if (check && option_given(options, DOCS_FORMAT))
        return ou_fail(err, OU_USAGE, "--check writes no document, in whatever --format");
    if (is_format(options, "schema") && option_given(options, DOCS_CONFIG))
        return ou_fail(err, OU_USAGE, "a schema is of all lines, whatever the --config");
    return OU_OK;
}

static enum ou_status make(const struct parsed_options *options, struct ou_error *err)
{
    const char *config = option_value(options, DOCS_CONFIG);
    bool check = option_given(options, DOCS_CHECK);
    struct warned warned = { .command = options->command };
    enum ou_status status = check_options(options, err);

    if (!status)
        status = ou_trace_check(config, warn, &warned, err);
    if (status)
        return status;
    return check ? tell_result(config, warned.count, err) : document(options, err);
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
