#include "logs/collected.h"

#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

static void test_the_ending_tells_the_form(void **state)
{
    static const struct {
        const char *name;
        enum collected_form form;
    } cases[] = {
        { "node-2026-03-22T06-24-52.json", COLLECTED_MACHINE },
        { "node-2026-03-22T06-24-52.json.gz", COLLECTED_MACHINE },
        { "node-2026-03-22T06-24-52.scjson", COLLECTED_LEGACY },
        { "node-2026-03-22T06-24-52.scjson.zst", COLLECTED_LEGACY },
        { "node-2026-03-22T06-24-52.log", COLLECTED_HUMAN },
        { "node-2026-03-22T06-24-52.log.gz", COLLECTED_HUMAN },
        { "node-2026-03-22T06-24-52.txt", COLLECTED_NOT },
        { "node-2026-03-22T06-24-52", COLLECTED_NOT },
        { "node-2026-03-22T06-24-52.gz", COLLECTED_NOT },
        { "node-2026-03-22T06-24-52.json.gz.gz", COLLECTED_NOT },
        { "node-2026-03-22T06:24:52.json", COLLECTED_NOT },
        { "node-2026-03-22.json", COLLECTED_NOT },
        { "node-2026-03-22T06-24-5x.json", COLLECTED_NOT },
        { "node-20", COLLECTED_NOT },
        { "xnode-2026-03-22T06-24-52.json", COLLECTED_NOT },
        { "node.json", COLLECTED_NOT },
        { "", COLLECTED_NOT },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (collected_form_of(cases[i].name) != cases[i].form)
            fail_msg("%s has form %d", cases[i].name, (int)collected_form_of(cases[i].name));
}

static void test_a_collectors_link_leads_to_a_file_beside_it(void **state)
{
    static const struct {
        const char *name, *target;
        bool is_link;
    } cases[] = {
        { "node.json", "node-2026-03-22T06-24-52.json", true },
        { "node.scjson", "node-2026-03-22T06-24-52.scjson", true },
        { "node.log", "node-2026-03-22T06-24-52.log", true },
        { "node.log", "node-2026-03-22T06-24-52.json", false },
        { "node.json", "../b/node-2026-03-22T06-24-52.json", false },
        { "node.json", "node-0.json", false },
        { "other.json", "node-2026-03-22T06-24-52.json", false },
        { "node.txt", "node-2026-03-22T06-24-52.txt", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct temp_dir dir;
        const char *path;

        temp_dir_make(&dir);
        path = temp_path(&dir, cases[i].name);
        assert_int_equal(symlink(cases[i].target, path), 0);
        if (collected_is_link(path) != cases[i].is_link)
            fail_msg("%s -> %s", cases[i].name, cases[i].target);
        temp_dir_remove(&dir);
    }
}

static void test_a_file_is_no_link(void **state)
{
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    assert_false(collected_is_link(temp_file(&dir, "node.json", "{}\n")));
    assert_false(collected_is_link(temp_path(&dir, "node.log")));
    assert_false(collected_is_link("node."));
    temp_dir_remove(&dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_ending_tells_the_form),
        cmocka_unit_test(test_a_collectors_link_leads_to_a_file_beside_it),
        cmocka_unit_test(test_a_file_is_no_link),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
