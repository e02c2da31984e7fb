#include "cluster/placement.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct placement plan;
static struct ou_error err;

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    unsetenv("OUROSCOPE_BUCKET");
    plan = (struct placement){ 0 };
    err = (struct ou_error){ 0 };
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    placement_release(&plan);
    temp_dir_remove(&dir);
    return 0;
}

static enum ou_status load_over(const char *text, const json_t *cluster)
{
    const char *path = temp_path(&dir, "plan.json");
    FILE *f = fopen(path, "w");

    assert_non_null(f);
    fputs(text, f);
    fclose(f);
    return placement_load(path, cluster, &plan, &err);
}

static void load(const char *text)
{
    if (load_over(text, NULL))
        fail_msg("%s", err.text);
}

static void check_refused(const char *text, const char *word)
{
    assert_int_equal(load_over(text, NULL), OU_INVALID);
    if (!strstr(err.text, word))
        fail_msg("\"%s\" is not in: %s", word, err.text);
}

static void test_a_plan_of_a_bucket_alone_has_defaults(void **state)
{
    (void)state;
    load("{\"storage\": {\"bucket\": \"b\"}}");
    assert_string_equal(plan.storage.bucket, "b");
    assert_string_equal(plan.prefix, "ouroscope/");
    assert_string_equal(plan.driver, "exec");
    assert_null(plan.nomad.address);
    assert_int_equal(plan.priority, 50);
    assert_true(plan.distinct_hosts);
    assert_int_equal(plan.part_bytes, 16 << 20);
    assert_int_equal(plan.url_expires_s, 86400);
    assert_true(plan.deploy_timeout_s == 600 && plan.margin_s == 5);
    assert_int_equal(plan.region_count, 1);
    assert_string_equal(plan.regions[0].name, "*");
}

static void test_the_bucket_may_be_of_the_environment(void **state)
{
    const struct host_want want = { .name = "node-0", .region = "here" };

    (void)state;
    load("{}");
    assert_int_equal(placement_check(&plan, &want, 1, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "OUROSCOPE_BUCKET"));
    placement_release(&plan);
    setenv("OUROSCOPE_BUCKET", "mine", 1);
    load("{}");
    assert_string_equal(plan.storage.bucket, "mine");
    assert_int_equal(placement_check(&plan, &want, 1, &err), OU_OK);
}

static void test_what_is_completed_reads_as_the_same_plan(void **state)
{
    struct placement again = { 0 };
    char *text, *other;

    (void)state;
    assert_int_equal(placement_load("model-52", NULL, &plan, &err), OU_OK);
    text = json_dumps(plan.document, JSON_INDENT(1));
    other = (char *)temp_path(&dir, "again.json");
    json_dump_file(plan.document, other, JSON_INDENT(1));
    assert_int_equal(placement_load(other, NULL, &again, &err), OU_OK);
    other = json_dumps(again.document, JSON_INDENT(1));
    assert_string_equal(text, other);
    free(text);
    free(other);
    placement_release(&again);
}

static void test_the_model_cluster_has_a_machine_for_each_host(void **state)
{
    struct host_want wants[53];
    char names[53][16];
    static const char *const regions[] = { "eu-central-1", "us-east-1", "ap-southeast-2" };
    unsigned in_region[3] = { 0 };

    (void)state;
    setenv("OUROSCOPE_BUCKET", "b", 1);
    assert_int_equal(placement_load("model-52", NULL, &plan, &err), OU_OK);
    for (unsigned i = 0; i < 52; i++) {
        snprintf(names[i], sizeof names[i], "node-%u", i);
        wants[i] = (struct host_want){ .name = names[i], .region = regions[i % 3] };
        in_region[i % 3]++;
    }
    wants[52] = (struct host_want){ .name = "explorer", .region = regions[0], .is_explorer = true };
    assert_int_equal(placement_check(&plan, wants, 53, &err), OU_OK);
    assert_int_equal(plan.pin_count, 53);
    assert_int_equal(in_region[0], 18);
    assert_int_equal(in_region[1], 17);
    assert_string_equal(plan.pins[0].to.left, "${node.unique.name}");
    assert_string_equal(plan.pins[51].to.right, "client-eu-18");
    assert_int_equal(placement_region_of(&plan, &wants[52])->explorer->cores, 16);
    assert_int_equal(placement_region_of(&plan, &wants[1])->producer->memory_mb, 15400);
}

static void test_all_faults_are_told_at_once(void **state)
{
    (void)state;
    check_refused("{\"storage\": {\"bukket\": \"b\", \"prefix\": \"/x\"}, \"nomad\": {\"driver\": "
                  "\"docker\", \"priority\": 500}, \"timing\": 3}",
                  "did you mean \"bucket\"");
    assert_non_null(strstr(err.text, "one of exec, raw_exec, podman"));
    assert_non_null(strstr(err.text, "from 1 to 100"));
    assert_non_null(strstr(err.text, "must not begin with a slash"));
    assert_non_null(strstr(err.text, "timing: an object is wanted"));
    check_refused("{\"storage\": {\"bucket\": \"b\", \"prefix\": \"ouro\"}}",
                  "storage.prefix: it has to end with a slash");
}

static void test_what_cannot_be_is_refused(void **state)
{
    static const struct {
        const char *text, *word;
    } cases[] = {
        { "[]", "an object is wanted" },
        { "{\"regions\": {}}", "a list of at most" },
        { "{\"regions\": [1]}", "place 0" },
        { "{\"regions\": [{\"name\": \"a\"}, {\"name\": \"a\"}]}", "twice" },
        { "{\"regions\": [{\"name\": \"a\", \"producer\": \"larg\"}], \"instances\": {\"large\": {}}}",
          "did you mean \"large\"" },
        { "{\"regions\": [{\"name\": \"a\", \"constraints\": [{\"left\": \"x\", \"operand\": "
          "\"~\"}]}]}",
          "operand" },
        { "{\"regions\": [{\"name\": \"a\", \"affinities\": [{\"left\": \"x\", \"weight\": 0}]}]}",
          "weight" },
        { "{\"pins\": [{\"host\": \"node-0\"}]}", "machine" },
        { "{\"pins\": [{\"host\": \"node-0\", \"machine\": \"m\", \"attribute\": \"a\"}]}",
          "machine" },
        { "{\"nomad\": {\"driver\": \"podman\"}}", "image" },
        { "{\"agent\": {\"artifact\": \"https://example.com/ouroscope\"}}", "SHA-256" },
        { "{\"agent\": {\"artifact\": \"x\", \"sha256\": \"ABC\"}}", "lower-case" },
        { "{\"storage\": {\"bucket\": \"a\\u000ab\"}}", "a text of" },
        { "{\"storage\": {\"credentials\": {\"source\": \"vault\"}}}", "environment" },
        { "{\"storage\": {\"url_expires_s\": 604801}}", "604800" },
        { "{\"agent\": {\"part_mb\": 4}}", "from 5" },
        { "{\"instances\": {\"a\": {\"memory_mb\": 9, \"memory_max_mb\": 8}}, \"regions\": "
          "[{\"name\": \"r\", \"producer\": \"a\"}]}",
          "memory_max_mb" },
        { "{\"nomad\": {\"key_file\": \"k\"}}", "together" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        check_refused(cases[i].text, cases[i].word);
}

static void test_hosts_that_the_plan_has_no_place_for_are_told(void **state)
{
    const struct host_want wants[] = { { .name = "node-0", .region = "a" },
                                       { .name = "node-1", .region = "b" },
                                       { .name = "node-2", .region = "b" } };

    (void)state;
    load(
        "{\"storage\": {\"bucket\": \"b\"}, \"regions\": [{\"name\": \"a\"}], \"pins\": [{\"host\": "
        "\"mode-9\", \"machine\": \"m\"}, {\"host\": \"node-9\", \"machine\": \"n\"}]}");
    assert_int_equal(placement_check(&plan, wants, 3, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "node-1 stands in b"));
    assert_null(strstr(err.text, "node-2"));
    assert_null(strstr(err.text, "\"node-9\""));
    assert_non_null(strstr(err.text, "no host is called \"mode-9\""));
}

static void test_a_region_named_star_is_for_all_others(void **state)
{
    const struct host_want wants[] = { { .name = "node-0", .region = "a" },
                                       { .name = "node-1", .region = "b" } };

    (void)state;
    load("{\"regions\": [{\"name\": \"*\", \"datacenter\": \"dc1\"}, {\"name\": \"a\"}]}");
    assert_string_equal(placement_region_of(&plan, &wants[0])->name, "a");
    assert_string_equal(placement_region_of(&plan, &wants[1])->name, "*");
}

static void test_a_profile_fills_in_what_the_plan_leaves_out(void **state)
{
    json_t *cluster = json_loads(
        "{\"keep_running\": true, \"minimum_storage\": {\"producer\": 12582912, \"explorer\": 1},"
        "\"nomad\": {\"namespace\": \"perf\", \"class\": \"perf\", \"host_volumes\": null, "
        "\"fetch_logs_ssh\": true, \"resources\": {\"producer\": {\"cores\": 8, \"memory\": 15400, "
        "\"memory_max\": 16000}, \"explorer\": {\"cores\": 16, \"memory\": 32000, \"memory_max\": "
        "64000}}},"
        "\"aws\": {\"instance_type\": {\"producer\": \"c5d.2xlarge\", \"explorer\": \"m5.4xlarge\"}, "
        "\"use_public_routing\": true}}",
        0, NULL);
    const struct placement_region *region;

    (void)state;
    assert_non_null(cluster);
    if (load_over("{\"nomad\": {\"namespace\": \"mine\"}, \"regions\": [{\"name\": \"eu\", "
                  "\"explorer\": \"own\"}], \"instances\": {\"own\": {\"cores\": 2}}}",
                  cluster))
        fail_msg("%s", err.text);
    json_decref(cluster);
    assert_string_equal(plan.nomad.namespace_, "mine"); /* the plan's own word */
    assert_true(plan.keep_job);
    assert_int_equal(plan.minimum_free_bytes >> 20, 12288);
    assert_string_equal(plan.address, "unique.platform.aws.public-ipv4");
    assert_string_equal(plan.listen, "0.0.0.0");
    region = &plan.regions[0];
    assert_string_equal(region->node_class, "perf");
    assert_string_equal(region->producer->name, "c5d.2xlarge");
    assert_int_equal(region->producer->memory_max_mb, 16000);
    assert_int_equal(region->explorer->cores, 2);
}

static void test_an_unknown_example_is_told_with_the_nearest(void **state)
{
    (void)state;
    assert_int_equal(placement_load("model-25", NULL, &plan, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "did you mean \"model-52\""));
}

static void test_every_example_reads(void **state)
{
    const char *name;

    (void)state;
    for (size_t i = 0; (name = placement_builtin_name(i)); i++) {
        if (placement_load(name, NULL, &plan, &err))
            fail_msg("%s", err.text);
        placement_release(&plan);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_plan_of_a_bucket_alone_has_defaults, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_bucket_may_be_of_the_environment, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_completed_reads_as_the_same_plan, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_the_model_cluster_has_a_machine_for_each_host, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_all_faults_are_told_at_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_cannot_be_is_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hosts_that_the_plan_has_no_place_for_are_told, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_region_named_star_is_for_all_others, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_a_profile_fills_in_what_the_plan_leaves_out, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_an_unknown_example_is_told_with_the_nearest, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_every_example_reads, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
