/* The other collector is an acceptor's session over a real socket. */
#include "collect/reforward.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"
#include "wire/acceptor.h"

#define MAGIC 42
#define PUSHERS 4
#define EACH 500
#define WAIT_MS 20000

static struct temp_dir dir;
static struct endpoint at;
static struct collector_config config;
static struct reforwarder *reforwarder;

/* ---- the other collector ---- */

static struct acceptor_session *session;
static int session_fd;
static bool session_connected; /* it called, and proposes */
static size_t got_count;
static uint64_t lost; /* as the messages say */
static int points;    /* data points that were answered, known or not */
static char node_info[4096];
static int got[PUSHERS][EACH]; /* how often each object has come */

static void on_agreed(void *context)
{
    (void)context;
}

static void take_loss(const char *line)
{
    unsigned long long dropped;
    const char *data = strstr(line, "\"data\":{");

    assert_non_null(data);
    assert_int_equal(sscanf(data, "\"data\":{\"dropped\":%llu,", &dropped), 1);
    lost += dropped;
}

static void take_object(const struct trace_object *o)
{
    char line[512];
    int thread, number;

    assert_true(o->machine.len < sizeof line);
    memcpy(line, o->machine.at, o->machine.len);
    line[o->machine.len] = '\0';
    if (span_is(o->name[0], "Reflection.ForwarderLost")) {
        take_loss(line);
        return;
    }
    assert_int_equal(sscanf(line, "{\"thread\":%d,\"number\":%d}", &thread, &number), 2);
    assert_true(thread >= 0 && thread < PUSHERS && number >= 0 && number < EACH);
    got[thread][number]++;
    got_count++;
}

static void on_objects(void *context, struct bytes reply)
{
    struct trace_forward_message m;
    struct trace_object o;
    const char *why;

    (void)context;
    assert_int_equal(trace_forward_read(reply, &m, &why), WIRE_OK);
    while (trace_reply_next(&m.reply, &o))
        take_object(&o);
    assert_true(cbor_ok(&m.reply.at));
}

static void on_metrics(void *context, struct ekg_list metrics)
{
    (void)context;
    (void)metrics;
}

static void on_data_points(void *context, struct data_point_list values)
{
    struct buffer json;
    struct span name;
    bool known;

    (void)context;
    buffer_init(&json, allocator_libc(), 4096);
    while (data_point_values_next(&values, &name, &known, &json)) {
        assert_int_equal(known, span_is(name, "NodeInfo"));
        if (known)
            snprintf(node_info, sizeof node_info, "%s", buffer_string(&json));
        points++;
    }
    buffer_release(&json);
}

static void send_output(void)
{
    struct bytes out;

    while ((out = acceptor_session_output(session)).count > 0) {
        ssize_t sent = write(session_fd, out.at, out.count);

        assert_true(sent > 0);
        acceptor_session_sent(session, (size_t)sent);
    }
}

static void receive(void)
{
    struct pollfd ready = { .fd = session_fd, .events = POLLIN };
    static uint8_t input[65536];
    struct ou_error err = { 0 };
    ssize_t len;

    assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
    len = read(session_fd, input, sizeof input);
    assert_true(len > 0);
    if (acceptor_session_receive(session, (struct bytes){ input, (size_t)len }, 0, &err))
        fail_msg("%s", err.text);
}

/* Asks for objects until so many have come. */
static void collect(size_t count)
{
    while (got_count < count) {
        acceptor_session_ask_objects(session, 100, 0);
        send_output();
        receive();
    }
}

static void shake_hands(void)
{
    static const struct acceptor_owner owner = { .agreed = on_agreed,
                                                 .objects = on_objects,
                                                 .metrics = on_metrics,
                                                 .data_points = on_data_points };

    session = acceptor_session_new(session_connected, MAGIC, ACCEPTOR_MESSAGE_MAX, &owner);
    assert_non_null(session);
    send_output();
    while (!acceptor_session_is_agreed(session)) {
        receive();
        send_output();
    }
}

static struct sockaddr_un address(void)
{
    struct sockaddr_un ret = { .sun_family = AF_UNIX };

    strcpy(ret.sun_path, at.text);
    return ret;
}

static void call(void)
{
    struct sockaddr_un to = address();

    session_connected = true;
    session_fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    for (int i = 0; connect(session_fd, (struct sockaddr *)&to, sizeof to) < 0; i++) {
        assert_true(i < WAIT_MS);
        usleep(1000);
    }
    shake_hands();
}

/* ---- set-up ---- */

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    at = (struct endpoint){ .is_path = true };
    snprintf(at.text, sizeof at.text, "%s", temp_path(&dir, "socket"));
    memset(got, 0, sizeof got);
    got_count = 0;
    lost = 0;
    points = 0;
    session = NULL;
    session_fd = -1;
    config = (struct collector_config){
        .magic = MAGIC,
        .forwarding = { .wanted = true,
                        .network = { .listen = true, .at = &at, .count = 1 },
                        .queue_count = 2 * PUSHERS * EACH,
                        .max_reconnect_s = 1 },
    };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    acceptor_session_free(session);
    if (session_fd >= 0)
        close(session_fd);
    temp_dir_remove(&dir);
    return 0;
}

static void start(void)
{
    struct ou_error err = { 0 };

    if (reforwarder_start(&config, NULL, NULL, &reforwarder, &err))
        fail_msg("%s", err.text);
}

static void push(int thread, int number, const char *name)
{
    char line[64];
    struct trace_object o = { .machine_kind = MACHINE_LINE,
                              .name = { span_of(name) },
                              .name_count = 1,
                              .severity = 1,
                              .seconds = 1700000000,
                              .host = span_of("h"),
                              .thread = span_of("9") };

    snprintf(line, sizeof line, "{\"thread\":%d,\"number\":%d}", thread, number);
    o.machine = span_of(line);
    reforwarder_push(reforwarder, &o, o.name[0]);
}

static void *push_all(void *context)
{
    int thread = *(const int *)context;

    for (int i = 0; i < EACH; i++)
        push(thread, i, "Forge.Loop.ForgedBlock");
    return NULL;
}

/* ---- tests ---- */

static void test_what_several_threads_push_arrives_once(void **state)
{
    pthread_t threads[PUSHERS];
    int numbers[PUSHERS];
    struct forward_counts counts;

    (void)state;
    start();
    call();
    for (int i = 0; i < PUSHERS; i++) {
        numbers[i] = i;
        assert_int_equal(pthread_create(&threads[i], NULL, push_all, &numbers[i]), 0);
    }
    collect((size_t)PUSHERS * EACH);
    for (int i = 0; i < PUSHERS; i++)
        pthread_join(threads[i], NULL);
    for (int t = 0; t < PUSHERS; t++)
        for (int i = 0; i < EACH; i++)
            assert_int_equal(got[t][i], 1);
    counts = reforwarder_counts(reforwarder);
    assert_int_equal(counts.pushed, PUSHERS * EACH);
    assert_int_equal(counts.dropped, 0);
    acceptor_session_ask_objects(session, 1, 0); /* the receipt for the last ones */
    send_output();
    assert_int_equal(reforwarder_stop(reforwarder, WAIT_MS), 0);
}

static void test_the_filter_knows_whole_segments(void **state)
{
    static const char *prefixes[] = { "Forge.Loop", "Mempool" };

    (void)state;
    config.forwarding.filtered = true;
    config.forwarding.prefixes = prefixes;
    config.forwarding.prefix_count = 2;
    start();
    push(0, 0, "Forge.Loop");
    push(1, 0, "Forge.LoopX");
    push(0, 1, "Forge.Loop.ForgedBlock");
    push(1, 1, "Forge");
    push(0, 2, "Mempool.AddedTx");
    push(1, 2, "mempool.AddedTx");
    push(1, 3, "");
    assert_int_equal(reforwarder_counts(reforwarder).pushed, 3);
    call();
    collect(3);
    for (int i = 0; i < 3; i++)
        assert_int_equal(got[0][i], 1);
    acceptor_session_ask_objects(session, 1, 0);
    send_output();
    assert_int_equal(reforwarder_stop(reforwarder, WAIT_MS), 0);
}

static void test_an_empty_filter_passes_nothing(void **state)
{
    (void)state;
    config.forwarding.filtered = true;
    start();
    push(0, 0, "Forge.Loop");
    assert_int_equal(reforwarder_counts(reforwarder).pushed, 0);
    assert_int_equal(reforwarder_stop(reforwarder, 0), 0);
}

static void test_it_has_a_name_for_the_other_collector(void **state)
{
    const struct span names[] = { span_of("NodeInfo"), span_of("NodePeers") };

    (void)state;
    start();
    call();
    assert_true(acceptor_session_ask_data_points(session, names, 2, 0));
    send_output();
    while (points < 2)
        receive();
    assert_non_null(strstr(node_info, "{\"niName\":\"tracer-"));
    assert_int_equal(reforwarder_stop(reforwarder, 0), 0);
}

static void test_it_calls_the_other_collector(void **state)
{
    struct sockaddr_un where = address();
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct pollfd ready = { .fd = fd, .events = POLLIN };

    (void)state;
    assert_int_equal(bind(fd, (struct sockaddr *)&where, sizeof where), 0);
    assert_int_equal(listen(fd, 1), 0);
    config.forwarding.network.listen = false;
    start();
    push(0, 7, "A");
    assert_int_equal(poll(&ready, 1, WAIT_MS), 1);
    session_fd = accept(fd, NULL, NULL);
    session_connected = false;
    shake_hands();
    collect(1);
    assert_int_equal(got[0][7], 1);
    close(fd);
    acceptor_session_ask_objects(session, 1, 0);
    send_output();
    assert_int_equal(reforwarder_stop(reforwarder, WAIT_MS), 0);
}

static void test_what_nobody_fetches_is_counted(void **state)
{
    struct forward_counts counts;

    (void)state;
    config.forwarding.queue_count = 10;
    start();
    for (int i = 0; i < 25; i++)
        push(0, i, "A");
    counts = reforwarder_counts(reforwarder);
    assert_int_equal(counts.pushed, 25);
    assert_int_equal(counts.dropped, 15);
    assert_int_equal(reforwarder_stop(reforwarder, 0), 10);
}

static void test_what_was_dropped_is_told_the_other_collector(void **state)
{
    (void)state;
    config.forwarding.queue_count = 10;
    start();
    for (int i = 0; i < 25; i++)
        push(0, i, "A");
    call();
    collect(10);
    assert_int_equal(lost, 15);
    assert_int_equal(got[0][15], 1);
    acceptor_session_ask_objects(session, 1, 0);
    send_output();
    assert_int_equal(reforwarder_stop(reforwarder, WAIT_MS), 0);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_what_several_threads_push_arrives_once),
        TEST(test_the_filter_knows_whole_segments),
        TEST(test_an_empty_filter_passes_nothing),
        TEST(test_it_has_a_name_for_the_other_collector),
        TEST(test_it_calls_the_other_collector),
        TEST(test_what_nobody_fetches_is_counted),
        TEST(test_what_was_dropped_is_told_the_other_collector),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
