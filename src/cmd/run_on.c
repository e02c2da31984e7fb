#include "cmd/run_on.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cluster/backend_nomad.h"
#include "cmd/help.h"
#include "workbench/host_wants.h"

#define MEMORY_MAX ((size_t)16 << 20)
#define OUT_MAX ((size_t)4 << 20)

/* ---- opening ---- */

static enum ou_status open_nomad(void *context, const struct run_hosts *hosts, struct backend **ret,
                                 struct ou_error *err)
{
    const struct run_on *on = context;
    const struct backend_nomad_options options = {
        .run_directory = hosts->directory,
        .program = hosts->program,
        .run_name = hosts->name,
        .placement = &on->placement,
        .wants = hosts->wants,
        .host_count = hosts->count,
    };

    return backend_nomad_open(&options, ret, err);
}

static void stand_on_nomad(const struct parsed_options *options, struct run_on *ret)
{
    ret->open = open_nomad;
    if (!option_given(options, RUN_OPTION_KEEP_CLUSTER))
        return;
    ret->placement.keep_job = true;
    /* In the plan that the run keeps, too: who takes it up does not end what was to stay. */
    json_object_set_new(ret->placement.document, "keep_job", json_true());
}

/* ---- a new run ---- */

bool run_on_nomad_is_asked(const struct parsed_options *options)
{
    const char *on = option_value(options, RUN_OPTION_ON);

    return on && strcmp(on, "nomad") == 0;
}

static enum ou_status check_local(const struct parsed_options *options, struct ou_error *err)
{
    static const size_t of_nomad[] = { RUN_OPTION_PLACEMENT, RUN_OPTION_PLAN,
                                       RUN_OPTION_KEEP_CLUSTER };

    for (size_t i = 0; i < sizeof of_nomad / sizeof *of_nomad; i++)
        if (option_given(options, of_nomad[i]))
            return ou_fail(err, OU_USAGE, "--%s goes with --on nomad",
                           options->command->options[of_nomad[i]].name);
    return OU_OK;
}

static enum ou_status check_hosts(const struct placement *placement, const struct profile *profile,
                                  struct ou_error *err)
{
    struct host_want *wants = NULL;
    struct arena memory;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), MEMORY_MAX);
    status = host_wants_of(profile, &memory, &wants, err);
    if (!status)
        status = placement_check(placement, wants, profile->spec_count, err);
    arena_release(&memory);
    return status;
}

enum ou_status run_on_new(const struct parsed_options *options, const struct profile *profile,
                          struct run_on *ret, struct ou_error *err)
{
    const char *plan = option_value(options, RUN_OPTION_PLACEMENT);
    enum ou_status status;

    if (!run_on_nomad_is_asked(options))
        return check_local(options, err);
    if (!plan)
        return ou_fail(err, OU_USAGE,
                       "--on nomad needs a plan: --placement FILE. `ouroscope placement show aws "
                       "--json` gives one to begin with");
    status =
        placement_load(plan, json_object_get(profile->document, "cluster"), &ret->placement, err);
    if (!status)
        status = check_hosts(&ret->placement, profile, err);
    if (!status)
        stand_on_nomad(options, ret);
    return status == OU_INVALID || status == OU_NOT_FOUND ? OU_USAGE : status;
}

/* ---- a run that is there ---- */

enum ou_status run_on_resume(const struct parsed_options *options, const char *run_directory,
                             struct run_on *ret, struct ou_error *err)
{
    char path[PATH_MAX];
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/deploy/placement.json", run_directory) >= PATH_MAX ||
        access(path, F_OK) != 0)
        return check_local(options, err);
    status = placement_load(path, NULL, &ret->placement, err);
    if (!status)
        stand_on_nomad(options, ret);
    ret->stands = backend_nomad_is_there(run_directory);
    return status;
}

static bool has_delays(const struct profile *p)
{
    for (size_t i = 0; i < p->link_count; i++)
        if (p->links[i].latency_ms > 0 || p->links[i].bytes_per_second > 0)
            return true;
    return false;
}

const char *run_on_remark(const struct run_on *on, const struct profile *profile)
{
    return on->open && has_delays(profile)
               ? "the profile's links (composition.links) are modelled on one machine only: on Nomad "
                 "hosts are as far apart as their machines are"
               : NULL;
}

void run_on_release(struct run_on *on)
{
    placement_release(&on->placement);
}

/* ---- what would be ---- */

static enum ou_status ask(const struct run_on *on, const struct profile *profile,
                          struct arena *memory, struct buffer *out, bool *ret_possible,
                          struct ou_error *err)
{
    struct host_want *wants = NULL;
    enum ou_status status = host_wants_of(profile, memory, &wants, err);
    const struct backend_nomad_options options = {
        .run_name = profile->name,
        .placement = &on->placement,
        .wants = wants,
        .host_count = profile->spec_count,
    };

    return status ? status : backend_nomad_plan(&options, out, ret_possible, err);
}

enum ou_status run_on_plan(const struct run_on *on, const struct profile *profile,
                           struct ou_error *err)
{
    struct arena memory;
    struct buffer out;
    bool possible = false;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), MEMORY_MAX);
    buffer_init(&out, allocator_libc(), OUT_MAX);
    status = ask(on, profile, &memory, &out, &possible, err);
    if (!status)
        status = fd_write_text(STDOUT_FILENO, &out, err);
    if (!status && !possible)
        status = ou_fail(err, OU_IO, "not all hosts can be placed now");
    buffer_release(&out);
    arena_release(&memory);
    return status;
}
