/* Runs on a backend that has no processes: what is tested is what a run asks of a cluster far away, in which order, and what it
 * makes of the answers. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/time.h"
#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"
#include "workbench/run.h"

#define SERVICES_MAX 16
#define LAST_BLOCK 12
#define FAR_AWAY_S 40

/* ---- the backend ---- */

/* One service of a stage, which ends when it is asked to. */
struct service {
    char name[32];
    struct service_options options;
    struct service_facts facts;
    bool is_asked_to_end;
};

/* What the cluster is to do, and what it was asked for. */
static struct {
    struct backend backend;
    enum delivery deliveries[4];
    size_t delivery_count;
    enum ou_status reach_status, stand_status, deliver_status, fetch_status, poll_status;
    bool under_way;      /* services were started by an earlier process */
    bool ended_already;  /* and have ended */
    const char *dying;   /* this one ends with status 3 when it has a block */
    bool collector_dies; /* and the collector beside it, killed */
    const char *unheard; /* nobody hears of this one for 20 s, behind its 30th block */

    unsigned stands, fetches, leaves, starts;
    int64_t start_ns[4]; /* of deliveries */
    int64_t asked_ns;    /* wall clock: how far away the start is to be, last */
    char cargo[4000];    /* of the last one: a line for each host, and one for all */
    double lasts_s;
    char asked[2000]; /* in order */
    struct service services[SERVICES_MAX];
    size_t service_count;
} stage;

__attribute__((format(printf, 1, 2))) static void note(const char *format, ...)
{
    size_t len = strlen(stage.asked);
    va_list args;

    va_start(args, format);
    vsnprintf(stage.asked + len, sizeof stage.asked - len, format, args);
    va_end(args);
}

static enum ou_status stage_reach(struct backend *b, struct ou_error *err)
{
    (void)b;
    note("reach ");
    return stage.reach_status ? ou_fail(err, stage.reach_status, "nobody answers") : OU_OK;
}

/* The first host gets another address each time. */
static enum ou_status stage_stand(struct backend *b, struct site *ret_sites, struct ou_error *err)
{
    static char addresses[16][32];

    note("stand ");
    stage.stands++;
    if (stage.stand_status)
        return ou_fail(err, stage.stand_status, "no place for node-1");
    for (size_t i = 0; i < b->host_count; i++) {
        snprintf(addresses[i], sizeof addresses[i], "10.%u.0.%zu", i == 0 ? stage.stands : 0, i);
        ret_sites[i] = (struct site){ .address = addresses[i],
                                      .listen = "0.0.0.0",
                                      .port = (uint16_t)(3001 + i),
                                      .directory = "/srv/run",
                                      .program = "/opt/bin/ouroscope" };
    }
    backend_step(b, "hosts placed", "node-1");
    return OU_OK;
}

static double stage_ready_in_s(struct backend *b, const struct cargo *cargo)
{
    (void)b;
    (void)cargo;
    stage.asked_ns = time_wall_ns();
    return FAR_AWAY_S;
}

static void add_paths(const char *whose, const char *const *paths, size_t count)
{
    size_t len = strlen(stage.cargo);

    len += (size_t)snprintf(stage.cargo + len, sizeof stage.cargo - len, "%s:", whose);
    for (size_t i = 0; i < count; i++)
        len += (size_t)snprintf(stage.cargo + len, sizeof stage.cargo - len, " %s", paths[i]);
    snprintf(stage.cargo + len, sizeof stage.cargo - len, "\n");
}

static enum ou_status stage_deliver(struct backend *b, const struct cargo *cargo,
                                    enum delivery *ret, struct ou_error *err)
{
    note("deliver ");
    stage.cargo[0] = '\0';
    add_paths("all", cargo->common, cargo->common_count);
    for (size_t i = 0; i < b->host_count; i++)
        add_paths(b->wants[i].name, cargo->hosts[i].paths, cargo->hosts[i].count);
    stage.start_ns[stage.delivery_count] = cargo->start_ns;
    stage.lasts_s = cargo->lasts_s;
    *ret = stage.deliveries[stage.delivery_count++];
    return stage.deliver_status ? ou_fail(err, stage.deliver_status, "node-1 is late for ever")
                                : OU_OK;
}

static enum ou_status stage_loop_begins(struct backend *b, uv_loop_t *loop, struct ou_error *err)
{
    (void)b;
    (void)loop;
    (void)err;
    return OU_OK;
}

static void stage_loop_ends(struct backend *b)
{
    (void)b;
}

static enum ou_status stage_add(struct backend *b, const struct service_options *options,
                                struct service **ret, struct ou_error *err)
{
    struct service *s = &stage.services[stage.service_count++];

    (void)b;
    (void)err;
    assert_true(stage.service_count <= SERVICES_MAX);
    *s = (struct service){ .options = *options, .facts = { .height = -1, .tip_slot = -1 } };
    snprintf(s->name, sizeof s->name, "%s", options->name);
    if (stage.under_way)
        s->facts = (struct service_facts){ .starts = 1,
                                           .height = 3,
                                           .tip_slot = 9,
                                           .running = !stage.ended_already,
                                           .ended = stage.ended_already,
                                           .is_ready = !stage.ended_already };
    *ret = s;
    return OU_OK;
}

static enum ou_status stage_start(struct backend *b, struct service *s, struct ou_error *err)
{
    (void)err;
    note("%s@%s ", s->name, b->wants[s->options.host].name);
    stage.starts++;
    s->facts.starts++;
    s->facts.ended = false;
    return OU_OK;
}

static void stage_stop(struct backend *b, struct service *s, uint64_t grace_ms)
{
    (void)b;
    (void)grace_ms;
    s->is_asked_to_end = true;
}

static const struct service_facts *stage_facts(struct backend *b, struct service *s)
{
    (void)b;
    return &s->facts;
}

static void stage_last_lines(struct backend *b, struct service *s, char *ret, size_t room)
{
    (void)b;
    snprintf(ret, room, "last words of %s", s->name);
}

static void end(struct service *s, int status)
{
    s->facts.running = s->facts.is_ready = false;
    s->facts.ended = true;
    s->facts.status = status;
    s->options.ended(s, s->options.owner, status);
}

static void end_collector_beside(const struct service *s)
{
    for (size_t i = 0; i < stage.service_count; i++)
        if (stage.services[i].options.host == s->options.host &&
            strcmp(stage.services[i].name, "tracer") == 0)
            end(&stage.services[i], 128 + 9);
}

/* Four blocks each time. */
static void go_on(struct service *s)
{
    if (s->facts.starts == 0 || s->facts.ended)
        return;
    if (s->is_asked_to_end) {
        end(s, 0);
        return;
    }
    s->facts.running = s->facts.is_ready = true;
    if (strcmp(s->name, "generator") == 0)
        s->facts.txs_acked++;
    else if (s->options.log)
        s->facts.tip_slot = s->facts.height += 4;
    if (stage.unheard && strcmp(s->name, stage.unheard) == 0)
        s->facts.heard_ns = s->facts.height < 30 ? NS_PER_SECOND : 21 * (int64_t)NS_PER_SECOND;
    if (stage.dying && strcmp(s->name, stage.dying) == 0 && s->facts.height == 7) {
        end(s, 3);
        if (stage.collector_dies)
            end_collector_beside(s);
    }
}

static enum ou_status stage_poll(struct backend *b, struct ou_error *err)
{
    (void)b;
    for (size_t i = 0; i < stage.service_count; i++)
        go_on(&stage.services[i]);
    if (stage.poll_status && stage.services[0].facts.running)
        return ou_fail(err, stage.poll_status, "the cluster has not answered for ten minutes");
    return OU_OK;
}

static enum ou_status stage_fetch(struct backend *b, struct ou_error *err)
{
    (void)b;
    note("fetch ");
    stage.fetches++;
    return stage.fetch_status ? ou_fail(err, stage.fetch_status, "node-1 does not ship its logs")
                              : OU_OK;
}

static enum ou_status stage_leave(struct backend *b, struct ou_error *err)
{
    (void)b;
    (void)err;
    note("leave ");
    stage.leaves++;
    return OU_OK;
}

static bool stage_is_under_way(struct backend *b)
{
    (void)b;
    return stage.under_way;
}

static json_t *stage_describe(struct backend *b)
{
    (void)b;
    return json_pack("{s:s}", "job", "the-job");
}

static void stage_release(struct backend *b)
{
    (void)b;
    stage.service_count = 0;
}

static const struct backend_kind stage_kind = {
    .name = "stage",
    .outlives = true,
    .tracer_each = true,
    .reach = stage_reach,
    .stand = stage_stand,
    .ready_in_s = stage_ready_in_s,
    .deliver = stage_deliver,
    .loop_begins = stage_loop_begins,
    .loop_ends = stage_loop_ends,
    .add = stage_add,
    .start = stage_start,
    .stop = stage_stop,
    .facts = stage_facts,
    .last_lines = stage_last_lines,
    .poll = stage_poll,
    .fetch = stage_fetch,
    .leave = stage_leave,
    .is_under_way = stage_is_under_way,
    .describe = stage_describe,
    .release = stage_release,
};

static enum ou_status open_stage(void *context, const struct run_hosts *hosts, struct backend **ret,
                                 struct ou_error *err)
{
    (void)err;
    assert_ptr_equal(context, &stage);
    stage.backend = (struct backend){ .kind = &stage_kind,
                                      .run_directory = hosts->directory,
                                      .program = hosts->program,
                                      .wants = hosts->wants,
                                      .host_count = hosts->count };
    *ret = &stage.backend;
    return OU_OK;
}

/* ---- the run ---- */

static struct temp_dir dir;
static struct profile profile;
static struct run_result result;
static struct ou_error err;
static char said[4096];

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    memset(&stage, 0, sizeof stage);
    said[0] = err.text[0] = '\0';
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    profile_release(&profile);
    temp_dir_remove(&dir);
    return 0;
}

static void on_line(void *context, const char *line)
{
    size_t len = strlen(said);

    (void)context;
    snprintf(said + len, sizeof said - len, "%s\n", line);
}

static void on_step(void *context, const struct backend_step *step)
{
    on_line(context, step->name);
}

static struct run_options options_of_tests(void)
{
    static const char *const overlays[] = { "{\"analysis\":{\"cluster_base_startup_overhead_s\":0},"
                                            "\"composition\":{\"with_explorer\":true},"
                                            "\"node\":{\"shutdown_on_block_synced\":12}}" };

    if (!profile.document && profile_load("ci-test", (const char **)overlays, 1, &profile, &err))
        fail_msg("%s", err.text);
    return (struct run_options){ .profile = &profile,
                                 .parent = temp_path(&dir, "runs"),
                                 .ident = "test",
                                 .batch = "",
                                 .program = "/opt/bin/ouroscope",
                                 .open_backend = open_stage,
                                 .open_context = &stage,
                                 .say = on_line,
                                 .stepped = on_step };
}

static enum ou_status run(void)
{
    const struct run_options options = options_of_tests();

    return run_perform(&options, &result, &err);
}

static enum ou_status prepare(void)
{
    struct run_options options = options_of_tests();

    options.prepare_only = true;
    return run_perform(&options, &result, &err);
}

static enum ou_status resume(void)
{
    struct run_options options = options_of_tests();
    char directory[sizeof result.directory];

    stage.asked[0] = '\0';
    snprintf(directory, sizeof directory, "%s", result.directory);
    options.resume = directory;
    return run_perform(&options, &result, &err);
}

static json_t *document(const char *name)
{
    char path[5000];
    json_t *tree = NULL;

    snprintf(path, sizeof path, "%s/%s", result.directory, name);
    if (json_tree_load(path, 1 << 24, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

/* The states that the run went through: "allocated deployed ...". */
static const char *history(void)
{
    static char text[1000];
    json_t *status = document("status.json");
    const json_t *change, *changes = json_object_get(status, "history");
    size_t i, len = 0;

    text[0] = '\0';
    json_array_foreach(changes, i, change) len +=
        (size_t)snprintf(text + len, sizeof text - len, "%s%s", i ? " " : "",
                         json_string_value(json_object_get(change, "state")));
    json_decref(status);
    return text;
}

static int64_t start_told_ns(void)
{
    json_t *meta = document("meta.json");
    json_t *timing = json_object_get(json_object_get(meta, "meta"), "timing");
    int64_t start_s = json_integer_value(json_object_get(timing, "start"));

    json_decref(meta);
    return start_s * NS_PER_SECOND;
}

/* ---- from hosts to logs ---- */

/* Collectors are beside nodes; the generator comes when there are blocks. */
static void test_a_cluster_is_asked_in_order(void **state)
{
    (void)state;
    assert_int_equal(run(), OU_OK);
    assert_string_equal(stage.asked,
                        "reach stand deliver tracer@node-0 tracer@node-1 tracer@explorer "
                        "node-0@node-0 node-1@node-1 explorer@explorer "
                        "generator@explorer fetch leave ");
    assert_string_equal(history(), "allocated deployed genesis-ready running stopped fetched");
    assert_true(result.blocks > LAST_BLOCK);
    assert_true(result.txs > 0);
    assert_true(result.is_analysable);
}

/* A line of stage.cargo. */
static const char *cargo_of(const char *whose)
{
    static char line[2000];
    char begin[40];
    const char *at;

    snprintf(begin, sizeof begin, "%s:", whose);
    at = strstr(stage.cargo, begin);
    assert_non_null(at);
    snprintf(line, sizeof line, "%.*s", (int)strcspn(at, "\n"), at);
    return line;
}

static void test_a_host_gets_its_own_keys_and_no_others(void **state)
{
    (void)state;
    assert_int_equal(run(), OU_OK);
    assert_string_equal(cargo_of("all"),
                        "all: genesis/byron.json genesis/shelley.json genesis/alonzo.json "
                        "genesis/conway.json genesis/dijkstra.json genesis/hashes.json");
    assert_string_equal(cargo_of("node-0"), "node-0: nodes/node-0 genesis/keys/pool1 "
                                            "tracer/config.json tracer/start.sh");
    assert_string_equal(cargo_of("node-1"), "node-1: nodes/node-1 genesis/keys/pool2 "
                                            "tracer/config.json tracer/start.sh");
    assert_null(strstr(cargo_of("explorer"), "genesis/keys/pool"));
    assert_non_null(strstr(cargo_of("explorer"), " generator "));
    assert_non_null(strstr(cargo_of("explorer"), " genesis/keys/utxo1"));
}

/* So that they can end it when nobody watches any more. */
static void test_hosts_are_told_how_long_the_run_may_last(void **state)
{
    (void)state;
    assert_int_equal(run(), OU_OK);
    assert_true(stage.lasts_s == options_of_tests().profile->max_duration_s);
}

static void test_the_start_is_as_far_away_as_the_cluster_says(void **state)
{
    int64_t before_ns = time_wall_ns();

    (void)state;
    assert_int_equal(run(), OU_OK);
    assert_true(stage.start_ns[0] >= before_ns + FAR_AWAY_S * NS_PER_SECOND);
    assert_int_equal(start_told_ns(), stage.start_ns[0]);
    assert_int_equal(stage.start_ns[0] % NS_PER_SECOND, 0);
}

/* The 100 s are for the nodes of a large cluster on one machine; the 7 s are wanted. */
static void test_what_was_measured_counts_more_than_the_guess_of_the_profile(void **state)
{
    static const char *const overlays[] = {
        "{\"analysis\":{\"cluster_base_startup_overhead_s\":100},"
        "\"genesis\":{\"extra_future_offset\":7},"
        "\"node\":{\"shutdown_on_block_synced\":12}}"
    };

    (void)state;
    assert_int_equal(profile_load("ci-test", (const char **)overlays, 1, &profile, &err), OU_OK);
    assert_true(profile.start_delay_s == 107);
    assert_int_equal(run(), OU_OK);
    assert_true(stage.start_ns[0] >= stage.asked_ns + (FAR_AWAY_S + 7) * NS_PER_SECOND);
    assert_true(stage.start_ns[0] < stage.asked_ns + 100 * NS_PER_SECOND);
}

/* A log has what a terminal shows, in the order in which it happens. */
static void test_steps_are_told_when_they_are_done(void **state)
{
    static const char *const lines[] = { "hosts placed", "start chosen",
                                         "all hosts have the genesis; slot 0 is at 20",
                                         "nodes begun", "nodes up" };
    const char *at = said;

    (void)state;
    assert_int_equal(run(), OU_OK);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        at = strstr(at, lines[i]);
        assert_non_null(at);
    }
}

static void test_a_late_host_puts_the_start_off(void **state)
{
    json_t *shelley;
    char start[TIME_ISO_ROOM];

    (void)state;
    stage.deliveries[0] = stage.deliveries[1] = DELIVERY_LATE;
    assert_int_equal(run(), OU_OK);
    assert_int_equal(stage.delivery_count, 3);
    assert_int_equal(stage.stands, 1);
    assert_true(stage.start_ns[2] >= stage.start_ns[0]);
    assert_int_equal(start_told_ns(), stage.start_ns[2]);
    shelley = document("genesis/shelley.json");
    time_format_iso(stage.start_ns[2], start);
    assert_string_equal(json_string_value(json_object_get(shelley, "systemStart")), start);
    json_decref(shelley);
    assert_non_null(strstr(said, "slot 0 is put off"));
}

/* Who dials the host that moved must be told where it is now. */
static void test_a_host_that_moved_is_dialled_where_it_is(void **state)
{
    char path[5000];

    (void)state;
    stage.deliveries[0] = DELIVERY_MOVED;
    assert_int_equal(run(), OU_OK);
    assert_int_equal(stage.stands, 2);
    assert_int_equal(stage.delivery_count, 2);
    snprintf(path, sizeof path, "%s/nodes/node-1/topology.json", result.directory);
    assert_true(lines_with(path, "10.2.0.0") > 0);
    assert_int_equal(lines_with(path, "10.1.0.0"), 0);
}

static void test_meta_tells_where_it_stood_and_the_way_to_the_start(void **state)
{
    static const char *const steps[] = { "run allocated", "genesis data made", "hosts placed",
                                         "files written", "start chosen",      "nodes begun",
                                         "nodes up" };
    json_t *document_of_run, *list;
    const json_t *backend, *meta;
    const char *before = "";

    (void)state;
    assert_int_equal(run(), OU_OK);
    document_of_run = document("meta.json");
    meta = json_object_get(document_of_run, "meta");
    backend = json_object_get(meta, "backend");
    assert_string_equal(json_string_value(json_object_get(backend, "name")), "stage");
    assert_string_equal(json_string_value(json_object_get(backend, "job")), "the-job");
    list = json_object_get(json_object_get(meta, "timing"), "to_start");
    assert_int_equal(json_array_size(list), sizeof steps / sizeof *steps);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        const json_t *step = json_array_get(list, i);
        const char *at = json_string_value(json_object_get(step, "at"));

        assert_string_equal(json_string_value(json_object_get(step, "step")), steps[i]);
        assert_true(strncmp(before, at, strlen("2026-11-22T10:00:00")) <= 0);
        before = at;
    }
    assert_string_equal(json_string_value(json_object_get(json_array_get(list, 2), "host")),
                        "node-1");
    json_decref(document_of_run);
}

/* ---- what goes wrong ---- */

static void test_a_cluster_that_does_not_come_to_stand_is_left(void **state)
{
    (void)state;
    stage.stand_status = OU_IO;
    assert_int_equal(run(), OU_IO);
    assert_string_equal(err.text, "no place for node-1");
    assert_string_equal(stage.asked, "reach stand leave ");
    assert_string_equal(history(), "allocated failed");
}

static void test_who_cannot_be_reached_is_known_before_a_genesis_is_made(void **state)
{
    char path[5000];

    (void)state;
    stage.reach_status = OU_IO;
    assert_int_equal(run(), OU_IO);
    assert_string_equal(err.text, "nobody answers");
    assert_string_equal(stage.asked, "reach leave ");
    snprintf(path, sizeof path, "%s/genesis", result.directory);
    assert_int_equal(access(path, F_OK), -1);
}

static void test_who_interrupts_the_deployment_leaves_nothing_behind(void **state)
{
    (void)state;
    stage.stand_status = OU_INTERRUPTED;
    assert_int_equal(run(), OU_INTERRUPTED);
    assert_string_equal(stage.asked, "reach stand leave ");
}

static void test_a_host_that_is_late_too_often_ends_the_run(void **state)
{
    (void)state;
    stage.deliver_status = OU_IO;
    assert_int_equal(run(), OU_IO);
    assert_string_equal(err.text, "node-1 is late for ever");
    assert_string_equal(stage.asked, "reach stand deliver leave ");
}

static void test_a_node_that_dies_is_reported_and_the_run_goes_on(void **state)
{
    (void)state;
    stage.dying = "node-1";
    assert_int_equal(run(), OU_OK);
    assert_int_equal(result.nodes_died, 1);
    assert_non_null(strstr(said, "node-1 ended with status 3\nnode-1: last words of node-1\n"));
}

static void test_a_host_that_was_not_heard_of_for_long_is_told(void **state)
{
    struct run_options options = options_of_tests();

    (void)state;
    for (size_t i = 0; i < profile.spec_count; i++)
        profile.specs[i].stop_block = 50;
    stage.unheard = "node-1";
    assert_int_equal(run_perform(&options, &result, &err), OU_OK);
    assert_non_null(strstr(said, "node-1 was not heard of for 20 s\n"));
    assert_null(strstr(said, "node-0 was not heard of"));
}

/* The task of a host was killed, say, and Nomad has made it again. */
static void test_a_node_that_is_started_again_finds_its_collector(void **state)
{
    struct run_options options = options_of_tests();

    (void)state;
    profile.on_node_death = DEATH_RESTART;
    profile.restarts_max = 1;
    for (size_t i = 0; i < profile.spec_count; i++)
        profile.specs[i].stop_block = 100; /* it goes on longer than they pause */
    stage.dying = "node-1";
    stage.collector_dies = true;
    assert_int_equal(run_perform(&options, &result, &err), OU_OK);
    assert_non_null(strstr(stage.asked, " tracer@node-1 node-1@node-1 fetch leave "));
    assert_non_null(strstr(said, "the collector of node-1 was killed by signal 9 (Killed); it is "
                                 "started again (1 of 1 times)"));
    assert_int_equal(result.nodes_died, 1);
}

/* Nobody can be asked to end there, and nobody can ship logs. */
static void test_a_cluster_that_is_lost_is_left_as_it_is(void **state)
{
    (void)state;
    stage.poll_status = OU_IO;
    assert_int_equal(run(), OU_IO);
    assert_string_equal(err.text, "the cluster has not answered for ten minutes");
    assert_int_equal(stage.fetches + stage.leaves, 0);
    assert_non_null(strstr(said, "ouroscope run --resume"));
    assert_int_equal(result.state, RUN_failed);
}

static void test_logs_that_cannot_be_fetched_stay_where_they_are_until_they_can(void **state)
{
    (void)state;
    stage.fetch_status = OU_IO;
    assert_int_equal(run(), OU_IO);
    assert_non_null(strstr(err.text, "node-1 does not ship its logs"));
    assert_non_null(strstr(err.text, "run --resume"));
    assert_int_equal(result.state, RUN_stopped);
    assert_int_equal(stage.leaves, 0);
    stage.under_way = stage.ended_already = true;
    stage.fetch_status = OU_OK;
    assert_int_equal(resume(), OU_OK);
    assert_string_equal(stage.asked, "stand fetch leave ");
    assert_int_equal(result.state, RUN_fetched);
    assert_true(result.is_analysable);
}

static void test_logs_of_a_cluster_that_is_gone_are_not_waited_for(void **state)
{
    (void)state;
    stage.fetch_status = OU_IO;
    assert_int_equal(run(), OU_IO);
    assert_int_equal(resume(), OU_NOT_FOUND);
    assert_string_equal(stage.asked, "");
    assert_int_equal(result.state, RUN_stopped);
}

/* ---- taken up ---- */

static void test_a_prepared_cluster_stands_until_the_run_is_resumed(void **state)
{
    (void)state;
    assert_int_equal(prepare(), OU_OK);
    assert_string_equal(stage.asked, "reach stand deliver ");
    assert_int_equal(resume(), OU_OK);
    assert_int_equal(stage.starts, 7);
    assert_int_equal(result.state, RUN_fetched);
}

static void test_services_that_go_on_are_taken_up(void **state)
{
    int64_t start_ns;

    (void)state;
    assert_int_equal(prepare(), OU_OK);
    start_ns = start_told_ns();
    stage.under_way = true;
    assert_int_equal(resume(), OU_OK);
    assert_string_equal(stage.asked, "reach stand fetch leave ");
    assert_int_equal(start_told_ns(), start_ns);
    assert_non_null(strstr(history(), "running stopped fetched"));
    assert_true(result.blocks > LAST_BLOCK);
}

static void test_services_that_ended_meanwhile_are_fetched(void **state)
{
    (void)state;
    assert_int_equal(prepare(), OU_OK);
    stage.under_way = stage.ended_already = true;
    assert_int_equal(resume(), OU_OK);
    assert_string_equal(stage.asked, "reach stand fetch leave ");
    assert_int_equal(result.nodes_died, 0);
    assert_int_equal(result.blocks, 4);
}

static void test_a_cluster_that_nobody_left_is_left_when_its_run_is_over(void **state)
{
    struct run_options options = options_of_tests();
    char directory[sizeof result.directory];

    (void)state;
    assert_int_equal(run(), OU_OK);
    assert_int_equal(resume(), OU_OK);
    assert_string_equal(stage.asked, "");
    snprintf(directory, sizeof directory, "%s", result.directory);
    options.resume = directory;
    options.cluster_stands = true;
    assert_int_equal(run_perform(&options, &result, &err), OU_OK);
    assert_string_equal(stage.asked, "leave ");
    assert_true(result.is_analysable);
    assert_int_equal(result.state, RUN_fetched);
}

static void test_a_run_whose_cluster_is_gone_begins_anew(void **state)
{
    (void)state;
    stage.poll_status = OU_IO;
    assert_int_equal(run(), OU_IO);
    stage.poll_status = OU_OK;
    stage.delivery_count = 0;
    assert_int_equal(resume(), OU_OK);
    assert_non_null(strstr(said, "the run begins anew: its cluster is there no more"));
    assert_int_equal(stage.delivery_count, 1);
    assert_int_equal(result.state, RUN_fetched);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_cluster_is_asked_in_order),
        TEST(test_a_host_gets_its_own_keys_and_no_others),
        TEST(test_hosts_are_told_how_long_the_run_may_last),
        TEST(test_the_start_is_as_far_away_as_the_cluster_says),
        TEST(test_what_was_measured_counts_more_than_the_guess_of_the_profile),
        TEST(test_steps_are_told_when_they_are_done),
        TEST(test_a_late_host_puts_the_start_off),
        TEST(test_a_host_that_moved_is_dialled_where_it_is),
        TEST(test_meta_tells_where_it_stood_and_the_way_to_the_start),
        TEST(test_a_cluster_that_does_not_come_to_stand_is_left),
        TEST(test_who_cannot_be_reached_is_known_before_a_genesis_is_made),
        TEST(test_who_interrupts_the_deployment_leaves_nothing_behind),
        TEST(test_a_host_that_is_late_too_often_ends_the_run),
        TEST(test_a_node_that_dies_is_reported_and_the_run_goes_on),
        TEST(test_a_host_that_was_not_heard_of_for_long_is_told),
        TEST(test_a_node_that_is_started_again_finds_its_collector),
        TEST(test_a_cluster_that_is_lost_is_left_as_it_is),
        TEST(test_logs_that_cannot_be_fetched_stay_where_they_are_until_they_can),
        TEST(test_logs_of_a_cluster_that_is_gone_are_not_waited_for),
        TEST(test_a_prepared_cluster_stands_until_the_run_is_resumed),
        TEST(test_services_that_go_on_are_taken_up),
        TEST(test_services_that_ended_meanwhile_are_fetched),
        TEST(test_a_cluster_that_nobody_left_is_left_when_its_run_is_over),
        TEST(test_a_run_whose_cluster_is_gone_begins_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
