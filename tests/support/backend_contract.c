#include "support/backend_contract.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "deploy/ports.h"
#include "support/files.h"

#define PYTHON "/usr/bin/python3"
#define TICK_MS 100
#define PATIENCE_TICKS \
    1200 /* for what should happen at once; somebody far away, or busy, takes longer */
#define SERVICES_MAX 32
#define PATH_ROOM 1200
#define GRACE_MS 20000
#define WAITING "while :; do sleep 0.05; done"

/* ---- the cluster ---- */

struct subject {
    char directory[PATH_ROOM];
    const char *argv[4];
    const char *environment[3];
    struct start_command command;
    struct service *service;
    int ends, status;
};

static char run[1000]; /* RUN */

static struct {
    struct backend *backend;
    struct site sites[CONTRACT_HOSTS];
    uv_loop_t loop;
    uv_timer_t tick;
    unsigned ticks;
    struct subject subjects[SERVICES_MAX];
    size_t count;
    bool is_over; /* the loop has ended */
} c;

static const struct host_want wants[CONTRACT_HOSTS] = {
    { .name = "node-0", .region = "eu-central-1" },
    { .name = "node-1", .region = "us-east-1", .is_explorer = true, .has_generator = true },
};

/* Files of services, one for each; and the folders that these run in. */
static int write_files(void)
{
    char path[PATH_ROOM], text[64];

    for (size_t i = 0; i < CONTRACT_HOSTS; i++) {
        snprintf(path, sizeof path, "%s/logs/%s", run, wants[i].name);
        if (file_make_directory(path, NULL))
            return 1;
        for (size_t k = 0; k < SERVICES_MAX; k++) {
            snprintf(path, sizeof path, "%s/nodes/%s/s%zu", run, wants[i].name, k);
            if (file_make_directory(path, NULL))
                return 1;
            strcat(path, "/config");
            snprintf(text, sizeof text, "config of %s\n", wants[i].name);
            write_file(path, text, strlen(text));
        }
    }
    snprintf(path, sizeof path, "%s/genesis", run);
    if (file_make_directory(path, NULL))
        return 1;
    strcat(path, "/shelley.json");
    write_file(path, "{}\n", 3);
    return 0;
}

static enum ou_status deliver(struct ou_error *err)
{
    static const char *const common[] = { "genesis/shelley.json" };
    static const char *const own[CONTRACT_HOSTS][2] = { { "nodes/node-0", "logs/node-0" },
                                                        { "nodes/node-1", "logs/node-1" } };
    struct cargo_of_host hosts[CONTRACT_HOSTS] = { { own[0], 2 }, { own[1], 2 } };
    const struct cargo cargo = { .common = common, .common_count = 1, .hosts = hosts };
    enum delivery delivery = DELIVERY_LATE;
    enum ou_status status = c.backend->kind->deliver(c.backend, &cargo, &delivery, err);

    if (!status && delivery != DELIVERED)
        return ou_fail(err, OU_IO, "delivery ended with %d", (int)delivery);
    return status;
}

static void on_tick(uv_timer_t *timer)
{
    struct ou_error err = { 0 };

    (void)timer;
    c.ticks++;
    if (c.backend->kind->poll(c.backend, &err))
        fail_msg("poll: %s", err.text);
}

static void print_line(void *context, const char *line)
{
    (void)context;
    print_message("# %s\n", line);
}

static enum ou_status stand_and_deliver(contract_open_fn open, struct ou_error *err)
{
    enum ou_status status = open(run, wants, CONTRACT_HOSTS, &c.backend, err);

    if (status)
        return status;
    c.backend->say = print_line;
    status = c.backend->kind->stand(c.backend, c.sites, err);
    if (!status && write_files())
        status = ou_fail(err, OU_IO, "%s: files cannot be written", run);
    return status ? status : deliver(err);
}

int contract_set_up(const char *run_directory, contract_open_fn open)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    memset(&c, 0, sizeof c);
    snprintf(run, sizeof run, "%s", run_directory);
    status = stand_and_deliver(open, &err);
    if (!status && uv_loop_init(&c.loop))
        status = ou_fail(&err, OU_NO_MEMORY, "event loop");
    if (!status)
        status = c.backend->kind->loop_begins(c.backend, &c.loop, &err);
    if (status) {
        print_error("%s\n", err.text);
        return 1;
    }
    uv_timer_init(&c.loop, &c.tick);
    return uv_timer_start(&c.tick, on_tick, 0, TICK_MS);
}

static void end_loop(void)
{
    if (c.is_over)
        return;
    c.is_over = true;
    for (size_t i = 0; i < c.count; i++)
        c.backend->kind->stop(c.backend, c.subjects[i].service, 0);
    for (int i = 0; i < PATIENCE_TICKS; i++) {
        bool any = false;

        for (size_t k = 0; k < c.count; k++)
            any |= c.backend->kind->facts(c.backend, c.subjects[k].service)->running;
        if (!any)
            break;
        uv_run(&c.loop, UV_RUN_ONCE);
    }
    c.backend->kind->loop_ends(c.backend);
    uv_close((uv_handle_t *)&c.tick, NULL);
    uv_run(&c.loop, UV_RUN_DEFAULT);
}

int contract_tear_down(void)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    end_loop();
    status = c.backend->kind->leave(c.backend, &err);
    if (status)
        print_error("leave: %s\n", err.text);
    c.backend->kind->release(c.backend);
    return status || uv_loop_close(&c.loop);
}

/* ---- services ---- */

static void on_ended(struct service *service, void *owner, int status)
{
    struct subject *s = owner;

    assert_ptr_equal(service, s->service);
    s->ends++;
    s->status = status;
}

/* A shell script as a service of a host; started by start(). */
static struct subject *shell(size_t host, const char *script)
{
    struct subject *s = &c.subjects[c.count];

    assert_true(c.count < SERVICES_MAX);
    snprintf(s->directory, sizeof s->directory, "%.1000s/nodes/%s/s%zu", run, wants[host].name,
             c.count);
    s->argv[0] = "/bin/sh";
    s->argv[1] = "-c";
    s->argv[2] = script;
    s->environment[0] = "SHADE=green";
    s->command = (struct start_command){ .argv = s->argv,
                                         .directory = s->directory,
                                         .environment = s->environment,
                                         .cores = "",
                                         .ready = { .kind = READY_AT_ONCE } };
    return s;
}

static struct subject *add(size_t host, struct subject *s, const char *log)
{
    char name[32];
    const struct service_options options = { .name = name,
                                             .host = host,
                                             .command = &s->command,
                                             .log = log,
                                             .ended = on_ended,
                                             .owner = s };
    struct ou_error err = { 0 };

    snprintf(name, sizeof name, "s%zu", c.count);
    if (c.backend->kind->add(c.backend, &options, &s->service, &err))
        fail_msg("add: %s", err.text);
    c.count++;
    return s;
}

static struct subject *start(struct subject *s)
{
    struct ou_error err = { 0 };

    if (c.backend->kind->start(c.backend, s->service, &err))
        fail_msg("start: %s", err.text);
    return s;
}

static struct subject *start_shell(size_t host, const char *script)
{
    return start(add(host, shell(host, script), NULL));
}

static const struct service_facts *facts(const struct subject *s)
{
    return c.backend->kind->facts(c.backend, s->service);
}

static void wait_for(bool (*condition)(const struct subject *s), const struct subject *s,
                     const char *what)
{
    for (unsigned until = c.ticks + PATIENCE_TICKS; c.ticks < until;) {
        if (condition(s))
            return;
        uv_run(&c.loop, UV_RUN_ONCE);
    }
    fail_msg("it does not happen: %s", what);
}

static bool has_ended(const struct subject *s)
{
    return s->ends > 0;
}

static bool is_ready(const struct subject *s)
{
    return facts(s)->is_ready;
}

static bool is_running(const struct subject *s)
{
    return facts(s)->running;
}

static void some_polls(void)
{
    for (unsigned until = c.ticks + 20; c.ticks < until;)
        uv_run(&c.loop, UV_RUN_ONCE);
}

static void end_with(struct subject *s, uint64_t grace_ms)
{
    c.backend->kind->stop(c.backend, s->service, grace_ms);
    wait_for(has_ended, s, "a service that is stopped ends");
}

static const char *last_lines(const struct subject *s)
{
    static char text[2048];

    c.backend->kind->last_lines(c.backend, s->service, text, sizeof text);
    return text;
}

/* ---- hosts ---- */

void contract_sites_tell_where_hosts_are(void **state)
{
    (void)state;
    for (size_t i = 0; i < CONTRACT_HOSTS; i++) {
        assert_true(c.sites[i].address[0] && c.sites[i].listen[0]);
        assert_true(c.sites[i].port > 0);
        assert_int_equal(c.sites[i].directory[0], '/');
        assert_int_equal(c.sites[i].program[0], '/');
    }
    assert_true(c.sites[0].port != c.sites[1].port ||
                strcmp(c.sites[0].address, c.sites[1].address) != 0);
}

/* ---- beginning and end ---- */

void contract_an_end_is_told_once_with_the_last_lines(void **state)
{
    const struct subject *s = start_shell(0, "echo one; echo bad luck; exit 3");

    (void)state;
    wait_for(has_ended, s, "an end");
    assert_int_equal(s->status, 3);
    assert_true(facts(s)->ended);
    assert_false(facts(s)->running);
    assert_int_equal(facts(s)->status, 3);
    assert_int_equal(facts(s)->starts, 1);
    assert_string_equal(last_lines(s), "one\nbad luck");
    some_polls();
    assert_int_equal(s->ends, 1);
}

void contract_a_service_has_its_folder_and_environment(void **state)
{
    const struct subject *s = start_shell(1, "pwd -P; echo $SHADE");
    char expected[PATH_ROOM + 100];

    (void)state;
    wait_for(has_ended, s, "an end");
    assert_int_equal(s->status, 0);
    snprintf(expected, sizeof expected, "%s/nodes/node-1/s%zu\ngreen", c.sites[1].directory,
             c.count - 1);
    assert_string_equal(last_lines(s), expected);
}

void contract_files_that_were_delivered_are_there(void **state)
{
    const struct subject *s;

    (void)state;
    for (size_t i = 0; i < CONTRACT_HOSTS; i++) {
        char expected[64];

        s = start_shell(i, "cat config ../../../genesis/shelley.json");
        wait_for(has_ended, s, "an end");
        assert_int_equal(s->status, 0);
        snprintf(expected, sizeof expected, "config of %s\n{}", wants[i].name);
        assert_string_equal(last_lines(s), expected);
    }
}

/* At once, or by an end. */
void contract_a_program_that_is_not_there_is_told(void **state)
{
    struct subject *s = shell(0, "");
    struct ou_error err = { 0 };

    (void)state;
    s->argv[0] = "/nowhere/program";
    add(0, s, NULL);
    if (c.backend->kind->start(c.backend, s->service, &err)) {
        assert_non_null(strstr(err.text, "/nowhere/program"));
        return;
    }
    wait_for(has_ended, s, "an end");
    assert_int_not_equal(s->status, 0);
    assert_non_null(strstr(last_lines(s), "/nowhere/program"));
}

static struct subject *start_that_says_up(size_t host, const char *script)
{
    struct subject *s = shell(host, script);

    s->command.ready = (struct readiness){ .kind = READY_LINE, .text = "up" };
    start(add(host, s, NULL));
    wait_for(is_ready, s, "a service is ready by a line");
    return s;
}

void contract_stop_asks(void **state)
{
    struct subject *s = start_that_says_up(0, "trap 'exit 7' TERM; echo up; " WAITING);

    (void)state;
    end_with(s, GRACE_MS);
    assert_int_equal(s->status, 7);
}

void contract_stop_asks_with_the_signal_of_the_command(void **state)
{
    struct subject *s = shell(1, "trap 'exit 8' INT; trap 'exit 9' TERM; echo up; " WAITING);

    (void)state;
    s->command.stop_signal = SIGINT;
    s->command.ready = (struct readiness){ .kind = READY_LINE, .text = "up" };
    start(add(1, s, NULL));
    wait_for(is_ready, s, "a service is ready by a line");
    end_with(s, GRACE_MS);
    assert_int_equal(s->status, 8);
}

void contract_stop_kills_what_does_not_listen(void **state)
{
    struct subject *s = start_that_says_up(0, "trap '' TERM; echo up; " WAITING);

    (void)state;
    end_with(s, 300);
    assert_int_equal(s->status, 128 + SIGKILL);
}

/* ---- facts ---- */

void contract_a_service_is_ready_by_a_line(void **state)
{
    struct subject *s =
        shell(1, "while [ ! -e go ]; do sleep 0.05; done; echo it is up now; " WAITING);
    const struct subject *other;

    (void)state;
    s->command.ready = (struct readiness){ .kind = READY_LINE, .text = "is up" };
    start(add(1, s, NULL));
    wait_for(is_running, s, "a service runs");
    some_polls();
    assert_false(is_ready(s));
    other = start_shell(1, "for f in ../*; do touch $f/go; done");
    wait_for(is_ready, s, "a service is ready by a line");
    wait_for(has_ended, other, "an end");
    end_with(s, 0);
    assert_false(is_ready(s));
}

void contract_a_service_is_ready_by_a_file(void **state)
{
    struct subject *s = shell(0, "touch there; " WAITING);

    (void)state;
    s->command.ready = (struct readiness){ .kind = READY_FILE, .text = "there" };
    start(add(0, s, NULL));
    wait_for(is_ready, s, "a service is ready by a file");
    end_with(s, 0);
}

void contract_a_service_is_ready_by_a_port(void **state)
{
    static char script[600];
    struct ports ports = { 0 };
    struct subject *s;

    (void)state;
    if (access(PYTHON, X_OK) != 0) {
        print_message("# %s is not there\n", PYTHON);
        skip();
    }
    assert_int_equal(ports_reserve(1, &ports, NULL), OU_OK);
    snprintf(script, sizeof script,
             "exec " PYTHON " -c 'import socket, time; s = socket.socket(); "
             "s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1); "
             "s.bind((\"127.0.0.1\", %u)); s.listen(); time.sleep(600)'",
             (unsigned)ports.numbers[0]);
    s = shell(0, script);
    s->command.ready = (struct readiness){ .kind = READY_PORT, .port = ports.numbers[0] };
    start(add(0, s, NULL));
    wait_for(is_ready, s, "a service is ready by a port");
    end_with(s, 0);
    ports_release(&ports);
}

static bool log_is_read(const struct subject *s)
{
    return facts(s)->height == 4 && facts(s)->txs_acked == 2 && facts(s)->blocks_forged == 1;
}

void contract_a_log_tells_of_blocks_and_transactions(void **state)
{
    struct subject *s =
        shell(0, "exec >> ../../../logs/node-0/node.json; "
                 "echo '{\"data\":{\"kind\":\"AcceptPolicyTrace\"}}'; "
                 "echo '{\"data\":{\"kind\":\"TraceForgedBlock\"}}'; "
                 "echo '{\"data\":{\"kind\":\"AddedToCurrentChain\",\"newtip\":\"ab@9\","
                 "\"newSuffixSelectView\":{\"chainLength\":4}}}'; "
                 "echo '{\"data\":{\"kind\":\"TraceBenchTxSubServAck\","
                 "\"txIds\":[\"a\",\"b\"]}}'; " WAITING);

    (void)state;
    s->command.ready = (struct readiness){ .kind = READY_LOG };
    add(0, s, "logs/node-0/node.json");
    assert_int_equal(facts(s)->height, -1);
    start(s);
    wait_for(log_is_read, s, "facts of a log");
    wait_for(is_ready, s, "a service is ready by its log");
    assert_int_equal(facts(s)->tip_slot, 9);
    assert_int_equal(facts(s)->log_starts, 1);
    end_with(s, 0);
    assert_false(is_ready(s));
    assert_int_equal(facts(s)->height, 4);
}

static bool has_worked(const struct subject *s)
{
    return facts(s)->cpu_ns > 100000000 && facts(s)->rss_bytes > 100000;
}

void contract_facts_have_processor_time_and_memory(void **state)
{
    struct subject *s = start_shell(1, "while :; do :; done");

    (void)state;
    wait_for(has_worked, s, "facts of what a service uses");
    end_with(s, 0);
    assert_int_equal(facts(s)->cpu_ns, 0);
    assert_int_equal(facts(s)->rss_bytes, 0);
}

/* ---- several ---- */

void contract_services_of_a_host_run_side_by_side(void **state)
{
    struct subject *list[3];

    (void)state;
    for (size_t i = 0; i < 3; i++)
        list[i] = start_shell(i / 2, WAITING);
    for (size_t i = 0; i < 3; i++)
        wait_for(is_running, list[i], "a service runs");
    end_with(list[1], 0);
    assert_true(is_running(list[0]) && is_running(list[2]));
    end_with(list[0], 0);
    assert_int_equal(list[2]->ends, 0);
    end_with(list[2], 0);
}

static bool has_ended_twice(const struct subject *s)
{
    return s->ends == 2;
}

void contract_a_service_starts_again(void **state)
{
    struct subject *s = start_shell(0, "[ -e second ] && exit 5; touch second; exit 4");

    (void)state;
    wait_for(has_ended, s, "an end");
    assert_int_equal(s->status, 4);
    start(s);
    wait_for(has_ended_twice, s, "a second end");
    assert_int_equal(s->status, 5);
    assert_int_equal(facts(s)->starts, 2);
    some_polls();
    assert_int_equal(s->ends, 2);
}

/* ---- the end of all ---- */

void contract_what_was_written_comes_home(void **state)
{
    const struct subject *s =
        start_shell(1, "echo a word; echo '{}' >> ../../../logs/node-1/node.json");
    char path[PATH_ROOM];
    struct ou_error err = { 0 };

    (void)state;
    wait_for(has_ended, s, "an end");
    end_loop();
    if (c.backend->kind->fetch(c.backend, &err))
        fail_msg("fetch: %s", err.text);
    snprintf(path, sizeof path, "%.1100s/stdout", s->directory);
    assert_int_equal(lines_with(path, "a word"), 1);
    snprintf(path, sizeof path, "%s/logs/node-1/node.json", run);
    assert_int_equal(lines_with(path, "{}"), 1);
    snprintf(path, sizeof path, "%s/logs/node-0/node.json", run);
    assert_int_equal(lines_with(path, "TraceForgedBlock"), 1);
}
