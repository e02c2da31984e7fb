#include "profile/rts_flags.h"

#include <stdio.h>
#include <string.h>

#include "profile/rts_flags_table.h"
#include "support/failing_allocator.h"
#include "support/test.h"

enum { MOST = 64 };

struct flags {
    char text[4000];
    const char *each[MOST];
    size_t count;
};

/* The words of a text. */
static struct flags *flags_of(const char *text)
{
    static struct flags f;
    char *rest = f.text;

    assert_true(strlen(text) < sizeof f.text);
    strcpy(f.text, text);
    f.count = 0;
    for (char *word; (word = strsep(&rest, " "));) {
        assert_true(f.count < MOST);
        f.each[f.count++] = word;
    }
    return &f;
}

static void assert_normal(const char *given, const char *expected)
{
    struct flags *f = flags_of(given);
    struct ou_error err = { 0 };
    struct buffer out;

    buffer_init(&out, allocator_libc(), 4000);
    if (rts_flags_normal(f->each, f->count, &out, &err))
        fail_msg("%s: %s", given, err.text);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void assert_refused(const char *given, const char *part)
{
    struct flags *f = flags_of(given);
    struct ou_error err = { 0 };

    assert_int_equal(rts_flags_check(f->each, f->count, &err), OU_INVALID);
    if (!strstr(err.text, part))
        fail_msg("%s: \"%s\" does not say \"%s\"", given, err.text, part);
}

static void test_equal_settings_have_one_form(void **state)
{
    static const char *const pairs[][2] = {
        { "-A16384k", "-A16m" },
        { "-A16M", "-A16m" },
        { "-A16777216", "-A16m" },
        { "-A16777216b", "-A16m" },
        { "-A2097152w", "-A16m" },
        { "-A0.5g", "-A512m" },
        { "-A1.5m", "-A1536k" },
        { "-A.5m", "-A512k" },
        { "-A1024m", "-A1g" },
        { "-A10001", "-A10001" },
        { "-K0", "-K0" },
        { "-N02", "-N2" },
        { "-N", "-N" },
        { "-maxN4", "-maxN4" },
        { "-xn", "--nonmoving-gc" },
        { "-g1", "-qg" },
        { "-k2k", "-ki2k" },
        { "-C", "-C0" },
        { "-C0.0", "-C0" },
        { "-V", "-V0" },
        { "-I0.0", "-I0" },
        { "-I0.30", "-I0.3" },
        { "-I.3", "-I0.3" },
        { "-I00.3", "-I0.3" },
        { "-F2.0", "-F2" },
        { "-m3.000", "-m3" },
        { "-c030", "-c30" },
        { "-qg01", "-qg1" },
        { "-Pa", "-pa" },
        { "-Scollections", "-Scollections" },
        { "--install-signal-handlers=no", "--install-signal-handlers=no" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        assert_normal(pairs[i][0], pairs[i][1]);
}

static void test_the_order_does_not_matter(void **state)
{
    (void)state;
    assert_normal("-I0 -A16m -N2", "-N2 -A16m -I0");
    assert_normal("-A16m -N2 -I0", "-N2 -A16m -I0");
    assert_normal("--disable-delayed-os-memory-return -T -qb -qg -N2 -A16m",
                  "-N2 -A16m -qg -T --disable-delayed-os-memory-return");
}

static void test_the_last_of_two_that_set_the_same_counts(void **state)
{
    (void)state;
    assert_normal("-N2 -N4", "-N4");
    assert_normal("-N4 -N", "-N");
    assert_normal("-N4 -maxN2", "-maxN2");
    assert_normal("-qg -qg1", "-qg1");
    assert_normal("-qg1 -qg", "-qg");
    assert_normal("-xn --copying-gc", "--copying-gc");
    assert_normal("-S -T -s", "-s");
    assert_normal("-ta -tb", "-tb");
    assert_normal("-c -xn --copying-gc", "--copying-gc -c");
}

/* As the run-time system has it: -c compacts always, -H alone sizes the heap by itself, -qg alone ends all that is parallel in
 * the collector. With a value none of them silences anything. */
static void test_what_has_no_effect_beside_another_flag_goes(void **state)
{
    (void)state;
    assert_normal("-c30 -c", "-c");
    assert_normal("-H1g -H", "-H");
    assert_normal("-qb1 -qn2 -qi3 -qg", "-qg");
    assert_normal("-g1 -qb", "-qg");
    assert_normal("-qg1 -qb1 -qn2", "-qg1 -qb1 -qn2");
    assert_normal("-qg -qb -qg1", "-qg1 -qb");
}

/* Nothing is kept but the text between: no flags are a setting, too. */
static void test_no_flags_are_empty(void **state)
{
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 100);
    assert_int_equal(rts_flags_normal(NULL, 0, &out, NULL), OU_OK);
    assert_string_equal(buffer_string(&out), "");
    buffer_release(&out);
}

static void test_a_slip_gets_a_suggestion(void **state)
{
    (void)state;
    assert_refused("-a16m", "did you mean -A16m?");
    assert_refused("A16m", "did you mean -A16m?");
    assert_refused("-A=16m", "did you mean -A16m?");
    assert_refused("--A16m", "did you mean -A16m?");
    assert_refused("-n2", "did you mean -N2?");
    assert_refused("-nonmoving-gc", "did you mean --nonmoving-gc?");
    assert_refused("--nonmoving-cg", "did you mean --nonmoving-gc?");
    assert_refused("--non-moving-gc", "did you mean --nonmoving-gc?");
    assert_refused("--disable-delayed-memory-return",
                   "did you mean --disable-delayed-os-memory-return?");
    assert_refused("-QG1", "did you mean -qg1?");
    assert_refused("-XN", "did you mean -xn?");
}

static void test_what_is_no_flag_is_refused(void **state)
{
    struct ou_error err = { 0 };
    const char *two = "-N2 -A16m";
    char longest[500] = "-s";

    (void)state;
    assert_refused("--no-such-thing", "RTS flag --no-such-thing is not known");
    assert_refused("-", "RTS flag - is not known");
    assert_refused("", "an empty text is none");
    assert_refused("+RTS", "leave +RTS away");
    assert_refused("-RTS", "leave -RTS away");
    assert_refused("-?", "ends the program");
    assert_refused("--info", "ends the program");
    assert_refused("-s\tx", "control character");
    assert_int_equal(rts_flags_check(&two, 1, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "each flag is a text of its own"));
    memset(longest + 2, 'x', sizeof longest - 3);
    assert_refused(longest, "is longer than 400 bytes");
    assert_refused("-Ds -Dg", "put all letters behind one");
}

/* Most of these a real run-time system takes for nought or passes over without a word, which is why they are refused here;
 * -N0, -A0, -G0, -n2, -M1k, -m101, -H1 and -qn0 it refuses, too (tried with GHC 9.0.2). */
static void test_values_have_their_range(void **state)
{
    (void)state;
    assert_refused("-N0", "whole number from 1 to 1024");
    assert_refused("-N2x", "whole number");
    assert_refused("-N99999999999999999999", "whole number");
    assert_refused("-A0", "wants a size as 512k, 16m or 1.5g, from 8k to 16384g");
    assert_refused("-A", "wants a size");
    assert_refused("-A8191", "wants a size");
    assert_refused("-A16mb", "wants a size");
    assert_refused("-A17t", "wants a size");
    assert_refused("-A20000g", "wants a size");
    assert_refused("-A999999999999999g", "wants a size");
    assert_refused("-A1.0.0m", "wants a size");
    assert_refused("-A.m", "wants a size");
    assert_refused("-G0", "whole number from 1 to 100");
    assert_refused("-I", "number from 0 to 1000000");
    assert_refused("-Ix", "number from 0");
    assert_refused("-F-1", "number from 0");
    assert_refused("-M1k", "wants a size");
    assert_refused("-m101", "number from 0 to 100");
    assert_refused("-m100.5", "number from 0 to 100");
    assert_refused("-H1", "wants a size");
    assert_refused("-qn0", "whole number");
    assert_refused("-qgx", "whole number");
    assert_refused("-qmx", "takes no value");
    assert_refused("-xnn", "takes no value");
    assert_refused("--install-signal-handlers=maybe", "wants one of: yes no");
    assert_normal("-m100", "-m100");
    assert_normal("-A8k", "-A8k");
    assert_normal("-A16384g", "-A16384g");
}

static void test_flags_that_contradict_each_other_are_refused(void **state)
{
    (void)state;
    assert_refused("-xn -c", "RTS flags -xn and -c: one collector cannot do both");
    assert_refused("-G1 --nonmoving-gc", "RTS flags --nonmoving-gc and -G1");
    assert_refused("-M32m -A64m", "RTS flags -A64m and -M32m");
    assert_refused("-H2g -M1g", "RTS flags -H2g and -M1g");
    assert_normal("-xn -c30", "--nonmoving-gc -c30");
    assert_normal("-M32m -A64m -A4m", "-A4m -M32m");
}

/* What the table says of itself: the normal form of each row reads back as itself. */
static void test_every_flag_of_the_table_is_its_own_normal_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < rts_flags_known_count; i++) {
        const struct rts_flag *flag = &rts_flags_known[i];
        static const char *const values[] = { "", "64m", "1", "0.5", "yes" };
        char given[200];
        struct flags *f;
        struct buffer once, twice;

        if (flag->sets == RTS_ENDS)
            continue;
        snprintf(given, sizeof given, "%s%s", flag->name, values[flag->value]);
        f = flags_of(given);
        buffer_init(&once, allocator_libc(), 1000);
        buffer_init(&twice, allocator_libc(), 1000);
        assert_int_equal(rts_flags_normal(f->each, 1, &once, NULL), OU_OK);
        f = flags_of(buffer_string(&once));
        assert_int_equal(rts_flags_normal(f->each, 1, &twice, NULL), OU_OK);
        assert_string_equal(buffer_string(&once), buffer_string(&twice));
        buffer_release(&once);
        buffer_release(&twice);
    }
}

static void test_too_many_flags_and_no_memory_are_told(void **state)
{
    const char *flags[RTS_FLAGS_MAX + 1];
    struct failing_allocator from;
    struct ou_error err = { 0 };
    struct buffer out;

    (void)state;
    for (size_t i = 0; i <= RTS_FLAGS_MAX; i++)
        flags[i] = "-N2";
    assert_int_equal(rts_flags_check(flags, RTS_FLAGS_MAX, NULL), OU_OK);
    assert_int_equal(rts_flags_check(flags, RTS_FLAGS_MAX + 1, &err), OU_INVALID);
    failing_allocator_init(&from, 1);
    buffer_init(&out, &from.base, 100);
    assert_int_equal(rts_flags_normal(flags, 1, &out, NULL), OU_NO_MEMORY);
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_equal_settings_have_one_form),
        cmocka_unit_test(test_the_order_does_not_matter),
        cmocka_unit_test(test_the_last_of_two_that_set_the_same_counts),
        cmocka_unit_test(test_what_has_no_effect_beside_another_flag_goes),
        cmocka_unit_test(test_no_flags_are_empty),
        cmocka_unit_test(test_a_slip_gets_a_suggestion),
        cmocka_unit_test(test_what_is_no_flag_is_refused),
        cmocka_unit_test(test_values_have_their_range),
        cmocka_unit_test(test_flags_that_contradict_each_other_are_refused),
        cmocka_unit_test(test_every_flag_of_the_table_is_its_own_normal_form),
        cmocka_unit_test(test_too_many_flags_and_no_memory_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
