/* Forks, crashes, cancelled threads and signals, each in a process of its own: what hangs is ended
 * by an alarm, and fails. */
#include <ouroscope/trace.h>

#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <ouroscope/message.h>

#include "support/files.h"
#include "support/test.h"

#define NUMBER_FIELDS(F) F(u64, number, "number", OU_DMINIMAL, "counts the calls")
OU_TRACE_POINT(number, "Test.Number", OU_INFO, OU_PUBLIC, NUMBER_FIELDS, "A number.",
               .legacy = { "Test", "TraceNumber", false });

#define HANGS_AFTER_S 60
#define NUMBER_LINE "\"ns\":\"Test.Number\""

static struct temp_dir folder;
static const char *path;

static int in_a_folder(void **state)
{
    (void)state;
    temp_dir_make(&folder);
    path = temp_path(&folder, "log");
    return 0;
}

static int folder_away(void **state)
{
    (void)state;
    temp_dir_remove(&folder);
    return 0;
}

/* --- Helpers ------------------------------------------------------------------ */

/* How a child ends that does this; 0: it returned true. */
static int end_of_child(bool (*what)(void))
{
    int status = -1;
    pid_t child = fork();

    if (child == 0) {
        alarm(HANGS_AFTER_S);
        _exit(what() ? 0 : 1);
    }
    waitpid(child, &status, 0);
    return status;
}

/* Likewise; no log is there before. */
static int end_of(bool (*what)(void))
{
    unlink(path);
    return end_of_child(what);
}

static const char *to_file(const char *more)
{
    static char text[1024];

    snprintf(text, sizeof(text),
             "TraceOptionResourceFrequency: 0\nTraceOptions:\n"
             "  \"\": { severity: Info, backends: [ File MachineFormat %s ] }\n%s",
             path, more);
    return text;
}

static const char *to_legacy(const char *file)
{
    static char text[1024];

    snprintf(text, sizeof(text),
             "UseTraceDispatcher: false\nminSeverity: Info\nTraceOptionResourceFrequency: 0\n"
             "setupScribes: [ { scKind: FileSK, scName: %s, scFormat: ScJson } ]\n",
             file);
    return text;
}

static bool start(const char *text)
{
    struct ou_error err = { "" };

    if (ou_trace_start(&(struct ou_trace_options){ .config_text = text }, &err) == OU_OK)
        return true;
    fprintf(stderr, "%s\n", err.text);
    return false;
}

/* The lines of the log that contain a text. */
static int count(const char *what)
{
    return lines_with(path, what);
}

/* --- What handles messages ------------------------------------------------------- */

static _Atomic int refusals;

static bool never(void *state, const struct ou_message *message)
{
    (void)state;
    (void)message;
    return false;
}

static void call_all(void *context, const struct ou_message *message, struct ou_text line)
{
    const struct ou_output output = { .name = "further", .write = call_all };
    const struct ou_fold fold = { .point = &ou_point_number, .step = never };

    (void)context;
    (void)message;
    (void)line;
    refusals += ou_trace_start(NULL, NULL) == OU_USAGE &&
                ou_trace_configure("", NULL) == OU_USAGE && ou_trace_reload(NULL) == OU_USAGE &&
                ou_trace_add_output(&output, NULL) == OU_USAGE &&
                ou_trace_add_fold(&fold, NULL) == OU_USAGE && !ou_trace_flush();
    ou_trace_stop();
}

/* The first message is handled in a flush, the second within a change of the configuration. */
static bool call_all_while_handling(void)
{
    struct ou_output output = { .name = "all", .write = call_all };

    ou_trace_add_output(&output, NULL);
    if (!start(to_file("")) || !ou_trace_flush() || refusals == 0)
        return false;
    refusals = 0;
    OU_TRACE(number, 1);
    return ou_trace_configure(to_file(""), NULL) == OU_OK && refusals > 0 && OU_TRACE_IS_ON(number);
}

static void test_what_handles_messages_is_refused_and_waits_for_nobody(void **state)
{
    (void)state;
    assert_int_equal(end_of(call_all_while_handling), 0);
}

/* --- Forks ------------------------------------------------------------------------ */

static bool trace_under_own_number(void)
{
    char thread[64];

    snprintf(thread, sizeof(thread), "\"thread\":\"%ld\"", (long)syscall(SYS_gettid));
    if (!start(to_file("")))
        return false;
    OU_TRACE(number, 2);
    ou_trace_stop();
    return count(NUMBER_LINE) == 2 && count(thread) > 0;
}

static bool fork_after_a_stop(void)
{
    start(to_file(""));
    OU_TRACE(number, 1);
    ou_trace_stop();
    return end_of_child(trace_under_own_number) == 0;
}

static void test_a_child_of_a_parent_that_has_stopped_has_rings_of_its_own(void **state)
{
    (void)state;
    assert_int_equal(end_of(fork_after_a_stop), 0);
}

static _Atomic bool enough;

static void *start_and_stop(void *unused)
{
    (void)unused;
    while (!atomic_load(&enough)) {
        ou_trace_start(&(struct ou_trace_options){ .config_text = to_file(""), .window_ms = 1 },
                       NULL);
        OU_TRACE(number, 1);
        ou_trace_stop();
        usleep(2000); /* a mutex is not fair: who forks shall have a turn */
    }
    return NULL;
}

/* The thread sanitizer lets a child of a program with threads start none. */
#ifdef __SANITIZE_THREAD__
#define MAY_START false
#else
#define MAY_START true
#endif

static bool is_off_and_can_start(void)
{
    bool was_off = !OU_TRACE_IS_ON(number) && !ou_trace_flush();

    close(STDOUT_FILENO); /* the default configuration's output */
    return was_off && (!MAY_START || ou_trace_start(NULL, NULL) == OU_OK);
}

static bool fork_amid_starts_and_stops(int forks)
{
    pthread_t thread;
    int failed = 0;

    pthread_create(&thread, NULL, start_and_stop, NULL);
    for (int i = 0; i < forks; i++)
        failed += end_of_child(is_off_and_can_start) != 0;
    atomic_store(&enough, true);
    pthread_join(thread, NULL);
    return failed == 0;
}

static bool fork_often(void)
{
    return fork_amid_starts_and_stops(100);
}

static void test_a_fork_while_another_thread_starts_or_stops_leaves_tracing_off(void **state)
{
    (void)state;
    assert_int_equal(end_of(fork_often), 0);
}

static bool fork_thrice(void)
{
    return fork_amid_starts_and_stops(3);
}

/* A process has one first start: many processes. */
static void test_a_fork_while_another_thread_starts_for_the_first_time_leaves_tracing_off(
    void **state)
{
    int failed = 0;

    (void)state;
    for (int i = 0; i < 100 && !failed; i++)
        failed = end_of(fork_thrice);
    assert_int_equal(failed, 0);
}

/* --- Cancelled threads -------------------------------------------------------------- */

static void *trace_cancelled(void *went_on)
{
    pthread_cancel(pthread_self());
    OU_TRACE(number, 1);
    *(bool *)went_on = true;
    ou_trace_flush();
    ou_trace_configure(to_legacy(path), NULL);
    pthread_testcancel();
    return NULL;
}

static bool cancel_in_a_call(void)
{
    bool went_on = false;
    pthread_t thread;
    void *result;

    start(to_legacy(path));
    pthread_create(&thread, NULL, trace_cancelled, &went_on);
    pthread_join(thread, &result);
    OU_TRACE(number, 2);
    ou_trace_stop();
    return went_on && result == PTHREAD_CANCELED && count("TraceNumber") == 2;
}

static void test_no_thread_is_cancelled_within_a_call(void **state)
{
    (void)state;
    assert_int_equal(end_of(cancel_in_a_call), 0);
}

/* --- The older system -------------------------------------------------------------------- */

static bool trace_to_a_full_disk(void)
{
    start(to_legacy("/dev/full"));
    errno = 4711;
    OU_TRACE(number, 1);
    return errno == 4711;
}

static void test_a_failed_write_leaves_errno_alone(void **state)
{
    (void)state;
    assert_int_equal(end_of(trace_to_a_full_disk), 0);
}

#define SIGNALS 500

static _Atomic int handled;

static void trace_in_handler(int signal_number)
{
    (void)signal_number;
    OU_TRACE(number, 2);
    atomic_fetch_add(&handled, 1);
}

static void *send_signals(void *to)
{
    for (int i = 0; i < SIGNALS; i++) {
        int before = atomic_load(&handled);

        pthread_kill(*(pthread_t *)to, SIGUSR1);
        while (atomic_load(&handled) == before)
            usleep(1);
    }
    return NULL;
}

static bool trace_in_handlers_amid_counting(void)
{
    struct sigaction action = { .sa_handler = trace_in_handler };
    struct ou_trace_counts c = { 0 };
    pthread_t self = pthread_self(), sender;

    start(to_legacy(path));
    OU_TRACE(number, 1); /* has the memory that lines take */
    sigaction(SIGUSR1, &action, NULL);
    pthread_create(&sender, NULL, send_signals, &self);
    while (atomic_load(&handled) < SIGNALS)
        ou_trace_counts(&c);
    pthread_join(sender, NULL);
    ou_trace_counts(&c);
    return c.taken + c.interrupted == SIGNALS + 1;
}

static void test_a_handler_does_not_wait_for_the_thread_that_it_interrupted(void **state)
{
    (void)state;
    assert_int_equal(end_of(trace_in_handlers_amid_counting), 0);
}

/* --- Crashes ---------------------------------------------------------------------------- */

static _Atomic int crashes;

static void *crash(void *unused)
{
    (void)unused;
    atomic_fetch_add(&crashes, 1);
    raise(SIGSEGV);
    return NULL;
}

#define CRASHING 2

/* At the first message: until all threads have crashed, or nearly. */
static void wait_for_crashes(void *context, const struct ou_message *message, struct ou_text line)
{
    static bool waited;

    (void)context;
    (void)line;
    if (message->point != &ou_point_number || waited)
        return;
    while (atomic_load(&crashes) < CRASHING)
        usleep(100);
    usleep(50000);
    waited = true;
}

static bool crash_twice(void)
{
    struct ou_output output = { .name = "waits", .write = wait_for_crashes };
    static const struct rlimit no_core;
    pthread_t threads[CRASHING];

    setrlimit(RLIMIT_CORE, &no_core);
    signal(SIGSEGV, SIG_DFL); /* not what runs the tests */
    ou_trace_add_output(&output, NULL);
    start(to_file(""));
    for (uint64_t i = 0; i < 1000; i++)
        OU_TRACE(number, i);
    for (int i = 0; i < CRASHING; i++)
        pthread_create(&threads[i], NULL, crash, NULL);
    pthread_join(threads[0], NULL);
    return false;
}

static void test_two_threads_that_crash_at_once_have_all_written(void **state)
{
    (void)state;
    assert_int_equal(end_of(crash_twice), SIGSEGV);
    assert_int_equal(count(NUMBER_LINE), 1000);
}

/* --- The page of metrics ------------------------------------------------------------------- */

/* A socket that listens, or only is bound, on any port of this machine; *ret_port is which. */
static int socket_on_any_port(bool listens, int *ret_port)
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t len = sizeof(at);
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    if (bind(fd, (struct sockaddr *)&at, len) != 0 || (listens && listen(fd, 1) != 0) ||
        getsockname(fd, (struct sockaddr *)&at, &len) != 0)
        return -1;
    *ret_port = ntohs(at.sin_port);
    return fd;
}

static bool page_answers(int port)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons((uint16_t)port) };
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    bool answers = connect(fd, (struct sockaddr *)&at, sizeof(at)) == 0;

    close(fd);
    return answers;
}

static const char *with_page(int port)
{
    static char text[512];

    snprintf(text, sizeof(text),
             "TraceOptionResourceFrequency: 0\nTraceOptions:\n  \"\": { severity: Info, "
             "backends: [ \"PrometheusSimple 127.0.0.1 %d\" ] }\n",
             port);
    return text;
}

static bool ask_for_a_port_in_use(void)
{
    int in_use, free_port;
    int other = socket_on_any_port(true, &in_use);
    int not_ours_yet = socket_on_any_port(false, &free_port);
    bool refused;

    close(not_ours_yet);
    if (other < 0 || !start(with_page(free_port)) || !page_answers(free_port))
        return false;
    refused = ou_trace_configure(with_page(in_use), NULL) == OU_IO;
    return refused && page_answers(free_port);
}

static void test_the_page_stays_when_the_new_one_cannot_be_had(void **state)
{
    (void)state;
    assert_int_equal(end_of(ask_for_a_port_in_use), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_handles_messages_is_refused_and_waits_for_nobody),
        cmocka_unit_test(test_a_child_of_a_parent_that_has_stopped_has_rings_of_its_own),
        cmocka_unit_test(test_a_fork_while_another_thread_starts_or_stops_leaves_tracing_off),
        cmocka_unit_test(
            test_a_fork_while_another_thread_starts_for_the_first_time_leaves_tracing_off),
        cmocka_unit_test(test_no_thread_is_cancelled_within_a_call),
        cmocka_unit_test(test_a_failed_write_leaves_errno_alone),
        cmocka_unit_test(test_a_handler_does_not_wait_for_the_thread_that_it_interrupted),
        cmocka_unit_test(test_two_threads_that_crash_at_once_have_all_written),
        cmocka_unit_test(test_the_page_stays_when_the_new_one_cannot_be_had),
    };

    return cmocka_run_group_tests(tests, in_a_folder, folder_away);
}
