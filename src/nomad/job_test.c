#include "nomad/job.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"
#include "support/files.h"
#include "support/test.h"

static struct ou_error err;

static const char *const DATACENTERS[] = { "eu-central-1", "us-east-1", NULL };
static const char *const ARGUMENTS[] = { "agent", "--task", "${NOMAD_SECRETS_DIR}/agent.json",
                                         NULL };
static const char *const ENVIRONMENT[] = { "LC_ALL=C.UTF-8", "EMPTY=", NULL };
static const char *const META[] = { "run=2026-11-22T10-00-00_demo", NULL };
static const struct nomad_constraint CLASS_OF_JOB[] = { { "${node.class}", "=", "perf", 0 } };
static const struct nomad_constraint RULES[] = {
    { "${node.datacenter}", "=", "eu-central-1", 0 },
    { "${node.unique.name}", "=", "client-eu-01", 50 },
};
static const struct nomad_port FREE_PORT[] = { { "node", 0 } };
static const struct nomad_port FIXED_PORT[] = { { "node", 30000 } };
static const struct nomad_file FILES[] = { { "secrets/agent.json", "{\"a\": \"{{x}}\"}", "600" } };
static const struct nomad_artifact ARTIFACTS[] = {
    { "https://example.org/ouroscope.tar.zst", "local/",
      "7b0b12720d6aa9dc887732707e49d9dfa53edfd84851ce4e4135b887e379e7dc" },
};
static const struct nomad_mount MOUNTS[] = { { "db", "/data", false } };

static struct nomad_group plain_group(void)
{
    return (struct nomad_group){ .name = "node-0",
                                 .driver = "raw_exec",
                                 .command = "/usr/bin/ouroscope",
                                 .arguments = ARGUMENTS,
                                 .ports = FREE_PORT,
                                 .port_count = 1,
                                 .files = FILES,
                                 .file_count = 1,
                                 .cpu_mhz = 500,
                                 .memory_mb = 512,
                                 .reschedules = 2 };
}

static struct nomad_group rich_group(void)
{
    return (struct nomad_group){ .name = "node-1",
                                 .driver = "podman",
                                 .image = "registry.example.org/ouroscope:1",
                                 .user = "perf",
                                 .command = "/bin/ouroscope",
                                 .arguments = ARGUMENTS,
                                 .environment = ENVIRONMENT,
                                 .rules = RULES,
                                 .rule_count = 2,
                                 .ports = FIXED_PORT,
                                 .port_count = 1,
                                 .service = "node-1",
                                 .address = "${attr.unique.platform.aws.public-ipv4}",
                                 .artifacts = ARTIFACTS,
                                 .artifact_count = 1,
                                 .mounts = MOUNTS,
                                 .mount_count = 1,
                                 .cores = 4,
                                 .memory_mb = 8192,
                                 .memory_max_mb = 12288,
                                 .disk_mb = 4000,
                                 .restarts = 1,
                                 .stop_patience_s = 25,
                                 .disconnect_s = 3600 };
}

static struct nomad_job job_of(const struct nomad_group *groups, size_t count)
{
    return (struct nomad_job){ .id = "ouroscope-demo",
                               .datacenters = DATACENTERS,
                               .distinct_hosts = true,
                               .rules = CLASS_OF_JOB,
                               .rule_count = 1,
                               .meta = META,
                               .groups = groups,
                               .group_count = count };
}

static json_t *document_of(const struct nomad_job *job)
{
    json_t *document = NULL;

    if (nomad_job_document(job, &document, &err))
        fail_msg("%s", err.text);
    return document;
}

/* $OUROSCOPE_GOLDEN=write makes the files anew; what they became is to be read before it is committed. */
static void assert_golden(json_t *document, const char *path)
{
    const char *mode = getenv("OUROSCOPE_GOLDEN");
    json_t *golden = NULL;

    if (mode && strcmp(mode, "write") == 0)
        assert_int_equal(json_tree_save(document, path, &err), OU_OK);
    if (json_tree_load(path, 1 << 20, &golden, &err))
        fail_msg("%s", err.text);
    if (!json_equal(golden, document)) {
        char *text = json_dumps(document, JSON_INDENT(2));

        print_error("%s\n", text);
        free(text);
        fail_msg("is not %s", path);
    }
    json_decref(golden);
    json_decref(document);
}

static void test_a_plain_host_becomes_a_job(void **state)
{
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    assert_golden(document_of(&job), "tests/data/golden/nomad/plain.json");
}

static void test_everything_a_host_may_want_is_asked_for(void **state)
{
    struct nomad_group groups[] = { plain_group(), rich_group() };
    struct nomad_job job = job_of(groups, 2);

    (void)state;
    job.region = "global";
    job.namespace_ = "perf";
    job.priority = 80;
    job.deadline_s = 600;
    assert_golden(document_of(&job), "tests/data/golden/nomad/rich.json");
}

static void test_what_a_server_does_not_know_is_left_out(void **state)
{
    struct nomad_group group = rich_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    job.server_minor = 1;
    assert_golden(document_of(&job), "tests/data/golden/nomad/rich-1.1.json");
    job.server_minor = 6;
    assert_golden(document_of(&job), "tests/data/golden/nomad/rich-1.6.json");
}

static const json_t *only_file(const json_t *document)
{
    const json_t *group = json_array_get(json_object_get(document, "TaskGroups"), 0);
    const json_t *task = json_array_get(json_object_get(group, "Tasks"), 0);

    return json_array_get(json_object_get(task, "Templates"), 0);
}

static void test_no_content_of_a_file_is_taken_for_a_template(void **state)
{
    static const char *const contents[] = { "{{ env \"HOME\" }}", "<<| <<0| <<1|", "<<<<||>>",
                                            "[[${x}]]%{y}" };
    struct nomad_file file = { "secrets/x", NULL, "600" };
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    group.files = &file;
    for (size_t i = 0; i < sizeof contents / sizeof contents[0]; i++) {
        json_t *document;
        const json_t *made;
        const char *left;

        file.content = contents[i];
        document = document_of(&job);
        made = only_file(document);
        left = json_string_value(json_object_get(made, "LeftDelim"));
        assert_string_equal(json_string_value(json_object_get(made, "EmbeddedTmpl")), contents[i]);
        assert_true(strlen(left) > 0);
        assert_null(strstr(contents[i], left));
        json_decref(document);
    }
}

/* Nomad refuses a template without a text: one stands there that writes none. */
static void test_an_empty_file_has_a_template_that_writes_nothing(void **state)
{
    struct nomad_file file = { "local/empty", "", "600" };
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);
    json_t *document;

    (void)state;
    group.files = &file;
    document = document_of(&job);
    assert_string_equal(json_string_value(json_object_get(only_file(document), "EmbeddedTmpl")),
                        "<<|\"\"|>>");
    json_decref(document);
}

/* "600", or "600 65534" with its owner. */
static void assert_owner(const struct nomad_job *job, const char *expected)
{
    json_t *document = document_of(job);
    const json_t *file = only_file(document);
    const json_t *uid = json_object_get(file, "Uid"), *gid = json_object_get(file, "Gid");
    char found[64];

    assert_true(json_equal(uid, gid) || (!uid && !gid));
    snprintf(found, sizeof found, "%s%s", json_string_value(json_object_get(file, "Perms")),
             json_integer_value(uid) == 65534 ? " 65534" : "");
    assert_string_equal(found, expected);
    json_decref(document);
}

/* The client writes them as root. */
static void test_tasks_of_other_users_can_read_their_files(void **state)
{
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    assert_owner(&job, "600");
    group.driver = "exec";
    assert_owner(&job, "600 65534");
    job.server_minor = 3;
    assert_owner(&job, "644");
    job.server_minor = 4;
    assert_owner(&job, "600 65534");
    group.user = "perf";
    assert_owner(&job, "644");
    group.driver = "raw_exec";
    assert_owner(&job, "644");
}

static void assert_refused(const struct nomad_job *job, const char *message)
{
    json_t *document = NULL;

    assert_int_equal(nomad_job_document(job, &document, &err), OU_USAGE);
    assert_null(document);
    if (!strstr(err.text, message))
        fail_msg("\"%s\" is not about \"%s\"", err.text, message);
}

static void test_jobs_that_cannot_be_are_refused(void **state)
{
    static const char *const NONE[] = { NULL };
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    job.id = "run_1";
    assert_refused(&job, "letters, digits and \"-\"");
    job.id = "";
    assert_refused(&job, "letters, digits and \"-\"");
    job.id = "run";
    job.namespace_ = "a/b";
    assert_refused(&job, "namespace");
    job.namespace_ = NULL;
    job.datacenters = NONE;
    assert_refused(&job, "no datacenter");
    job.datacenters = DATACENTERS;
    job.deadline_s = 1;
    assert_refused(&job, "deadline");
    job.deadline_s = 0;
    job.group_count = 0;
    assert_refused(&job, "no groups");
}

static void test_groups_that_cannot_be_are_refused(void **state)
{
    static const struct nomad_constraint heavy[] = { { "${node.class}", "=", "perf", 101 } };
    static const struct nomad_constraint loose[] = { { "${node.class}", "", "perf", 0 } };
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    group.driver = "docker";
    assert_refused(&job, "raw_exec, exec or podman");
    group.driver = "podman";
    assert_refused(&job, "needs an image");
    group.driver = "exec";
    group.image = "x";
    assert_refused(&job, "only podman");
    group = plain_group();
    group.mounts = MOUNTS;
    group.mount_count = 1;
    assert_refused(&job, "no volumes");
    group = plain_group();
    group.rules = heavy;
    group.rule_count = 1;
    assert_refused(&job, "weight");
    group.rules = loose;
    assert_refused(&job, "no operand");
}

static void test_a_secret_in_the_environment_is_not_in_the_message(void **state)
{
    static const char *const bad[] = { "=hunter2", NULL };
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    group.environment = bad;
    assert_refused(&job, "environment 1");
    assert_null(strstr(err.text, "hunter2"));
}

static void test_what_is_no_text_is_told(void **state)
{
    struct nomad_file file = { "local/x", "\xff", "600" };
    struct nomad_group group = plain_group();
    struct nomad_job job = job_of(&group, 1);

    (void)state;
    group.files = &file;
    assert_refused(&job, "EmbeddedTmpl is missing or no UTF-8");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_plain_host_becomes_a_job),
        cmocka_unit_test(test_everything_a_host_may_want_is_asked_for),
        cmocka_unit_test(test_what_a_server_does_not_know_is_left_out),
        cmocka_unit_test(test_no_content_of_a_file_is_taken_for_a_template),
        cmocka_unit_test(test_an_empty_file_has_a_template_that_writes_nothing),
        cmocka_unit_test(test_tasks_of_other_users_can_read_their_files),
        cmocka_unit_test(test_jobs_that_cannot_be_are_refused),
        cmocka_unit_test(test_groups_that_cannot_be_are_refused),
        cmocka_unit_test(test_a_secret_in_the_environment_is_not_in_the_message),
        cmocka_unit_test(test_what_is_no_text_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
