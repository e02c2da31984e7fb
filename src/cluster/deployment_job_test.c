#include "cluster/deployment_job.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

static const struct placement_instance SMALL = { .name = "c5d.2xlarge",
                                                 .cores = 8,
                                                 .memory_mb = 15400 };
static const struct placement_instance LARGE = { .name = "m5.4xlarge",
                                                 .cores = 16,
                                                 .memory_mb = 32000 };
static const struct nomad_constraint ARCH[] = { { "${attr.cpu.arch}", "=", "amd64", 0 } };
static const struct placement_region REGIONS[] = {
    { .name = "eu-central-1",
      .node_class = "perf",
      .producer = &SMALL,
      .explorer = &LARGE,
      .rules = ARCH,
      .rule_count = 1 },
    { .name = "*", .datacenter = "elsewhere", .producer = &SMALL },
};
static const struct placement_pin PINS[] = {
    { "node-1", { "${node.unique.name}", "=", "client-us-01", 0 } },
};
static const struct host_want WANTS[] = {
    { .name = "node-0", .region = "eu-central-1" },
    { .name = "node-1", .region = "us-east-1" },
    { .name = "explorer", .region = "eu-central-1", .is_explorer = true, .has_generator = true },
};
#define HOST_COUNT (sizeof WANTS / sizeof *WANTS)

static struct placement plan;
static struct job_host hosts[HOST_COUNT];
static struct nomad_facts facts;
static struct job_want want;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    plan = (struct placement){ .driver = "exec",
                               .program = "/usr/bin/ouroscope",
                               .distinct_hosts = true,
                               .regions = REGIONS,
                               .region_count = 2,
                               .pins = PINS,
                               .pin_count = 1,
                               .deploy_attempts = 3,
                               .deploy_timeout_s = 600 };
    facts = (struct nomad_facts){ .region = "global", .major = 1, .minor = 1 };
    for (size_t i = 0; i < HOST_COUNT; i++)
        hosts[i] = (struct job_host){ &WANTS[i], "{\"state_seed\": \"c0ffee\"}", 0 };
    want = (struct job_want){ .id = "ouroscope-r-1",
                              .run = "r-1",
                              .placement = &plan,
                              .nomad = &facts,
                              .hosts = hosts,
                              .host_count = HOST_COUNT };
    return 0;
}

static json_t *make(void)
{
    json_t *job = NULL;

    if (deployment_job_document(&want, &job, &err))
        fail_msg("%s", err.text);
    return job;
}

static json_t *group_of(const json_t *job, size_t i)
{
    return json_array_get(json_object_get(job, "TaskGroups"), i);
}

static json_t *task_of(const json_t *job, size_t i)
{
    return json_array_get(json_object_get(group_of(job, i), "Tasks"), 0);
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static bool is_asked_for(const json_t *group, const char *left, const char *right)
{
    const json_t *rule;
    size_t i;

    json_array_foreach(json_object_get(group, "Constraints"), i, rule)
    {
        if (strcmp(text_of(rule, "LTarget"), left) == 0 &&
            strcmp(text_of(rule, "RTarget"), right) == 0)
            return true;
    }
    return false;
}

static void test_every_host_is_a_group_with_an_agent(void **state)
{
    json_t *job = make();
    const json_t *config = json_object_get(task_of(job, 1), "Config");

    (void)state;
    assert_int_equal(json_array_size(json_object_get(job, "TaskGroups")), HOST_COUNT);
    assert_string_equal(text_of(job, "ID"), "ouroscope-r-1");
    assert_string_equal(text_of(job, "Region"), "global");
    assert_string_equal(text_of(group_of(job, 1), "Name"), "node-1");
    assert_string_equal(text_of(task_of(job, 1), "Name"), DEPLOYMENT_TASK);
    assert_string_equal(text_of(config, "command"), "/usr/bin/ouroscope");
    assert_string_equal(json_string_value(json_array_get(json_object_get(config, "args"), 0)),
                        "agent");
    json_decref(job);
}

static void test_hosts_stand_where_the_plan_has_them(void **state)
{
    json_t *job = make();

    (void)state;
    assert_true(is_asked_for(group_of(job, 0), "${node.datacenter}", "eu-central-1"));
    assert_true(is_asked_for(group_of(job, 0), "${node.class}", "perf"));
    assert_true(is_asked_for(group_of(job, 0), "${attr.cpu.arch}", "amd64"));
    assert_true(is_asked_for(group_of(job, 1), "${node.datacenter}", "elsewhere"));
    assert_true(is_asked_for(group_of(job, 1), "${node.unique.name}", "client-us-01"));
    assert_false(is_asked_for(group_of(job, 0), "${node.unique.name}", "client-us-01"));
    assert_int_equal(json_array_size(json_object_get(job, "Datacenters")), 2);
    json_decref(job);
}

static void test_the_explorer_is_larger(void **state)
{
    json_t *job = make();

    (void)state;
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(task_of(job, 0), "Resources"), "Cores")),
        8);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(task_of(job, 2), "Resources"), "Cores")),
        16);
    json_decref(job);
}

static void test_another_attempt_is_another_task_of_that_host_alone(void **state)
{
    json_t *before = make(), *job;

    (void)state;
    hosts[1].attempt = 1;
    job = make();
    assert_true(json_equal(task_of(before, 0), task_of(job, 0)));
    assert_false(json_equal(task_of(before, 1), task_of(job, 1)));
    json_decref(before);
    json_decref(job);
}

static void test_what_is_kept_of_a_job_has_no_secrets(void **state)
{
    json_t *job = make(), *shown = deployment_job_shown(job);
    char *text = json_dumps(shown, 0), *whole = json_dumps(job, 0);

    (void)state;
    assert_non_null(strstr(whole, "c0ffee"));
    assert_null(strstr(text, "c0ffee"));
    assert_non_null(strstr(text, DEPLOYMENT_TASK_FILE));
    free(text);
    free(whole);
    json_decref(shown);
    json_decref(job);
}

/* The minor number of 2.1 is not that of 1.1. */
static void test_newer_servers_get_what_the_newest_know(void **state)
{
    json_t *job;

    (void)state;
    job = make();
    assert_null(json_object_get(group_of(job, 0), "Disconnect"));
    json_decref(job);
    facts.major = 2;
    job = make();
    assert_non_null(json_object_get(group_of(job, 0), "Disconnect"));
    json_decref(job);
}

static void test_a_host_without_a_region_is_told(void **state)
{
    json_t *job = NULL;

    (void)state;
    plan.region_count = 1;
    assert_int_equal(deployment_job_document(&want, &job, &err), OU_USAGE);
    assert_non_null(strstr(err.text, "us-east-1"));
    assert_null(job);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, NULL)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_every_host_is_a_group_with_an_agent),
        TEST(test_hosts_stand_where_the_plan_has_them),
        TEST(test_the_explorer_is_larger),
        TEST(test_another_attempt_is_another_task_of_that_host_alone),
        TEST(test_what_is_kept_of_a_job_has_no_secrets),
        TEST(test_newer_servers_get_what_the_newest_know),
        TEST(test_a_host_without_a_region_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
