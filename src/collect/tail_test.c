#include "collect/tail.h"

#include "base/span.h"
#include "support/test.h"

/* A letter is a line. */
static size_t marks_of(const char *letters, struct line_mark ret[64])
{
    const size_t count = strlen(letters);

    for (size_t i = 0; i < count; i++)
        ret[i] = (struct line_mark){ tail_hash((struct span){ letters + i, 1 }), i + 1 };
    return count;
}

static void add(struct tail *t, const char *letters, size_t keep)
{
    struct line_mark marks[64];
    const size_t count = marks_of(letters, marks);

    assert_int_equal(tail_add(t, marks, count, keep), OU_OK);
}

static size_t match(struct tail *t, const char *letters, bool first)
{
    struct line_mark marks[64];
    const size_t count = marks_of(letters, marks);
    size_t repeats = 99;

    assert_int_equal(tail_match(t, marks, count, first, &repeats), OU_OK);
    return repeats;
}

static void test_the_longest_start_of_a_reply_that_is_the_end_is_found(void **state)
{
    static const struct {
        const char *tail, *reply;
        size_t repeats;
    } cases[] = {
        { "", "abc", 0 },          { "abc", "", 0 },          { "abc", "def", 0 },
        { "abc", "abc", 3 },       { "abc", "abcd", 3 },      { "abc", "bcde", 2 },
        { "abc", "cab", 1 },       { "abab", "abab", 4 },     { "abab", "abc", 2 },
        { "aaaa", "aaaaaaaa", 4 }, { "aabaab", "aabaac", 3 }, { "abcabd", "abcabc", 0 },
        { "aaab", "aab", 3 },      { "xabcy", "abcz", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        struct tail t;

        tail_init(&t);
        add(&t, cases[i].tail, 64);
        assert_int_equal(match(&t, cases[i].reply, true), cases[i].repeats);
        tail_release(&t);
    }
}

/* The search against one that tries every length. */
static void test_the_search_finds_what_trying_all_lengths_finds(void **state)
{
    uint32_t random = 1;

    (void)state;
    for (int run = 0; run < 20000; run++) {
        char tail[17] = "", reply[17] = "";
        size_t tail_len, reply_len, longest = 0, got;
        struct tail t;

        random = random * 1103515245 + 12345;
        tail_len = random >> 16 & 15;
        reply_len = random >> 20 & 15;
        for (size_t i = 0; i < 16; i++) {
            random = random * 1103515245 + 12345;
            if (i < tail_len)
                tail[i] = (char)('a' + (random >> 16) % 2);
            if (i < reply_len)
                reply[i] = (char)('a' + (random >> 20) % 2);
        }
        for (size_t k = 1; k <= tail_len && k <= reply_len; k++)
            if (memcmp(tail + tail_len - k, reply, k) == 0)
                longest = k;
        tail_init(&t);
        add(&t, tail, 64);
        got = match(&t, reply, true);
        if (reply_len > 0 && strstr(tail, reply))
            assert_int_equal(got, reply_len); /* wholly inside */
        else
            assert_int_equal(got, longest);
        tail_release(&t);
    }
}

static void test_only_the_first_reply_is_looked_for(void **state)
{
    struct tail t;

    (void)state;
    tail_init(&t);
    add(&t, "abc", 64);
    assert_int_equal(match(&t, "c", false), 0);
    assert_int_equal(match(&t, "c", true), 1);
    assert_int_equal(match(&t, "c", false), 0);
    tail_release(&t);
}

static void test_a_repetition_ends_where_something_else_comes(void **state)
{
    struct tail t;

    (void)state;
    tail_init(&t);
    add(&t, "abcdef", 64);
    assert_int_equal(match(&t, "ab", true), 2);
    assert_int_equal(match(&t, "cx", false), 1);
    assert_int_equal(match(&t, "d", false), 0);
    tail_release(&t);
}

static void test_so_many_lines_as_are_wanted_are_known(void **state)
{
    struct tail t;

    (void)state;
    tail_init(&t);
    add(&t, "abcd", 3);
    assert_int_equal(t.count, 4); /* one reply is known as a whole */
    add(&t, "e", 3);
    assert_int_equal(t.count, 3);
    assert_int_equal(match(&t, "cdef", true), 3);
    assert_int_equal(match(&t, "bcde", true), 0);
    tail_release(&t);
}

static void test_whole_lines_of_files_are_put_in_front(void **state)
{
    struct tail t;

    (void)state;
    tail_init(&t);
    assert_int_equal(tail_prepend(&t, span_of("cut\nd\ne\ntorn"), false, 64), OU_OK);
    assert_int_equal(t.count, 2);
    assert_int_equal(tail_prepend(&t, span_of("a\nb\nc\n"), true, 4), OU_OK);
    assert_int_equal(t.count, 4);
    assert_int_equal(match(&t, "bcdef", true), 4);
    assert_int_equal(tail_prepend(&t, span_of("z\n"), true, 4), OU_OK);
    assert_int_equal(t.count, 4);
    assert_int_equal(tail_prepend(&t, span_of(""), true, 64), OU_OK);
    assert_int_equal(tail_prepend(&t, span_of("torn"), true, 64), OU_OK);
    assert_int_equal(t.count, 4);
    tail_release(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_longest_start_of_a_reply_that_is_the_end_is_found),
        cmocka_unit_test(test_the_search_finds_what_trying_all_lengths_finds),
        cmocka_unit_test(test_only_the_first_reply_is_looked_for),
        cmocka_unit_test(test_a_repetition_ends_where_something_else_comes),
        cmocka_unit_test(test_so_many_lines_as_are_wanted_are_known),
        cmocka_unit_test(test_whole_lines_of_files_are_put_in_front),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
