#include "cluster/deployment_hosts.h"

#include <math.h>

#include "base/time.h"
#include "cluster/deployment_fixture_test.h"

#define SECOND NS_PER_SECOND

static struct fixture f;

static int set_up(void **state)
{
    (void)state;
    fixture_begin(&f);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    fixture_end(&f);
    return 0;
}

/* ---- a cluster that changes ---- */

static bool take(json_t *allocations, int64_t now_ns)
{
    bool news = hosts_take_allocations(&f.d, allocations, now_ns);

    json_decref(allocations);
    return news;
}

static json_t *both_running(void)
{
    return json_pack("[o, o]", fixture_allocation("a0", "node-0", 10, "running"),
                     fixture_allocation("a1", "node-1", 10, "running"));
}

/* Its agent has said all that is needed. */
static void speak(size_t host, const char *allocation)
{
    struct deployed_host *h = &f.d.hosts[host];

    h->has_state = true;
    h->state.allocation = allocation;
    h->state.problem = "";
    h->state.round_trip_s = 0.01;
    h->place.port = 30000;
}

static enum stand_step step_at(int64_t now_ns)
{
    size_t host;

    return hosts_stand_step(&f.d, now_ns, &host);
}

/* ---- allocations ---- */

static void test_the_newest_allocation_is_where_a_host_stands(void **state)
{
    (void)state;
    assert_true(take(json_pack("[o, o]", fixture_allocation("new", "node-0", 20, "pending"),
                               fixture_allocation("old", "node-0", 10, "failed")),
                     SECOND));
    assert_string_equal(f.d.hosts[0].place.allocation, "new");
    assert_int_equal(f.d.hosts[0].place.failures, 1);
    assert_int_equal(host_stage(&f.d.hosts[0]), HOST_COMING);
    assert_int_equal(host_stage(&f.d.hosts[1]), HOST_UNPLACED);
}

static void test_the_same_list_is_no_news(void **state)
{
    (void)state;
    assert_true(take(both_running(), SECOND));
    assert_false(take(both_running(), 2 * SECOND));
    assert_int_equal(f.d.hosts[0].place.changed_ns, SECOND);
}

static void test_groups_of_others_and_broken_lists_change_nothing(void **state)
{
    (void)state;
    assert_false(take(json_pack("[o]", fixture_allocation("x", "node-9", 10, "running")), SECOND));
    assert_false(take(json_pack("[i, s, n, {}]", 1, "x"), SECOND));
    assert_false(take(json_object(), SECOND));
}

static void test_what_a_task_waits_for_is_known_until_it_runs(void **state)
{
    json_t *waiting = fixture_allocation("a0", "node-0", 10, "pending");

    (void)state;
    json_object_set_new(
        waiting, "TaskStates",
        json_pack("{s:{s:[{s:s}]}}", "agent", "Events", "Type", "Downloading Artifacts"));
    take(json_pack("[o]", waiting), SECOND);
    assert_string_equal(
        f.d.hosts[0].place.waits,
        "task agent: it fetches its artifacts; see that the machine reaches them if it "
        "stays so");
    take(both_running(), SECOND);
    assert_string_equal(f.d.hosts[0].place.waits, "");
}

static void test_a_host_that_moves_needs_another_address(void **state)
{
    (void)state;
    take(both_running(), SECOND);
    speak(0, "a0");
    assert_int_equal(host_stage(&f.d.hosts[0]), HOST_READY);
    take(json_pack("[o]", fixture_allocation("b0", "node-0", 30, "running")), 2 * SECOND);
    assert_int_equal(f.d.hosts[0].place.port, 0);
    assert_int_equal(host_stage(&f.d.hosts[0]), HOST_SILENT);
}

/* ---- states ---- */

static void test_only_a_newer_state_of_this_run_host_and_allocation_is_believed(void **state)
{
    const struct {
        const char *run, *host, *allocation;
        uint64_t number;
        enum state_worth wanted;
    } cases[] = {
        { f.d.run, "node-0", "a0", 8, STATE_NEWS },
        { f.d.run, "node-0", "a0", 7, STATE_OLD },
        { f.d.run, "node-0", "a0", 6, STATE_OLD },
        { f.d.run, "node-0", "b0", 900, STATE_EARLY },
        { f.d.run, "node-1", "a0", 8, STATE_FOREIGN },
        { "another", "node-0", "a0", 8, STATE_FOREIGN },
    };

    (void)state;
    take(both_running(), SECOND);
    speak(0, "a0");
    f.d.hosts[0].state.number = 7;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const struct agent_state said = { .run = cases[i].run,
                                          .host = cases[i].host,
                                          .allocation = cases[i].allocation,
                                          .number = cases[i].number };

        assert_int_equal(host_state_worth(&f.d, &f.d.hosts[0], &said), cases[i].wanted);
    }
}

static void test_a_new_allocation_counts_from_the_beginning(void **state)
{
    const struct agent_state said = {
        .run = f.d.run, .host = "node-0", .allocation = "b0", .number = 1
    };

    (void)state;
    take(both_running(), SECOND);
    speak(0, "a0");
    f.d.hosts[0].state.number = 700;
    take(json_pack("[o]", fixture_allocation("b0", "node-0", 30, "running")), 2 * SECOND);
    assert_int_equal(host_state_worth(&f.d, &f.d.hosts[0], &said), STATE_NEWS);
}

/* ---- what to do ---- */

static void test_all_hosts_have_to_have_spoken(void **state)
{
    (void)state;
    assert_int_equal(step_at(SECOND), STAND_WAIT);
    take(both_running(), SECOND);
    speak(0, "a0");
    assert_int_equal(step_at(SECOND), STAND_WAIT);
    speak(1, "a1");
    assert_int_equal(step_at(SECOND), STAND_READY);
}

static void test_an_agent_that_has_not_measured_is_waited_for(void **state)
{
    (void)state;
    take(both_running(), SECOND);
    speak(0, "a0");
    speak(1, "a1");
    f.d.hosts[1].state.round_trip_s = NAN;
    assert_int_equal(step_at(SECOND), STAND_WAIT);
}

/* Whoever waited for the logs of the replacement would do so for ever. */
static void test_a_task_in_place_of_another_is_not_the_host_of_the_run(void **state)
{
    struct deployed_host *h = &f.d.hosts[0];

    (void)state;
    take(both_running(), SECOND);
    assert_false(host_is_itself(h)); /* the run has been told of none */
    strcpy(h->site.allocation, "a0");
    assert_true(host_is_itself(h));
    take(json_pack("[o, o]", fixture_allocation("a0", "node-0", 10, "lost"),
                   fixture_allocation("b0", "node-0", 20, "running")),
         2 * SECOND);
    assert_true(host_is_alive(h));
    assert_false(host_is_itself(h));
}

static void test_a_failed_host_is_left_to_nomad_for_a_while_then_made_anew(void **state)
{
    size_t host;

    (void)state;
    take(json_pack("[o, o]", fixture_allocation("a0", "node-0", 10, "running"),
                   fixture_allocation("a1", "node-1", 10, "failed")),
         SECOND);
    assert_int_equal(step_at(5 * SECOND), STAND_WAIT);
    assert_int_equal(hosts_stand_step(&f.d, 60 * SECOND, &host), STAND_AGAIN);
    assert_int_equal(host, 1);
}

static void test_a_host_that_fails_too_often_ends_it(void **state)
{
    size_t host;

    (void)state; /* deploy_attempts is 1: it may be placed again once */
    take(json_pack("[o, o]", fixture_allocation("a1", "node-1", 10, "failed"),
                   fixture_allocation("b1", "node-1", 20, "lost")),
         SECOND);
    assert_int_equal(hosts_stand_step(&f.d, SECOND, &host), STAND_GIVE_UP);
    assert_int_equal(host, 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_newest_allocation_is_where_a_host_stands),
        TEST(test_the_same_list_is_no_news),
        TEST(test_groups_of_others_and_broken_lists_change_nothing),
        TEST(test_what_a_task_waits_for_is_known_until_it_runs),
        TEST(test_a_host_that_moves_needs_another_address),
        TEST(test_only_a_newer_state_of_this_run_host_and_allocation_is_believed),
        TEST(test_a_new_allocation_counts_from_the_beginning),
        TEST(test_all_hosts_have_to_have_spoken),
        TEST(test_an_agent_that_has_not_measured_is_waited_for),
        TEST(test_a_task_in_place_of_another_is_not_the_host_of_the_run),
        TEST(test_a_failed_host_is_left_to_nomad_for_a_while_then_made_anew),
        TEST(test_a_host_that_fails_too_often_ends_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
