#include "http/outgoing.h"

#include <arpa/inet.h>

#include "support/test.h"

#define S INT64_C(1000000000)

static struct in6_addr client_of(const char *text)
{
    struct sockaddr_in a = { .sin_family = AF_INET };
    struct sockaddr_in6 b = { .sin6_family = AF_INET6 };

    if (inet_pton(AF_INET, text, &a.sin_addr) == 1)
        return outgoing_client((struct sockaddr *)&a);
    assert_int_equal(inet_pton(AF_INET6, text, &b.sin6_addr), 1);
    return outgoing_client((struct sockaddr *)&b);
}

static struct outgoing_list list_of(size_t bytes_max)
{
    return (
        struct outgoing_list){ .bytes_max = bytes_max, .grace_ns = 30 * S, .rate_bytes = 64 << 10 };
}

static void test_one_client_has_a_quarter_of_the_room(void **state)
{
    const struct in6_addr a = client_of("10.0.0.1"), b = client_of("10.0.0.2");
    struct outgoing_list list = list_of(4000);
    struct outgoing o[4];

    (void)state;
    assert_int_equal(outgoing_room(&list, &a), 1000);
    outgoing_add(&list, &o[0], &a, 700, 0);
    assert_int_equal(outgoing_room(&list, &a), 300);
    assert_int_equal(outgoing_room(&list, &b), 1000);
    outgoing_add(&list, &o[1], &a, 500, 0); /* counted, although beyond it */
    assert_int_equal(outgoing_room(&list, &a), 0);
    outgoing_add(&list, &o[2], &b, 900, 0);
    outgoing_remove(&list, &o[0]);
    assert_int_equal(outgoing_room(&list, &a), 500);
    outgoing_remove(&list, &o[2]);
    outgoing_remove(&list, &o[1]);
    assert_int_equal(list.bytes, 0);
    assert_null(list.first);
}

static void test_all_clients_together_have_the_room(void **state)
{
    struct outgoing_list list = list_of(4000);
    const struct in6_addr late = client_of("::1");
    struct outgoing o[4];

    (void)state;
    for (int i = 0; i < 4; i++) {
        struct in6_addr client = client_of("fe80::1");

        client.s6_addr[14] = (unsigned char)i;
        outgoing_add(&list, &o[i], &client, 950, 0);
    }
    assert_int_equal(outgoing_room(&list, &late), 200);
}

static void test_addresses_of_both_families_tell_clients_apart(void **state)
{
    const struct in6_addr mapped = client_of("::ffff:10.0.0.1"), v4 = client_of("10.0.0.1");
    const struct sockaddr none = { .sa_family = AF_UNIX };
    const struct in6_addr local = outgoing_client(&none);

    (void)state;
    assert_memory_equal(&mapped, &v4, sizeof v4);
    assert_memory_equal(&local, &in6addr_any, sizeof local);
}

static void test_a_larger_answer_has_more_time(void **state)
{
    const struct in6_addr a = client_of("10.0.0.1");
    struct outgoing_list list = list_of((size_t)1 << 30);
    struct outgoing small, large;

    (void)state;
    assert_true(outgoing_deadline_ns(&list) == INT64_MAX);
    assert_null(outgoing_late(&list, INT64_MAX - 1));
    outgoing_add(&list, &small, &a, 100, 5 * S);
    outgoing_add(&list, &large, &a, 64 << 20, 5 * S); /* 1024 s at 64 KiB/s */
    assert_true(outgoing_deadline_ns(&list) == 35 * S);
    assert_null(outgoing_late(&list, 35 * S - 1));
    assert_ptr_equal(outgoing_late(&list, 35 * S), &small);
    assert_null(outgoing_late(&list, 35 * S)); /* once */
    assert_true(outgoing_deadline_ns(&list) == (35 + 1024) * S);
    assert_ptr_equal(outgoing_late(&list, (35 + 1024) * S), &large);
    outgoing_remove(&list, &small);
    outgoing_remove(&list, &large);
    assert_int_equal(list.bytes, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_client_has_a_quarter_of_the_room),
        cmocka_unit_test(test_all_clients_together_have_the_room),
        cmocka_unit_test(test_addresses_of_both_families_tell_clients_apart),
        cmocka_unit_test(test_a_larger_answer_has_more_time),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
