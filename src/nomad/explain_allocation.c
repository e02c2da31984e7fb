/* Why an allocation failed or waits: what the events of its tasks say, of which Nomad keeps the last ten. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "nomad/explain.h"
#include "nomad/facts.h"

static bool is_type(const json_t *event, const char *type)
{
    return strcmp(facts_text(event, "Type"), type) == 0;
}

static const json_t *events_of(const json_t *task)
{
    return json_object_get(task, "Events");
}

/* A text of an event: of its Details, or of the member that older versions had. */
static const char *event_text(const json_t *event, const char *detail, const char *member)
{
    const char *text = facts_text(json_object_get(event, "Details"), detail);

    return text[0] ? text : facts_text(event, member);
}

/* ---- where it stands ---- */

static enum nomad_allocation_state state_of(const json_t *allocation)
{
    static const struct {
        const char *status;
        enum nomad_allocation_state state;
    } STATES[] = { { "running", ALLOCATION_RUNNING },
                   { "complete", ALLOCATION_COMPLETE },
                   { "failed", ALLOCATION_FAILED },
                   { "lost", ALLOCATION_LOST },
                   { "unknown", ALLOCATION_UNKNOWN } };
    const char *status = facts_text(allocation, "ClientStatus");

    for (size_t i = 0; i < sizeof STATES / sizeof STATES[0]; i++)
        if (strcmp(status, STATES[i].status) == 0)
            return STATES[i].state;
    return ALLOCATION_PENDING;
}

static int64_t exit_status_of(const json_t *event)
{
    int64_t status = facts_integer(event, "ExitCode", 0);
    const char *detail = facts_text(json_object_get(event, "Details"), "exit_code");

    return status == 0 && detail[0] ? strtol(detail, NULL, 10) : status;
}

static void read_tasks(const json_t *tasks, struct nomad_allocation_facts *ret)
{
    const char *name;
    json_t *task;
    int64_t newest = INT64_MIN;

    json_object_foreach((json_t *)tasks, name, task)
    {
        int64_t restarts = facts_integer(task, "Restarts", 0);
        const json_t *events = events_of(task);

        if (restarts > 0 && restarts < INT32_MAX)
            ret->restarts += (unsigned)restarts;
        for (size_t i = 0; i < json_array_size(events); i++) {
            const json_t *event = json_array_get(events, i);

            if (!is_type(event, "Terminated") || facts_integer(event, "Time", 0) < newest)
                continue;
            newest = facts_integer(event, "Time", 0);
            ret->exit_status = exit_status_of(event);
        }
    }
}

/* One of a deployment is healthy when that says so, and not before. */
static bool is_healthy(const json_t *allocation, enum nomad_allocation_state state)
{
    const json_t *deployment = json_object_get(allocation, "DeploymentStatus");

    if (json_is_object(deployment))
        return facts_is_true(deployment, "Healthy");
    return state == ALLOCATION_RUNNING && facts_text(allocation, "DeploymentID")[0] == '\0';
}

void nomad_allocation_read(const json_t *allocation, struct nomad_allocation_facts *ret)
{
    *ret = (struct nomad_allocation_facts){
        .id = facts_text(allocation, "ID"),
        .group = facts_text(allocation, "TaskGroup"),
        .node_id = facts_text(allocation, "NodeID"),
        .node_name = facts_text(allocation, "NodeName"),
        .previous = facts_text(allocation, "PreviousAllocation"),
        .next = facts_text(allocation, "NextAllocation"),
        .state = state_of(allocation),
        .wanted = strcmp(facts_text(allocation, "DesiredStatus"), "run") == 0,
        .exit_status = -1,
        .changed_ns = facts_integer(allocation, "ModifyTime", 0),
    };
    ret->is_healthy = is_healthy(allocation, ret->state);
    read_tasks(json_object_get(allocation, "TaskStates"), ret);
}

/* ---- why ---- */

/* A failure in an event: Nomad's text of it, and the step that helps for texts that have this in them. */
struct hint {
    const char *contains; /* NULL: any */
    const char *says;     /* behind the text; begins with how to go on */
};

static const char *hint_for(const struct hint *hints, const char *text)
{
    while (hints->contains && !strstr(text, hints->contains))
        hints++;
    return hints->says;
}

static const struct hint ARTIFACT_HINTS[] = {
    { "response code: 404", "the artifact is not there: upload it, or mend its address in the "
                            "placement plan" },
    { "response code: 403", "the machine may not read the artifact: make it readable for it, or "
                            "sign its address anew" },
    { "response code: 401", "the machine may not read the artifact: make it readable for it, or "
                            "sign its address anew" },
    { "Checksums did not match",
      "the artifact is not the one that was meant: upload the right one, or mend its checksum" },
    { "no such host", "the machine cannot resolve that name: mend the address or its resolver" },
    { "connection refused", "nothing answers there: see that the server runs and that the machine "
                            "may reach it" },
    { NULL, "see that the machine can reach that address" },
};

#define NO_COMMAND                                                    \
    "the command is not on the machine: install it there, or say in " \
    "agent.program of the placement plan where it is"

static const struct hint DRIVER_HINTS[] = {
    { "no such file or directory", NO_COMMAND },
    { "executable file not found", NO_COMMAND },
    { "not found under path", NO_COMMAND }, /* of exec, below the task's own root */
    { "permission denied", "the client may not start it: see the file's mode and the task's user" },
    { "unknown user", "the machine has no such user: make it, or name another one" },
    { "pull",
      "the image could not be had: see its name and that the machine reaches the registry" },
    { "image", "the image could not be had: see its name and that the machine reaches the "
               "registry" },
    { NULL, "see the client's log on that machine" },
};

static const struct hint VALIDATION_HINTS[] = {
    { "disallowed", "the client's configuration forbids that user: name another one" },
    { NULL, "mend the task; nomad alloc status shows it" },
};

static const struct hint SETUP_HINTS[] = {
    { "no space left", "the machine's disk is full: make room, or keep the job from it" },
    { "volume", "see the volumes in the client's configuration" },
    { NULL, "see the client's log on that machine" },
};

/* Events that name a failure themselves. */
static const struct {
    const char *type, *detail, *member, *what;
    const struct hint *hints;
} FAILURES[] = {
    { "Failed Artifact Download", "download_error", "DownloadError", NULL, ARTIFACT_HINTS },
    { "Driver Failure", "driver_error", "DriverError",
      "its driver could not start it: ", DRIVER_HINTS },
    { "Setup Failure", "setup_error", "SetupError", "it could not be set up: ", SETUP_HINTS },
    { "Task hook failed", "message", "Message", "it could not be set up: ", SETUP_HINTS },
    { "Failed Validation", "validation_error", "ValidationError",
      "the client refused it: ", VALIDATION_HINTS },
};

static bool tell_failure(const json_t *event, struct buffer *ret)
{
    for (size_t i = 0; i < sizeof FAILURES / sizeof FAILURES[0]; i++) {
        const char *text;

        if (!is_type(event, FAILURES[i].type))
            continue;
        text = event_text(event, FAILURES[i].detail, FAILURES[i].member);
        if (text[0] == '\0')
            text = facts_text(event, "DisplayMessage");
        if (FAILURES[i].what)
            buffer_text(ret, FAILURES[i].what);
        facts_append(ret, text);
        buffer_printf(ret, "; %s", hint_for(FAILURES[i].hints, text));
        return true;
    }
    return false;
}

static int64_t signal_of(const json_t *event)
{
    int64_t number = facts_integer(event, "Signal", 0);
    const char *detail = facts_text(json_object_get(event, "Details"), "signal");

    return number == 0 && detail[0] ? strtol(detail, NULL, 10) : number;
}

static bool was_out_of_memory(const json_t *event)
{
    return strcmp(facts_text(json_object_get(event, "Details"), "oom_killed"), "true") == 0;
}

/* What its driver says of the end, if it does: that it lost the process, say. */
static void tell_exit_message(const json_t *event, struct buffer *ret)
{
    const char *message = event_text(event, "exit_message", "Message");

    if (message[0] == '\0')
        return;
    buffer_text(ret, " (");
    facts_append(ret, message);
    buffer_char(ret, ')');
}

static bool tell_end(const json_t *event, const char *id, struct buffer *ret)
{
    int64_t signal = signal_of(event);

    if (!is_type(event, "Terminated"))
        return false;
    if (was_out_of_memory(event)) {
        buffer_text(ret, "it was killed because it used more memory than its share; give the host "
                         "more memory (memory_mb, or memory_max_mb)");
        return true;
    }
    if (signal > 0)
        buffer_printf(ret, "it was ended by signal %" PRId64, signal);
    else
        buffer_printf(ret, "it ended with exit status %" PRId64, exit_status_of(event));
    tell_exit_message(event, ret);
    buffer_text(ret, "; see what it printed (nomad alloc logs -stderr ");
    facts_append_id(ret, id);
    buffer_char(ret, ')');
    return true;
}

/* What a task that has not failed waits for. */
static bool tell_wait(const json_t *event, struct buffer *ret)
{
    static const struct {
        const char *type, *says;
    } WAITS[] = { { "Received", "it is on its way to the machine" },
                  { "Task Setup", "it is being set up" },
                  { "Downloading Artifacts",
                    "it fetches its artifacts; see that the machine reaches them if it stays so" },
                  { "Restarting", "it is being started again" },
                  { "Driver", "its driver works on it" },
                  { "Killing", "it is being stopped" } };

    if (is_type(event, "Template")) {
        buffer_text(ret, "a template waits: ");
        facts_append(ret, facts_text(event, "DisplayMessage"));
        buffer_text(ret, "; what it names must be there before the task can start");
        return true;
    }
    for (size_t i = 0; i < sizeof WAITS / sizeof WAITS[0]; i++) {
        if (!is_type(event, WAITS[i].type))
            continue;
        buffer_text(ret, WAITS[i].says);
        if (facts_text(event, "DisplayMessage")[0]) {
            buffer_text(ret, " (");
            facts_append(ret, facts_text(event, "DisplayMessage"));
            buffer_char(ret, ')');
        }
        return true;
    }
    return false;
}

/* A task that Nomad killed because of what another part of it did. */
static bool tell_killed(const json_t *event, struct buffer *ret)
{
    const char *reason = event_text(event, "kill_reason", "KillReason");

    if (!is_type(event, "Killing") || reason[0] == '\0')
        return false;
    buffer_text(ret, "Nomad killed it: ");
    facts_append(ret, reason);
    buffer_text(ret, "; mend what it names");
    return true;
}

static bool tell_failed_event(const json_t *event, const char *id, struct buffer *ret)
{
    return tell_failure(event, ret) || tell_killed(event, ret) || tell_end(event, id, ret);
}

/* The newest of the first `count` events that says why it failed. */
static bool tell_failed(const json_t *events, size_t count, const char *id, struct buffer *ret)
{
    while (count-- > 0)
        if (tell_failed_event(json_array_get(events, count), id, ret))
            return true;
    return false;
}

/* The newest event that says what it waits for. One that is started again waits because of what ended it. */
static bool tell_waiting(const json_t *events, const char *id, struct buffer *ret)
{
    for (size_t i = json_array_size(events); i-- > 0;) {
        const json_t *event = json_array_get(events, i);

        if (is_type(event, "Restarting") && tell_failed(events, i, id, ret)) {
            buffer_text(ret, "; it is being started again");
            return true;
        }
        if (tell_wait(event, ret) || tell_failure(event, ret))
            return true;
    }
    return false;
}

static bool tell_task(const json_t *task, bool failed, const char *id, struct buffer *ret)
{
    const json_t *events = events_of(task);

    return failed ? tell_failed(events, json_array_size(events), id, ret)
                  : tell_waiting(events, id, ret);
}

/* Restarts by Nomad, which say that the failure was no accident. */
static void tell_restarts(const json_t *task, struct buffer *ret)
{
    int64_t restarts = facts_integer(task, "Restarts", 0);

    if (restarts > 0) {
        buffer_text(ret, "; Nomad had started it again ");
        facts_append_count(ret, restarts, "time");
    }
}

static bool tell_tasks(const json_t *allocation, bool failed, struct buffer *ret)
{
    const json_t *tasks = json_object_get(allocation, "TaskStates");
    const char *name;
    json_t *task;

    json_object_foreach((json_t *)tasks, name, task)
    {
        size_t before = ret->len;

        if (failed && !facts_is_true(task, "Failed"))
            continue;
        buffer_text(ret, "task ");
        facts_append(ret, name);
        buffer_text(ret, ": ");
        if (tell_task(task, failed, facts_text(allocation, "ID"), ret)) {
            tell_restarts(task, ret);
            return true;
        }
        buffer_cut(ret, before);
    }
    return false;
}

static void tell_description(const json_t *allocation, const char *otherwise, struct buffer *ret)
{
    const char *client = facts_text(allocation, "ClientDescription");
    const char *wanted = facts_text(allocation, "DesiredDescription");

    facts_append(ret, wanted[0] ? wanted : client[0] ? client : otherwise);
}

static void tell_machine(const json_t *allocation, const char *says, struct buffer *ret)
{
    const char *name = facts_text(allocation, "NodeName");

    buffer_text(ret, "machine ");
    facts_append(ret, name[0] ? name : facts_text(allocation, "NodeID"));
    buffer_text(ret, says);
}

void nomad_explain_allocation(const json_t *allocation, struct buffer *ret)
{
    switch (state_of(allocation)) {
    case ALLOCATION_FAILED:
        if (!tell_tasks(allocation, true, ret))
            tell_description(allocation, "it failed, and no event says why", ret);
        break;
    case ALLOCATION_PENDING:
        if (!tell_tasks(allocation, false, ret))
            facts_append(ret, facts_text(allocation, "ClientDescription"));
        break;
    case ALLOCATION_LOST:
        tell_machine(allocation,
                     " fell silent and was given up; see that it runs and reaches the servers "
                     "(nomad node status)",
                     ret);
        break;
    case ALLOCATION_UNKNOWN:
        tell_machine(allocation,
                     " is silent; it is given up when that lasts, and goes on when it comes back",
                     ret);
        break;
    case ALLOCATION_COMPLETE:
        if (strcmp(facts_text(allocation, "DesiredStatus"), "run") != 0)
            tell_description(allocation, "it was stopped", ret);
        break;
    case ALLOCATION_RUNNING: break;
    }
}
