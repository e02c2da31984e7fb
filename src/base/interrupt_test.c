#include "base/interrupt.h"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "support/files.h"
#include "support/test.h"

/* Signals change a process for good: each body runs in a child, whose wait
 * status is returned. */
static int run_in_child(void (*body)(void))
{
    pid_t child = fork();
    int status;

    assert_true(child >= 0);
    if (child == 0) {
        alarm(20); /* a body that hangs is a failure, not a stopped build */
        body();
        _exit(99);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return status;
}

static void one_of_each(int first)
{
    signal(SIGINT, SIG_DFL);
    interrupt_install();
    if (interrupt_pending())
        _exit(1);
    raise(first);
    _exit(interrupt_pending() ? 0 : 2);
}

static void one_interrupt(void)
{
    one_of_each(SIGINT);
}

static void one_termination(void)
{
    one_of_each(SIGTERM);
}

static void test_a_signal_is_answered_when_asked(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(one_interrupt), 0);
    assert_int_equal(run_in_child(one_termination), 0);
}

static void two_signals(void)
{
    signal(SIGINT, SIG_DFL);
    interrupt_install();
    raise(SIGTERM);
    raise(SIGINT);
}

static void test_a_second_signal_ends_the_process(void **state)
{
    int status = run_in_child(two_signals);

    (void)state;
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGINT);
}

static void ignored_from_birth(void)
{
    signal(SIGINT, SIG_IGN);
    interrupt_install();
    raise(SIGINT);
    _exit(interrupt_pending());
}

static void test_a_signal_that_was_ignored_stays_ignored(void **state)
{
    (void)state;
    assert_int_equal(run_in_child(ignored_from_birth), 0);
}

static const char *fifo;

/* The writer's end, held open by another process that then sends Ctrl-C until
 * it is heard: whether we are opening or reading, waiting ends. */
static void wait_for_a_silent_writer(void)
{
    struct buffer b;
    pid_t reader = getpid(), writer;
    enum ou_status status;

    signal(SIGINT, SIG_DFL);
    interrupt_install();
    writer = fork();
    if (writer == 0) {
        FILE *held = fopen(fifo, "w");

        usleep(50000);
        kill(reader, SIGINT);
        pause();
        fclose(held);
    }
    buffer_init(&b, allocator_libc(), 100);
    status = file_read(fifo, &b, NULL);
    kill(writer, SIGKILL);
    _exit(status == OU_INTERRUPTED && b.len == 0 ? 0 : 3);
}

static void wait_for_any_writer(void)
{
    struct buffer b;
    pid_t reader = getpid();

    signal(SIGINT, SIG_DFL);
    interrupt_install();
    if (fork() == 0) {
        usleep(50000);
        kill(reader, SIGINT);
        _exit(0);
    }
    buffer_init(&b, allocator_libc(), 100);
    _exit(file_read(fifo, &b, NULL) == OU_INTERRUPTED ? 0 : 3);
}

static void test_waiting_for_a_fifo_ends_with_ctrl_c(void **state)
{
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    fifo = temp_path(&dir, "fifo");
    assert_int_equal(mkfifo(fifo, 0600), 0);
    assert_int_equal(run_in_child(wait_for_a_silent_writer), 0);
    assert_int_equal(run_in_child(wait_for_any_writer), 0);
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_signal_is_answered_when_asked),
        cmocka_unit_test(test_a_second_signal_ends_the_process),
        cmocka_unit_test(test_a_signal_that_was_ignored_stays_ignored),
        cmocka_unit_test(test_waiting_for_a_fifo_ends_with_ctrl_c),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
