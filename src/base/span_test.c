#include "base/span.h"

#include "support/guard.h"
#include "support/test.h"

static void test_spans_compare_by_their_bytes(void **state)
{
    (void)state;
    assert_true(span_equal(span_of("ab"), (struct span){ "abc", 2 }));
    assert_false(span_equal(span_of("ab"), span_of("abc")));
    assert_false(span_equal(span_of("ab"), span_of("ac")));
    assert_true(span_equal((struct span){ NULL, 0 }, span_of("")));
    assert_true(span_is(span_of("ab"), "ab"));
    assert_false(span_is((struct span){ "ab\0", 3 }, "ab"));
}

static void test_starts_and_ends_are_found(void **state)
{
    (void)state;
    assert_true(span_starts(span_of("node-1.json"), "node"));
    assert_true(span_ends(span_of("node-1.json"), ".json"));
    assert_true(span_starts(span_of("node"), "node") && span_ends(span_of("node"), "node"));
    assert_true(span_starts(span_of("x"), "") && span_ends(span_of("x"), ""));
    assert_false(span_starts(span_of("nod"), "node"));
    assert_false(span_ends(span_of("json"), ".json"));
    assert_false(span_ends(span_of("a.jsonx"), ".json"));
}

static void test_short_spans_are_not_read_beyond_their_end(void **state)
{
    struct guarded g = guard_copy("no", 2);
    struct span text = { g.at, g.len };

    (void)state;
    assert_false(span_starts(text, "node"));
    assert_false(span_ends(text, "node"));
    assert_false(span_is(text, "node"));
    guard_release(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_spans_compare_by_their_bytes),
        cmocka_unit_test(test_starts_and_ends_are_found),
        cmocka_unit_test(test_short_spans_are_not_read_beyond_their_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
