#include "base/utf8.h"

#include "support/guard.h"
#include "support/test.h"

/* Characters are expected in order, each with the bytes it takes; BAD(n) stands
 * for n bytes that are no character. */
struct step {
    uint32_t character;
    size_t bytes;
    bool bad;
};

#define BAD(n)          \
    {                   \
        0xfffd, n, true \
    }

static void assert_steps(const char *text, size_t len, const struct step *steps, size_t count)
{
    struct guarded copy = guard_copy(text, len); /* nothing beyond the text may be looked at */
    struct span rest = { copy.at, len };

    for (size_t i = 0; i < count; i++) {
        size_t before = rest.len;
        uint32_t character;

        assert_true(rest.len > 0);
        assert_int_equal(utf8_next(&rest, &character), !steps[i].bad);
        assert_int_equal(character, steps[i].character);
        assert_int_equal(before - rest.len, steps[i].bytes);
    }
    assert_int_equal(rest.len, 0);
    guard_release(&copy);
}

#define STEPS(text, ...)                                                             \
    do {                                                                             \
        static const struct step steps[] = { __VA_ARGS__ };                          \
        assert_steps((text), sizeof(text) - 1, steps, sizeof steps / sizeof *steps); \
    } while (0)

static void test_each_length_has_its_first_and_last_character(void **state)
{
    (void)state;
    STEPS("\0\x7f", { 0, 1, false }, { 0x7f, 1, false });
    STEPS("\xc2\x80\xdf\xbf", { 0x80, 2, false }, { 0x7ff, 2, false });
    STEPS("\xe0\xa0\x80\xef\xbf\xbf", { 0x800, 3, false }, { 0xffff, 3, false });
    STEPS("\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", { 0x10000, 4, false }, { 0x10ffff, 4, false });
}

static void test_the_neighbours_of_surrogates_are_characters(void **state)
{
    (void)state;
    STEPS("\xed\x9f\xbf\xee\x80\x80", { 0xd7ff, 3, false }, { 0xe000, 3, false });
    STEPS("\xed\xa0\x80", BAD(1), BAD(1), BAD(1));
    STEPS("\xed\xbf\xbf", BAD(1), BAD(1), BAD(1));
}

static void test_overlong_and_too_great_forms_are_bad_byte_by_byte(void **state)
{
    (void)state;
    STEPS("\xc0\xaf", BAD(1), BAD(1));
    STEPS("\xc1\xbf", BAD(1), BAD(1));
    STEPS("\xe0\x9f\xbf", BAD(1), BAD(1), BAD(1));
    STEPS("\xf0\x8f\xbf\xbf", BAD(1), BAD(1), BAD(1), BAD(1));
    STEPS("\xf4\x90\x80\x80", BAD(1), BAD(1), BAD(1), BAD(1));
    STEPS("\xf5\xff\x80", BAD(1), BAD(1), BAD(1));
}

/* Table 3-11 of the Unicode standard, version 15. */
static void test_the_start_of_a_character_is_taken_as_one(void **state)
{
    (void)state;
    STEPS("\xe1\x80\xe2\xf0\x91\x92\xf1\xbf\x41", BAD(2), BAD(1), BAD(3), BAD(2),
          { 'A', 1, false });
}

static void test_a_character_that_the_end_cuts_is_taken_as_one(void **state)
{
    (void)state;
    STEPS("\xc3", BAD(1));
    STEPS("\xe2\x82", BAD(2));
    STEPS("\xf0\x9f\x98", BAD(3));
}

/* What is no character is found at every place of words and steps of four words. */
static void test_a_text_is_valid_when_each_character_is(void **state)
{
    static const struct {
        const char *text;
        bool valid;
    } rows[] = {
        { "\xc3\xa9", true },
        { "\xf0\x9f\x98\x80", true },
        { "\x7f", true },
        { "\x80", false },
        { "\xc3", false },
        { "\xed\xa0\x80", false },
        { "\xf4\x90\x80\x80", false },
        { "\xe0\x9f\xbf", false },
    };
    char room[128];

    (void)state;
    assert_true(utf8_is_valid((struct span){ NULL, 0 }));
    for (size_t row = 0; row < sizeof rows / sizeof *rows; row++)
        for (size_t len = strlen(rows[row].text); len < 80; len++)
            for (size_t at = 0; at + strlen(rows[row].text) <= len; at++) {
                memset(room, 'a', sizeof room);
                memcpy(room + at, rows[row].text, strlen(rows[row].text));
                assert_int_equal(utf8_is_valid((struct span){ room, len }), rows[row].valid);
            }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_length_has_its_first_and_last_character),
        cmocka_unit_test(test_the_neighbours_of_surrogates_are_characters),
        cmocka_unit_test(test_overlong_and_too_great_forms_are_bad_byte_by_byte),
        cmocka_unit_test(test_the_start_of_a_character_is_taken_as_one),
        cmocka_unit_test(test_a_character_that_the_end_cuts_is_taken_as_one),
        cmocka_unit_test(test_a_text_is_valid_when_each_character_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
