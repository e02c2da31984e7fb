/* Extracts that no program made, or that do not go together, are refused with the reason. That good ones give what their logs
 * give is tested by tests/integration/extract.sh. */
#include "analyse/extract.h"

#include <stdio.h>
#include <unistd.h>

#include "analyse/events_test.h"
#include "analyse/extract_host.h"
#include "analyse/extract_paths.h"
#include "analyse/extract_rts.h"
#include "logs/checksum.h"
#include "logs/chunk.h"
#include "support/files.h"

static struct genesis genesis;
static struct filter_set filters;
static struct rts_hosts rts;
static struct temp_dir dir;

static struct analysis_request request(void)
{
    return (struct analysis_request){ .genesis = &genesis,
                                      .genesis_source = "example",
                                      .rts = &rts,
                                      .filters = &filters,
                                      .rule = QUANTILE_TYPE7 };
}

/* --- Parts of an extract --------------------------------------------------- */

static struct buffer begun(void)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 16u << 20);
    buffer_text(&b, EXTRACT_MAGIC);
    put_number(&b, EXTRACT_VERSION);
    return b;
}

static void put_rules(struct buffer *b, bool compat, int64_t start_ns, uint64_t stretches)
{
    const struct slot_stretch *s = &genesis.clock.stretches[0];

    put_number(b, compat);
    put_signed(b, start_ns);
    put_number(b, stretches);
    put_number(b, s->first_slot);
    put_number(b, s->first_epoch);
    put_signed(b, s->start_ns);
    put_signed(b, s->slot_ns);
    put_number(b, s->epoch_slots);
}

/* The rules that go with the request, and nothing passed over. */
static struct buffer begun_well(void)
{
    struct buffer b = begun();

    put_rules(&b, false, genesis.system_start_ns, 1);
    put_number(&b, 0);
    put_number(&b, 0);
    return b;
}

static void put_file(struct buffer *b, const char *path, const char *checksum, int64_t last_ns)
{
    put_path(b, path, "run");
    put_optional(b, "node-0");
    put_signed(b, START);
    put_text(b, span_of("none"));
    put_number(b, 1);
    put_number(b, 1);
    put_text(b, span_of(checksum));
    put_signed(b, START);
    put_signed(b, last_ns);
    put_problem(b, NULL, path);
    put_number(b, 0);
}

/* No lines set aside, no names. */
static void put_nothing_of_lines(struct buffer *b)
{
    put_number(b, 0);
    put_number(b, 0);
    put_number(b, 0);
    put_number(b, 0);
}

/* Hosts of which nothing is known, with these names. NULL: all have one of their own. */
static void put_hosts(struct buffer *b, size_t count, const char *name)
{
    const struct analysis_request r = request();
    struct host_states states;
    char number[30];

    host_states_init(&states, &r);
    put_number(b, count);
    for (size_t i = 0; i < count; i++) {
        snprintf(number, sizeof number, "node-%zu", i);
        put_text(b, span_of(name ? name : number));
        put_tally(b, &host_tally_empty);
        if (states.count == 0)
            assert_non_null(host_states_add(&states, "any"));
        put_host(b, states.items[0]);
    }
    host_states_release(&states);
}

/* A program that told nothing. */
static void put_program(struct buffer *b, uint64_t generations, uint64_t pauses)
{
    put_text(b, span_of("node-0"));
    put_path(b, "run/nodes/node-0/rts.stats", "run");
    put_problem(b, NULL, "run/nodes/node-0/rts.stats");
    for (int i = 0; i < 15; i++)
        put_real(b, 0);
    put_number(b, generations);
    put_number(b, pauses);
    put_number(b, 0);
    put_number(b, 0);
    put_number(b, 0);
}

/* --- Merging ---------------------------------------------------------------- */

/* With its checksum in a file of that name; the buffer is released. */
static const char *saved(struct buffer *b, const char *name)
{
    const char *path = temp_path(&dir, name);
    struct checksum *c = checksum_new();
    char sum[CHECKSUM_HEX_ROOM];

    assert_non_null(c);
    assert_int_equal(buffer_status(b), OU_OK);
    checksum_add(c, b->at, b->len);
    checksum_hex(c, sum);
    checksum_free(c);
    buffer_append(b, sum, CHECKSUM_HEX_ROOM - 1);
    write_file(path, b->at, b->len);
    buffer_release(b);
    return path;
}

static void refused(const char *const *paths, size_t count, enum ou_status status, const char *why)
{
    const struct analysis_request r = request();
    const struct extract_list list = { paths, count, "run" };
    struct analysis a = { 0 };
    struct ou_error err = { { 0 } };

    rts = (struct rts_hosts){ 0 };
    assert_int_equal(analysis_merge(&r, &list, &rts, &a, &err), status);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    rts_hosts_release(&rts);
}

static void refused_alone(struct buffer *b, enum ou_status status, const char *why)
{
    const char *path = saved(b, "one.extract");

    refused(&path, 1, status, why);
}

static void test_extracts_of_other_rules_are_refused(void **state)
{
    const struct {
        bool compat;
        int64_t start_ns;
        uint64_t stretches;
        const char *why;
    } cases[] = {
        { true, START, 1, "one.extract: this extract was made with --compat locli" },
        { false, START + 1, 1, "one.extract: this extract was made for another chain" },
        { false, START, 0, "one.extract: this extract was made for another chain" },
        { false, START, SLOT_CLOCK_STRETCHES + 1, "its clock has too many stretches" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer b = begun();

        put_rules(&b, cases[i].compat, cases[i].start_ns, cases[i].stretches);
        refused_alone(&b, OU_INVALID, cases[i].why);
    }
}

static void test_files_that_cannot_be_are_refused(void **state)
{
    static const char forty[] = "0123456789012345678901234567890123456789";
    static char long_path[9000];
    const struct {
        const char *path, *checksum;
        int64_t last_ns;
        const char *why;
    } cases[] = {
        { "run/logs/a", forty, START, "a checksum is too long" },
        { "run/logs/a", "", START - 1, "a file ends before it begins" },
        { long_path, "", START, "a path is too long" },
    };

    (void)state;
    memset(long_path, 'a', sizeof long_path - 1);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer b = begun_well();

        put_number(&b, 1);
        put_file(&b, cases[i].path, cases[i].checksum, cases[i].last_ns);
        refused_alone(&b, OU_INVALID, cases[i].why);
    }
}

static void test_extracts_without_any_log_are_refused(void **state)
{
    struct buffer b = begun_well();

    (void)state;
    put_number(&b, 0);
    put_nothing_of_lines(&b);
    put_number(&b, 0);
    put_number(&b, 0);
    refused_alone(&b, OU_NOT_FOUND, "there is no log in these extracts");
}

/* An extract of a file and a host; the caller saves it. */
static struct buffer of_host(const char *name)
{
    struct buffer b = begun_well();

    put_number(&b, 1);
    put_file(&b, "run/logs/a", "", START);
    put_nothing_of_lines(&b);
    put_hosts(&b, 1, name);
    put_number(&b, 0);
    return b;
}

static void test_a_host_of_two_extracts_is_named_with_both(void **state)
{
    struct buffer a = of_host("node-7"), b = of_host("node-7");
    const char *paths[] = { saved(&a, "a.extract"), saved(&b, "b.extract") };

    (void)state;
    refused(paths, 2, OU_INVALID, "the host node-7 is in two extracts, ");
    refused(paths, 2, OU_INVALID, "a.extract");
    refused(paths, 2, OU_INVALID, "b.extract; make one of all its logs");
}

static void test_more_than_an_analysis_has_room_for_is_refused(void **state)
{
    struct buffer files = begun_well(), hosts = begun_well();

    (void)state;
    put_number(&files, LOG_INPUTS_MAX + 1);
    for (size_t i = 0; i <= LOG_INPUTS_MAX; i++)
        put_file(&files, "run/logs/a", "", START);
    refused_alone(&files, OU_TOO_LARGE, "the extracts tell of more than 20000 log files");
    put_number(&hosts, 0);
    put_nothing_of_lines(&hosts);
    put_hosts(&hosts, LOG_HOSTS_MAX + 1, NULL);
    refused_alone(&hosts, OU_TOO_LARGE, "the extracts tell of more than 10000 hosts");
}

static void test_statistics_of_programs_that_cannot_be_are_refused(void **state)
{
    const struct {
        uint64_t programs, generations, pauses;
        const char *why;
    } cases[] = {
        { RTS_HOSTS_MAX + 1, 0, 0, "the extract is damaged: too many programs" },
        { 1, RTS_GENERATIONS_MAX + 1, 0, "a program had too many generations" },
        { 1, 0, RTS_PAUSES_MAX + 1, "a program had too many pauses" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer b = begun_well();

        put_number(&b, 0);
        put_nothing_of_lines(&b);
        put_number(&b, 0);
        put_number(&b, cases[i].programs);
        put_program(&b, cases[i].generations, cases[i].pauses);
        refused_alone(&b, OU_INVALID, cases[i].why);
    }
}

/* Each of two extracts may have as many as there may be, but not both together. */
static void test_programs_of_all_extracts_are_counted_together(void **state)
{
    const char *paths[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct buffer b = begun_well();

        put_number(&b, 0);
        put_nothing_of_lines(&b);
        put_number(&b, 0);
        put_number(&b, i ? 1 : RTS_HOSTS_MAX);
        for (int k = 0; k < (i ? 1 : RTS_HOSTS_MAX); k++)
            put_program(&b, 0, 0);
        paths[i] = saved(&b, i ? "b.extract" : "a.extract");
    }
    refused(paths, 2, OU_TOO_LARGE, "b.extract: too many programs with statistics");
}

/* --- Making one ------------------------------------------------------------- */

static void test_a_run_without_a_chain_has_no_extract(void **state)
{
    const struct genesis chainless = { .is_chainless = true };
    const char *path = temp_path(&dir, "never.extract");
    struct analysis_request r = request();
    struct log_inputs inputs = { 0 };
    struct ou_error err = { { 0 } };

    (void)state;
    r.genesis = &chainless;
    assert_int_equal(analysis_extract(&r, &inputs, NULL, path, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "a run without a chain has no extracts"));
    assert_int_not_equal(access(path, F_OK), 0);
}

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    genesis = second_genesis(1000);
    filter_set_init(&filters, genesis.max_block_body_bytes, false);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    filter_set_release(&filters);
    temp_dir_remove(&dir);
    return 0;
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_extracts_of_other_rules_are_refused),
        TEST(test_files_that_cannot_be_are_refused),
        TEST(test_extracts_without_any_log_are_refused),
        TEST(test_a_host_of_two_extracts_is_named_with_both),
        TEST(test_more_than_an_analysis_has_room_for_is_refused),
        TEST(test_statistics_of_programs_that_cannot_be_are_refused),
        TEST(test_programs_of_all_extracts_are_counted_together),
        TEST(test_a_run_without_a_chain_has_no_extract),
    };
#undef TEST

    return cmocka_run_group_tests(tests, NULL, NULL);
}
