#include "workbench/node_files.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "json/tree.h"
#include "profile/sites_test.h"
#include "support/files.h"
#include "support/test.h"

static const struct site sites[] = {
    SITE_HERE(5000, "/run", "/usr/bin/ouroscope"), SITE_HERE(5001, "/run", "/usr/bin/ouroscope"),
    SITE_HERE(5002, "/run", "/usr/bin/ouroscope"), SITE_HERE(5003, "/run", "/usr/bin/ouroscope"),
    SITE_HERE(5004, "/run", "/usr/bin/ouroscope"), SITE_HERE(5005, "/run", "/usr/bin/ouroscope")
};

/* A run directory with one service in it. */
struct made {
    struct temp_dir dir;
    struct arena memory;
    struct profile profile;
    struct topology topology;
    struct start_command command;
};

static void prepare(struct made *m, const char *name, const char *overlay)
{
    struct ou_error err = { 0 };

    *m = (struct made){ 0 };
    temp_dir_make(&m->dir);
    arena_init(&m->memory, allocator_libc(), 1 << 20);
    if (profile_load(name, &overlay, overlay != NULL, &m->profile, &err) ||
        topology_of_profile(&m->profile, &m->memory, &m->topology, &err))
        fail_msg("%s", err.text);
}

static void write_node(struct made *m, size_t node, const char *program)
{
    struct ou_error err = { 0 };
    struct site own[sizeof sites / sizeof *sites];

    memcpy(own, sites, sizeof sites);
    own[node].program = program;
    if (node_files_write(&m->profile, &m->topology, node, own, m->dir.path, &m->memory, &m->command,
                         &err))
        fail_msg("%s", err.text);
}

static void make_node(struct made *m, const char *name, const char *overlay, size_t node)
{
    prepare(m, name, overlay);
    write_node(m, node, "/opt/ouroscope");
}

static void make_generator(struct made *m, const char *name, const char *overlay)
{
    struct ou_error err = { 0 };

    prepare(m, name, overlay);
    if (generator_files_write(&m->profile, sites, m->dir.path, &m->memory, &m->command, &err))
        fail_msg("%s", err.text);
}

static void release(struct made *m)
{
    profile_release(&m->profile);
    arena_release(&m->memory);
    temp_dir_remove(&m->dir);
}

static json_t *load_file(struct made *m, const char *name)
{
    struct ou_error err = { 0 };
    json_t *tree = NULL;

    if (json_tree_load(temp_path(&m->dir, name), 1 << 20, &tree, &err))
        fail_msg("%s", err.text);
    return tree;
}

static const char *text(const json_t *object, const char *member)
{
    const char *value = json_string_value(json_object_get(object, member));

    return value ? value : "";
}

static const char *argument(const struct made *m, const char *option)
{
    for (const char *const *at = m->command.argv; *at; at++)
        if (strcmp(*at, option) == 0)
            return at[1];
    return NULL;
}

static const char *backend_of(const json_t *config)
{
    const json_t *root = json_object_get(json_object_get(config, "TraceOptions"), "");

    return json_string_value(json_array_get(json_object_get(root, "backends"), 0));
}

/* ---- nodes ---- */

/* A run directory whose folder of the host has just room, and the files in that have none. */
static void test_a_run_directory_with_too_long_a_path_is_refused(void **state)
{
    struct made m;
    struct ou_error err = { 0 };
    char path[PATH_MAX];
    size_t at;

    (void)state;
    prepare(&m, "demo", NULL);
    at = (size_t)snprintf(path, sizeof path, "%s", m.dir.path);
    while (at < sizeof path - sizeof "/nodes/node-2") { /* "/./." is no way to go */
        path[at] = path[at - 1] == '/' ? '.' : '/';
        at++;
    }
    path[at] = '\0';
    assert_int_equal(
        node_files_write(&m.profile, &m.topology, 2, sites, path, &m.memory, &m.command, &err),
        OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "...: the path is too long"));
    assert_int_equal(access(temp_path(&m.dir, "nodes/node-2"), F_OK), 0);
    assert_int_not_equal(access(temp_path(&m.dir, "nodes/node-2/config.json"), F_OK), 0);
    release(&m);
}

static void test_a_node_is_started_with_its_files_and_keys(void **state)
{
    struct made m;

    (void)state;
    make_node(&m, "demo", NULL, 2);
    assert_string_equal(m.command.argv[0], "/opt/ouroscope");
    assert_string_equal(m.command.argv[1], "node");
    assert_string_equal(argument(&m, "--config"), "config.json");
    assert_string_equal(argument(&m, "--topology"), "topology.json");
    assert_string_equal(argument(&m, "--database-path"), "db");
    assert_string_equal(argument(&m, "--host-addr"), "127.0.0.1");
    assert_string_equal(argument(&m, "--port"), "5002");
    assert_string_equal(argument(&m, "--shelley-kes-key"), "../../genesis/keys/pool3/kes.skey");
    assert_string_equal(argument(&m, "--shelley-vrf-key"), "../../genesis/keys/pool3/vrf.skey");
    assert_string_equal(argument(&m, "--shelley-operational-certificate"),
                        "../../genesis/keys/pool3/opcert.cert");
    assert_null(argument(&m, "--shutdown-on-block-synced")); /* the run ends all of them */
    assert_string_equal(m.command.directory, temp_path(&m.dir, "nodes/node-2"));
    release(&m);
}

static void test_the_configuration_is_one_of_a_cardano_node(void **state)
{
    struct made m;
    json_t *config;

    (void)state;
    make_node(&m, "demo", NULL, 0);
    config = load_file(&m, "nodes/node-0/config.json");
    assert_string_equal(text(config, "Protocol"), "Cardano");
    assert_string_equal(text(config, "ShelleyGenesisFile"), "../../genesis/shelley.json");
    assert_string_equal(text(config, "ConwayGenesisFile"), "../../genesis/conway.json");
    assert_null(json_object_get(config, "ShelleyGenesisHash")); /* the start is set last */
    assert_int_equal(json_integer_value(json_object_get(config, "TestConwayHardForkAtEpoch")), 0);
    assert_int_equal(json_integer_value(json_object_get(config, "TargetNumberOfActivePeers")), 15);
    assert_null(json_object_get(config, "ReferenceNode"));
    json_decref(config);
    release(&m);
}

static void test_traces_go_to_the_collector_of_the_run(void **state)
{
    struct made m;
    json_t *config;

    (void)state;
    make_node(&m, "demo", NULL, 5);
    config = load_file(&m, "nodes/node-5/config.json");
    assert_string_equal(backend_of(config), "EKGBackend");
    assert_string_equal(text(config, "TraceOptionNodeName"), "node-5");
    assert_string_equal(argument(&m, "--tracer-socket-path-connect"),
                        "../../tracer/forward.socket");
    json_decref(config);
    release(&m);
}

static void test_the_collector_writes_where_logs_belong(void **state)
{
    struct made m;
    struct ou_error err = { 0 };
    json_t *config;
    const json_t *log;

    (void)state;
    prepare(&m, "demo", NULL);
    assert_int_equal(
        tracer_files_write(&m.profile, m.dir.path, "/opt/ouroscope", &m.memory, &m.command, &err),
        OU_OK);
    assert_string_equal(m.command.argv[1], "tracer");
    assert_string_equal(argument(&m, "--config"), "config.json");
    config = load_file(&m, "tracer/config.json");
    log = json_array_get(json_object_get(config, "logging"), 0);
    assert_int_equal(json_integer_value(json_object_get(config, "networkMagic")), 42);
    assert_string_equal(text(json_object_get(config, "network"), "contents"), "forward.socket");
    assert_string_equal(text(log, "logRoot"), "../logs");
    json_decref(config);
    release(&m);
}

static void test_without_a_collector_traces_go_to_the_log_of_the_node(void **state)
{
    struct made m;
    struct stat st;
    json_t *config;

    (void)state;
    make_node(&m, "demo", "{\"node\":{\"tracer\":false}}", 5);
    assert_null(argument(&m, "--tracer-socket-path-connect"));
    config = load_file(&m, "nodes/node-5/config.json");
    assert_true(json_is_true(json_object_get(config, "UseTraceDispatcher")));
    assert_string_equal(text(config, "TraceOptionNodeName"), "node-5");
    assert_string_equal(backend_of(config), "File MachineFormat ../../logs/node-5/node.json");
    assert_int_equal(json_integer_value(json_object_get(config, "TraceOptionResourceFrequency")),
                     1000);
    assert_int_equal(stat(temp_path(&m.dir, "logs/node-5"), &st), 0);
    assert_true(S_ISDIR(st.st_mode));
    json_decref(config);
    release(&m);
}

static void test_the_older_tracing_goes_there_too(void **state)
{
    struct made m;
    json_t *config;
    const json_t *scribe;

    (void)state;
    make_node(&m, "demo", "{\"node\":{\"tracing_backend\":\"iohk-monitoring\"}}", 1);
    config = load_file(&m, "nodes/node-1/config.json");
    assert_true(json_is_false(json_object_get(config, "UseTraceDispatcher")));
    assert_null(json_object_get(config, "TraceOptions"));
    scribe = json_array_get(json_object_get(config, "setupScribes"), 0);
    assert_string_equal(text(scribe, "scKind"), "FileSK");
    assert_string_equal(text(scribe, "scName"), "../../logs/node-1/node.json");
    json_decref(config);
    release(&m);
}

/* A run could not be watched without any trace. */
static void test_with_tracing_off_the_least_is_traced(void **state)
{
    struct made m;
    json_t *config;
    const json_t *options;

    (void)state;
    make_node(&m, "demo", "{\"node\":{\"tracing_backend\":\"off\"}}", 0);
    config = load_file(&m, "nodes/node-0/config.json");
    options = json_object_get(config, "TraceOptions");
    assert_true(json_is_true(json_object_get(config, "UseTraceDispatcher")));
    assert_string_equal(text(json_object_get(options, ""), "severity"), "Silence");
    assert_string_equal(text(json_object_get(options, "Resources"), "severity"), "Info");
    assert_string_equal(text(json_object_get(options, "Net.Server.Remote.Started"), "severity"),
                        "Notice");
    assert_string_equal(
        text(json_object_get(options, "ChainDB.AddBlockEvent.AddedToCurrentChain"), "severity"),
        "Info");
    assert_null(json_object_get(options, "Mempool"));
    assert_string_equal(backend_of(config), "EKGBackend");
    json_decref(config);
    release(&m);
}

static void test_a_host_without_pools_has_no_keys(void **state)
{
    struct made m;

    (void)state;
    make_node(&m, "ci-test", "{\"composition\":{\"with_explorer\":true}}", 2);
    assert_string_equal(m.command.directory, temp_path(&m.dir, "nodes/explorer"));
    assert_string_equal(argument(&m, "--port"), "5002");
    assert_null(argument(&m, "--shelley-kes-key"));
    assert_null(argument(&m, "--bulk-credentials-file"));
    release(&m);
}

static void test_a_host_with_several_pools_has_a_file_of_keys(void **state)
{
    struct made m;

    (void)state;
    make_node(&m, "ci-test-dense10", NULL, 0);
    assert_string_equal(argument(&m, "--bulk-credentials-file"),
                        "../../genesis/keys/bulk-node-0.creds");
    assert_null(argument(&m, "--shelley-kes-key"));
    release(&m);
}

static void test_verbatim_members_win(void **state)
{
    struct made m;
    json_t *config;
    const json_t *options;

    (void)state;
    make_node(&m, "demo",
              "{\"node\":{\"verbatim\":{\"PeerSharing\":true,\"Mine\":1,\"TraceOptions\":"
              "{\"Mempool\":{\"severity\":\"Silence\"}}},\"script_ps_per_step\":2.5,"
              "\"slowdown_percent\":5}}",
              0);
    config = load_file(&m, "nodes/node-0/config.json");
    options = json_object_get(config, "TraceOptions");
    assert_true(json_is_true(json_object_get(config, "PeerSharing")));
    assert_int_equal(json_integer_value(json_object_get(config, "Mine")), 1);
    assert_string_equal(text(json_object_get(options, "Mempool"), "severity"), "Silence");
    assert_string_equal(text(json_object_get(options, "ChainDB"), "severity"), "Debug");
    assert_true(json_number_value(json_object_get(json_object_get(config, "ReferenceNode"),
                                                  "ScriptPicosecondsPerStep")) == 2.5);
    assert_true(json_number_value(json_object_get(json_object_get(config, "ReferenceNode"),
                                                  "SlowdownPercent")) == 5);
    json_decref(config);
    release(&m);
}

static void test_many_peers_raise_the_targets(void **state)
{
    struct site many[60];
    struct ou_error err = { 0 };
    struct made m;
    json_t *config;

    (void)state;
    for (size_t i = 0; i < 60; i++)
        many[i] = sites[0];
    prepare(&m, "ci-test", "{\"composition\":{\"topology\":\"dense\",\"n_singular_hosts\":60}}");
    assert_int_equal(
        node_files_write(&m.profile, &m.topology, 0, many, m.dir.path, &m.memory, &m.command, &err),
        OU_OK);
    config = load_file(&m, "nodes/node-0/config.json");
    assert_int_equal(json_integer_value(json_object_get(config, "TargetNumberOfActivePeers")), 59);
    assert_int_equal(json_integer_value(json_object_get(config, "TargetNumberOfEstablishedPeers")),
                     59);
    json_decref(config);
    release(&m);
}

static void test_the_topology_is_the_nodes_own(void **state)
{
    struct made m;
    json_t *file;
    const json_t *group, *point;

    (void)state;
    make_node(&m, "demo", NULL, 3);
    file = load_file(&m, "nodes/node-3/topology.json");
    assert_int_equal(json_array_size(json_object_get(file, "localRoots")), 3);
    group = json_array_get(json_object_get(file, "localRoots"), 0);
    point = json_array_get(json_object_get(group, "accessPoints"), 0);
    assert_int_equal(json_integer_value(json_object_get(point, "port")), 5004);
    assert_true(json_number_value(json_object_get(point, "latencyMs")) == 45);
    json_decref(file);
    release(&m);
}

static void test_the_generator_does_not_aim_at_hosts_that_do_not_forge(void **state)
{
    struct made m;
    json_t *config;

    (void)state;
    make_generator(&m, "ci-test", "{\"composition\":{\"with_explorer\":true}}");
    config = load_file(&m, "generator/config.json");
    assert_int_equal(json_array_size(json_object_get(config, "targetNodes")), 2);
    json_decref(config);
    release(&m);
}

/* ---- start.sh ---- */

/* With a program that says its arguments, whose path needs quotes; from another folder. */
static void test_the_script_runs_the_command_of_the_run(void **state)
{
    struct made m;
    struct stat st;
    const char *script;
    char command[500], wanted[1000] = "", said[1000] = "";
    FILE *shell;

    (void)state;
    prepare(&m, "demo", NULL);
    assert_int_equal(symlink("/bin/echo", temp_path(&m.dir, "it's echo")), 0);
    write_node(&m, 0, temp_path(&m.dir, "it's echo"));
    script = temp_path(&m.dir, "nodes/node-0/start.sh");
    assert_int_equal(stat(script, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0755);
    for (const char *const *at = m.command.argv + 1; *at; at++) {
        strcat(wanted, *at);
        strcat(wanted, at[1] ? " " : "\n");
    }
    snprintf(command, sizeof command, "cd / && %s", script);
    shell = popen(command, "r");
    assert_non_null(shell);
    assert_non_null(fgets(said, sizeof said, shell));
    assert_int_equal(pclose(shell), 0);
    assert_string_equal(said, wanted);
    release(&m);
}

#define VARIABLE "TRACE_DISPATCHER_LOGGING_HOSTNAME=node-4"

/* Log lines tell whose they are, also when a person starts the node again. */
static void test_a_service_is_told_its_name(void **state)
{
    struct made m;
    struct buffer script;

    (void)state;
    prepare(&m, "demo", NULL);
    write_node(&m, 4, "/bin/true");
    assert_string_equal(m.command.environment[0], VARIABLE);
    buffer_init(&script, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(temp_path(&m.dir, "nodes/node-4/start.sh"), &script, NULL), OU_OK);
    assert_non_null(strstr(buffer_string(&script), "\nexport " VARIABLE "\nexec /bin/true "));
    buffer_release(&script);
    release(&m);
}

/* ---- the generator ---- */

static void test_the_generator_aims_at_every_node(void **state)
{
    struct made m;
    json_t *config;
    const json_t *targets;

    (void)state;
    make_generator(&m, "demo", NULL);
    assert_string_equal(m.command.argv[1], "generator");
    assert_string_equal(m.command.directory, temp_path(&m.dir, "generator"));
    config = load_file(&m, "generator/config.json");
    targets = json_object_get(config, "targetNodes");
    assert_int_equal(json_array_size(targets), 6);
    assert_string_equal(text(json_array_get(targets, 5), "name"), "node-5");
    assert_int_equal(json_integer_value(json_object_get(json_array_get(targets, 5), "port")), 5005);
    json_decref(config);
    release(&m);
}

static void test_the_load_is_the_profiles(void **state)
{
    struct made m;
    json_t *config;

    (void)state;
    make_generator(&m, "ci-test", NULL);
    config = load_file(&m, "generator/config.json");
    assert_int_equal(json_integer_value(json_object_get(config, "tx_count")), 9000);
    assert_true(json_number_value(json_object_get(config, "tps")) == 15);
    assert_int_equal(json_integer_value(json_object_get(config, "inputs_per_tx")), 2);
    assert_int_equal(json_integer_value(json_object_get(config, "outputs_per_tx")), 2);
    assert_int_equal(json_integer_value(json_object_get(config, "tx_fee")), 1000000);
    assert_int_equal(json_integer_value(json_object_get(config, "min_utxo_value")), 10000000);
    assert_int_equal(json_integer_value(json_object_get(config, "add_tx_size")), 100);
    assert_true(json_number_value(json_object_get(config, "init_cooldown")) == 5);
    assert_int_equal(json_integer_value(json_object_get(config, "networkMagic")), 42);
    assert_true(json_is_null(json_object_get(config, "plutus")));
    assert_string_equal(text(config, "era"), "Conway");
    assert_string_equal(text(config, "nodeConfigFile"), "../nodes/node-0/config.json");
    assert_string_equal(text(config, "sigKey"), "../genesis/keys/utxo1/utxo.skey");
    assert_string_equal(backend_of(config), "EKGBackend");
    assert_string_equal(argument(&m, "--tracer-socket-path-connect"), "../tracer/forward.socket");
    json_decref(config);
    release(&m);
}

static void test_scripts_are_passed_on(void **state)
{
    struct made m;
    json_t *config;

    (void)state;
    make_generator(&m, "ci-test",
                   "{\"generator\":{\"plutus\":{\"type\":\"LimitSaturationLoop\",\"script\":"
                   "\"Loop\"}}}");
    config = load_file(&m, "generator/config.json");
    assert_string_equal(text(json_object_get(config, "plutus"), "type"), "LimitSaturationLoop");
    assert_string_equal(text(json_object_get(config, "plutus"), "script"), "Loop");
    json_decref(config);
    release(&m);
}

/* ---- failures ---- */

static void test_a_run_directory_that_cannot_hold_it_is_named(void **state)
{
    struct made m;
    struct ou_error err = { 0 };

    (void)state;
    prepare(&m, "demo", NULL);
    temp_file(&m.dir, "nodes", ""); /* a file where the folder should be */
    assert_int_equal(node_files_write(&m.profile, &m.topology, 0, sites, m.dir.path, &m.memory,
                                      &m.command, &err),
                     OU_IO);
    assert_non_null(strstr(err.text, "nodes"));
    temp_file(&m.dir, "generator", "");
    assert_int_equal(
        generator_files_write(&m.profile, sites, m.dir.path, &m.memory, &m.command, &err), OU_IO);
    release(&m);
}

static void test_too_long_paths_and_too_little_memory_are_told(void **state)
{
    struct made m;
    struct ou_error err = { 0 };
    struct arena little;
    char path[5000];

    (void)state;
    prepare(&m, "demo", NULL);
    memset(path, 'a', sizeof path - 1);
    path[sizeof path - 1] = '\0';
    assert_int_equal(
        node_files_write(&m.profile, &m.topology, 0, sites, path, &m.memory, &m.command, &err),
        OU_TOO_LARGE);
    arena_init(&little, allocator_libc(), 16);
    assert_int_equal(
        node_files_write(&m.profile, &m.topology, 0, sites, m.dir.path, &little, &m.command, &err),
        OU_NO_MEMORY);
    arena_release(&little);
    release(&m);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_node_is_started_with_its_files_and_keys),
        cmocka_unit_test(test_a_run_directory_with_too_long_a_path_is_refused),
        cmocka_unit_test(test_the_configuration_is_one_of_a_cardano_node),
        cmocka_unit_test(test_traces_go_to_the_collector_of_the_run),
        cmocka_unit_test(test_the_collector_writes_where_logs_belong),
        cmocka_unit_test(test_without_a_collector_traces_go_to_the_log_of_the_node),
        cmocka_unit_test(test_the_older_tracing_goes_there_too),
        cmocka_unit_test(test_with_tracing_off_the_least_is_traced),
        cmocka_unit_test(test_a_host_without_pools_has_no_keys),
        cmocka_unit_test(test_a_host_with_several_pools_has_a_file_of_keys),
        cmocka_unit_test(test_verbatim_members_win),
        cmocka_unit_test(test_many_peers_raise_the_targets),
        cmocka_unit_test(test_the_topology_is_the_nodes_own),
        cmocka_unit_test(test_the_script_runs_the_command_of_the_run),
        cmocka_unit_test(test_a_service_is_told_its_name),
        cmocka_unit_test(test_the_generator_aims_at_every_node),
        cmocka_unit_test(test_the_generator_does_not_aim_at_hosts_that_do_not_forge),
        cmocka_unit_test(test_the_load_is_the_profiles),
        cmocka_unit_test(test_scripts_are_passed_on),
        cmocka_unit_test(test_a_run_directory_that_cannot_hold_it_is_named),
        cmocka_unit_test(test_too_long_paths_and_too_little_memory_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
