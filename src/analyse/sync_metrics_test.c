/* Of a node that catches up with a chain: how fast it does, and nothing of the age of the blocks. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "analyse/metric_making.h"
#include "analyse/run.h"
#include "support/test.h"

#define EXAMPLE "tests/data/examples/01-propagation/"

/* ---- by hand ---- */

enum { HOSTS = 3, BLOCKS = 5 };

/* The server adopts nothing, host 1 a block each quarter of a second from 100 s on, host 2 a single one. */
static struct block_observation observations[BLOCKS][HOSTS];
static struct chain_block blocks[BLOCKS];
static double values[HOSTS + 1];
static struct metric_result result;

static struct block_observation adopted_at(uint32_t host, const struct chain_block *block,
                                           int64_t at_ms)
{
    return (struct block_observation){
        .host = host,
        .adoption_ns = at_ms < 0 ? TIME_NONE : at_ms * 1000000 - block->slot_start_ns,
    };
}

static double made(const char *id)
{
    struct analysis a = { .host_count = HOSTS, .blocks = blocks, .block_count = BLOCKS };
    struct metric_making m = { .a = &a, .values = values, .out = &result };
    double value;

    arena_init(&a.memory, allocator_libc(), 1 << 20);
    result = (struct metric_result){ 0 };
    for (size_t i = 0; i < BLOCKS; i++) {
        struct chain_block *b = &blocks[i];

        *b = (struct chain_block){ .slot_start_ns = (int64_t)i * 7 * NS_PER_SECOND,
                                   .observations = observations[i],
                                   .observation_count = HOSTS };
        observations[i][0] = adopted_at(0, b, -1);
        observations[i][1] = adopted_at(1, b, 100000 + 250 * (int64_t)i);
        observations[i][2] = adopted_at(2, b, i == 3 ? 100000 : -1);
    }
    assert_int_equal(metric_make_sync(&m, id), OU_OK);
    assert_int_equal(result.over.n, 1);
    assert_int_equal(result.by_host[1].n, 1);
    value = metric_scalar(&result);
    arena_release(&a.memory);
    return value;
}

static void test_a_host_takes_from_its_first_block_to_its_last(void **state)
{
    (void)state;
    assert_true(fabs(made("syncSeconds") - 1) < 1e-9);
    assert_true(made("syncBlocks") == 5);
    assert_true(fabs(made("syncRate") - 4) < 1e-9);
}

/* ---- in an analysis ---- */

static struct genesis genesis;
static struct filter_set filters;
static struct log_inputs inputs;
static struct analysis a;

static void analyse(const struct run_context *context)
{
    struct analysis_request request = { .genesis = &genesis,
                                        .genesis_source = "example",
                                        .context = context,
                                        .filters = &filters,
                                        .rule = QUANTILE_TYPE7,
                                        .reading = { .threads = 1 } };
    struct ou_error err = { 0 };

    inputs = (struct log_inputs){ 0 };
    assert_int_equal(genesis_load(EXAMPLE "genesis-shelley.json", &genesis, &err), OU_OK);
    filter_set_init(&filters, genesis.max_block_body_bytes, false);
    assert_int_equal(log_inputs_add(&inputs, "node-1=" EXAMPLE "logs-node-1.json", &err), OU_OK);
    assert_int_equal(log_inputs_add(&inputs, "node-2=" EXAMPLE "logs-node-2.json", &err), OU_OK);
    log_inputs_sort(&inputs);
    assert_int_equal(analysis_run(&request, &inputs, &a, &err), OU_OK);
}

static void release(void)
{
    analysis_release(&a);
    filter_set_release(&filters);
    log_inputs_release(&inputs);
}

static enum metric_kind kind_of(enum metric_section section, const char *id)
{
    const struct metric_result *m = analysis_metric(&a, section, id);

    assert_non_null(m);
    return m->kind;
}

static void test_the_age_of_blocks_that_were_there_is_no_result(void **state)
{
    const struct run_context context = { .scenario = "chainsync", .tps = 20, .delegators = 0 };

    (void)state;
    analyse(&context);
    assert_int_equal(kind_of(SECTION_SYNC, "syncSeconds"), METRIC_DISTRIBUTION);
    assert_int_equal(kind_of(SECTION_ENDTOEND, "cdf0.50"), METRIC_ABSENT);
    assert_int_equal(kind_of(SECTION_SUMMARY, "tps"), METRIC_ABSENT);
    assert_int_equal(kind_of(SECTION_SUMMARY, "delegators"), METRIC_ABSENT);
    assert_int_equal(a.arrival.point_count, 0);
    for (size_t i = 0; i < a.finding_count; i++)
        assert_null(strstr(a.findings[i].text, "is it traced"));
    release();
}

static void test_other_runs_have_none_of_it(void **state)
{
    const struct run_context context = { .scenario = "fixed-loaded", .tps = 20, .delegators = 0 };

    (void)state;
    analyse(&context);
    assert_null(analysis_metric(&a, SECTION_SYNC, "syncSeconds"));
    assert_int_equal(kind_of(SECTION_ENDTOEND, "cdf0.50"), METRIC_DISTRIBUTION);
    assert_int_equal(kind_of(SECTION_SUMMARY, "tps"), METRIC_NUMBER);
    assert_true(a.arrival.point_count > 0);
    release();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_host_takes_from_its_first_block_to_its_last),
        cmocka_unit_test(test_the_age_of_blocks_that_were_there_is_no_result),
        cmocka_unit_test(test_other_runs_have_none_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
