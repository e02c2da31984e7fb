#include "logs/catalogue.h"

#include <pthread.h>

#include "support/test.h"

static enum event_kind find(const char *ns, const char *kind)
{
    return catalogue_find(span_of(ns), span_of(kind));
}

static void test_every_event_has_a_name_of_its_own_and_says_what_it_is(void **state)
{
    (void)state;
    for (int i = 0; i < EVENT_KINDS; i++) {
        assert_true(event_infos[i].name[0] && event_infos[i].help[0]);
        for (int k = 0; k < i; k++)
            assert_string_not_equal(event_infos[i].name, event_infos[k].name);
    }
}

static void test_the_first_of_the_four_steps_that_hits_wins(void **state)
{
    (void)state;
    /* namespace among the current names, over any kind */
    assert_int_equal(find("Forge.Loop.NodeIsLeader", "TraceNodeNotLeader"), EVENT_NODE_IS_LEADER);
    /* namespace among the early names, over any kind */
    assert_int_equal(find("Forge.NodeIsLeader", "TraceNodeNotLeader"), EVENT_NODE_IS_LEADER);
    /* kind among the early names, with and without its prefix */
    assert_int_equal(find("x", "Forge.NodeNotLeader"), EVENT_NODE_NOT_LEADER);
    assert_int_equal(find("x", "Cardano.Node.Forge.NodeNotLeader"), EVENT_NODE_NOT_LEADER);
    /* kind among the legacy kinds */
    assert_int_equal(find("cardano.node.Forge", "TraceNodeNotLeader"), EVENT_NODE_NOT_LEADER);
}

static void test_a_name_counts_only_where_it_stands(void **state)
{
    (void)state;
    assert_int_equal(find("TraceNodeIsLeader", ""), EVENT_NONE);
    assert_int_equal(find("x", "Forge.Loop.NodeIsLeader"), EVENT_NONE);
    assert_int_equal(find("Cardano.Node.Forge.NodeIsLeader", ""), EVENT_NONE);
    assert_int_equal(find("x", "Cardano.Node.TraceNodeIsLeader"), EVENT_NONE);
    assert_int_equal(find("x", "Cardano.Node."), EVENT_NONE);
    assert_int_equal(catalogue_find_namespace(span_of("Forge.NodeIsLeader")), EVENT_NODE_IS_LEADER);
    assert_int_equal(catalogue_find_namespace(span_of("TraceNodeIsLeader")), EVENT_NONE);
}

static void test_names_are_found_whole_or_not_at_all(void **state)
{
    (void)state;
    assert_int_equal(find("Forge.Loop.NodeIsLeade", ""), EVENT_NONE);
    assert_int_equal(find("Forge.Loop.NodeIsLeader2", ""), EVENT_NONE);
    assert_int_equal(find("forge.loop.nodeisleader", ""), EVENT_NONE);
    assert_int_equal(find("", ""), EVENT_NONE);
    assert_int_equal(catalogue_find((struct span){ 0 }, (struct span){ 0 }), EVENT_NONE);
}

static void *find_in_thread(void *found)
{
    *(enum event_kind *)found = find("Resources", "");
    return NULL;
}

static void test_many_threads_may_ask_at_once(void **state)
{
    enum { THREADS = 8 };
    enum event_kind found[THREADS];
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_in_thread, &found[i]), 0);
    for (int i = 0; i < THREADS; i++) {
        pthread_join(threads[i], NULL);
        assert_int_equal(found[i], EVENT_RESOURCES);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_threads_may_ask_at_once), /* first: the index is built then */
        cmocka_unit_test(test_every_event_has_a_name_of_its_own_and_says_what_it_is),
        cmocka_unit_test(test_the_first_of_the_four_steps_that_hits_wins),
        cmocka_unit_test(test_a_name_counts_only_where_it_stands),
        cmocka_unit_test(test_names_are_found_whole_or_not_at_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
