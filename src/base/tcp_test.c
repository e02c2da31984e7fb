/* Sockets that are to notice when the other side has gone. */
#include "base/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

static int number_of(int fd, int level, int option)
{
    int value = -1;
    socklen_t len = sizeof value;

    assert_int_equal(getsockopt(fd, level, option, &value, &len), 0);
    return value;
}

static void test_silence_of_the_other_side_is_noticed_after_a_minute(void **state)
{
    static const int families[] = { AF_INET, AF_INET6 };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        int fd = socket(families[i], SOCK_STREAM, 0);

        if (fd < 0)
            continue; /* a machine without IPv6 */
        tcp_tune(fd);
        assert_int_equal(number_of(fd, SOL_SOCKET, SO_KEEPALIVE), 1);
        assert_int_equal(number_of(fd, IPPROTO_TCP, TCP_KEEPIDLE) +
                             number_of(fd, IPPROTO_TCP, TCP_KEEPINTVL) *
                                 number_of(fd, IPPROTO_TCP, TCP_KEEPCNT),
                         60);
        assert_int_equal(number_of(fd, IPPROTO_TCP, TCP_USER_TIMEOUT), 60000);
        assert_int_equal(number_of(fd, IPPROTO_TCP, TCP_NODELAY), 1);
        close(fd);
    }
}

static void test_sockets_of_the_file_system_are_left_as_they_are(void **state)
{
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    (void)state;
    tcp_tune(fd);
    assert_int_equal(number_of(fd, SOL_SOCKET, SO_KEEPALIVE), 0);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_silence_of_the_other_side_is_noticed_after_a_minute),
        cmocka_unit_test(test_sockets_of_the_file_system_are_left_as_they_are),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
