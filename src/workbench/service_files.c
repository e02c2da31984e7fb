#include "workbench/service_files.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "json/tree.h"

#define SCRIPT_BYTES_MAX ((size_t)1 << 20)
#define HOST_VARIABLE "TRACE_DISPATCHER_LOGGING_HOSTNAME=" /* the member `host` of its log lines */

static void fail_memory(struct service_files *f)
{
    if (!f->status)
        f->status = ou_fail(f->err, OU_NO_MEMORY, "%s: no memory", f->name);
}

/* RUN/place of a folder that is made when it is not there. */
static void make_folder(struct service_files *f, const char *place, const char *name, char *ret,
                        size_t room)
{
    if (f->status)
        return;
    if (snprintf(ret, room, "%s/%s%s%s", f->run_directory, place, *name ? "/" : "", name) >=
        (int)room)
        f->status =
            ou_fail(f->err, OU_TOO_LARGE, "%.80s...: the path is too long", f->run_directory);
    else
        f->status = file_make_directory(ret, f->err);
}

static void push(struct service_files *f, const char *text)
{
    char *copy = arena_copy(f->memory, text, strlen(text));

    if (!copy || f->argc == START_ARGUMENTS_MAX)
        fail_memory(f);
    else
        f->argv[f->argc++] = copy;
}

void service_open(struct service_files *f, const char *run_directory, const char *place,
                  const char *name, const char *program, const char *command, struct arena *memory,
                  struct ou_error *err)
{
    *f = (struct service_files){
        .run_directory = run_directory, .name = name, .memory = memory, .err = err
    };
    make_folder(f, place, "", f->directory, sizeof f->directory);
    push(f, program);
    push(f, command);
}

void service_argument(struct service_files *f, const char *option, const char *format, ...)
{
    char value[PATH_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    push(f, option);
    push(f, value);
}

json_t *service_template(struct service_files *f, const char *text)
{
    json_t *tree = NULL;

    if (!f->status)
        f->status = json_tree_parse(span_of(text), "configuration", &tree, f->err);
    return tree;
}

static void trace_to_backend(struct service_files *f, json_t *config, const char *log)
{
    json_t *root = json_object_get(json_object_get(config, "TraceOptions"), "");
    json_t *backends =
        json_pack("[o, s]", json_sprintf("File MachineFormat %s", log), "EKGBackend");

    if (json_object_set_new(root, "backends", backends) != 0 ||
        json_object_set_new(config, "TraceOptionNodeName", json_string(f->name)) != 0)
        fail_memory(f);
}

static void trace_to_scribe(struct service_files *f, json_t *config, const char *log)
{
    json_t *setup =
        json_pack("[{s:s, s:s, s:s}]", "scKind", "FileSK", "scName", log, "scFormat", "ScJson");
    json_t *defaults = json_pack("[[s, s]]", "FileSK", log);

    if (json_object_set_new(config, "setupScribes", setup) != 0 ||
        json_object_set_new(config, "defaultScribes", defaults) != 0)
        fail_memory(f);
}

void service_trace_to(struct service_files *f, json_t *config, const char *log)
{
    char logs[PATH_MAX];

    make_folder(f, "logs", f->name, logs, sizeof logs);
    if (f->status)
        return;
    if (json_is_true(json_object_get(config, "UseTraceDispatcher")))
        trace_to_backend(f, config, log);
    else
        trace_to_scribe(f, config, log);
}

/* What waits while the collector is busy: some seconds of a node's traces. */
#define FORWARD_QUEUE_COUNT 16384
#define FORWARD_QUEUE_BYTES (8 << 20)

void service_forward_to(struct service_files *f, json_t *config, const char *socket)
{
    json_t *root = json_object_get(json_object_get(config, "TraceOptions"), "");
    json_t *backends = json_pack("[s, s]", "EKGBackend", "Forwarder");
    json_t *queue = json_pack("{s:i, s:i}", "queueSize", FORWARD_QUEUE_COUNT, "queueBytes",
                              FORWARD_QUEUE_BYTES);

    if (f->status) {
        json_decref(backends);
        json_decref(queue);
        return;
    }
    if (json_object_set_new(root, "backends", backends) != 0 ||
        json_object_set_new(config, "TraceOptionForwarder", queue) != 0 ||
        json_object_set_new(config, "TraceOptionNodeName", json_string(f->name)) != 0)
        fail_memory(f);
    service_argument(f, "--tracer-socket-path-connect", "%s", socket);
}

void service_save(struct service_files *f, const char *name, json_t *document)
{
    char path[PATH_MAX];

    if (!document)
        fail_memory(f);
    if (!f->status && snprintf(path, sizeof path, "%s/%s", f->directory, name) >= PATH_MAX)
        f->status = ou_fail(f->err, OU_TOO_LARGE, "%.80s...: the path is too long", f->directory);
    if (!f->status)
        f->status = json_tree_save(document, path, f->err);
    json_decref(document);
}

/* ---- start.sh ---- */

/* In single quotes: a quote inside ends them, is written by itself, and opens them again. */
static void append_quoted(struct buffer *b, const char *word)
{
    buffer_char(b, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buffer_text(b, "'\\''");
        else
            buffer_char(b, *word);
    buffer_char(b, '\'');
}

static void append_word(struct buffer *b, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=+,@";

    if (*word && word[strspn(word, plain)] == '\0')
        buffer_text(b, word);
    else
        append_quoted(b, word);
}

/* An option and its value in one line; program and command in the first. */
static void append_script(struct buffer *b, const struct service_files *f)
{
    buffer_printf(b,
                  "#!/bin/sh\n"
                  "# Starts %s as the run did, with this folder as the current one.\n"
                  "cd \"$(dirname \"$0\")\" || exit 1\n"
                  "export " HOST_VARIABLE "%s\n"
                  "exec",
                  f->name, f->name);
    for (size_t i = 0; i < f->argc; i++) {
        buffer_text(b, i >= 2 && i % 2 == 0 ? " \\\n    " : " ");
        append_word(b, f->argv[i]);
    }
    buffer_char(b, '\n');
}

static void write_script(struct service_files *f)
{
    struct buffer text;
    struct out_file file = { .fd = -1 };
    char path[PATH_MAX];

    if (snprintf(path, sizeof path, "%s/start.sh", f->directory) >= PATH_MAX) {
        f->status = ou_fail(f->err, OU_TOO_LARGE, "%.80s...: the path is too long", f->directory);
        return;
    }
    buffer_init(&text, allocator_libc(), SCRIPT_BYTES_MAX);
    append_script(&text, f);
    f->status = buffer_status(&text);
    if (f->status)
        ou_fail(f->err, f->status, "%s: %s", path, ou_status_name(f->status));
    else if (!(f->status = out_open(&file, path, f->err))) {
        out_write(&file, text.at, text.len);
        f->status = out_commit(&file, f->err);
    }
    if (!f->status && chmod(path, 0755) != 0)
        f->status = ou_fail(f->err, OU_IO, "chmod %s: %s", path, strerror(errno));
    out_release(&file);
    buffer_release(&text);
}

enum ou_status service_finish(struct service_files *f, struct start_command *ret)
{
    const char **argv = arena_take(f->memory, (f->argc + 1) * sizeof *argv, alignof(const char *));
    char *directory = arena_copy(f->memory, f->directory, strlen(f->directory));
    size_t variable_bytes = sizeof HOST_VARIABLE + strlen(f->name);
    char *variable = arena_take(f->memory, variable_bytes, 1);
    const char **environment =
        arena_take(f->memory, 2 * sizeof *environment, alignof(const char *));

    if (!argv || !directory || !variable || !environment)
        fail_memory(f);
    if (!f->status)
        write_script(f);
    if (f->status)
        return f->status;
    memcpy(argv, f->argv, f->argc * sizeof *argv);
    snprintf(variable, variable_bytes, HOST_VARIABLE "%s", f->name);
    environment[0] = variable;
    *ret = (struct start_command){
        .argv = argv, .directory = directory, .environment = environment, .cores = ""
    };
    return OU_OK;
}
