#include "study/comparable.h"

#include "study/sample_runs_test.h"

struct sides {
    struct run_set a, b;
    struct arena memory;
    struct fact_difference *differences;
    size_t count, unknown;
};

#define FACTS(run, ...)                                 \
    ((run)->facts = (struct run_fact[]){ __VA_ARGS__ }, \
     (run)->fact_count = sizeof((struct run_fact[]){ __VA_ARGS__ }) / sizeof(struct run_fact))

static void begin(struct sides *s, size_t a, size_t b)
{
    *s = (struct sides){ 0 };
    sample_runs(&s->a, "base", a, NULL, 0);
    sample_runs(&s->b, "new", b, NULL, 0);
    arena_init(&s->memory, allocator_libc(), 1 << 20);
}

static void differ(struct sides *s)
{
    const struct run_set *const sets[] = { &s->a, &s->b };
    struct ou_error err = { 0 };

    assert_int_equal(
        runs_differ(sets, 2, &s->memory, &s->differences, &s->count, &s->unknown, &err), OU_OK);
}

static void end(struct sides *s)
{
    run_set_release(&s->a);
    run_set_release(&s->b);
    arena_release(&s->memory);
}

static void is_difference(const struct fact_difference *d, const char *group, const char *name,
                          const char *value_a, const char *value_b, const char *run_b)
{
    assert_string_equal(d->group, group);
    assert_string_equal(d->name, name);
    if (value_a)
        assert_string_equal(d->value_a, value_a);
    else
        assert_null(d->value_a);
    if (value_b)
        assert_string_equal(d->value_b, value_b);
    else
        assert_null(d->value_b);
    assert_string_equal(d->run_a, "base-1");
    assert_string_equal(d->run_b, run_b);
}

static void test_runs_of_the_same_do_not_differ(void **state)
{
    struct sides s;

    (void)state;
    begin(&s, 2, 2);
    FACTS(&s.a.runs[0], { "profile", "", "p" }, { "genesis", "epochLength", "600" });
    FACTS(&s.a.runs[1], { "profile", "", "p" }, { "genesis", "epochLength", "600" });
    FACTS(&s.b.runs[0], { "genesis", "epochLength", "600" }, { "profile", "", "p" });
    FACTS(&s.b.runs[1], { "genesis", "epochLength", "600" }, { "profile", "", "p" });
    differ(&s);
    assert_int_equal(s.count, 0);
    assert_int_equal(s.unknown, 0);
    end(&s);
}

static void test_each_name_is_told_once_with_the_first_run_that_differs(void **state)
{
    struct sides s;

    (void)state;
    begin(&s, 2, 2);
    FACTS(&s.a.runs[0], { "profile", "", "p" }, { "workload", "tps", "15" });
    FACTS(&s.a.runs[1], { "profile", "", "p" }, { "workload", "tps", "12" });
    FACTS(&s.b.runs[0], { "profile", "", "q" }, { "workload", "tps", "12" });
    FACTS(&s.b.runs[1], { "profile", "", "r" }, { "workload", "tps", "15" });
    differ(&s);
    assert_int_equal(s.count, 2);
    is_difference(&s.differences[0], "workload", "tps", "15", "12", "base-2");
    is_difference(&s.differences[1], "profile", "", "p", "q", "new-1");
    end(&s);
}

static void test_what_one_run_lacks_is_a_difference_where_all_is_told(void **state)
{
    struct sides s;

    (void)state;
    begin(&s, 1, 2);
    FACTS(&s.a.runs[0], { "workload", "tps", "15" });
    FACTS(&s.b.runs[0], { "workload", "tps", "15" }, { "workload", "plutusScript", "Loop" });
    FACTS(&s.b.runs[1], { "workload", "utxo", "1" });
    differ(&s);
    assert_int_equal(s.count, 3);
    is_difference(&s.differences[0], "workload", "plutusScript", NULL, "Loop", "new-1");
    is_difference(&s.differences[1], "workload", "tps", "15", NULL, "new-2");
    is_difference(&s.differences[2], "workload", "utxo", NULL, "1", "new-2");
    end(&s);
}

static void test_what_a_table_does_not_tell_is_unknown(void **state)
{
    struct sides s;

    (void)state;
    begin(&s, 1, 1);
    s.b.runs[0].source = RUN_FROM_TABLE;
    FACTS(&s.a.runs[0], { "genesis", "epochLength", "600" }, { "workload", "utxo", "1" },
          { "workload", "tps", "15" }, { "era", "", "conway" });
    FACTS(&s.b.runs[0], { "workload", "tps", "15" }, { "workload", "", "value" },
          { "era", "", "babbage" });
    differ(&s);
    assert_int_equal(s.count, 1);
    is_difference(&s.differences[0], "era", "", "conway", "babbage", "new-1");
    assert_int_equal(s.unknown, 2); /* genesis, workload */
    end(&s);
}

static void test_a_refusal_lists_the_first_differences(void **state)
{
    const struct fact_difference differences[] = {
        { "profile", "", "p", "q", "base-1", "new-1" },
        { "workload", "tps", NULL, "15", "base-1", "new-2" },
        { "a", "1", "x", "y", "b", "n" },
        { "a", "2", "x", "y", "b", "n" },
        { "a", "3", "x", "y", "b", "n" },
        { "a", "4", "x", "y", "b", "n" },
        { "a", "5", "x", "y", "b", "n" },
        { "a", "6", "x", "y", "b", "n" },
    };
    struct ou_error err = { 0 };

    (void)state;
    assert_int_equal(runs_refuse(differences, 8, &err), OU_INVALID);
    assert_string_equal(err.text,
                        "the runs differ in what has to be the same: profile: p in base-1, q in "
                        "new-1; workload tps: none in base-1, 15 in new-2; a 1: x in b, y in n; "
                        "a 2: x in b, y in n; a 3: x in b, y in n; a 4: x in b, y in n; and 2 "
                        "more (--allow-different takes them all the same)");
}

/* --- A run given twice ----------------------------------------------------------------- */

static const struct finished_run once = { .source = RUN_FROM_ANALYSIS,
                                          .operand = "runs/a",
                                          .title = "a",
                                          .name = "a",
                                          .tag = "a",
                                          .profile = "p",
                                          .started_ns = 5,
                                          .checksum = "12" };

static void test_a_run_is_known_by_its_file_or_by_what_it_was(void **state)
{
    struct finished_run other = once;

    (void)state;
    other.name = other.title = "a #2";
    assert_true(is_same_run(&once, &other)); /* the same file */
    other.checksum = "13";
    assert_true(is_same_run(&once, &other)); /* analysed again */
    other.profile = "q";
    assert_false(is_same_run(&once, &other));
    other.checksum = "12";
    assert_true(is_same_run(&once, &other));
    other = once;
    other.checksum = "13";
    other.tag = "b";
    assert_false(is_same_run(&once, &other));
    other = once;
    other.checksum = "13";
    other.started_ns = 6;
    assert_false(is_same_run(&once, &other));
}

static void test_a_published_run_is_known_by_its_workload_and_start(void **state)
{
    struct run_fact value = { "workload", "", "value" }, plutus = { "workload", "", "plutus" };
    struct finished_run a = once, b;

    (void)state;
    a.source = RUN_FROM_TABLE;
    a.tag = a.profile = NULL;
    a.facts = &value;
    a.fact_count = 1;
    b = a;
    b.name = "10.7";
    assert_true(is_same_run(&a, &b));
    b.facts = &plutus;
    assert_false(is_same_run(&a, &b));
    b = a;
    b.started_ns = 6;
    assert_false(is_same_run(&a, &b)); /* though of one table, with one checksum */
}

static void test_copies_are_left_out_or_refused_by_their_operands(void **state)
{
    struct finished_run runs[3] = { once, once, once };
    const struct finished_run *distinct[3];
    struct run_set set = { .runs = runs, .count = 3 }, other = { .runs = runs + 2, .count = 1 };
    struct ou_error err = { 0 };

    (void)state;
    runs[1].checksum = runs[1].tag = runs[1].name = "b";
    runs[2].operand = "set.json";
    assert_int_equal(runs_distinct(&set, distinct), 2);
    assert_ptr_equal(distinct[0], &runs[0]);
    assert_ptr_equal(distinct[1], &runs[1]);
    assert_int_equal(runs_once(&set, &set, &err), OU_INVALID);
    assert_string_equal(err.text,
                        "a stands there twice, as runs/a and as set.json; leave one of them out");
    set.count = 2;
    assert_int_equal(runs_once(&set, &set, &err), OU_OK);
    assert_int_equal(runs_once(&set, &other, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "a stands there twice, on two sides, as runs/a"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_runs_of_the_same_do_not_differ),
        cmocka_unit_test(test_each_name_is_told_once_with_the_first_run_that_differs),
        cmocka_unit_test(test_what_one_run_lacks_is_a_difference_where_all_is_told),
        cmocka_unit_test(test_what_a_table_does_not_tell_is_unknown),
        cmocka_unit_test(test_a_refusal_lists_the_first_differences),
        cmocka_unit_test(test_a_run_is_known_by_its_file_or_by_what_it_was),
        cmocka_unit_test(test_a_published_run_is_known_by_its_workload_and_start),
        cmocka_unit_test(test_copies_are_left_out_or_refused_by_their_operands),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
