#include "deploy/ports.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "support/test.h"

static int bound_socket(uint16_t port, int share)
{
    struct sockaddr_in at = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    assert_true(fd >= 0);
    assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &share, sizeof share), 0);
    if (bind(fd, (struct sockaddr *)&at, sizeof at) == 0)
        return fd;
    close(fd);
    return -1;
}

static int dial(uint16_t port)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
                              .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
                              .sin_port = htons(port) };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    int result = connect(fd, (struct sockaddr *)&to, sizeof to);

    close(fd);
    return result;
}

static void test_each_port_is_another(void **state)
{
    struct ports p = { 0 };

    (void)state;
    assert_int_equal(ports_reserve(200, &p, NULL), OU_OK);
    assert_int_equal(p.count, 200);
    for (size_t i = 0; i < p.count; i++)
        for (size_t k = 0; k < i; k++)
            assert_int_not_equal(p.numbers[i], p.numbers[k]);
    ports_release(&p);
    assert_int_equal(p.count, 0);
}

static void test_who_shares_a_reserved_port_may_listen_again_and_again(void **state)
{
    struct ports p = { 0 };

    (void)state;
    assert_int_equal(ports_reserve(1, &p, NULL), OU_OK);
    for (int i = 0; i < 3; i++) {
        int fd;

        assert_int_equal(dial(p.numbers[0]), -1); /* the reservation does not listen */
        fd = bound_socket(p.numbers[0], 1);
        assert_true(fd >= 0);
        assert_int_equal(listen(fd, 5), 0);
        for (int k = 0; k < 5; k++)
            assert_int_equal(dial(p.numbers[0]), 0); /* all go to who listens */
        close(fd);
    }
    ports_release(&p);
}

static void test_nobody_else_gets_a_reserved_port(void **state)
{
    struct ports p = { 0 };

    (void)state;
    assert_int_equal(ports_reserve(1, &p, NULL), OU_OK);
    assert_int_equal(bound_socket(p.numbers[0], 0), -1);
    ports_release(&p);
}

static void test_too_many_are_refused(void **state)
{
    struct ports p = { 0 };
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(ports_reserve(PORTS_MAX + 1, &p, &err), OU_TOO_LARGE);
    assert_int_equal(p.count, 0);
    ports_release(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_port_is_another),
        cmocka_unit_test(test_who_shares_a_reserved_port_may_listen_again_and_again),
        cmocka_unit_test(test_nobody_else_gets_a_reserved_port),
        cmocka_unit_test(test_too_many_are_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
