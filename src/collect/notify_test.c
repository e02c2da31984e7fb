/* Rules, groups and nodes, with ticks as the clock. Notifications go to a command that adds them to a file. */
#include "collect/notify.h"

#include <jansson.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/time.h"
#include "support/files.h"
#include "support/test.h"

#define START_NS (INT64_C(1700000000) * NS_PER_SECOND)

static struct temp_dir dir;
static uv_loop_t loop;
static struct notifier *notifier;
static struct collector_config config;
static struct collector_node node_memory[4];
static struct collector_node *node_at[4];
static struct collector_nodes nodes;
static int64_t now_ns;
static int told_good, told_bad;
static bool is_closed;
static char last_why[512];
static const char *to_file[] = { "/bin/sh", "-c", NULL, NULL };
static char to_file_script[512];

static void on_told(void *context, const char *rule, bool ok, const char *why)
{
    assert_ptr_equal(context, &loop);
    assert_non_null(rule);
    *(ok ? &told_good : &told_bad) += 1;
    snprintf(last_why, sizeof last_why, "%s", why);
}

static void on_closed(void *context)
{
    assert_ptr_equal(context, &loop);
    is_closed = true;
}

static struct notification_rule *rule(void)
{
    struct notification_rule *r = &config.rules[config.rule_count++];

    *r = (struct notification_rule){
        .name = "test", .severity_min = -1, .grace_s = 10, .group_s = 30, .command = to_file
    };
    return r;
}

static void configure(void)
{
    assert_int_equal(notifier_configure(notifier, &config, NULL), OU_OK);
}

static int set_up(void **state)
{
    (void)state;
    signal(SIGPIPE, SIG_IGN);
    temp_dir_make(&dir);
    snprintf(to_file_script, sizeof to_file_script, "cat >> %s/told", dir.path);
    to_file[2] = to_file_script;
    told_good = told_bad = 0;
    is_closed = false;
    now_ns = START_NS;
    config = (struct collector_config){ 0 };
    memset(node_memory, 0, sizeof node_memory);
    nodes = (struct collector_nodes){ .at = node_at };
    assert_int_equal(uv_loop_init(&loop), 0);
    notifier = notifier_new(&loop, on_told, &loop);
    assert_non_null(notifier);
    return 0;
}

static void close_notifier(uint32_t wait_ms)
{
    notifier_close(notifier, wait_ms, on_closed, &loop);
    assert_int_equal(uv_run(&loop, UV_RUN_DEFAULT), 0);
    assert_true(is_closed);
    notifier = NULL;
}

static int tear_down(void **state)
{
    (void)state;
    if (notifier)
        close_notifier(20000);
    assert_int_equal(uv_loop_close(&loop), 0);
    temp_dir_remove(&dir);
    return 0;
}

static struct collector_node *add_node(const char *name)
{
    struct collector_node *n = &node_memory[nodes.count];

    node_at[nodes.count++] = n;
    n->number = ++nodes.last_number;
    n->is_connected = true;
    snprintf(n->name, sizeof n->name, "%s", name);
    return n;
}

static void leave(struct collector_node *n)
{
    n->is_connected = false;
    snprintf(n->why_gone, sizeof n->why_gone, "connection reset by peer");
}

static void pass(int seconds)
{
    for (int i = 0; i < seconds; i++) {
        now_ns += NS_PER_SECOND;
        notifier_tick(notifier, &nodes, now_ns);
    }
}

/* Until so many deliveries have been told. */
static void wait_for(int good, int bad)
{
    for (int more = 1; told_good < good || told_bad < bad;) {
        assert_int_not_equal(more, 0);
        more = uv_run(&loop, UV_RUN_ONCE);
    }
    assert_int_equal(told_good, good);
    assert_int_equal(told_bad, bad);
}

static void tell_message(const char *node, int severity, const char *name)
{
    const struct notice n = { .kind = NOTICE_MESSAGE,
                              .at_ns = now_ns,
                              .node = node,
                              .severity = severity,
                              .name = span_of(name),
                              .text = span_of("{}") };

    notifier_tell(notifier, &n);
}

/* The i-th notification that came, to be released. */
static json_t *delivered(size_t index)
{
    char path[512];
    FILE *f;
    json_t *ret = NULL;

    snprintf(path, sizeof path, "%s/told", dir.path);
    f = fopen(path, "r");
    assert_non_null(f);
    for (size_t i = 0; i <= index; i++) {
        json_decref(ret);
        ret = json_loadf(f, JSON_DISABLE_EOF_CHECK, NULL);
        if (!ret)
            fail_msg("there is no notification %zu", i);
    }
    fclose(f);
    return ret;
}

static void assert_text(size_t index, const char *text)
{
    json_t *tree = delivered(index);

    assert_string_equal(json_string_value(json_object_get(tree, "text")), text);
    json_decref(tree);
}

static void test_a_rule_wants_its_severity_and_what_is_below_its_name(void **state)
{
    struct notification_rule *r = rule();

    (void)state;
    r->severity_min = 4;
    r->namespace = "Net.Server";
    configure();
    assert_true(notifier_wants(notifier, 4, span_of("Net.Server")));
    assert_true(notifier_wants(notifier, 7, span_of("Net.Server.Remote")));
    assert_false(notifier_wants(notifier, 3, span_of("Net.Server.Remote")));
    assert_false(notifier_wants(notifier, 7, span_of("Net.ServerRemote")));
    assert_false(notifier_wants(notifier, 7, span_of("Net.Serve")));
    assert_false(notifier_wants(notifier, 7, span_of("")));
    rule()->severity_min = 0;
    configure();
    assert_true(notifier_wants(notifier, 0, span_of("Forge.Loop")));
}

static void test_without_rules_nothing_is_wanted(void **state)
{
    (void)state;
    configure();
    assert_false(notifier_wants(notifier, 7, span_of("A")));
    add_node("n");
    tell_message("n", 7, "A");
    pass(100);
    close_notifier(0);
    assert_int_equal(told_good + told_bad, 0);
}

static void test_the_events_of_a_group_are_one_notification(void **state)
{
    (void)state;
    rule()->severity_min = 3;
    configure();
    pass(1);
    tell_message("a", 3, "A.B");
    pass(29);
    tell_message("b", 4, "A.C");
    tell_message("b", 2, "A.C");
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    pass(1);
    wait_for(1, 0);
    assert_text(0, "Ouroscope, test: 2 messages, the worst Error, A.C: a, b.");
    assert_non_null(strstr(last_why, "command /bin/sh: exit status 0: 2 events"));
}

static void test_what_comes_during_a_delivery_is_the_next_group(void **state)
{
    (void)state;
    rule()->severity_min = 3;
    config.rules[0].group_s = 1;
    configure();
    pass(1);
    tell_message("a", 3, "A");
    pass(1);
    tell_message("b", 3, "B");
    pass(5); /* long due, but the first is under way: nobody runs the loop */
    tell_message("c", 3, "C");
    wait_for(1, 0);
    pass(1);
    wait_for(2, 0);
    assert_text(0, "Ouroscope, test: 1 message, the worst Warning, A: a.");
    assert_text(1, "Ouroscope, test: 2 messages, the worst Warning, B: b, c.");
}

static void test_a_node_that_stays_away_is_down_and_then_back(void **state)
{
    struct collector_node *n;

    (void)state;
    rule()->node_down = true;
    config.rules[0].group_s = 0;
    configure();
    n = add_node("node-1");
    add_node("node-2");
    pass(5);
    leave(n);
    pass(10);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    pass(1);
    wait_for(1, 0);
    pass(60);
    n->is_connected = true;
    pass(1);
    wait_for(2, 0);
    pass(60);
    assert_text(0, "Ouroscope, test: Down: node-1.");
    assert_text(1, "Ouroscope, test: Back: node-1.");
    close_notifier(20000);
    assert_int_equal(told_good, 2);
}

static void test_a_node_back_within_the_grace_is_no_news(void **state)
{
    struct collector_node *n;

    (void)state;
    rule()->node_down = true;
    configure();
    n = add_node("node-1");
    for (int i = 0; i < 20; i++) {
        leave(n);
        pass(9);
        n->is_connected = true;
        pass(2);
    }
    close_notifier(20000);
    assert_int_equal(told_good + told_bad, 0);
}

static void test_a_connected_node_that_says_nothing_is_silent_once(void **state)
{
    struct collector_node *n;

    (void)state;
    rule()->silence_s = 60;
    config.rules[0].group_s = 0;
    configure();
    n = add_node("quiet");
    pass(50);
    n->counts.objects++;
    pass(60);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    pass(1);
    wait_for(1, 0);
    pass(600);
    n->counts.objects++;
    pass(61);
    wait_for(2, 0);
    assert_text(0, "Ouroscope, test: Silent: quiet.");
    leave(n);
    pass(600);
    close_notifier(20000);
    assert_int_equal(told_good, 2);
}

static void test_a_clock_that_jumps_makes_nobody_silent(void **state)
{
    (void)state;
    rule()->silence_s = 60;
    config.rules[0].group_s = 0;
    configure();
    add_node("quiet");
    pass(2);
    now_ns += 3600 * NS_PER_SECOND;
    pass(2);
    now_ns -= 7200 * NS_PER_SECOND;
    pass(40);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    pass(20);
    wait_for(1, 0);
}

static void test_each_rule_gets_what_it_is_for(void **state)
{
    const struct notice failed = { .kind = NOTICE_WRITE_FAILED, .node = "w", .severity = -1 };
    const struct notice lost = { .kind = NOTICE_LOST, .node = "l", .severity = -1, .count = 5 };

    (void)state;
    rule()->write_failed = true;
    rule()->lost = true;
    config.rules[0].group_s = config.rules[1].group_s = 0;
    config.rules[1].name = "second";
    configure();
    notifier_tell(notifier, &failed);
    pass(1);
    wait_for(1, 0);
    notifier_tell(notifier, &lost);
    pass(1);
    wait_for(2, 0);
    assert_text(0, "Ouroscope, test: Logs cannot be written: w.");
    assert_text(1, "Ouroscope, second: 5 objects lost: l.");
}

static void test_what_a_command_refused_comes_again_with_the_rest(void **state)
{
    static char script[1200];
    json_t *tree;

    (void)state;
    snprintf(script, sizeof script, "test -e %s/ready && cat >> %s/told", dir.path, dir.path);
    to_file[2] = script;
    rule()->severity_min = 0;
    config.rules[0].group_s = 0;
    configure();
    tell_message("a", 1, "A");
    pass(1);
    wait_for(0, 1);
    assert_non_null(strstr(last_why, "exit status 1: 1 event kept for the next try"));
    temp_file(&dir, "ready", "");
    tell_message("b", 1, "B");
    pass(29);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    pass(1);
    wait_for(1, 1);
    tree = delivered(0);
    assert_int_equal(json_integer_value(json_object_get(tree, "failed_deliveries")), 1);
    assert_int_equal(json_integer_value(json_object_get(tree, "total")), 2);
    json_decref(tree);
}

static void test_a_webhook_that_is_no_address_fails_and_keeps(void **state)
{
    (void)state;
    rule()->severity_min = 0;
    config.rules[0].command = NULL;
    config.rules[0].webhook = "ftp://example.com/";
    config.rules[0].group_s = 0;
    configure();
    tell_message("a", 1, "A");
    pass(1);
    assert_int_equal(told_bad, 1);
    close_notifier(0);
    assert_int_equal(told_bad, 2); /* lost at the end */
}

static void test_groups_that_are_open_go_out_by_the_old_rules(void **state)
{
    (void)state;
    rule()->severity_min = 0;
    configure();
    tell_message("a", 1, "A");
    config.rule_count = 0;
    configure();
    wait_for(1, 0);
    assert_text(0, "Ouroscope, test: 1 message, the worst Info, A: a.");
    assert_false(notifier_wants(notifier, 7, span_of("A")));
}

static void test_what_an_old_rule_cannot_deliver_goes_to_its_heir(void **state)
{
    static const char *const refuse[] = { "/bin/false", NULL };

    (void)state;
    rule()->severity_min = 0;
    config.rules[0].command = (const char **)(void *)refuse;
    configure();
    tell_message("a", 1, "A");
    config.rules[0].command = to_file;
    configure();
    wait_for(0, 1);
    pass(31);
    wait_for(1, 1);
    assert_text(0, "Ouroscope, test: 1 message, the worst Info, A: a.");
}

static void test_a_node_that_was_told_down_is_told_back_by_new_rules(void **state)
{
    struct collector_node *n;

    (void)state;
    rule()->node_down = true;
    config.rules[0].group_s = 0;
    configure();
    n = add_node("node-1");
    pass(1);
    leave(n);
    pass(11);
    wait_for(1, 0);
    /* The old rule is the second now; another has come that never heard of the node. */
    config.rules[1] = config.rules[0];
    config.rules[0].name = "new";
    config.rule_count = 2;
    configure();
    pass(60);
    assert_int_equal(uv_run(&loop, UV_RUN_NOWAIT), 0);
    n->is_connected = true;
    pass(1);
    wait_for(2, 0);
    assert_text(1, "Ouroscope, test: Back: node-1.");
}

static void test_forgotten_nodes_take_their_state_with_them(void **state)
{
    struct collector_node *n;

    (void)state;
    rule()->node_down = true;
    config.rules[0].group_s = 0;
    configure();
    add_node("first");
    n = add_node("second");
    pass(1);
    leave(n);
    pass(5);
    nodes.at++; /* the first is forgotten */
    nodes.count--;
    pass(6);
    wait_for(1, 0);
    assert_text(0, "Ouroscope, test: Down: second.");
    nodes.at = node_at;
}

static void test_the_end_sends_what_is_open(void **state)
{
    (void)state;
    rule()->severity_min = 0;
    configure();
    tell_message("a", 1, "A");
    close_notifier(20000);
    assert_int_equal(told_good, 1);
    assert_text(0, "Ouroscope, test: 1 message, the worst Info, A: a.");
}

static void test_the_end_does_not_wait_for_ever(void **state)
{
    static const char *const forever[] = { "/bin/sleep", "1000", NULL };

    (void)state;
    rule()->severity_min = 0;
    config.rules[0].command = (const char **)(void *)forever;
    config.rules[0].group_s = 0;
    configure();
    tell_message("a", 1, "A");
    pass(1);
    tell_message("b", 1, "B");
    close_notifier(50);
    assert_int_equal(told_bad, 2);
    assert_non_null(strstr(last_why, "killed by signal 9: 1 event lost"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_a_rule_wants_its_severity_and_what_is_below_its_name),
        TEST(test_without_rules_nothing_is_wanted),
        TEST(test_the_events_of_a_group_are_one_notification),
        TEST(test_what_comes_during_a_delivery_is_the_next_group),
        TEST(test_a_node_that_stays_away_is_down_and_then_back),
        TEST(test_a_node_back_within_the_grace_is_no_news),
        TEST(test_a_connected_node_that_says_nothing_is_silent_once),
        TEST(test_a_clock_that_jumps_makes_nobody_silent),
        TEST(test_each_rule_gets_what_it_is_for),
        TEST(test_what_a_command_refused_comes_again_with_the_rest),
        TEST(test_a_webhook_that_is_no_address_fails_and_keeps),
        TEST(test_groups_that_are_open_go_out_by_the_old_rules),
        TEST(test_what_an_old_rule_cannot_deliver_goes_to_its_heir),
        TEST(test_a_node_that_was_told_down_is_told_back_by_new_rules),
        TEST(test_forgotten_nodes_take_their_state_with_them),
        TEST(test_the_end_sends_what_is_open),
        TEST(test_the_end_does_not_wait_for_ever),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
