/* Our client of Nomad as a program, for the test that asks the model of Nomad, and a real agent where there is one:
 *
 *     nomad-driver COMMAND [ARGUMENTS]
 *
 * The place is that of the environment (NOMAD_ADDR, NOMAD_TOKEN, ...). What comes is printed, documents as JSON; what goes
 * wrong is said on standard error, with exit status 1, or 4 when it is not there. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "nomad/client.h"
#include "nomad/explain.h"
#include "nomad/job.h"

#define FILE_MAX ((size_t)1 << 20)
#define TEXTS_MAX 16
#define NOT_FOUND_EXIT 4

static struct ou_error err;
static struct nomad *nomad;

static int finish(enum ou_status status)
{
    if (!status)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return status == OU_NOT_FOUND ? NOT_FOUND_EXIT : 1;
}

/* Prints a document, and forgets it. By its place, which is filled in by a call that stands before it among the arguments. */
static int finish_document(enum ou_status status, json_t *const *document)
{
    char *text = status ? NULL : json_dumps(*document, JSON_COMPACT | JSON_ENCODE_ANY);

    if (text)
        puts(text);
    else if (!status)
        puts("null");
    free(text);
    json_decref(*document);
    return finish(status);
}

static int finish_text(enum ou_status status, struct buffer *text)
{
    if (!status)
        fwrite(buffer_string(text), 1, text->len, stdout);
    buffer_release(text);
    return finish(status);
}

static struct buffer text_room(void)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), FILE_MAX);
    return text;
}

/* ---- documents from files ---- */

static const char *text_of(const json_t *spec, const char *name)
{
    return json_string_value(json_object_get(spec, name));
}

static unsigned number_of(const json_t *spec, const char *name)
{
    return (unsigned)json_integer_value(json_object_get(spec, name));
}

static void texts_of(const json_t *spec, const char *name, const char *ret[TEXTS_MAX + 1])
{
    const json_t *array = json_object_get(spec, name);
    size_t count = json_array_size(array);

    for (size_t i = 0; i < count && i < TEXTS_MAX; i++)
        ret[i] = json_string_value(json_array_get(array, i));
    ret[count < TEXTS_MAX ? count : TEXTS_MAX] = NULL;
}

/* A job of one host, of what stands in a file: {"id", "datacenters", "driver", "image", "command", "arguments", "meta", "file": {"path",
 * "content"}, "port", "memory_mb", "restarts", "reschedules"}. */
static enum ou_status make_job(const json_t *spec, json_t **ret)
{
    const char *datacenters[TEXTS_MAX + 1], *arguments[TEXTS_MAX + 1], *meta[TEXTS_MAX + 1];
    const json_t *file = json_object_get(spec, "file");
    const struct nomad_file files[] = { { text_of(file, "path"), text_of(file, "content"),
                                          "600" } };
    const struct nomad_port ports[] = { { "node", (uint16_t)number_of(spec, "port") } };
    const struct nomad_group group = {
        .name = "host-1",
        .driver = text_of(spec, "driver"),
        .image = text_of(spec, "image"),
        .command = text_of(spec, "command"),
        .arguments = arguments,
        .ports = ports,
        .port_count = 1,
        .files = files,
        .file_count = file ? 1 : 0,
        .cpu_mhz = 50,
        .memory_mb = number_of(spec, "memory_mb"),
        .restarts = number_of(spec, "restarts"),
        .reschedules = number_of(spec, "reschedules"),
        .stop_patience_s = 2,
    };
    const struct nomad_job job = {
        .id = text_of(spec, "id"),
        .datacenters = datacenters,
        .distinct_hosts = true,
        .meta = meta,
        .groups = &group,
        .group_count = 1,
        .server_minor = 1,
    };

    texts_of(spec, "datacenters", datacenters);
    texts_of(spec, "arguments", arguments);
    texts_of(spec, "meta", meta);
    return nomad_job_document(&job, ret, &err);
}

static int do_document(char **args)
{
    json_t *spec = NULL, *job = NULL;
    enum ou_status status = json_tree_load(args[0], FILE_MAX, &spec, &err);

    if (!status)
        status = make_job(spec, &job);
    json_decref(spec);
    return finish_document(status, &job);
}

/* ---- the cluster ---- */

static int do_look(char **args)
{
    struct nomad_facts facts;
    enum ou_status status = nomad_look(nomad, &facts, &err);
    json_t *document = NULL;

    (void)args;
    if (!status)
        document =
            json_pack("{s:s, s:s, s:s, s:i, s:i, s:b}", "version", facts.version, "region",
                      facts.region, "datacenter", facts.datacenter, "major", (int)facts.major,
                      "minor", (int)facts.minor, "leader", (int)facts.has_leader);
    return finish_document(status, &document);
}

static int do_nodes(char **args)
{
    json_t *nodes = NULL;

    (void)args;
    return finish_document(nomad_nodes(nomad, true, &nodes, &err), &nodes);
}

static int do_namespace(char **args)
{
    return finish(nomad_namespace_make(nomad, args[0], &err));
}

/* ---- jobs ---- */

static int do_validate(char **args)
{
    struct buffer warnings = text_room();
    json_t *job = NULL;
    enum ou_status status = json_tree_load(args[0], FILE_MAX, &job, &err);

    if (!status)
        status = nomad_job_validate(nomad, job, &warnings, &err);
    json_decref(job);
    return finish_text(status, &warnings);
}

/* Says why groups would not be placed. */
static int do_plan(char **args)
{
    struct buffer why = text_room();
    json_t *job = NULL, *plan = NULL;
    enum ou_status status = json_tree_load(args[0], FILE_MAX, &job, &err);

    if (!status)
        status = nomad_job_plan(nomad, job, &plan, &err);
    if (!status)
        nomad_tell_failures(nomad, json_object_get(plan, "FailedTGAllocs"), &why);
    json_decref(plan);
    json_decref(job);
    return finish_text(status, &why);
}

static int do_register(char **args)
{
    char evaluation[NOMAD_ID_ROOM];
    json_t *job = NULL;
    enum ou_status status = json_tree_load(args[0], FILE_MAX, &job, &err);

    if (!status)
        status = nomad_job_register(nomad, job, evaluation, &err);
    if (!status)
        puts(evaluation);
    json_decref(job);
    return finish(status);
}

static int do_job(char **args)
{
    json_t *job = NULL;

    return finish_document(nomad_job(nomad, args[0], &job, &err), &job);
}

static int do_deployment(char **args)
{
    json_t *deployment = NULL;

    return finish_document(nomad_job_deployment(nomad, args[0], &deployment, &err), &deployment);
}

static int do_evaluations(char **args)
{
    json_t *list = NULL;

    return finish_document(nomad_job_evaluations(nomad, args[0], &list, &err), &list);
}

static int do_allocations(char **args)
{
    json_t *list = NULL;

    return finish_document(nomad_job_allocations(nomad, args[0], 0, 0, &list, NULL, &err), &list);
}

static int do_stop(char **args)
{
    return finish(nomad_job_stop(nomad, args[0], false, &err));
}

static int do_purge(char **args)
{
    return finish(nomad_job_stop(nomad, args[0], true, &err));
}

/* Waits until an evaluation has come to an end, and prints its state, 1 placed, 2 blocked, 3 failed, and why. */
static int do_evaluation(char **args)
{
    enum nomad_evaluation_state state = EVALUATION_PENDING;
    struct buffer why = text_room();
    enum ou_status status = OU_OK;
    uint64_t index = 0;

    while (!status && state == EVALUATION_PENDING) {
        json_t *evaluation = NULL;

        status = nomad_evaluation(nomad, args[0], index, 5, &evaluation, &index, &err);
        if (!status)
            state = nomad_evaluation_state(evaluation, &why);
        json_decref(evaluation);
    }
    printf("%d ", state);
    return finish_text(status, &why);
}

/* Waits, with blocking queries, until a job has an allocation in a state, and prints its ID and what is to be said of it. */
static enum ou_status find_in_state(const char *job, enum nomad_allocation_state state,
                                    uint64_t *index, struct buffer *ret)
{
    json_t *list = NULL;
    enum ou_status status = nomad_job_allocations(nomad, job, *index, 5, &list, index, &err);

    for (size_t i = 0; !status && ret->len == 0 && i < json_array_size(list); i++) {
        struct nomad_allocation_facts facts;

        nomad_allocation_read(json_array_get(list, i), &facts);
        if (facts.state != state)
            continue;
        buffer_printf(ret, "%s %u %" PRId64 " ", facts.id, facts.restarts, facts.exit_status);
        nomad_explain_allocation(json_array_get(list, i), ret);
    }
    json_decref(list);
    return status;
}

static int do_wait(char **args)
{
    enum nomad_allocation_state state = (enum nomad_allocation_state)atoi(args[1]);
    struct buffer said = text_room();
    enum ou_status status = OU_OK;
    uint64_t index = 0;

    while (!status && said.len == 0)
        status = find_in_state(args[0], state, &index, &said);
    return finish_text(status, &said);
}

/* ---- allocations ---- */

static int do_allocation(char **args)
{
    json_t *allocation = NULL;

    return finish_document(nomad_allocation(nomad, args[0], &allocation, &err), &allocation);
}

static int do_port(char **args)
{
    json_t *allocation = NULL;
    char address[64];
    uint16_t port;
    enum ou_status status = nomad_allocation(nomad, args[0], &allocation, &err);

    if (!status && nomad_allocation_port(allocation, args[1], address, &port))
        printf("%s %u\n", address, port);
    json_decref(allocation);
    return finish(status);
}

static int do_log(char **args)
{
    struct buffer text = text_room();

    return finish_text(nomad_allocation_log(nomad, args[0], args[1], args[2], 65536, &text, &err),
                       &text);
}

static int do_file(char **args)
{
    struct buffer text = text_room();

    return finish_text(nomad_allocation_file(nomad, args[0], args[1], &text, &err), &text);
}

static int do_list(char **args)
{
    json_t *list = NULL;

    return finish_document(nomad_allocation_list(nomad, args[0], args[1], &list, &err), &list);
}

static int do_signal(char **args)
{
    return finish(nomad_allocation_signal(nomad, args[0], args[1], args[2], &err));
}

static int do_restart(char **args)
{
    return finish(nomad_allocation_restart(nomad, args[0], args[1], &err));
}

static int do_end(char **args)
{
    return finish(nomad_allocation_stop(nomad, args[0], &err));
}

/* ---- events ---- */

/* Prints lines until one has the wanted words in it. */
static bool tell(void *context, const json_t *event)
{
    struct buffer line = text_room();
    bool more = true;

    if (event && nomad_event_line(event, &line)) {
        puts(buffer_string(&line));
        more = !strstr(buffer_string(&line), context);
    }
    buffer_release(&line);
    return more;
}

static int do_events(char **args)
{
    char topic[256];
    const char *topics[] = { topic, "Allocation", "Evaluation", NULL };
    uint64_t index = 0;

    snprintf(topic, sizeof topic, "Job:%s", args[0]);
    return finish(nomad_events(nomad, topics, &index, tell, args[1], &err));
}

static const struct {
    const char *name;
    int arguments;
    int (*run)(char **args);
} COMMANDS[] = {
    { "document", 1, do_document },
    { "look", 0, do_look },
    { "nodes", 0, do_nodes },
    { "namespace", 1, do_namespace },
    { "validate", 1, do_validate },
    { "plan", 1, do_plan },
    { "register", 1, do_register },
    { "job", 1, do_job },
    { "deployment", 1, do_deployment },
    { "evaluations", 1, do_evaluations },
    { "evaluation", 1, do_evaluation },
    { "allocations", 1, do_allocations },
    { "wait", 2, do_wait },
    { "stop", 1, do_stop },
    { "purge", 1, do_purge },
    { "allocation", 1, do_allocation },
    { "port", 2, do_port },
    { "log", 3, do_log },
    { "file", 2, do_file },
    { "list", 2, do_list },
    { "signal", 3, do_signal },
    { "restart", 2, do_restart },
    { "end", 1, do_end },
    { "events", 2, do_events },
};

static int run(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof COMMANDS / sizeof COMMANDS[0]; i++)
        if (strcmp(argv[1], COMMANDS[i].name) == 0 && argc == 2 + COMMANDS[i].arguments)
            return COMMANDS[i].run(argv + 2);
    fprintf(stderr, "nomad-driver: no such command, or another number of arguments\n");
    return 2;
}

int main(int argc, char **argv)
{
    const struct nomad_place place = { .address = NULL };
    enum ou_status status = nomad_open(&place, &nomad, &err);
    int result = status ? finish(status) : run(argc, argv);

    nomad_close(nomad);
    return result;
}
