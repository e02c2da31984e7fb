#include "trace/forward_queue.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static void push(struct forward_queue *q, const char *text)
{
    forward_queue_push(q, bytes_of_span(span_of(text)));
}

/* What the next take hands out, the objects one behind the other. */
static const char *taken(struct forward_queue *q, size_t most)
{
    static char text[4096];
    struct buffer out;

    buffer_init(&out, allocator_libc(), sizeof text - 1);
    forward_queue_take(q, most, 1000, &out);
    snprintf(text, sizeof text, "%s", buffer_string(&out));
    buffer_release(&out);
    return text;
}

static void check_sum(const struct forward_queue *q)
{
    struct forward_counts c = forward_queue_counts(q);

    assert_int_equal(c.pushed, c.confirmed + c.dropped + c.waiting + c.in_doubt);
}

static void test_objects_come_out_in_order_and_are_gone_when_confirmed(void **state)
{
    struct forward_queue *q = forward_queue_new(10, 1000);
    struct forward_counts c;

    (void)state;
    push(q, "a");
    push(q, "bb");
    push(q, "ccc");
    assert_string_equal(taken(q, 2), "abb");
    c = forward_queue_counts(q);
    assert_int_equal(c.in_doubt, 2);
    assert_int_equal(c.waiting, 1);
    assert_int_equal(c.bytes, 6);
    forward_queue_confirm(q);
    assert_string_equal(taken(q, 2), "ccc");
    forward_queue_confirm(q);
    assert_string_equal(taken(q, 2), "");
    c = forward_queue_counts(q);
    assert_int_equal(c.confirmed, 3);
    assert_int_equal(c.bytes, 0);
    check_sum(q);
    forward_queue_free(q);
}

static void test_a_full_queue_drops_the_oldest_one_by_one(void **state)
{
    struct forward_queue *q = forward_queue_new(3, 1000);

    (void)state;
    for (const char *text = "a\0b\0c\0d\0e\0"; *text; text += 2)
        push(q, text);
    assert_int_equal(forward_queue_counts(q).dropped, 2);
    assert_string_equal(taken(q, 10), "cde");
    check_sum(q);
    forward_queue_free(q);
}

/* With the four bytes of its length an object of 21 takes a quarter of 100. */
static void test_a_bound_on_bytes_drops_as_many_as_the_new_one_needs(void **state)
{
    struct forward_queue *q = forward_queue_new(100, 100);
    char large[47] = "L";

    (void)state;
    memset(large + 1, '.', sizeof large - 2);
    for (int i = 0; i < 4; i++)
        push(q, "123456789012345678901");
    assert_int_equal(forward_queue_counts(q).dropped, 0);
    push(q, large); /* 46 and 4 */
    assert_int_equal(forward_queue_counts(q).dropped, 2);
    assert_int_equal(forward_queue_counts(q).waiting, 3);
    check_sum(q);
    forward_queue_free(q);
}

static void test_an_object_larger_than_the_queue_is_dropped_alone(void **state)
{
    struct forward_queue *q = forward_queue_new(100, 20);

    (void)state;
    push(q, "small");
    push(q, "of seventeen byte"); /* and four: 21 */
    assert_int_equal(forward_queue_counts(q).dropped, 1);
    forward_queue_lose(q);
    assert_int_equal(forward_queue_counts(q).dropped, 2);
    assert_string_equal(taken(q, 10), "small");
    check_sum(q);
    forward_queue_free(q);
}

static void test_what_is_in_doubt_comes_back_first_and_in_order(void **state)
{
    struct forward_queue *q = forward_queue_new(10, 1000);

    (void)state;
    for (const char *text = "a\0b\0c\0d\0e\0f\0"; *text; text += 2)
        push(q, text);
    assert_string_equal(taken(q, 3), "abc");
    forward_queue_return(q);
    assert_int_equal(forward_queue_counts(q).waiting, 6);
    assert_string_equal(taken(q, 2), "ab"); /* a collector that asks for less at once */
    forward_queue_return(q);
    assert_string_equal(taken(q, 2), "ab");
    forward_queue_confirm(q);
    assert_string_equal(taken(q, 3), "cde");
    assert_int_equal(forward_queue_counts(q).resent, 5); /* a, b, a, b, c */
    check_sum(q);
    forward_queue_free(q);
}

static void test_what_is_in_doubt_is_not_dropped(void **state)
{
    struct forward_queue *q = forward_queue_new(2, 1000);

    (void)state;
    push(q, "a");
    push(q, "b");
    assert_string_equal(taken(q, 2), "ab");
    forward_queue_return(q);
    for (const char *text = "c\0d\0e\0f\0"; *text; text += 2)
        push(q, text);
    assert_int_equal(forward_queue_counts(q).dropped, 2);
    assert_string_equal(taken(q, 10), "abef");
    check_sum(q);
    forward_queue_free(q);
}

static void test_a_take_ends_where_its_bytes_are_used_up(void **state)
{
    struct forward_queue *q = forward_queue_new(10, 1000);
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1000);
    for (int i = 0; i < 4; i++)
        push(q, "0123456789");
    assert_int_equal(forward_queue_take(q, 10, 1, &out), 1);
    assert_int_equal(forward_queue_take(q, 10, 15, &out), 2);
    assert_int_equal(out.len, 30);
    buffer_release(&out);
    forward_queue_free(q);
}

static void test_an_object_that_does_not_fit_the_reply_waits(void **state)
{
    struct forward_queue *q = forward_queue_new(10, 1000);
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 5);
    push(q, "abc");
    push(q, "def");
    assert_int_equal(forward_queue_take(q, 10, 1000, &out), 1);
    assert_int_equal(buffer_status(&out), OU_OK);
    assert_string_equal(buffer_string(&out), "abc");
    assert_int_equal(forward_queue_counts(q).waiting, 1);
    assert_string_equal(taken(q, 10), "def");
    buffer_release(&out);
    forward_queue_free(q);
}

/* --- Gaps --------------------------------------------------------------------------- */

static void show_gap(void *context, uint64_t dropped, uint64_t total, struct buffer *out)
{
    (void)context;
    buffer_printf(out, "<%d of %d>", (int)dropped, (int)total);
}

static void test_a_loss_is_told_where_it_happened(void **state)
{
    struct forward_queue *q = forward_queue_new(2, 1000);

    (void)state;
    forward_queue_tell_gaps(q, show_gap, NULL);
    push(q, "a");
    assert_string_equal(taken(q, 1), "a");
    for (const char *text = "b\0c\0d\0e\0f\0"; *text; text += 2)
        push(q, text);
    forward_queue_return(q);
    assert_string_equal(taken(q, 10), "a<3 of 3>ef");
    forward_queue_confirm(q);
    for (const char *text = "g\0h\0i\0"; *text; text += 2)
        push(q, text);
    assert_string_equal(taken(q, 10), "<1 of 4>hi");
    assert_int_equal(forward_queue_counts(q).in_doubt, 2); /* the account of a loss is no object */
    check_sum(q);
    forward_queue_free(q);
}

static void test_the_account_of_a_loss_comes_again_as_it_was(void **state)
{
    struct forward_queue *q = forward_queue_new(1, 1000);

    (void)state;
    forward_queue_tell_gaps(q, show_gap, NULL);
    push(q, "a");
    push(q, "b");
    assert_string_equal(taken(q, 10), "<1 of 1>b");
    push(q, "c");
    push(q, "d");
    forward_queue_return(q);
    assert_string_equal(taken(q, 10), "<1 of 1>b<1 of 2>d");
    assert_int_equal(forward_queue_counts(q).resent, 1);
    check_sum(q);
    forward_queue_free(q);
}

/* --- Other bounds --------------------------------------------------------------------- */

static void test_other_bounds_lose_nothing_that_waits(void **state)
{
    struct forward_queue *q = forward_queue_new(4, 1000);

    (void)state;
    for (const char *text = "a\0b\0c\0d\0"; *text; text += 2)
        push(q, text);
    assert_int_equal(forward_queue_limit(q, 2, 7), OU_OK);
    assert_int_equal(forward_queue_counts(q).waiting, 4);
    push(q, "e"); /* for which one goes */
    assert_int_equal(forward_queue_counts(q).waiting, 4);
    assert_string_equal(taken(q, 10), "bcde");
    forward_queue_confirm(q);
    assert_int_equal(forward_queue_limit(q, 3, 1 << 20), OU_OK);
    for (const char *text = "f\0g\0h\0i\0"; *text; text += 2)
        push(q, text);
    assert_string_equal(taken(q, 10), "ghi");
    check_sum(q);
    forward_queue_free(q);
}

/* --- Against a list --------------------------------------------------------------------- */

#define STEPS 30000
#define MODEL_MAX 70000

/* The objects are numbers with a tail; the model has the numbers: confirmed ones first, then those in doubt up to
 * `handed`, those that came back up to `fresh`, and those in the queue. */
static struct {
    uint32_t numbers[MODEL_MAX];
    size_t first, handed, fresh, count;
    size_t bytes, dropped;
} model;

static uint32_t random_state;

static uint32_t random_below(uint32_t n)
{
    random_state = random_state * 1664525u + 1013904223u;
    return (uint32_t)((uint64_t)random_state * n >> 32);
}

static size_t length_of(uint32_t number)
{
    return sizeof number + number * 2654435761u % 300 + (number % 97 == 0 ? 3000 : 0);
}

static void drop_from_model(void)
{
    model.bytes -= 4 + length_of(model.numbers[model.fresh]);
    memmove(&model.numbers[model.fresh], &model.numbers[model.fresh + 1],
            (model.count - model.fresh - 1) * sizeof *model.numbers);
    model.count--;
    model.dropped++;
}

static void push_number(struct forward_queue *q, uint32_t number, size_t max_count,
                        size_t max_bytes)
{
    static uint8_t object[4000];
    size_t len = length_of(number);

    memset(object, (int)number, sizeof object);
    memcpy(object, &number, sizeof number);
    forward_queue_push(q, (struct bytes){ object, len });
    while (model.count - model.fresh >= max_count || model.bytes + 4 + len > max_bytes)
        drop_from_model();
    model.numbers[model.count++] = number;
    model.bytes += 4 + len;
}

static void take_numbers(struct forward_queue *q, size_t most, size_t max_bytes)
{
    struct buffer out;
    size_t count, at = 0;

    buffer_init(&out, allocator_libc(), 1 << 24);
    count = forward_queue_take(q, most, max_bytes, &out);
    for (size_t i = 0; i < count; i++) {
        uint32_t number = model.numbers[model.handed];

        assert_true(model.handed < model.count);
        if (model.handed == model.fresh) {
            model.fresh++;
            model.bytes -= 4 + length_of(number);
        }
        model.handed++;
        assert_true(at + length_of(number) <= out.len);
        assert_memory_equal(out.at + at, &number, sizeof number);
        for (size_t j = sizeof number; j < length_of(number); j++)
            assert_int_equal((uint8_t)out.at[at + j], (uint8_t)number);
        at += length_of(number);
    }
    assert_int_equal(at, out.len);
    assert_true(count == most || at >= max_bytes || model.handed == model.count);
    buffer_release(&out);
}

static void check_against_model(const struct forward_queue *q)
{
    struct forward_counts c = forward_queue_counts(q);

    assert_int_equal(c.dropped, model.dropped);
    assert_int_equal(c.in_doubt, model.handed - model.first);
    assert_int_equal(c.waiting, model.count - model.handed);
    assert_int_equal(c.confirmed, model.first);
    check_sum(q);
}

static void run_against_model(size_t max_count, size_t max_bytes)
{
    struct forward_queue *q = forward_queue_new(max_count, max_bytes);
    uint32_t number = 0;

    memset(&model, 0, sizeof model);
    for (int step = 0; step < STEPS; step++) {
        switch (random_below(step / 3000 % 2 ? 60 : 6)) {
        case 0: take_numbers(q, 1 + random_below(40), 1 + random_below(20000)); break;
        case 1:
            forward_queue_confirm(q);
            model.first = model.handed;
            break;
        case 2:
            forward_queue_return(q);
            model.handed = model.first;
            break;
        default: push_number(q, number++, max_count, max_bytes);
        }
        check_against_model(q);
    }
    assert_true(model.dropped > 0 && model.first > 0);
    forward_queue_free(q);
}

static void test_the_queue_is_a_list_with_bounds_whatever_is_done(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= 2; seed++) {
        random_state = seed;
        run_against_model(100, 1 << 20); /* the count binds */
        run_against_model(5000, 9000);   /* the bytes bind */
        run_against_model(700, 300000);  /* both, and the ring goes over its pieces */
    }
}

/* --- Threads --------------------------------------------------------------------------- */

#define PUSHERS 3
#define PUSHES 20000

static _Atomic int pushing;

static void *push_many(void *queue)
{
    for (int i = 0; i < PUSHES; i++)
        push(queue, "an object of a thread");
    atomic_fetch_sub(&pushing, 1);
    return NULL;
}

static void test_any_thread_pushes_while_one_takes(void **state)
{
    struct forward_queue *q = forward_queue_new(500, 1 << 20);
    pthread_t threads[PUSHERS];
    struct forward_counts c;
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1 << 20);
    atomic_store(&pushing, PUSHERS);
    for (int i = 0; i < PUSHERS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, push_many, q), 0);
    for (int i = 0; atomic_load(&pushing) || forward_queue_counts(q).waiting; i++) {
        buffer_clear(&out);
        forward_queue_take(q, 100, 1 << 16, &out);
        if (i % 10 == 9)
            forward_queue_return(q);
        else
            forward_queue_confirm(q);
        check_sum(q);
    }
    forward_queue_confirm(q);
    for (int i = 0; i < PUSHERS; i++)
        pthread_join(threads[i], NULL);
    c = forward_queue_counts(q);
    assert_int_equal(c.pushed, PUSHERS * PUSHES);
    assert_int_equal(c.confirmed + c.dropped, c.pushed);
    buffer_release(&out);
    forward_queue_free(q);
}

static void test_more_than_there_are_addresses_for_is_no_memory(void **state)
{
    (void)state;
    assert_null(forward_queue_new(1, SIZE_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_come_out_in_order_and_are_gone_when_confirmed),
        cmocka_unit_test(test_a_full_queue_drops_the_oldest_one_by_one),
        cmocka_unit_test(test_a_bound_on_bytes_drops_as_many_as_the_new_one_needs),
        cmocka_unit_test(test_an_object_larger_than_the_queue_is_dropped_alone),
        cmocka_unit_test(test_what_is_in_doubt_comes_back_first_and_in_order),
        cmocka_unit_test(test_what_is_in_doubt_is_not_dropped),
        cmocka_unit_test(test_a_take_ends_where_its_bytes_are_used_up),
        cmocka_unit_test(test_an_object_that_does_not_fit_the_reply_waits),
        cmocka_unit_test(test_a_loss_is_told_where_it_happened),
        cmocka_unit_test(test_the_account_of_a_loss_comes_again_as_it_was),
        cmocka_unit_test(test_other_bounds_lose_nothing_that_waits),
        cmocka_unit_test(test_the_queue_is_a_list_with_bounds_whatever_is_done),
        cmocka_unit_test(test_any_thread_pushes_while_one_takes),
        cmocka_unit_test(test_more_than_there_are_addresses_for_is_no_memory),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
