#include "workbench/service_files.h"

#include <errno.h>
#include <limits.h>
#include <stdalign.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "deploy/affinity.h"
#include "json/tree.h"
#include "workbench/start_script.h"

#define HOST_VARIABLE "TRACE_DISPATCHER_LOGGING_HOSTNAME" /* the member `host` of its log lines */
#define STATISTICS_FILE "rts.stats"

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

/* ---- the command ---- */

void service_word(struct service_files *f, struct span word)
{
    char *copy = arena_copy(f->memory, word.at, word.len);

    if (!copy)
        fail_memory(f);
    else if (f->argc < START_ARGUMENTS_MAX)
        f->argv[f->argc++] = copy;
    else if (!f->status)
        f->status = ou_fail(f->err, OU_TOO_LARGE, "%s: more than %d words in its command", f->name,
                            START_ARGUMENTS_MAX);
}

void service_argument(struct service_files *f, const char *option, const char *format, ...)
{
    char value[PATH_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(value, sizeof value, format, args);
    va_end(args);
    service_word(f, span_of(option));
    service_word(f, span_of(value));
}

static void words(struct service_files *f, const char *text)
{
    size_t len;

    for (text += strspn(text, " "); *text; text += len + strspn(text + len, " ")) {
        len = strcspn(text, " ");
        service_word(f, (struct span){ text, len });
    }
}

void service_rts_flags(struct service_files *f, const struct profile *p, const char *defaults)
{
    if (!*defaults && p->rts_flag_count == 0 && p->rts_stats == RTS_STATS_NONE)
        return;
    service_word(f, span_of("+RTS"));
    words(f, defaults);
    for (size_t i = 0; i < p->rts_flag_count; i++)
        service_word(f, span_of(p->rts_flags[i]));
    if (p->rts_stats == RTS_STATS_SUMMARY)
        words(f, "-t" STATISTICS_FILE " --machine-readable");
    else if (p->rts_stats == RTS_STATS_COLLECTIONS)
        words(f, "-S" STATISTICS_FILE);
    service_word(f, span_of("-RTS"));
}

void service_keys(struct service_files *f, const struct node_spec *spec)
{
    char keys[64];

    if (spec->pools == 0)
        return;
    if (spec->pools > 1) {
        service_argument(f, "--bulk-credentials-file", "../../genesis/keys/bulk-%s.creds",
                         spec->name);
        return;
    }
    snprintf(keys, sizeof keys, "../../genesis/keys/pool%u", (unsigned)spec->first_pool + 1);
    service_argument(f, "--shelley-vrf-key", "%s/vrf.skey", keys);
    service_argument(f, "--shelley-kes-key", "%s/kes.skey", keys);
    service_argument(f, "--shelley-operational-certificate", "%s/opcert.cert", keys);
}

/* ---- where and how it runs ---- */

static bool is_variable(const char *entry, const char *name)
{
    size_t len = strlen(name);

    return strncmp(entry, name, len) == 0 && entry[len] == '=';
}

void service_variable(struct service_files *f, const char *name, const char *value)
{
    size_t bytes = strlen(name) + strlen(value) + 2, at = 0;
    char *entry = arena_take(f->memory, bytes, 1);

    while (at < f->variable_count && !is_variable(f->environment[at], name))
        at++;
    if (!entry) {
        fail_memory(f);
    } else if (at < START_VARIABLES_MAX) {
        snprintf(entry, bytes, "%s=%s", name, value);
        f->environment[at] = entry;
        f->variable_count += at == f->variable_count;
    } else if (!f->status) {
        f->status = ou_fail(f->err, OU_TOO_LARGE, "%s: more than %d variables", f->name,
                            START_VARIABLES_MAX);
    }
}

/* Its turn of the lists; said now rather than when it starts, if this machine is to have such processors and has not. */
static void set_cores(struct service_files *f, const char *lists, size_t number, bool is_here)
{
    struct span turn = affinity_turn(lists, number);
    char *list = arena_copy(f->memory, turn.at, turn.len);
    struct ou_error why = { 0 };
    cpu_set_t set;

    if (!list) {
        fail_memory(f);
        return;
    }
    f->cores = list;
    if (is_here && *list && !f->status && affinity_parse(list, &set, &why))
        f->status = ou_fail(f->err, OU_INVALID, "%s: node.cores: %s", f->name, why.text);
}

void service_open(struct service_files *f, const char *run_directory, const char *place,
                  const char *name, const char *program, const char *command, struct arena *memory,
                  struct ou_error *err)
{
    *f = (struct service_files){
        .run_directory = run_directory, .name = name, .cores = "", .memory = memory, .err = err
    };
    make_folder(f, place, "", f->directory, sizeof f->directory);
    if (program)
        service_word(f, span_of(program));
    if (command)
        service_word(f, span_of(command));
    service_variable(f, HOST_VARIABLE, name);
}

void service_open_node(struct service_files *f, const struct profile *p, size_t node,
                       const struct site *site, const char *run_directory, const char *program,
                       const char *command, struct arena *memory, struct ou_error *err)
{
    char place[128];

    snprintf(place, sizeof place, "nodes/%s", p->specs[node].name);
    service_open(f, run_directory, place, p->specs[node].name, program, command, memory, err);
    for (size_t i = 0; i < p->variable_count; i++)
        service_variable(f, p->environment[i].name, p->environment[i].value);
    set_cores(f, p->cores, node, site->is_here);
}

/* ---- documents ---- */

json_t *service_template(struct service_files *f, const char *text)
{
    json_t *tree = NULL;

    if (!f->status)
        f->status = json_tree_parse(span_of(text), "configuration", &tree, f->err);
    return tree;
}

void service_lay(struct service_files *f, json_t *document, json_t *over)
{
    if (!over || json_object_update_recursive(document, over) != 0)
        fail_memory(f);
    json_decref(over);
}

void service_log_folder(struct service_files *f, const char *link)
{
    char logs[PATH_MAX], path[PATH_MAX], target[128];

    make_folder(f, "logs", f->name, logs, sizeof logs);
    if (f->status || !link)
        return;
    if (snprintf(path, sizeof path, "%s/%s", logs, link) >= PATH_MAX) {
        f->status = ou_fail(f->err, OU_TOO_LARGE, "%.80s...: the path is too long", logs);
        return;
    }
    snprintf(target, sizeof target, "../../%s/stdout", f->directory + strlen(f->run_directory) + 1);
    unlink(path);
    if (symlink(target, path) != 0)
        f->status = ou_fail(f->err, OU_IO, "%s: %s", path, strerror(errno));
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
    service_log_folder(f, NULL);
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

/* ---- all of it ---- */

/* A list in memory, with NULL behind the last. */
static const char **keep(struct service_files *f, const char *const *list, size_t count)
{
    const char **copy = arena_take(f->memory, (count + 1) * sizeof *copy, alignof(const char *));

    if (!copy) {
        fail_memory(f);
        return NULL;
    }
    memcpy(copy, list, count * sizeof *copy);
    copy[count] = NULL;
    return copy;
}

enum ou_status service_finish(struct service_files *f, struct start_command *ret)
{
    struct start_command command = {
        .argv = keep(f, f->argv, f->argc),
        .directory = arena_copy(f->memory, f->directory, strlen(f->directory)),
        .environment = keep(f, f->environment, f->variable_count),
        .cores = f->cores,
        .ready = { .kind = READY_LOG },
    };

    if (!command.directory)
        fail_memory(f);
    if (!f->status)
        f->status = start_script_write(&command, f->name, f->err);
    if (!f->status)
        *ret = command;
    return f->status;
}
