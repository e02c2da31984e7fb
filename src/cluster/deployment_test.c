#include "cluster/deployment.h"

#include <sys/stat.h>

#include "cluster/deployment_fixture_test.h"

static struct fixture f;
static struct ou_error err;

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

static void assert_name(const char *name, const char *wanted)
{
    char made[DEPLOYMENT_RUN_ROOM];

    deployment_run_name(name, made);
    assert_string_equal(made, wanted);
}

static void test_a_name_of_a_job_has_letters_digits_and_dashes(void **state)
{
    (void)state;
    assert_name("2026-11-22T22-04-00_ci-test_7c988b", "2026-11-22T22-04-00-ci-test-7c988b");
    assert_name("a.b+c", "a-b-c");
}

static void test_long_names_stay_different(void **state)
{
    char one[DEPLOYMENT_RUN_ROOM], other[DEPLOYMENT_RUN_ROOM], name[120];

    (void)state;
    memset(name, 'a', sizeof name);
    name[sizeof name - 1] = '\0';
    deployment_run_name(name, one);
    name[sizeof name - 2] = 'b';
    deployment_run_name(name, other);
    assert_int_equal(strlen(one), DEPLOYMENT_RUN_ROOM - 1);
    assert_string_not_equal(one, other);
}

static void test_a_later_process_finds_what_was_written(void **state)
{
    unsigned char seed[ENVELOPE_SEED_BYTES], key[ENVELOPE_PUBLIC_BYTES];
    char run[DEPLOYMENT_RUN_ROOM];

    (void)state;
    memcpy(seed, f.d.hosts[1].seed, sizeof seed);
    memcpy(key, f.d.key, sizeof key);
    strcpy(run, f.d.run);
    assert_false(f.d.was_there);
    f.d.is_registered = f.d.is_delivered = true;
    f.d.hosts[1].attempt = 3;
    f.d.hosts[1].site = (struct host_site){ .allocation = "095d7131",
                                            .address = "10.0.3.7",
                                            .port = 30000,
                                            .directory = "/alloc/local/run",
                                            .program = "/usr/bin/ouroscope" };
    assert_int_equal(deployment_save(&f.d, &err), OU_OK);
    deployment_close(&f.d);
    fixture_open(&f);
    assert_true(f.d.was_there && f.d.is_registered && f.d.is_delivered && !f.d.is_started);
    assert_string_equal(f.d.run, run);
    assert_memory_equal(f.d.key, key, sizeof key);
    assert_memory_equal(f.d.hosts[1].seed, seed, sizeof seed);
    assert_int_equal(f.d.hosts[1].attempt, 3);
    assert_string_equal(f.d.hosts[1].site.address, "10.0.3.7");
    assert_string_equal(f.d.hosts[1].site.directory, "/alloc/local/run");
    assert_int_equal(f.d.hosts[1].site.port, 30000);
}

static void test_keys_are_the_owners_alone(void **state)
{
    const char *path = temp_path(&f.dir, "deploy/deployment.json");
    struct stat st;

    (void)state;
    assert_return_code(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    deployment_close(&f.d);
    assert_return_code(chmod(path, 0644), 0);
    assert_int_equal(deployment_open(f.dir.path, &f.placement, FIXTURE_HOSTS, FIXTURE_HOST_COUNT,
                                     &f.tell, &f.d, &err),
                     OU_INVALID);
    assert_non_null(strstr(err.text, "chmod 600"));
}

static void test_one_process_at_a_time_gives_orders(void **state)
{
    struct deployment other;

    (void)state;
    assert_int_equal(deployment_open(f.dir.path, &f.placement, FIXTURE_HOSTS, FIXTURE_HOST_COUNT,
                                     &f.tell, &other, &err),
                     OU_USAGE);
    assert_non_null(strstr(err.text, "run stop"));
    deployment_close(&other);
    assert_int_equal(deployment_open_past(f.dir.path, &f.placement, &f.tell, &other, &err), OU_OK);
    deployment_close(&other); /* looking is free */
}

static void test_hosts_of_another_run_are_refused(void **state)
{
    static const char *const OTHERS[] = { "node-0", "explorer" };

    (void)state;
    deployment_close(&f.d);
    assert_int_equal(deployment_open(f.dir.path, &f.placement, OTHERS, 2, &f.tell, &f.d, &err),
                     OU_INVALID);
    deployment_close(&f.d);
    assert_int_equal(deployment_open(f.dir.path, &f.placement, OTHERS, 1, &f.tell, &f.d, &err),
                     OU_INVALID);
}

static void test_one_that_was_left_is_there_no_more_and_has_no_keys(void **state)
{
    const char *path = temp_path(&f.dir, "deploy/deployment.json");
    unsigned char key[ENVELOPE_PUBLIC_BYTES];

    (void)state;
    memcpy(key, f.d.key, sizeof key);
    assert_true(deployment_is_there(f.dir.path));
    f.d.has_left = true;
    assert_int_equal(deployment_save(&f.d, &err), OU_OK);
    assert_false(deployment_is_there(f.dir.path));
    assert_int_equal(lines_with(path, "\"seed\": \"\""), 1 + FIXTURE_HOST_COUNT);
    deployment_close(&f.d);
    fixture_open(&f); /* a new one */
    assert_false(f.d.was_there);
    assert_memory_not_equal(f.d.key, key, sizeof key);
}

static void test_a_broken_file_is_told(void **state)
{
    static const char *const BROKEN[] = {
        "{",
        "{}",
        "{\"schema\": 2}",
        "{\"schema\": 1, \"run\": \"r\", \"job\": \"j\", \"seed\": \"00\"}",
        "{\"schema\": 1, \"run\": \"r\", \"job\": \"j\", \"seed\": \"\", \"hosts\": [{\"name\": 7}]}",
    };
    const char *path = temp_path(&f.dir, "deploy/deployment.json");

    (void)state;
    for (size_t i = 0; i < sizeof BROKEN / sizeof *BROKEN; i++) {
        deployment_close(&f.d);
        write_file(path, BROKEN[i], strlen(BROKEN[i]));
        assert_return_code(chmod(path, 0600), 0);
        assert_int_equal(deployment_open_past(f.dir.path, &f.placement, &f.tell, &f.d, &err),
                         OU_INVALID);
        assert_non_null(strstr(err.text, "deployment.json"));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_name_of_a_job_has_letters_digits_and_dashes, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_long_names_stay_different, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_later_process_finds_what_was_written, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_keys_are_the_owners_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_process_at_a_time_gives_orders, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_hosts_of_another_run_are_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_that_was_left_is_there_no_more_and_has_no_keys,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_broken_file_is_told, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
