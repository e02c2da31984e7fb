#include "deploy/readiness.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static struct start_command command_of(enum ready_kind kind, uint16_t port, const char *text)
{
    return (struct start_command){ .directory = dir.path, .ready = { kind, port, text } };
}

static void say(const char *text)
{
    FILE *f = fopen(temp_path(&dir, "stdout"), "a");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
}

static void test_who_needs_nothing_is_up_at_once(void **state)
{
    struct start_command at_once = command_of(READY_AT_ONCE, 0, NULL);
    struct start_command by_log = command_of(READY_LOG, 0, NULL);
    struct ready_watch w;

    (void)state;
    ready_watch_begin(&w, &at_once);
    assert_true(service_is_ready(&w, &at_once));
    ready_watch_begin(&w, &by_log);
    assert_false(service_is_ready(&w, &by_log));
}

static void test_a_port_counts_when_somebody_listens(void **state)
{
    struct sockaddr_in address = { .sin_family = AF_INET };
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct start_command command;
    struct ready_watch w;

    (void)state;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, len), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    command = command_of(READY_PORT, ntohs(address.sin_port), NULL);
    ready_watch_begin(&w, &command);
    assert_false(service_is_ready(&w, &command)); /* bound is not listening */
    assert_int_equal(listen(fd, 1), 0);
    assert_true(service_is_ready(&w, &command));
    close(fd);
    assert_true(service_is_ready(&w, &command)); /* it was up */
}

static void test_a_file_counts_when_it_is_there(void **state)
{
    struct start_command command = command_of(READY_FILE, 0, "up");
    struct ready_watch w;

    (void)state;
    ready_watch_begin(&w, &command);
    assert_false(service_is_ready(&w, &command));
    temp_file(&dir, "up", "");
    assert_true(service_is_ready(&w, &command));
    ready_watch_begin(&w, &command); /* a second start: the first one's file is gone */
    assert_false(service_is_ready(&w, &command));
}

static void test_a_file_elsewhere_is_left_alone(void **state)
{
    struct start_command command;
    struct ready_watch w;

    (void)state;
    temp_file(&dir, "theirs", "");
    command = command_of(READY_FILE, 0, temp_path(&dir, "theirs"));
    command.directory = "/nowhere";
    ready_watch_begin(&w, &command);
    assert_true(service_is_ready(&w, &command));
}

static void test_a_line_counts_when_it_is_whole(void **state)
{
    struct start_command command = command_of(READY_LINE, 0, "listening");
    struct ready_watch w;

    (void)state;
    ready_watch_begin(&w, &command);
    assert_false(service_is_ready(&w, &command)); /* no output yet */
    say("starting\nnow liste");
    assert_false(service_is_ready(&w, &command));
    say("ning");
    assert_false(service_is_ready(&w, &command));
    say(" at 80\nmore");
    assert_true(service_is_ready(&w, &command));
}

static void test_a_line_of_an_earlier_start_does_not_count(void **state)
{
    struct start_command command = command_of(READY_LINE, 0, "listening");
    struct ready_watch w;

    (void)state;
    say("listening\n");
    ready_watch_begin(&w, &command);
    assert_false(service_is_ready(&w, &command));
    say("listening\n");
    assert_true(service_is_ready(&w, &command));
}

static void test_much_output_before_the_line_is_passed_over(void **state)
{
    struct start_command command = command_of(READY_LINE, 0, "listening");
    struct ready_watch w;
    FILE *f = fopen(temp_path(&dir, "stdout"), "w");

    (void)state;
    assert_non_null(f);
    for (int i = 0; i < 200000; i++) /* a line without an end, longer than what is read at a time */
        fputc('x', f);
    fclose(f);
    ready_watch_begin(&w, &command);
    w.read_to = 0;
    assert_false(service_is_ready(&w, &command));
    say("\nand listening\n");
    assert_true(service_is_ready(&w, &command));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_who_needs_nothing_is_up_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_port_counts_when_somebody_listens, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_counts_when_it_is_there, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_file_elsewhere_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_line_counts_when_it_is_whole, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_line_of_an_earlier_start_does_not_count, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_much_output_before_the_line_is_passed_over, set_up,
                                        tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
