#include "json/check.h"

#include <jansson.h>
#include <stdlib.h>

#include "support/test.h"

static bool is_line(const char *text)
{
    return json_is_object_line(span_of(text));
}

static void test_objects_on_one_line_are_taken(void **state)
{
    static const char *const good[] = {
        "{}",
        "{ }",
        "{\"a\":1}",
        "{ \"a\" : [ ] , \"b\" : { } }",
        "{\"a\":[1,-0,0.5,-1.25e+3,1E9,0e-0,12345678901234567890],\"b\":[[],[{}],{}]}",
        "{\"a\":true,\"b\":false,\"c\":null,\"\":\"\"}",
        "{\"a\":\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u00aF\",\"\\u0041\":\"ü\xf0\x9f\x98\x80\x7f\"}",
        "{\"a\":\"a text of more than eight bytes, with a \\\" in it\",\"b\":\"12345678\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        if (!is_line(good[i]))
            fail_msg("refused: %s", good[i]);
}

static void test_everything_else_is_refused(void **state)
{
    static const char *const bad[] = {
        "",
        "{",
        "}",
        "[]",
        "1",
        "\"a\"",
        "{}}",
        "{} ",
        " {}",
        "{}{}",
        /* Brackets that close, and more behind them: this would forge members of the line around it. */
        "{},\"sev\":\"Info\",\"x\":{}",
        "{a}",
        "{1:2}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "{\"a\":[1,]}",
        "{\"a\":[,1]}",
        "{\"a\":[1}]",
        "{\"a\":{]}",
        "{\"a\":(}",
        "{\"a\":[1 2]}",
        "{\"a\":01}",
        "{\"a\":1.}",
        "{\"a\":.5}",
        "{\"a\":+1}",
        "{\"a\":-}",
        "{\"a\":1e}",
        "{\"a\":0x1}",
        "{\"a\":NaN}",
        "{\"a\":tru}",
        "{\"a\":nul}",
        "{\"a\":truely}",
        "{\"a\":\"}",
        "{\"a\":\"\\\"}",
        "{\"a\":\"\\x\"}",
        "{\"a\":\"\\u12g4\"}",
        "{\"a\":\"\\u12\"}",
        "{\"a\":\"\n\"}",
        "{\"a\":\t1}",
        "{\"a\":1\n}",
        "{\"a\":\"1234567\x1b\"}",
        "{\"a\":\"12345678\x01\"}",
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        if (is_line(bad[i]))
            fail_msg("taken: %s", bad[i]);
    assert_false(json_is_object_line((struct span){ "{\"a\":\"\0\"}", 9 }));
    assert_false(json_is_object_line((struct span){ "{\"a\":\"\\\0\"}", 10 }));
}

static bool is_line_of_depth(unsigned depth)
{
    char *text = malloc((size_t)depth * 6 + 2);
    size_t len = 0;
    bool ret;

    for (unsigned i = 0; i < depth; i++) {
        const char *opens = i % 2 ? "[" : i + 1 < depth ? "{\"a\":" : "{";

        memcpy(text + len, opens, strlen(opens));
        len += strlen(opens);
    }
    for (unsigned i = depth; i > 0; i--)
        text[len++] = i % 2 ? '}' : ']';
    ret = json_is_object_line((struct span){ text, len });
    free(text);
    return ret;
}

static void test_depth_has_an_end(void **state)
{
    (void)state;
    for (unsigned depth = 1; depth <= JSON_CHECK_DEPTH_MAX; depth++)
        assert_true(is_line_of_depth(depth));
    assert_false(is_line_of_depth(JSON_CHECK_DEPTH_MAX + 1));
    assert_false(is_line_of_depth(100000));
}

/* Of texts with a byte or two changed, what is taken here an independent reader takes, too, and the other way
 * round but for what is said in the header. */
static void test_a_reader_of_json_agrees(void **state)
{
    static const char seed[] =
        "{\"a\":[1,-2.5e3,{}],\"bc\":{\"d\":\"x\\n\\u0041y\",\"e\":null},\"f\":true}";
    static const char bytes[] = "{}[],:\"\\ 0-.eEtu1\x1f";
    char text[sizeof seed];
    unsigned taken = 0;

    (void)state;
    srand(5);
    for (int round = 0; round < 200000; round++) {
        json_t *tree;
        bool ours;

        memcpy(text, seed, sizeof seed);
        for (int i = 0; i <= round % 3; i++)
            text[(unsigned)rand() % (sizeof seed - 1)] =
                bytes[(unsigned)rand() % (sizeof bytes - 1)];
        ours = is_line(text);
        tree = json_loads(text, JSON_ALLOW_NUL, NULL);
        taken += ours;
        if (ours != (json_is_object(tree) && text[0] == '{' && text[sizeof seed - 2] == '}'))
            fail_msg("%s: %s", ours ? "taken" : "refused", text);
        json_decref(tree);
    }
    assert_true(taken > 1000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_objects_on_one_line_are_taken),
        cmocka_unit_test(test_everything_else_is_refused),
        cmocka_unit_test(test_depth_has_an_end),
        cmocka_unit_test(test_a_reader_of_json_agrees),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
