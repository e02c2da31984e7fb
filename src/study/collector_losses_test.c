#include "study/collector_losses.h"

#include <stdio.h>
#include <sys/stat.h>

#include "support/files.h"
#include "support/near.h"

#define LOST(node, lost)                                                                 \
    "{\"at\":\"2026-11-23T05:15:51.6Z\",\"ns\":\"Tracer.LinesLost\",\"data\":{\"kind\":" \
    "\"TracerLinesLost\",\"nodeName\":\"" node "\",\"lost\":" lost ",\"total\":99},"     \
    "\"sev\":\"Error\",\"thread\":\"1\",\"host\":\"tracer\"}\n"
#define OTHER                                                                               \
    "{\"ns\":\"Tracer.WriteFailed\",\"data\":{\"nodeName\":\"node-0\",\"why\":\"full\"}}\n" \
    "{\"ns\":\"Tracer.Error\",\"data\":{\"why\":\"Tracer.LinesLost\",\"lost\":1000}}\n"

/* NULL: the collector left nothing. */
static double losses_in(const char *output)
{
    struct temp_dir dir;
    double lost = 0;

    temp_dir_make(&dir);
    if (output) {
        FILE *f;

        assert_int_equal(mkdir(temp_path(&dir, "tracer"), 0755), 0);
        f = fopen(temp_path(&dir, "tracer/stdout"), "w");
        assert_non_null(f);
        fputs(output, f);
        fclose(f);
    }
    assert_int_equal(collector_losses_read(dir.path, &lost, NULL), OU_OK);
    temp_dir_remove(&dir);
    return lost;
}

static void test_lines_that_were_given_up_are_added_up(void **state)
{
    (void)state;
    assert_near(losses_in(LOST("node-0", "3") OTHER LOST("node-1", "40") LOST("node-0", "1")), 44,
                0);
    assert_near(losses_in(OTHER "words\n"), 0, 0);
    assert_near(losses_in(""), 0, 0);
}

static void test_what_is_not_told_is_not_known(void **state)
{
    (void)state;
    assert_true(isnan(losses_in(NULL)));
    assert_true(isnan(losses_in(LOST("node-0", "3") LOST("node-0", "\"x\""))));
    assert_true(isnan(losses_in("{\"ns\":\"Tracer.LinesLost\",\"data\":{\"lo")));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines_that_were_given_up_are_added_up),
        cmocka_unit_test(test_what_is_not_told_is_not_known),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
