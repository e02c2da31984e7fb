#include "query/label_set.h"

#include "support/guard.h"
#include "support/test.h"

/* What becomes of a text in a set that has the label node_name already; NULL: it is no set. */
static const char *taken(const char *text, struct buffer *out)
{
    struct guarded copy = guard_copy(text, strlen(text));
    struct label_set set;
    bool whole;

    buffer_clear(out);
    label_set_open(&set, out);
    label_set_add(&set, span_of("node_name"), span_of("n"));
    whole = label_set_take(&set, (struct span){ copy.at, copy.len });
    label_set_close(&set);
    guard_release(&copy);
    if (!whole)
        assert_string_equal(buffer_string(out), "{node_name=\"n\"}");
    return whole ? buffer_string(out) : NULL;
}

static void test_sets_are_written_anew(void **state)
{
    static const char *const rows[][2] = {
        { "{a=\"1\",b=\"2\"}", "{node_name=\"n\",a=\"1\",b=\"2\"}" },
        { "{ a = \"1\" , b=\"\" }", "{node_name=\"n\",a=\"1\",b=\"\"}" },
        { "{}", "{node_name=\"n\"}" },
        { "{node_name=\"other\",a=\"1\",a=\"2\",__x=\"3\"}", "{node_name=\"n\",a=\"1\"}" },
        { "{a=\"\\\"\\\\\\n\"}", "{node_name=\"n\",a=\"\\\"\\\\\\n\"}" },
        { "{a=\"\\t\\u\"}", "{node_name=\"n\",a=\"\\\\t\\\\u\"}" },
        { "{a=\"two\nlines, } { =\"}", "{node_name=\"n\",a=\"two\\nlines, } { =\"}" },
        { "{a=\"\u20ac\"}", "{node_name=\"n\",a=\"\u20ac\"}" },
    };
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1 << 16);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *got = taken(rows[i][0], &out);

        if (!got)
            fail_msg("%s is no set", rows[i][0]);
        assert_string_equal(got, rows[i][1]);
    }
    buffer_release(&out);
}

static void test_what_is_no_set_leaves_nothing_behind(void **state)
{
    static const char *const texts[] = {
        "",
        "{",
        "a",
        "{a}",
        "{a=}",
        "{a=\"1}",
        "{a=\"1\"",
        "{a=\"1\",}",
        "{a=\"1\"}x",
        "{1a=\"1\"}",
        "{a=\"1\" b=\"2\"}",
        "{a=\"\\",
        "{a=\"x\"y\"}",
        "{\u00e4=\"1\"}",
        "{a.b=\"1\"}",
        "{c=\"1\",a:b=\"1\"}",
    };
    struct buffer out;

    (void)state;
    buffer_init(&out, allocator_libc(), 1 << 16);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (taken(texts[i], &out))
            fail_msg("%s was taken: %s", texts[i], buffer_string(&out));
    buffer_release(&out);
}

static void test_values_are_escaped(void **state)
{
    struct buffer out;
    struct label_set set;

    (void)state;
    buffer_init(&out, allocator_libc(), 1 << 16);
    label_set_open(&set, &out);
    label_set_close(&set);
    assert_string_equal(buffer_string(&out), "");
    label_set_open(&set, &out);
    label_set_add(&set, span_of("a"), span_of("\"\\\n}"));
    label_set_add(&set, span_of("a"), span_of("again"));
    label_set_close(&set);
    assert_string_equal(buffer_string(&out), "{a=\"\\\"\\\\\\n}\"}");
    buffer_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sets_are_written_anew),
        cmocka_unit_test(test_what_is_no_set_leaves_nothing_behind),
        cmocka_unit_test(test_values_are_escaped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
