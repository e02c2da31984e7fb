/* The thread and its sockets, against the other side of the protocol (wire/acceptor.h) in this thread. */
#include "trace/forwarder.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"
#include "wire/acceptor.h"

#define MAGIC 42

/* --- A collector ------------------------------------------------------------------- */

struct collector {
    int fd;
    struct acceptor_session *session;
    char names[4096]; /* of the objects that came, each behind a blank */
    bool replied;
};

static void on_objects(void *context, struct bytes reply)
{
    struct collector *c = context;
    struct trace_forward_message m;
    struct trace_object o;
    const char *why = NULL;

    assert_int_equal(trace_forward_read(reply, &m, &why), WIRE_OK);
    while (trace_reply_next(&m.reply, &o)) {
        size_t len = strlen(c->names);

        snprintf(c->names + len, sizeof c->names - len, " %.*s", (int)o.human.len, o.human.at);
    }
    c->replied = true;
}

static void ignore(void *context)
{
    (void)context;
}

static void collector_open(struct collector *c, int fd, bool connected, uint32_t magic)
{
    struct acceptor_owner owner = { .context = c, .agreed = ignore, .objects = on_objects };

    *c = (struct collector){ .fd = fd };
    c->session = acceptor_session_new(connected, magic, ACCEPTOR_MESSAGE_MAX, &owner);
    assert_non_null(c->session);
}

static void collector_close(struct collector *c)
{
    close(c->fd);
    acceptor_session_free(c->session);
}

/* Sends and receives once. False when the other side has closed, or broken the protocol. */
static bool collector_turn(struct collector *c)
{
    struct bytes out = acceptor_session_output(c->session);
    uint8_t in[4096];
    ssize_t n;

    if (out.count) {
        n = send(c->fd, out.at, out.count, MSG_NOSIGNAL);
        if (n < 0)
            return false;
        acceptor_session_sent(c->session, (size_t)n);
        return true;
    }
    n = recv(c->fd, in, sizeof in, 0);
    return n > 0 &&
           acceptor_session_receive(c->session, (struct bytes){ in, (size_t)n }, 0, NULL) == OU_OK;
}

static void agree(struct collector *c)
{
    while (!acceptor_session_is_agreed(c->session))
        assert_true(collector_turn(c));
}

static void ask(struct collector *c)
{
    c->replied = false;
    assert_true(acceptor_session_ask_objects(c->session, 10, 0));
    while (acceptor_session_output(c->session).count)
        assert_true(collector_turn(c));
}

/* The names of a whole reply. */
static const char *answer(struct collector *c)
{
    c->names[0] = 0;
    while (!c->replied)
        assert_true(collector_turn(c));
    return c->names;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(fd, 5), 0);
    return fd;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    while (connect(fd, (struct sockaddr *)&address, sizeof address) != 0) {
        assert_true(errno == ENOENT || errno == ECONNREFUSED);
        poll(NULL, 0, 5); /* until it listens */
    }
    return fd;
}

/* --- A forwarder -------------------------------------------------------------------- */

static _Atomic int events[FORWARDER_CLOSED + 1];

static void count_event(void *context, enum forwarder_event_kind kind, const char *why)
{
    (void)context;
    (void)why;
    atomic_fetch_add(&events[kind], 1);
}

static void wait_for_event(enum forwarder_event_kind kind, int count)
{
    while (atomic_load(&events[kind]) < count)
        poll(NULL, 0, 5);
}

static struct forwarder *start(const char *path, bool listens)
{
    struct forwarder_options options = { .listen = listens,
                                         .at = { .is_path = true },
                                         .magic = MAGIC,
                                         .max_count = 100,
                                         .max_bytes = 1 << 20,
                                         .max_reconnect_s = 1,
                                         .told = count_event };
    struct forwarder *f = NULL;
    struct ou_error err = { "" };

    for (int i = 0; i <= FORWARDER_CLOSED; i++)
        atomic_store(&events[i], 0);
    snprintf(options.at.text, sizeof options.at.text, "%s", path);
    assert_int_equal(forwarder_start(&options, &f, &err), OU_OK);
    return f;
}

static void push(struct forwarder *f, const char *text)
{
    struct trace_object o = { .has_human = true,
                              .human = span_of(text),
                              .machine_kind = MACHINE_LINE,
                              .machine = span_of("{}") };
    struct buffer b;

    buffer_init(&b, allocator_libc(), 4096);
    trace_object_write(&b, &o);
    forwarder_push(f, bytes_of(&b));
    buffer_release(&b);
}

static void test_what_is_pushed_comes_when_it_is_asked_for(void **state)
{
    struct collector c;
    struct temp_dir dir;
    struct forwarder *f;
    struct forward_counts counts;
    int door;

    (void)state;
    temp_dir_make(&dir);
    door = listen_at(temp_path(&dir, "s"));
    f = start(temp_path(&dir, "s"), false);
    collector_open(&c, accept(door, NULL, NULL), false, MAGIC);
    agree(&c);
    push(f, "a");
    push(f, "b");
    ask(&c);
    assert_string_equal(answer(&c), " a b");
    assert_true(forwarder_is_connected(f));
    ask(&c); /* waits, until the thread is woken */
    push(f, "c");
    assert_string_equal(answer(&c), " c");
    ask(&c);
    counts = forwarder_stop(f, 60000);
    assert_int_equal(counts.confirmed, 3);
    assert_int_equal(counts.waiting + counts.in_doubt, 0);
    collector_close(&c);
    close(door);
    temp_dir_remove(&dir);
}

static void test_who_listens_serves_one_after_the_other(void **state)
{
    struct collector first, second;
    struct temp_dir dir;
    struct forwarder *f;
    struct stat file;

    (void)state;
    temp_dir_make(&dir);
    f = start(temp_path(&dir, "s"), true);
    push(f, "a");
    collector_open(&first, connect_to(temp_path(&dir, "s")), true, MAGIC);
    agree(&first);
    collector_open(&second, connect_to(temp_path(&dir, "s")), true, MAGIC);
    ask(&first);
    assert_string_equal(answer(&first), " a");
    collector_close(&first); /* without a receipt */
    agree(&second);
    ask(&second);
    assert_string_equal(answer(&second), " a");
    collector_close(&second);
    assert_int_equal(forwarder_stop(f, 0).waiting, 1);
    assert_int_not_equal(stat(temp_path(&dir, "s"), &file), 0);
    temp_dir_remove(&dir);
}

static void test_a_refused_collector_is_followed_by_the_next(void **state)
{
    struct collector wrong, right;
    struct temp_dir dir;
    struct forwarder *f;

    (void)state;
    temp_dir_make(&dir);
    f = start(temp_path(&dir, "s"), true);
    collector_open(&wrong, connect_to(temp_path(&dir, "s")), true, MAGIC + 1);
    while (collector_turn(&wrong))
        ;
    assert_false(acceptor_session_is_agreed(wrong.session));
    wait_for_event(FORWARDER_FAILED, 1);
    collector_open(&right, connect_to(temp_path(&dir, "s")), true, MAGIC);
    agree(&right);
    wait_for_event(FORWARDER_CONNECTED, 1);
    assert_int_equal(atomic_load(&events[FORWARDER_LISTENING]), 1);
    collector_close(&right);
    wait_for_event(FORWARDER_CLOSED, 1);
    collector_close(&wrong);
    forwarder_stop(f, 0);
    temp_dir_remove(&dir);
}

static void test_the_end_does_not_wait_for_a_collector_that_is_not_there(void **state)
{
    struct temp_dir dir;
    struct forwarder *f;
    struct forward_counts counts;

    (void)state;
    temp_dir_make(&dir);
    for (int listens = 0; listens < 2; listens++) {
        f = start(temp_path(&dir, "s"), listens);
        push(f, "a");
        wait_for_event(listens ? FORWARDER_LISTENING : FORWARDER_FAILED, 1);
        counts = forwarder_stop(f, 3600000); /* the test's time would be over */
        assert_int_equal(counts.waiting, 1);
    }
    temp_dir_remove(&dir);
}

static void test_the_end_makes_one_more_attempt(void **state)
{
    struct collector c;
    struct temp_dir dir;
    static struct forwarder *f; /* in the child it stays, and is not lost */
    pid_t child;
    int door, how;

    (void)state;
    temp_dir_make(&dir);
    f = start(temp_path(&dir, "s"), false);
    push(f, "a");
    wait_for_event(FORWARDER_FAILED, 1);
    door = listen_at(temp_path(&dir, "s"));
    child = fork(); /* the collector: this thread is about to wait */
    if (child == 0) {
        forwarder_abandon(f);
        collector_open(&c, accept(door, NULL, NULL), false, MAGIC);
        agree(&c);
        ask(&c);
        answer(&c);
        ask(&c);
        while (collector_turn(&c))
            ;
        _exit(strcmp(c.names, " a") == 0 ? 0 : 1);
    }
    assert_int_equal(forwarder_stop(f, 60000).confirmed, 1);
    assert_int_equal(waitpid(child, &how, 0), child);
    assert_int_equal(how, 0);
    close(door);
    temp_dir_remove(&dir);
}

static void test_other_bounds_hold_at_once(void **state)
{
    struct temp_dir dir;
    struct forwarder *f;

    (void)state;
    temp_dir_make(&dir);
    f = start(temp_path(&dir, "s"), false);
    assert_int_equal(forwarder_limit(f, 2, 1 << 20, 1), OU_OK);
    push(f, "a");
    push(f, "b");
    push(f, "c");
    forwarder_lose(f);
    assert_int_equal(forwarder_counts(f).waiting, 2);
    assert_int_equal(forwarder_counts(f).dropped, 2);
    forwarder_stop(f, 0);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_pushed_comes_when_it_is_asked_for),
        cmocka_unit_test(test_who_listens_serves_one_after_the_other),
        cmocka_unit_test(test_a_refused_collector_is_followed_by_the_next),
        cmocka_unit_test(test_the_end_does_not_wait_for_a_collector_that_is_not_there),
        cmocka_unit_test(test_the_end_makes_one_more_attempt),
        cmocka_unit_test(test_other_bounds_hold_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
