#include "logs/gunzip.h"

#include <stdbool.h>
#include <string.h>

#include "support/test.h"

/* "one\n" and "two\n" as `gzip -n` writes them. */
static const char one[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x4b\xe5\x02\x00"
                          "\x9f\xa8\x17\xf8\x04\x00\x00\x00";
static const char two[] = "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x2b\x29\xcf\xe7\x02\x00"
                          "\x74\x08\x17\x96\x04\x00\x00\x00";
#define ONE_BYTES (sizeof one - 1)
#define BOTH_BYTES (ONE_BYTES + sizeof two - 1)

/* Text that is fed in steps. */
struct feed {
    char text[256];
    size_t len, at, step;
    bool fails; /* at its end */
};

static ssize_t give(void *context, char *into, size_t room)
{
    struct feed *f = context;
    size_t len = f->len - f->at;

    if (len == 0)
        return f->fails ? -1 : 0;
    if (len > f->step)
        len = f->step;
    if (len > room)
        len = room;
    memcpy(into, f->text + f->at, len);
    f->at += len;
    return (ssize_t)len;
}

static struct feed both(void)
{
    struct feed f = { .len = BOTH_BYTES, .step = 256 };

    memcpy(f.text, one, ONE_BYTES);
    memcpy(f.text + ONE_BYTES, two, sizeof two - 1);
    return f;
}

/* Reads `room` bytes at a time, compares the text, and what is said at its end. */
static void assert_gives(struct feed f, size_t room, const char *wanted, const char *problem)
{
    struct gunzip *g = gunzip_new(give, &f);
    char text[64];
    size_t len = 0;
    ssize_t got;

    assert_non_null(g);
    while ((got = gunzip_read(g, text + len, room)) > 0)
        len += (size_t)got;
    assert_int_equal(got, problem || f.fails ? -1 : 0);
    assert_int_equal(len, strlen(wanted));
    assert_memory_equal(text, wanted, len);
    if (problem)
        assert_string_equal(gunzip_problem(g), problem);
    else
        assert_null(gunzip_problem(g));
    assert_int_equal(gunzip_read(g, text, room), got); /* it stays so */
    gunzip_free(g);
}

static void test_members_are_one_text_however_they_come(void **state)
{
    struct feed f = both();

    (void)state;
    for (f.step = 1; f.step <= BOTH_BYTES; f.step++)
        for (size_t room = 1; room < 10; room++)
            assert_gives(f, room, "one\ntwo\n", NULL);
}

static void test_a_cut_anywhere_is_told(void **state)
{
    struct feed whole = both();

    (void)state;
    for (size_t len = 0; len < BOTH_BYTES; len++) {
        struct feed f = whole;
        struct gunzip *g = gunzip_new(give, &f);
        char text[64];
        size_t taken = 0;
        ssize_t got;

        f.len = len;
        while ((got = gunzip_read(g, text + taken, 8)) > 0)
            taken += (size_t)got;
        assert_memory_equal(text, "one\ntwo\n", taken);
        assert_true(taken >= (len < ONE_BYTES ? 0 : 4));
        assert_int_equal(got, len == ONE_BYTES ? 0 : -1);
        if (len != ONE_BYTES)
            assert_string_equal(gunzip_problem(g), "truncated gzip input");
        gunzip_free(g);
    }
}

/* Bits that fill the last byte of the compressed text matter to nobody. */
static void test_a_changed_byte_is_told_or_changes_nothing(void **state)
{
    size_t told = 0;

    (void)state;
    for (size_t i = 10; i < ONE_BYTES; i++) {
        struct feed f = both();
        struct gunzip *g;
        char text[8192]; /* six bytes can become some hundred */
        ssize_t got;
        size_t len = 0;

        f.text[i] ^= 0x40;
        g = gunzip_new(give, &f);
        while ((got = gunzip_read(g, text + len, 8)) > 0)
            len += (size_t)got;
        told += got < 0;
        assert_int_equal(gunzip_problem(g) != NULL, got < 0);
        if (got == 0)
            assert_memory_equal(text, "one\ntwo\n", 8);
        gunzip_free(g);
    }
    assert_true(told >= ONE_BYTES - 11);
}

static void test_a_wrong_sum_is_told_behind_the_text(void **state)
{
    struct feed f = both();

    (void)state;
    f.text[ONE_BYTES - 8] ^= 1;
    assert_gives(f, 8, "one\n", "incorrect data check");
}

static void test_zeros_may_follow_and_nothing_else(void **state)
{
    struct feed f = both();

    (void)state;
    f.len += 20;
    assert_gives(f, 8, "one\ntwo\n", NULL);
    f.text[f.len++] = 'x';
    assert_gives(f, 8, "one\ntwo\n", "something else follows the compressed text");
}

static void test_a_feed_that_fails_is_no_problem_of_the_text(void **state)
{
    struct feed f = both();

    (void)state;
    f.fails = true;
    assert_gives(f, 8, "one\ntwo\n", NULL);
    f.len = 5;
    assert_gives(f, 8, "", NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_members_are_one_text_however_they_come),
        cmocka_unit_test(test_a_cut_anywhere_is_told),
        cmocka_unit_test(test_a_changed_byte_is_told_or_changes_nothing),
        cmocka_unit_test(test_a_wrong_sum_is_told_behind_the_text),
        cmocka_unit_test(test_zeros_may_follow_and_nothing_else),
        cmocka_unit_test(test_a_feed_that_fails_is_no_problem_of_the_text),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
