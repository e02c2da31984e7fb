#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "profile/sites_test.h"
#include "support/files.h"
#include "support/test.h"
#include "workbench/node_files.h"
#include "workbench/service_files.h"

/* A run directory with a profile of two hosts whose kind is a command. */
static struct made {
    struct temp_dir dir;
    struct arena memory;
    struct profile profile;
    struct start_command command;
    struct ou_error err;
} m;

static int set_up(void **state)
{
    (void)state;
    m = (struct made){ 0 };
    temp_dir_make(&m.dir);
    arena_init(&m.memory, allocator_libc(), 1 << 20);
    if (profile_load("ci-test", NULL, 0, &m.profile, &m.err))
        fail_msg("%s", m.err.text);
    m.profile.node_kind = NODE_COMMAND;
    m.profile.node_program = "";
    m.profile.command = (struct profile_command){ .stop_signal = SIGINT };
    m.profile.rts_flag_count = 0;
    m.profile.rts_stats = RTS_STATS_NONE;
    m.profile.cores = "";
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    profile_release(&m.profile);
    arena_release(&m.memory);
    temp_dir_remove(&m.dir);
    return 0;
}

static enum ou_status write_node(size_t node, const char *const *argv)
{
    const struct site sites[] = { SITE_HERE(5000, m.dir.path, "/opt/ouroscope"),
                                  SITE_HERE(5001, m.dir.path, "/opt/ouroscope") };

    m.profile.command.argv = argv;
    m.profile.command.argc = 0;
    while (argv[m.profile.command.argc])
        m.profile.command.argc++;
    return node_files_write(&m.profile, NULL, node, sites, m.dir.path, &m.memory, &m.command,
                            &m.err);
}

static void make_node(size_t node, const char *const *argv)
{
    if (write_node(node, argv))
        fail_msg("%s", m.err.text);
}

/* The arguments in one line. */
static const char *line(void)
{
    static char text[4096];

    text[0] = '\0';
    for (const char *const *at = m.command.argv; *at; at++) {
        strcat(text, *at);
        strcat(text, at[1] ? " " : "");
    }
    return text;
}

static void test_words_of_the_arguments_are_filled_in(void **state)
{
    static const char *const argv[] = { "/bin/echo",  "--at=%{port}", "%{name}",
                                        "%{index}",   "%{directory}", "%{run}",
                                        "%{genesis}", "%{cores}.",    "100%%",
                                        NULL };
    char wanted[4096];

    (void)state;
    make_node(1, argv);
    snprintf(wanted, sizeof wanted,
             "/bin/echo --at=5001 node-1 1 %s/nodes/node-1 %s %s/genesis . 100%%", m.dir.path,
             m.dir.path, m.dir.path);
    assert_string_equal(line(), wanted);
    assert_true(m.command.sampled);
    assert_int_equal(m.command.stop_signal, SIGINT);
    assert_false(m.command.ends_by_itself);
}

static void test_unknown_words_are_told_with_their_place(void **state)
{
    static const char *const argv[] = { "/bin/echo", "%{prot}", NULL };

    (void)state;
    assert_int_equal(write_node(0, argv), OU_INVALID);
    assert_string_equal(
        m.err.text,
        "node-0: node.command.argv: \"%{prot}\": there is no %{prot}; did you mean %{port}?");
}

static void test_the_environment_has_them_too(void **state)
{
    static const char *const argv[] = { "/bin/echo", NULL };
    static const struct profile_variable variables[] = { { "PLACE", "%{name} at %{port}" },
                                                         { "SHADE", "green" } };

    (void)state;
    m.profile.environment = variables;
    m.profile.variable_count = 2;
    make_node(0, argv);
    assert_string_equal(m.command.environment[0], "TRACE_DISPATCHER_LOGGING_HOSTNAME=node-0");
    assert_string_equal(m.command.environment[1], "PLACE=node-0 at 5000");
    assert_string_equal(m.command.environment[2], "SHADE=green");
    assert_null(m.command.environment[3]);
}

static void test_flags_of_the_run_time_system_stand_at_the_end(void **state)
{
    static const char *const argv[] = { "/bin/echo", "work", NULL };
    static const char *const flags[] = { "-N2", "-A16m" };

    (void)state;
    m.profile.rts_flags = flags;
    m.profile.rts_flag_count = 2;
    m.profile.rts_stats = RTS_STATS_SUMMARY;
    make_node(0, argv);
    assert_string_equal(line(),
                        "/bin/echo work +RTS -N2 -A16m -trts.stats --machine-readable -RTS");
}

static void test_or_where_the_profile_wants_them(void **state)
{
    static const char *const argv[] = { "/bin/echo", "%{rts}", "work", NULL };

    (void)state;
    m.profile.rts_stats = RTS_STATS_COLLECTIONS;
    make_node(0, argv);
    assert_string_equal(line(), "/bin/echo +RTS -Srts.stats -RTS work");
}

static void test_without_flags_there_are_none(void **state)
{
    static const char *const argv[] = { "/bin/echo", "%{rts}", "work", NULL };

    (void)state;
    make_node(0, argv);
    assert_string_equal(line(), "/bin/echo work");
}

static void test_another_build_takes_the_programs_place(void **state)
{
    static const char *const argv[] = { "/bin/echo", "work", NULL };

    (void)state;
    m.profile.node_program = "/bin/true";
    make_node(0, argv);
    assert_string_equal(line(), "/bin/true work");
}

static void test_a_program_that_is_not_there_is_told(void **state)
{
    static const char *const argv[] = { "/bin/no-such-program", NULL };

    (void)state;
    assert_int_equal(write_node(0, argv), OU_NOT_FOUND);
    assert_non_null(strstr(m.err.text, "/bin/no-such-program"));
    assert_non_null(strstr(m.err.text, "node.command.argv"));
}

static void test_a_command_without_a_program_is_refused(void **state)
{
    static const char *const argv[] = { NULL };

    (void)state;
    assert_int_equal(write_node(0, argv), OU_INVALID);
    assert_non_null(strstr(m.err.text, "node.command.argv is empty"));
}

/* As many as there may be, and one more. */
static void test_more_words_and_variables_than_there_is_room_for_are_refused(void **state)
{
    static const char *const echo[] = { "/bin/echo", NULL };
    static struct profile_variable variables[START_VARIABLES_MAX];
    static char names[START_VARIABLES_MAX][20];
    const char *argv[START_ARGUMENTS_MAX + 2] = { "/bin/echo" };

    (void)state;
    for (int i = 1; i <= START_ARGUMENTS_MAX; i++)
        argv[i] = "a";
    assert_int_equal(write_node(0, argv), OU_TOO_LARGE);
    assert_string_equal(m.err.text, "node-0: more than 400 words in its command");
    argv[START_ARGUMENTS_MAX] = NULL;
    make_node(0, argv);

    for (int i = 0; i < START_VARIABLES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "V%d", i);
        variables[i] = (struct profile_variable){ names[i], "" };
    }
    m.profile.environment = variables;
    m.profile.variable_count = START_VARIABLES_MAX - 1; /* the run itself sets one */
    make_node(0, echo);
    m.profile.variable_count++;
    assert_int_equal(write_node(0, echo), OU_TOO_LARGE);
    assert_string_equal(m.err.text, "node-0: more than 120 variables");
}

/* A run directory whose folder of the host has just room, and the script in that has none. */
static void test_a_run_directory_with_too_long_a_path_is_refused(void **state)
{
    static const char *const argv[] = { "/bin/echo", NULL };
    const size_t lens[] = { PATH_MAX - sizeof "/nodes/node-0",
                            PATH_MAX - sizeof "/nodes/node-0" + 1 };
    char *whole = m.dir.path;
    char path[PATH_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof *lens; i++) {
        size_t at = (size_t)snprintf(path, sizeof path, "%s", whole);

        while (at < lens[i]) { /* "/./." is no way to go */
            path[at] = path[at - 1] == '/' ? '.' : '/';
            at++;
        }
        path[at] = '\0';
        m.dir.path = path;
        assert_int_equal(write_node(0, argv), OU_TOO_LARGE);
        m.dir.path = whole;
        assert_non_null(strstr(m.err.text, "...: the path is too long"));
        assert_int_not_equal(access(temp_path(&m.dir, "nodes/node-0/start.sh"), F_OK), 0);
    }
}

static void test_readiness_is_the_profiles(void **state)
{
    static const char *const argv[] = { "/bin/echo", NULL };

    (void)state;
    m.profile.command.ready = (struct readiness){ .kind = READY_PORT };
    make_node(1, argv);
    assert_int_equal(m.command.ready.kind, READY_PORT);
    assert_int_equal(m.command.ready.port, 5001);
    m.profile.command.ready.port = 8080; /* the profile's own: one per host */
    make_node(1, argv);
    assert_int_equal(m.command.ready.port, 8081);
    m.profile.command.ready = (struct readiness){ .kind = READY_FILE, .text = "%{name}.up" };
    make_node(0, argv);
    assert_string_equal(m.command.ready.text, "node-0.up");
}

static void test_hosts_take_processors_in_turn(void **state)
{
    static const char *const argv[] = { "/bin/echo", "on", "%{cores}", NULL };
    char lists[60], here[30];
    cpu_set_t ours;
    unsigned core = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof ours, &ours), 0);
    while (!CPU_ISSET(core, &ours))
        core++;
    snprintf(here, sizeof here, "%u-%u", core, core);
    snprintf(lists, sizeof lists, "%u;%s", core, here);
    m.profile.cores = lists;
    make_node(1, argv);
    assert_string_equal(m.command.cores, here);
    assert_string_equal(m.command.argv[2], here);
    m.profile.cores = "0-";
    assert_int_equal(write_node(0, argv), OU_INVALID);
    assert_non_null(strstr(m.err.text, "node-0: node.cores: "));
}

/* With a program that says what it has: from another folder, with the environment, on its processors. */
static void test_the_script_starts_it_as_the_run_does(void **state)
{
    static const char *const argv[] = {
        "/bin/sh", "-c", "echo \"$SHADE's $(pwd) $(grep Cpus_allowed_list /proc/self/status)\"",
        NULL
    };
    static const struct profile_variable variables[] = { { "SHADE", "it's green" } };
    char cores[20], wanted[600], said[1000] = "";
    cpu_set_t ours;
    FILE *shell;
    unsigned core = 0;

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof ours, &ours), 0);
    while (!CPU_ISSET(core, &ours))
        core++;
    snprintf(cores, sizeof cores, "%u", core);
    m.profile.cores = cores;
    m.profile.environment = variables;
    m.profile.variable_count = 1;
    make_node(0, argv);
    snprintf(wanted, sizeof wanted, "it's green's %s/nodes/node-0 Cpus_allowed_list:\t%u\n",
             m.dir.path, core);
    shell = popen(temp_path(&m.dir, "nodes/node-0/start.sh"), "r");
    assert_non_null(shell);
    assert_non_null(fgets(said, sizeof said, shell));
    assert_int_equal(pclose(shell), 0);
    assert_string_equal(said, wanted);
}

static void test_there_is_a_folder_for_its_log(void **state)
{
    static const char *const argv[] = { "/bin/echo", NULL };
    struct stat st;

    (void)state;
    make_node(0, argv);
    assert_int_equal(stat(temp_path(&m.dir, "logs/node-0"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_words_of_the_arguments_are_filled_in),
        TEST(test_unknown_words_are_told_with_their_place),
        TEST(test_the_environment_has_them_too),
        TEST(test_flags_of_the_run_time_system_stand_at_the_end),
        TEST(test_or_where_the_profile_wants_them),
        TEST(test_without_flags_there_are_none),
        TEST(test_another_build_takes_the_programs_place),
        TEST(test_a_program_that_is_not_there_is_told),
        TEST(test_a_command_without_a_program_is_refused),
        TEST(test_more_words_and_variables_than_there_is_room_for_are_refused),
        TEST(test_a_run_directory_with_too_long_a_path_is_refused),
        TEST(test_readiness_is_the_profiles),
        TEST(test_hosts_take_processors_in_turn),
        TEST(test_the_script_starts_it_as_the_run_does),
        TEST(test_there_is_a_folder_for_its_log),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
