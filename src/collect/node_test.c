/* Names of nodes, and the registry. */
#include "collect/node.h"

#include <stdio.h>

#include "base/time.h"
#include "support/test.h"

static const char *cleaned(const char *text)
{
    static char name[NODE_NAME_ROOM];

    node_clean_name(text, name);
    return name;
}

static const char *slug_of(const char *name)
{
    static char slug[NODE_NAME_ROOM];

    node_slug(name, slug);
    return slug;
}

static const char *folder_of(const char *name)
{
    static char folder[NODE_NAME_ROOM];

    node_folder(name, folder);
    return folder;
}

static void test_a_name_is_made_of_what_a_node_calls_itself(void **state)
{
    (void)state;
    assert_string_equal(cleaned("node-0"), "node-0");
    assert_string_equal(cleaned("127.0.0.1:30004"), "127.0.0.1_30004");
    assert_string_equal(cleaned("\"tmp/forwarder.sock@0\""), "tmp/forwarder.sock_0");
    assert_string_equal(cleaned("a b\tc'd\"e:f@g"), "a_b_c_d_e_f_g");
    assert_string_equal(cleaned("who?*\x01 is"), "who_is");
    assert_string_equal(cleaned("  /..relay../ "), "relay");
    assert_string_equal(cleaned("\xc3\xa9t\xc3\xa9"), "\xc3\xa9t\xc3\xa9");
    assert_string_equal(cleaned("a\xc2\x9b"
                                "31mb\xc2\x80\xc2\xa0"),
                        "a31mb\xc2\xa0");
    assert_string_equal(cleaned("..//.."), "");
    assert_string_equal(cleaned(""), "");
}

static void test_a_long_name_is_cut_between_characters(void **state)
{
    char text[3 * NODE_NAME_ROOM];

    (void)state;
    memset(text, 'a', sizeof(text));
    text[sizeof(text) - 1] = '\0';
    assert_int_equal(strlen(cleaned(text)), NODE_NAME_ROOM - 1);
    for (size_t i = 0; i + 2 < sizeof(text); i += 2)
        memcpy(text + i, "\xc3\xa9", 2);
    text[sizeof(text) - 2] = '\0';
    assert_int_equal(strlen(cleaned(text)), NODE_NAME_ROOM - 2);
}

static void test_a_slug_has_letters_digits_and_hyphens(void **state)
{
    (void)state;
    assert_string_equal(slug_of("127.0.0.1:30004"), "12700130004");
    assert_string_equal(slug_of("Node-A_1/b"), "node-a1b");
    assert_string_equal(slug_of("\xc3\xa9"), "");
}

static void test_a_folder_is_one_and_inside(void **state)
{
    (void)state;
    assert_string_equal(folder_of("relay_1"), "relay_1");
    assert_string_equal(folder_of("tmp/forwarder.sock_0"), "forwarder.sock_0");
    assert_string_equal(folder_of("a/.."), "a");
    assert_string_equal(folder_of("a/b/."), "ab");
    assert_string_equal(folder_of("abc/"), "abc");
}

/* --- The registry --------------------------------------------------------------------------- */

static void test_a_node_that_comes_again_is_the_same(void **state)
{
    struct collector_nodes nodes = { .at = NULL };
    struct collector_node *first = nodes_enter(&nodes, "id@0", "relay", 10);

    (void)state;
    assert_string_equal(first->name, "relay");
    assert_string_equal(first->slug, "relay");
    assert_int_equal(first->number, 1);
    first->counts.objects = 5;
    nodes_leave(&nodes, first, "the connection has ended", 20);
    assert_false(first->is_connected);
    assert_string_equal(first->why_gone, "the connection has ended");
    assert_ptr_equal(nodes_enter(&nodes, "id@1", "relay", 30), first);
    assert_string_equal(first->id, "id@1");
    assert_string_equal(first->why_gone, "");
    assert_int_equal(first->counts.objects, 5);
    assert_int_equal(first->counts.connections, 2);
    assert_int_equal(nodes.count, 1);
    nodes_release(&nodes);
}

static void test_a_name_that_is_taken_gives_way_to_the_id(void **state)
{
    struct collector_nodes nodes = { .at = NULL };
    struct collector_node *third;

    (void)state;
    nodes_enter(&nodes, "id@0", "relay", 1);
    assert_string_equal(nodes_enter(&nodes, "id@1", "relay", 1)->name, "id@1");
    assert_string_equal(nodes_enter(&nodes, "id@2", NULL, 1)->name, "id@2");
    /* One that says it is called like another's id. */
    third = nodes_enter(&nodes, "id@2", NULL, 1);
    assert_string_not_equal(third->name, "id@2");
    assert_int_equal(nodes.count, 4);
    nodes_release(&nodes);
}

static void test_slugs_and_folders_are_nobody_elses(void **state)
{
    struct collector_nodes nodes = { .at = NULL };
    const char *names[] = { "a.b", "ab", "a_b", "x/ab", "\xc3\xa9", "\xc3\xa8", "ab-3", "x/y/ab" };

    (void)state;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
        nodes_enter(&nodes, "id", names[i], 1);
    for (size_t i = 0; i < nodes.count; i++) {
        assert_string_not_equal(nodes.at[i]->slug, "");
        assert_string_not_equal(nodes.at[i]->folder, "");
        assert_ptr_equal(nodes_by_slug(&nodes, span_of(nodes.at[i]->slug)), nodes.at[i]);
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(nodes.at[i]->folder, nodes.at[j]->folder);
    }
    assert_string_equal(nodes.at[0]->slug, "ab");
    nodes_release(&nodes);
}

static void test_a_node_is_forgotten_after_a_day(void **state)
{
    const int64_t day = 86400 * NS_PER_SECOND;
    struct collector_nodes nodes = { .at = NULL };

    (void)state;
    nodes_leave(&nodes, nodes_enter(&nodes, "1", "gone", 0), "", 5);
    nodes_leave(&nodes, nodes_enter(&nodes, "2", "recent", 0), "", day);
    nodes_enter(&nodes, "3", "here", 0);
    nodes_enter(&nodes, "4", "new", day + 6);
    assert_int_equal(nodes.count, 3);
    assert_string_equal(nodes.at[0]->name, "recent");
    assert_string_equal(nodes.at[2]->name, "new");
    nodes_release(&nodes);
}

static void test_there_are_so_many_nodes_and_no_more(void **state)
{
    struct collector_nodes nodes = { .at = NULL };
    char name[32];

    (void)state;
    for (int i = 0; i < NODES_MAX; i++) {
        snprintf(name, sizeof(name), "n%d", i);
        assert_non_null(nodes_enter(&nodes, name, name, 1));
    }
    assert_null(nodes_enter(&nodes, "one", "more", 1));
    nodes_leave(&nodes, nodes.at[7], "", 3);
    nodes_leave(&nodes, nodes.at[9], "", 2);
    assert_string_equal(nodes_enter(&nodes, "one", "more", 4)->name, "more");
    assert_string_equal(nodes.at[9]->name, "n10"); /* n9 had been gone the longest */
    assert_string_equal(nodes.at[7]->name, "n7");
    nodes_release(&nodes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_name_is_made_of_what_a_node_calls_itself),
        cmocka_unit_test(test_a_long_name_is_cut_between_characters),
        cmocka_unit_test(test_a_slug_has_letters_digits_and_hyphens),
        cmocka_unit_test(test_a_folder_is_one_and_inside),
        cmocka_unit_test(test_a_node_that_comes_again_is_the_same),
        cmocka_unit_test(test_a_name_that_is_taken_gives_way_to_the_id),
        cmocka_unit_test(test_slugs_and_folders_are_nobody_elses),
        cmocka_unit_test(test_a_node_is_forgotten_after_a_day),
        cmocka_unit_test(test_there_are_so_many_nodes_and_no_more),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
