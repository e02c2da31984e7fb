#include "base/read_room.h"

#include <pthread.h>
#include <string.h>

#include "support/test.h"

static void test_a_thread_has_one_room(void **state)
{
    char *room = read_room();

    (void)state;
    assert_non_null(room);
    memset(room, 'x', READ_ROOM_BYTES);
    assert_ptr_equal(read_room(), room);
}

static void *use_another(void *mine)
{
    char *room = read_room();

    if (room && room != mine)
        memset(room, 'y', READ_ROOM_BYTES);
    return room == mine ? NULL : room;
}

static void test_threads_do_not_share_theirs(void **state)
{
    char *room = read_room();
    void *other = NULL;
    pthread_t thread;

    (void)state;
    memset(room, 'x', READ_ROOM_BYTES);
    assert_int_equal(pthread_create(&thread, NULL, use_another, room), 0);
    pthread_join(thread, &other);
    assert_non_null(other);
    assert_int_equal(room[0], 'x');
    assert_int_equal(room[READ_ROOM_BYTES - 1], 'x');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_thread_has_one_room),
        cmocka_unit_test(test_threads_do_not_share_theirs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
