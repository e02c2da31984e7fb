/* The whole library in one process: what is traced is in the files. */
#include <ouroscope/trace.h>

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <ouroscope/message.h>
#include <ouroscope/metrics.h>

#include "support/files.h"
#include "support/test.h"

#define NUMBER_FIELDS(F)                                      \
    F(u64, number, "number", OU_DMINIMAL, "counts the calls") \
    F(text, why, "why", OU_DDETAILED, "told to those who want to know")

OU_TRACE_POINT(debug_number, "Test.Debug", OU_DEBUG, OU_PUBLIC, NUMBER_FIELDS, "A number.",
               .kind = "Debug");
OU_TRACE_POINT(info_number, "Test.Info", OU_INFO, OU_PUBLIC, NUMBER_FIELDS, "A number.",
               .kind = "Info", .human = "number {number}",
               .legacy = { "Test", "TraceInfo", false });
OU_TRACE_POINT(secret, "Test.Secret", OU_INFO, OU_CONFIDENTIAL, OU_NO_FIELDS, "Not for others.");
OU_TRACE_POINT(fed, "Metered.Fed", OU_DEBUG, OU_PUBLIC, NUMBER_FIELDS, "Moves a metric.",
               .metrics = OU_METRICS({ OU_GAUGE, "number", "the last number",
                                       OU_FIELD(fed, number) },
                                     { OU_COUNTER, "numbers", "how many numbers", -1 }));
OU_TRACE_POINT(sum, "Test.Sum", OU_INFO, OU_PUBLIC, NUMBER_FIELDS, "The result of a fold.");

/* --- Helpers ------------------------------------------------------------------ */

static struct temp_dir folder;
static const char *path, *config_path;

static int in_a_folder(void **state)
{
    (void)state;
    temp_dir_make(&folder);
    path = temp_path(&folder, "log");
    config_path = temp_path(&folder, "config.yaml");
    return 0;
}

static int folder_away(void **state)
{
    (void)state;
    temp_dir_remove(&folder);
    return 0;
}

static int nothing_left(void **state)
{
    (void)state;
    ou_trace_stop();
    unlink(path);
    unlink(config_path);
    return 0;
}

/* Everything of a severity to the file; more lines of options may follow. */
static const char *config(const char *severity, const char *more)
{
    static char text[2048];

    snprintf(text, sizeof(text),
             "TraceOptionResourceFrequency: 0\n"
             "TraceOptions:\n"
             "  \"\": { severity: %s, backends: [ File MachineFormat %s ] }\n%s",
             severity, path, more);
    return text;
}

static void start(const char *text, struct ou_trace_options options)
{
    struct ou_error err = { "" };

    options.config_text = text;
    options.host = "h1";
    if (ou_trace_start(&options, &err) != OU_OK)
        fail_msg("%s", err.text);
}

/* The lines of the log that contain a text. */
static int count(const char *what)
{
    return lines_with(path, what);
}

static int count_ns(const char *ns)
{
    char what[128];

    snprintf(what, sizeof(what), "\"ns\":\"%s\"", ns);
    return count(what);
}

static struct ou_trace_counts counts(void)
{
    struct ou_trace_counts c;

    ou_trace_counts(&c);
    return c;
}

static uint64_t all_losses(const struct ou_trace_counts *c)
{
    return c->ring_full + c->too_large + c->interrupted + c->no_memory;
}

/* --- Tests ---------------------------------------------------------------------- */

static void test_a_point_is_off_before_the_start_and_after_the_stop(void **state)
{
    (void)state;
    assert_false(OU_TRACE_IS_ON(info_number));
    assert_false(ou_trace_flush());
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    assert_true(OU_TRACE_IS_ON(info_number));
    assert_false(OU_TRACE_IS_ON(debug_number));
    ou_trace_stop();
    assert_false(OU_TRACE_IS_ON(info_number));
    OU_TRACE(info_number, 1, NULL);
    assert_int_equal(count_ns("Test.Info"), 0);
}

static int evaluations;

static uint64_t evaluate(void)
{
    return (uint64_t)++evaluations;
}

static void test_arguments_of_a_point_that_is_off_are_not_evaluated(void **state)
{
    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    evaluations = 0;
    OU_TRACE(debug_number, evaluate(), NULL);
    assert_int_equal(evaluations, 0);
    OU_TRACE(info_number, evaluate(), NULL);
    assert_int_equal(evaluations, 1);
}

static void test_a_flushed_message_is_in_the_file(void **state)
{
    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    OU_TRACE(info_number, 42, "because");
    assert_true(ou_trace_flush());
    assert_int_equal(count("\"ns\":\"Test.Info\",\"data\":{\"kind\":\"Info\",\"number\":42},"
                           "\"sev\":\"Info\",\"thread\":\""),
                     1);
    assert_int_equal(count("\"host\":\"h1\"}"), count("{"));
}

/* One program, both layouts, and no third one of either. */
static void test_new_and_legacy_lines_are_written_at_the_same_time(void **state)
{
    const char *old = temp_path(&folder, "old");
    char more[256];

    (void)state;
    snprintf(more, sizeof(more),
             "  Test: { backends: [ File MachineFormat %s, File LegacyFormat %s ] }\n"
             "  Test.Secret: { backends: [ File LegacyFormat %s ], detail: DMaximum }\n",
             path, old, old);
    start(config("Info", more), (struct ou_trace_options){ .program = "8.1.1:ea2c0" });
    OU_TRACE(info_number, 42, "because");
    OU_TRACE(secret);
    ou_trace_flush();
    assert_int_equal(count("\"ns\":\"Test.Info\",\"data\":{\"kind\":\"Info\",\"number\":42}"), 1);
    assert_int_equal(lines_with(old, "\"data\":{\"kind\":\"TraceInfo\",\"number\":42},"
                                     "\"env\":\"8.1.1:ea2c0\",\"host\":\"h1\",\"loc\":null,"
                                     "\"msg\":\"\",\"ns\":[\"cardano.node.Test\"],\"pid\":\""),
                     1);
    assert_int_equal(count_ns("Test.Secret"), 0);
    assert_int_equal(lines_with(old, "\"ns\":[\"cardano.node.Test.Secret\"]"), 1);
    assert_int_equal(lines_with(old, "{\"app\":[],"), 2);
    unlink(old);
}

static void test_detail_is_configured_by_name(void **state)
{
    (void)state;
    start(config("Info", "  Test: { detail: DDetailed }\n"), (struct ou_trace_options){ 0 });
    OU_TRACE(info_number, 42, "because");
    ou_trace_flush();
    assert_int_equal(count("\"number\":42,\"why\":\"because\"}"), 1);
}

static void test_a_silenced_message_still_moves_its_metrics(void **state)
{
    char *text;

    (void)state;
    start(config("Silence", "TraceOptionMetricsPrefix: test\n"), (struct ou_trace_options){ 0 });
    for (uint64_t i = 1; i <= 5; i++)
        OU_TRACE(fed, i * 10, NULL);
    ou_trace_flush();
    assert_int_equal(count_ns("Metered.Fed"), 0);
    assert_int_equal(ou_metrics_text(&text, NULL), OU_OK);
    assert_non_null(strstr(text, "test_number_int 50\n"));
    assert_non_null(strstr(text, "test_numbers_counter 5\n"));
    free(text);
}

static void test_a_configuration_that_is_wrong_changes_nothing(void **state)
{
    struct ou_error err = { "" };

    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    assert_int_equal(ou_trace_configure("TraceOptions: { '': { severity: Loud } }", &err),
                     OU_INVALID);
    assert_non_null(strstr(err.text, "Loud"));
    assert_int_equal(ou_trace_configure("TraceOptions: { '': { backends: "
                                        "[ File MachineFormat /nowhere/at/all ] } }",
                                        &err),
                     OU_IO);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
    OU_TRACE(info_number, 1, NULL);
    ou_trace_flush();
    assert_int_equal(count_ns("Test.Info"), 1);
}

static void test_starting_twice_is_refused(void **state)
{
    struct ou_error err = { "" };

    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    assert_int_equal(ou_trace_start(NULL, &err), OU_USAGE);
}

/* The next start is as if the one that was refused had not been tried. */
static void test_a_start_that_contradicts_itself_is_refused(void **state)
{
    static const struct {
        struct ou_trace_options options;
        const char *why;
    } refused[] = {
        { { .window_ms = 60001 }, "a window of 60001 ms is above 60000" },
        { { .forward_connect = "/a.sock", .forward_accept = "/b.sock" },
          "a collector is connected to, or it is listened for: not both" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++) {
        struct ou_error err = { "" };

        assert_int_equal(ou_trace_start(&refused[i].options, &err), OU_USAGE);
        assert_string_equal(err.text, refused[i].why);
        assert_false(OU_TRACE_IS_ON(info_number));
        start(config("Info", ""), (struct ou_trace_options){ 0 });
        assert_true(OU_TRACE_IS_ON(info_number));
        ou_trace_stop();
    }
}

static void test_only_a_configuration_file_can_be_read_again(void **state)
{
    struct ou_error err = { "" };

    (void)state;
    assert_int_equal(ou_trace_reload(&err), OU_USAGE);
    assert_string_equal(err.text, "tracing is not running");
    assert_int_equal(ou_trace_configure(config("Info", ""), &err), OU_USAGE);
    assert_string_equal(err.text, "tracing is not running");
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    assert_int_equal(ou_trace_reload(&err), OU_USAGE);
    assert_string_equal(err.text, "tracing was started without a configuration file");
    assert_true(OU_TRACE_IS_ON(info_number));
}

static void test_no_record_is_lost_by_changing_the_configuration(void **state)
{
    struct ou_trace_counts c;

    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ .when_full = OU_WHEN_FULL_BLOCK });
    for (uint64_t i = 0; i < 2000; i++) {
        OU_TRACE(info_number, i, NULL);
        if (i % 100 == 0)
            assert_int_equal(ou_trace_configure(config(i % 200 ? "Debug" : "Info", ""), NULL),
                             OU_OK);
    }
    ou_trace_stop();
    c = counts();
    assert_int_equal(count_ns("Test.Info"), 2000);
    assert_int_equal(c.late, 0);
    assert_int_equal(all_losses(&c), 0);
    assert_int_equal(c.output, 0);
}

/* Waits for what the library's thread does by itself. */
static bool comes_true(bool (*what)(void))
{
    for (int i = 0; i < 3000 && !what(); i++)
        usleep(10000);
    return what();
}

static bool debug_is_on(void)
{
    return OU_TRACE_IS_ON(debug_number);
}

static bool refusal_is_told(void)
{
    ou_trace_flush();
    return count_ns("Reflection.ConfigurationRefused") == 1;
}

static void test_sighup_reads_the_file_again_and_opens_the_log_again(void **state)
{
    struct ou_trace_options options = { .config_path = config_path, .host = "h1" };
    struct ou_error err = { "" };
    const char *moved = temp_path(&folder, "log.1");

    (void)state;
    temp_file(&folder, "config.yaml", config("Info", ""));
    assert_int_equal(ou_trace_start(&options, &err), OU_OK);
    OU_TRACE(info_number, 1, NULL);
    ou_trace_flush();
    rename(path, moved);
    temp_file(&folder, "config.yaml", config("Debug", ""));
    raise(SIGHUP);
    assert_true(comes_true(debug_is_on));
    OU_TRACE(info_number, 2, NULL);
    ou_trace_flush();
    assert_int_equal(count("\"number\":2"), 1);
    assert_int_equal(count("\"number\":1"), 0);
    temp_file(&folder, "config.yaml", "TraceOptions: [");
    raise(SIGHUP);
    assert_true(comes_true(refusal_is_told));
    assert_true(debug_is_on());
}

static void test_a_loss_is_itself_traced_and_adds_up(void **state)
{
    struct ou_trace_counts c;

    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ .ring_bytes = 1 });
    for (uint64_t i = 0; i < 200000; i++)
        OU_TRACE(info_number, i, NULL);
    ou_trace_stop();
    c = counts();
    if (c.ring_full == 0) /* a reader that kept up: nothing to tell */
        skip();
    assert_true(count_ns("Reflection.RecordsLost") > 0);
    assert_int_equal((uint64_t)count_ns("Test.Info") + all_losses(&c), 200000);
    assert_int_equal(c.lines, (uint64_t)count("{"));
}

static void test_a_limited_message_is_suppressed_and_told(void **state)
{
    struct ou_trace_counts c;

    (void)state;
    start(config("Info", "  Test.Info: { maxFrequency: 2.0 }\n"), (struct ou_trace_options){ 0 });
    for (uint64_t i = 0; i < 1000; i++)
        OU_TRACE(info_number, i, NULL);
    OU_TRACE(sum, 0, NULL);
    ou_trace_stop();
    c = counts();
    assert_int_equal(count_ns("Reflection.StartLimiting"), 1);
    assert_int_equal((uint64_t)count_ns("Test.Info") + c.limited, 1000);
    assert_true(count_ns("Test.Info") >= 3);
    assert_true(count_ns("Test.Info") < 20);
    assert_int_equal(count_ns("Test.Sum"), 1);
}

/* --- Routing, privacy, folds ---------------------------------------------------------- */

struct caught {
    int messages, secrets;
    char last[512];
};

static void catch_line(void *context, const struct ou_message *m, struct ou_text line)
{
    struct caught *c = context;

    c->messages++;
    c->secrets += m->point == &ou_point_secret;
    snprintf(c->last, sizeof(c->last), "%.*s", (int)line.len, line.at);
}

static bool only_even(void *context, const struct ou_message *m)
{
    (void)context;
    return m->point == &ou_point_info_number && m->values[0].u64 % 2 == 0;
}

static void test_an_added_output_gets_what_its_route_chooses(void **state)
{
    struct caught even = { 0 };
    struct ou_output output = {
        .name = "even", .human = true, .route = only_even, .write = catch_line, .context = &even
    };

    (void)state;
    assert_int_equal(ou_trace_add_output(&output, NULL), OU_OK);
    assert_int_equal(ou_trace_add_output(&output, NULL), OU_USAGE);
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    for (uint64_t i = 0; i < 10; i++)
        OU_TRACE(info_number, i, NULL);
    ou_trace_flush();
    assert_int_equal(even.messages, 5);
    assert_non_null(strstr(even.last, "Z][h1:Test.Info](Info,"));
    assert_non_null(strstr(even.last, ") number 8\n"));
    ou_trace_remove_output("even");
    OU_TRACE(info_number, 10, NULL);
    ou_trace_flush();
    assert_int_equal(even.messages, 5);
    assert_int_equal(count_ns("Test.Info"), 11);
}

static void test_confidential_messages_stay_on_this_machine(void **state)
{
    struct caught here = { 0 }, away = { 0 };
    struct ou_output near = { .name = "here", .write = catch_line, .context = &here };
    struct ou_output far = {
        .name = "away", .remote = true, .write = catch_line, .context = &away
    };

    (void)state;
    ou_trace_add_output(&near, NULL);
    ou_trace_add_output(&far, NULL);
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    OU_TRACE(secret);
    OU_TRACE(info_number, 1, NULL);
    ou_trace_flush();
    ou_trace_remove_output("here");
    ou_trace_remove_output("away");
    assert_int_equal(here.secrets, 1);
    assert_int_equal(away.secrets, 0);
    assert_true(away.messages > 0);
}

struct total {
    uint64_t sum, count;
};

static bool add(void *state, const struct ou_message *m)
{
    struct total *t = state;

    t->sum += m->values[OU_FIELD(debug_number, number)].u64;
    return ++t->count % 100 == 0;
}

static void tell_total(const void *state)
{
    const struct total *t = state;

    OU_TRACE(sum, t->sum, NULL);
}

static void test_a_fold_gathers_and_traces_its_result(void **state)
{
    struct total t = { 0 };
    struct ou_fold fold = { &ou_point_debug_number, add, tell_total, &t };

    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    assert_false(OU_TRACE_IS_ON(debug_number));
    assert_int_equal(ou_trace_add_fold(&fold, NULL), OU_OK);
    for (uint64_t i = 1; i <= 200; i++)
        OU_TRACE(debug_number, i, NULL);
    ou_trace_flush();
    ou_trace_flush();
    ou_trace_remove_fold(&t);
    assert_false(OU_TRACE_IS_ON(debug_number));
    assert_int_equal(t.count, 200);
    assert_int_equal(count("\"ns\":\"Test.Sum\",\"data\":{\"number\":5050}"), 1);
    assert_int_equal(count("\"ns\":\"Test.Sum\",\"data\":{\"number\":20100}"), 1);
    assert_int_equal(count_ns("Test.Debug"), 0);
}

static void test_a_fold_goes_with_its_point(void **state)
{
    struct ou_point passing = ou_point_debug_number, *list[] = { &passing };
    struct total t = { 0 };
    struct ou_fold fold = { &passing, add, NULL, &t };

    (void)state;
    passing.ns = "Test.Passing";
    passing.runtime = NULL;
    start(config("Info", ""), (struct ou_trace_options){ 0 });
    ou_points_register(list, list + 1);
    assert_int_equal(ou_trace_add_fold(&fold, NULL), OU_OK);
    assert_true(ou_point_state(&passing) != 0);
    ou_points_unregister(list, list + 1);
    assert_int_equal(ou_point_state(&passing), 0);
    ou_points_register(list, list + 1); /* what is loaded there next */
    assert_int_equal(ou_point_state(&passing), 0);
    ou_points_unregister(list, list + 1);
}

static void test_folds_and_outputs_that_lack_something_are_refused(void **state)
{
    const struct ou_fold folds[] = { { NULL, add, NULL, NULL },
                                     { &ou_point_debug_number, NULL, NULL, NULL } };
    const struct ou_output outputs[] = { { .name = "no writer" }, { .write = catch_line } };

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct ou_error err = { "" };

        assert_int_equal(ou_trace_add_fold(&folds[i], &err), OU_USAGE);
        assert_string_equal(err.text, "a fold needs a point and a step");
        assert_int_equal(ou_trace_add_output(&outputs[i], &err), OU_USAGE);
        assert_string_equal(err.text, "an output needs a name and a function that writes");
    }
}

static void test_there_is_a_limit_to_folds_and_outputs(void **state)
{
    char names[100][8];
    struct caught c = { 0 };
    struct total t = { 0 };
    struct ou_fold fold = { &ou_point_debug_number, add, NULL, &t };
    struct ou_error err = { "" };
    enum ou_status status = OU_OK;
    int count = 0;

    (void)state;
    while (count < 100 && !(status = ou_trace_add_fold(&fold, &err)))
        count++;
    ou_trace_remove_fold(&t);
    assert_int_equal(status, OU_TOO_LARGE);
    assert_string_equal(err.text, "there are 64 folds already");
    assert_int_equal(count, 64);
    assert_int_equal(ou_trace_add_fold(&fold, NULL), OU_OK);
    ou_trace_remove_fold(&t);

    for (count = 0, status = OU_OK; count < 100 && !status; count += !status) {
        snprintf(names[count], sizeof(names[count]), "o%d", count);
        status = ou_trace_add_output(
            &(struct ou_output){ .name = names[count], .write = catch_line, .context = &c }, &err);
    }
    for (int i = 0; i < count; i++)
        ou_trace_remove_output(names[i]);
    assert_int_equal(status, OU_TOO_LARGE);
    assert_string_equal(err.text, "there are 16 outputs already");
    assert_int_equal(count, 16);
}

/* --- The older system ------------------------------------------------------------------- */

static const char *legacy_config(const char *more)
{
    static char text[512];

    snprintf(text, sizeof(text),
             "UseTraceDispatcher: false\nminSeverity: Info\nTraceOptionResourceFrequency: 0\n"
             "setupScribes: [ { scKind: FileSK, scName: %s, scFormat: ScJson } ]\n%s",
             path, more);
    return text;
}

static void test_the_older_system_writes_before_the_call_returns(void **state)
{
    (void)state;
    start(legacy_config(""), (struct ou_trace_options){ .program = "1.0:abcde" });
    OU_TRACE(info_number, 42, "because");
    assert_int_equal(
        count("\"data\":{\"kind\":\"TraceInfo\",\"number\":42},\"env\":\"1.0:abcde\","
              "\"host\":\"h1\",\"loc\":null,\"msg\":\"\",\"ns\":[\"cardano.node.Test\"],"),
        1);
    OU_TRACE(debug_number, 1, NULL);
    assert_int_equal(count("{"), 1);
    assert_int_equal(counts().lines, 1);
}

static void test_the_older_system_has_eight_characters_of_a_host(void **state)
{
    struct ou_trace_options options = { .config_text = legacy_config(""), .host = "mainnetforger" };

    (void)state;
    assert_int_equal(ou_trace_start(&options, NULL), OU_OK);
    OU_TRACE(info_number, 1, NULL);
    ou_trace_stop();
    assert_int_equal(count("\"host\":\"mainnetf\""), 1);
    setenv("CARDANO_NODE_LOGGING_HOSTNAME", "mainnet-forger-1", 1);
    assert_int_equal(ou_trace_start(&options, NULL), OU_OK);
    unsetenv("CARDANO_NODE_LOGGING_HOSTNAME");
    OU_TRACE(info_number, 1, NULL);
    assert_int_equal(count("\"host\":\"mainnet-forger-1\""), 1);
}

static void test_one_can_change_between_the_systems(void **state)
{
    char legacy[512];

    (void)state;
    snprintf(legacy, sizeof(legacy), "%s", legacy_config(""));
    start(legacy, (struct ou_trace_options){ 0 });
    for (uint64_t i = 0; i < 20; i++) {
        assert_int_equal(ou_trace_configure(i % 2 ? config("Info", "") : legacy, NULL), OU_OK);
        OU_TRACE(info_number, i, NULL);
    }
    ou_trace_stop();
    assert_int_equal(count_ns("Test.Info"), 10);
    assert_int_equal(count("\"ns\":[\"cardano.node.Test\"]"), 10);
}

/* --- Stress ----------------------------------------------------------------------------------- */

#define STRESS_THREADS 16
#define STRESS_CALLS 5000

static void *trace_stress(void *unused)
{
    (void)unused;
    for (uint64_t i = 0; i < STRESS_CALLS; i++) {
        OU_TRACE(info_number, i, "why");
        OU_TRACE(debug_number, i, NULL);
    }
    return NULL;
}

static void test_sixteen_threads_and_reconfiguration_account_for_every_record(void **state)
{
    pthread_t threads[STRESS_THREADS];
    struct ou_trace_counts c;

    (void)state;
    start(config("Info", ""), (struct ou_trace_options){ .ring_bytes = 1 });
    for (int i = 0; i < STRESS_THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, trace_stress, NULL), 0);
    for (int i = 0; i < 30; i++) {
        ou_trace_configure(config("Info", i % 2 ? "  Test: { detail: DMaximum }\n" : ""), NULL);
        if (i % 5 == 0)
            ou_trace_flush();
    }
    for (int i = 0; i < STRESS_THREADS; i++)
        pthread_join(threads[i], NULL);
    ou_trace_stop();
    c = counts();
    assert_int_equal((uint64_t)count_ns("Test.Info") + all_losses(&c),
                     STRESS_THREADS * STRESS_CALLS);
    assert_int_equal(c.lines, (uint64_t)count("{"));
}

int main(void)
{
#define EACH(test) cmocka_unit_test_teardown(test, nothing_left)
    const struct CMUnitTest tests[] = {
        EACH(test_a_point_is_off_before_the_start_and_after_the_stop),
        EACH(test_arguments_of_a_point_that_is_off_are_not_evaluated),
        EACH(test_a_flushed_message_is_in_the_file),
        EACH(test_new_and_legacy_lines_are_written_at_the_same_time),
        EACH(test_detail_is_configured_by_name),
        EACH(test_a_silenced_message_still_moves_its_metrics),
        EACH(test_a_configuration_that_is_wrong_changes_nothing),
        EACH(test_starting_twice_is_refused),
        EACH(test_a_start_that_contradicts_itself_is_refused),
        EACH(test_only_a_configuration_file_can_be_read_again),
        EACH(test_no_record_is_lost_by_changing_the_configuration),
        EACH(test_sighup_reads_the_file_again_and_opens_the_log_again),
        EACH(test_a_loss_is_itself_traced_and_adds_up),
        EACH(test_a_limited_message_is_suppressed_and_told),
        EACH(test_an_added_output_gets_what_its_route_chooses),
        EACH(test_confidential_messages_stay_on_this_machine),
        EACH(test_a_fold_gathers_and_traces_its_result),
        EACH(test_a_fold_goes_with_its_point),
        EACH(test_folds_and_outputs_that_lack_something_are_refused),
        EACH(test_there_is_a_limit_to_folds_and_outputs),
        EACH(test_the_older_system_writes_before_the_call_returns),
        EACH(test_the_older_system_has_eight_characters_of_a_host),
        EACH(test_one_can_change_between_the_systems),
        EACH(test_sixteen_threads_and_reconfiguration_account_for_every_record),
    };

    return cmocka_run_group_tests(tests, in_a_folder, folder_away);
}
