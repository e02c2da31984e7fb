#include "base/suggest.h"

#include "support/test.h"

static size_t distance(const char *a, const char *b)
{
    return suggest_distance(span_of(a), span_of(b));
}

/* Textbook values of the optimal string alignment distance. */
static void test_distance_has_the_textbook_values(void **state)
{
    (void)state;
    assert_int_equal(distance("", ""), 0);
    assert_int_equal(distance("", "abc"), 3);
    assert_int_equal(distance("abc", ""), 3);
    assert_int_equal(distance("kitten", "sitting"), 3);
    assert_int_equal(distance("Saturday", "Sunday"), 3);
    assert_int_equal(distance("fromat", "format"), 1);
    assert_int_equal(distance("ca", "abc"), 3);
}

static void test_distance_does_not_depend_on_the_order(void **state)
{
    static const char *const words[] = { "analyse", "analyze", "nalyse", "man", "", "completion" };
    const size_t count = sizeof(words) / sizeof(words[0]);

    (void)state;
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++)
            assert_int_equal(distance(words[i], words[j]), distance(words[j], words[i]));
    }
}

static void test_a_text_above_the_limit_is_near_to_nothing(void **state)
{
    char longest[SUGGEST_LENGTH_MAX + 2] = { 0 };

    (void)state;
    memset(longest, 'a', SUGGEST_LENGTH_MAX);
    assert_int_equal(distance(longest, longest), 0);
    longest[SUGGEST_LENGTH_MAX] = 'a';
    assert_int_equal(distance(longest, "a"), SIZE_MAX);
    assert_int_equal(distance("a", longest), SIZE_MAX);
}

static const char *best_of(const char *given, const char *first, const char *second)
{
    struct suggestion s;

    suggest_for(&s, span_of(given));
    suggest_consider(&s, first);
    suggest_consider(&s, second);
    return s.best;
}

static void test_the_nearest_word_is_suggested(void **state)
{
    (void)state;
    assert_string_equal(best_of("fromat", "filter", "format"), "format");
    assert_string_equal(best_of("analyze", "analyse", "help"), "analyse");
    assert_string_equal(best_of("comp", "help", "completion"), "completion");
}

static void test_the_first_of_equally_near_words_is_suggested(void **state)
{
    (void)state;
    assert_string_equal(best_of("meta", "beta", "zeta"), "beta");
}

static void test_nothing_is_suggested_for_a_word_unlike_all(void **state)
{
    (void)state;
    assert_null(best_of("xylophone", "format", "filter"));
    assert_null(best_of("", "format", "filter"));
    assert_null(best_of("q", "j", "o"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_distance_has_the_textbook_values),
        cmocka_unit_test(test_distance_does_not_depend_on_the_order),
        cmocka_unit_test(test_a_text_above_the_limit_is_near_to_nothing),
        cmocka_unit_test(test_the_nearest_word_is_suggested),
        cmocka_unit_test(test_the_first_of_equally_near_words_is_suggested),
        cmocka_unit_test(test_nothing_is_suggested_for_a_word_unlike_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
