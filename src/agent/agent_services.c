#include "agent/agent_services.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/time.h"
#include "deploy/backend_local.h"
#include "deploy/program_path.h"

#define HELD_MAX ORDERS_SERVICES_MAX
#define COMMAND_BYTES_MAX ((size_t)8 << 20)
#define SERVICES_FILE "services.json" /* {"NAME": {"starts": 1, "ended": true, "status": 0}, ...} */
#define NO_PROGRAM 127                /* as a shell says it */
#define DIED_WITH_US (128 + 9)        /* the system kills children whose agent has died */
#define GRACE_MS 10000                /* of one that orders do not name any more */

struct held {
    struct agent_services *owner;
    size_t index;
    char name[72];
    struct service *service;            /* the backend's; NULL: it could not even be added */
    const struct order_service *wanted; /* in the orders; NULL: not wanted any more */
    struct arena memory;                /* of the command it was started with */
    struct start_command command;
    uint32_t starts; /* tries to start it, those of earlier agents counted */
    bool is_running, has_ended, stop_asked;
    int status;
    uint64_t asked_grace_ms; /* where stop_asked */
    /* Rises with each start: the order to end them in is the other way round. */
    uint64_t started_as;
};

struct agent_services {
    const struct agent_folder *folder;
    struct agent_board *board;
    const struct agent_voice *voice;
    struct backend *local;
    struct orders *orders; /* owned; NULL: none yet */
    json_t *before;        /* what earlier agents knew; owned */
    struct held held[HELD_MAX];
    size_t count;
    uint64_t starts;
    bool is_over; /* that the orders' end has come was told */
};

/* ---- what outlives the agent ---- */

static json_t *document_of(const struct agent_services *s)
{
    json_t *document = json_object();

    for (size_t i = 0; document && i < s->count; i++)
        json_object_set_new(document, s->held[i].name,
                            json_pack("{s:I, s:b, s:i}", "starts", (json_int_t)s->held[i].starts,
                                      "ended", (int)s->held[i].has_ended, "status",
                                      s->held[i].status));
    return document;
}

/* Before it is told: whoever was told of a start gets no second one from a later agent. When it fails, it may come: no reason
 * to end those that run. */
static void remember(const struct agent_services *s)
{
    json_t *document = document_of(s);
    struct ou_error err;

    if (document && agent_folder_save(s->folder, SERVICES_FILE, document, &err))
        agent_say(s->voice, "%s", err.text);
    json_decref(document);
}

static void recall(struct held *h)
{
    const json_t *before = json_object_get(h->owner->before, h->name);

    if (!before)
        return;
    h->starts = (uint32_t)json_integer_value(json_object_get(before, "starts"));
    h->has_ended = h->starts > 0;
    h->status = json_is_true(json_object_get(before, "ended"))
                    ? (int)json_integer_value(json_object_get(before, "status"))
                    : DIED_WITH_US;
}

/* ---- telling ---- */

static struct service_facts facts_of(const struct held *h)
{
    struct service_facts facts = { .height = -1, .tip_slot = -1 };
    struct backend *local = h->owner->local;

    if (h->service)
        facts = *local->kind->facts(local, h->service);
    facts.running = h->is_running;
    facts.ended = h->has_ended;
    facts.status = h->has_ended ? h->status : 0;
    facts.starts = h->starts;
    return facts;
}

static void tell(const struct held *h, const char *last_lines, const char *problem)
{
    struct service_facts facts = facts_of(h);

    agent_board_service(h->owner->board, h->index, h->name, &facts, last_lines, problem);
}

static bool is_fine(const struct held *h, int status)
{
    return h->stop_asked || (h->command.ends_by_itself && status == 0);
}

static void on_ended(struct service *service, void *owner, int status)
{
    struct held *h = owner;
    struct backend *local = h->owner->local;
    char lines[BOARD_LINES_ROOM] = "";

    h->is_running = false;
    h->has_ended = true;
    h->status = status;
    if (!is_fine(h, status))
        local->kind->last_lines(local, service, lines, sizeof lines);
    agent_say(h->owner->voice, "%s has ended with status %d%s", h->name, status,
              h->stop_asked ? ", as it was told to" : "");
    remember(h->owner);
    tell(h, lines, NULL);
}

/* ---- starting ---- */

/* A copy of a list of texts, NULL behind the last; NULL: no memory. */
static const char **copy_texts(struct arena *memory, const char **texts)
{
    size_t count = 0;
    const char **copies;

    while (texts && texts[count])
        count++;
    copies = arena_take(memory, (count + 1) * sizeof *copies, _Alignof(const char *));
    for (size_t i = 0; copies && i < count; i++) {
        copies[i] = arena_copy(memory, texts[i], strlen(texts[i]));
        if (!copies[i])
            return NULL;
    }
    return copies;
}

static const char *copy_text(struct arena *memory, const char *text)
{
    return arena_copy(memory, text ? text : "", text ? strlen(text) : 0);
}

/* The command that is ordered, as it is here: it stays as it is while the service runs, whatever later orders say. */
static enum ou_status take_command(struct held *h, struct ou_error *err)
{
    const struct start_command *from = &h->wanted->command;
    char directory[PATH_MAX], program[PATH_MAX];
    enum ou_status status = agent_folder_in_run(h->owner->folder, from->directory, directory, err);

    snprintf(program, sizeof program, "%s", from->argv[0]);
    if (!status && !strchr(from->argv[0], '/'))
        status = program_path(from->argv[0], program, err);
    if (status)
        return status;
    arena_release(&h->memory);
    arena_init(&h->memory, allocator_libc(), COMMAND_BYTES_MAX);
    h->command = *from;
    h->command.argv = copy_texts(&h->memory, from->argv);
    h->command.environment = copy_texts(&h->memory, from->environment);
    h->command.directory = copy_text(&h->memory, directory);
    h->command.cores = copy_text(&h->memory, from->cores);
    h->command.ready.text = copy_text(&h->memory, from->ready.text);
    if (!h->command.argv || !h->command.environment || !h->command.directory || !h->command.cores ||
        !h->command.ready.text)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory for its command", h->name);
    h->command.argv[0] = copy_text(&h->memory, program);
    if (!h->command.argv[0])
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory for its command", h->name);
    return file_make_directory(directory, err);
}

/* The folder that its log goes to: a bundle has no empty folders. */
static enum ou_status make_log_folder(const struct held *h, struct ou_error *err)
{
    char path[PATH_MAX];
    char *slash;
    enum ou_status status = OU_OK;

    if (!h->wanted->log)
        return OU_OK;
    status = agent_folder_in_run(h->owner->folder, h->wanted->log, path, err);
    slash = status ? NULL : strrchr(path, '/');
    if (slash) {
        *slash = '\0';
        status = file_make_directory(path, err);
    }
    return status;
}

/* With its first start: until then nothing of it is here. */
static enum ou_status add(struct held *h, struct ou_error *err)
{
    struct backend *local = h->owner->local;
    const struct service_options options = {
        .name = h->name,
        .command = &h->command,
        .log = h->wanted->log,
        .log_begins_here = h->starts > 0,
        .ended = on_ended,
        .owner = h,
    };

    return h->service ? OU_OK : local->kind->add(local, &options, &h->service, err);
}

static void start(struct held *h)
{
    struct backend *local = h->owner->local;
    struct ou_error err = { "" };
    enum ou_status status = take_command(h, &err);

    if (!status)
        status = make_log_folder(h, &err);
    if (!status)
        status = add(h, &err);
    if (!status)
        status = local->kind->start(local, h->service, &err);
    h->starts = h->wanted->starts;
    h->started_as = ++h->owner->starts;
    h->is_running = h->service && local->kind->facts(local, h->service)->running;
    h->has_ended = !h->is_running;
    h->status = NO_PROGRAM;
    h->stop_asked = false;
    agent_say(h->owner->voice, status ? "%s cannot be started: %s" : "%s is started%s", h->name,
              err.text);
    remember(h->owner);
    tell(h, "", err.text);
}

static bool is_due(const struct held *h)
{
    const struct order_service *w = h->wanted;

    return w && !w->stopped && !h->is_running && w->starts > h->starts &&
           time_wall_ns() >= w->not_before_ns;
}

/* ---- ending ---- */

/* Asked again only where there is less patience than before. */
static void stop(struct held *h, uint64_t grace_ms)
{
    struct backend *local = h->owner->local;

    if (!h->is_running || (h->stop_asked && grace_ms >= h->asked_grace_ms))
        return;
    h->stop_asked = true;
    h->asked_grace_ms = grace_ms;
    agent_say(h->owner->voice, "%s is told to end, in %.1f s at most", h->name,
              (double)grace_ms / 1e3);
    local->kind->stop(local, h->service, grace_ms);
}

static uint64_t grace_of(const struct held *h)
{
    return h->wanted ? h->wanted->grace_ms : GRACE_MS;
}

bool agent_services_end(struct agent_services *s, uint64_t grace_most_ms)
{
    struct held *last = NULL;

    for (size_t i = 0; i < s->count; i++)
        if (s->held[i].is_running && (!last || s->held[i].started_as > last->started_as))
            last = &s->held[i];
    if (last)
        stop(last, grace_of(last) < grace_most_ms ? grace_of(last) : grace_most_ms);
    return !last;
}

/* Nobody has to say so: a run that was left alone comes to its end, too. */
static bool end_has_come(const struct agent_services *s)
{
    return s->orders && s->orders->end_ns && time_wall_ns() >= s->orders->end_ns;
}

/* One after the other, as they are ended when the agent leaves. */
static void end_run(struct agent_services *s)
{
    if (agent_services_end(s, UINT64_MAX) || s->is_over)
        return;
    s->is_over = true;
    agent_say(s->voice, "the time of the run is over, and nobody has ended it: services end now");
}

/* ---- orders ---- */

static struct held *find(struct agent_services *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->held[i].name, name) == 0)
            return &s->held[i];
    return NULL;
}

static struct held *find_or_add(struct agent_services *s, const char *name)
{
    struct held *h = find(s, name);

    if (h || s->count == HELD_MAX)
        return h;
    h = &s->held[s->count];
    *h = (struct held){ .owner = s, .index = s->count++ };
    snprintf(h->name, sizeof h->name, "%s", name);
    recall(h);
    tell(h, NULL, NULL);
    return h;
}

void agent_services_want(struct agent_services *s, struct orders *orders)
{
    for (size_t i = 0; i < s->count; i++)
        s->held[i].wanted = NULL;
    for (size_t i = 0; i < orders->service_count; i++) {
        struct held *h = find_or_add(s, orders->services[i].name);

        if (h)
            h->wanted = &orders->services[i];
        else
            agent_say(s->voice, "%s: more than %d services", orders->services[i].name, HELD_MAX);
    }
    agent_board_free_orders(s->orders);
    s->orders = orders;
}

void agent_services_look(struct agent_services *s, bool with_starts)
{
    bool over = end_has_come(s);
    bool may_start =
        with_starts && !over && s->orders && agent_board_has_bundles(s->board, s->orders);

    s->local->kind->poll(s->local, NULL);
    for (size_t i = 0; i < s->count; i++) {
        struct held *h = &s->held[i];

        if (!h->wanted || h->wanted->stopped)
            stop(h, grace_of(h));
        else if (may_start && is_due(h))
            start(h);
        tell(h, NULL, NULL);
    }
    if (over)
        end_run(s);
}

/* ---- all of it ---- */

enum ou_status agent_services_open(const struct agent_folder *folder, struct agent_board *board,
                                   const struct agent_voice *voice, const char *program,
                                   uv_loop_t *loop, struct agent_services **ret,
                                   struct ou_error *err)
{
    const struct backend_local_options options = {
        .run_directory = folder->run,
        .program = program,
        .ports_are_shared = true,
    };
    struct agent_services *s = calloc(1, sizeof *s);
    enum ou_status status;

    if (!s)
        return ou_fail(err, OU_NO_MEMORY, "no memory for services");
    s->folder = folder;
    s->board = board;
    s->voice = voice;
    status = agent_folder_load(folder, SERVICES_FILE, &s->before, err);
    if (!status)
        status = backend_local_open(&options, &s->local, err);
    if (!status)
        status = s->local->kind->loop_begins(s->local, loop, err);
    if (status)
        agent_services_close(s);
    else
        *ret = s;
    return status;
}

void agent_services_close(struct agent_services *s)
{
    if (!s)
        return;
    if (s->local) {
        s->local->kind->loop_ends(s->local);
        s->local->kind->release(s->local);
    }
    for (size_t i = 0; i < s->count; i++)
        arena_release(&s->held[i].memory);
    agent_board_free_orders(s->orders);
    json_decref(s->before);
    free(s);
}
