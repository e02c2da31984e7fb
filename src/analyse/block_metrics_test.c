#include "analyse/block_metrics.h"

#include <stdlib.h>

#include "analyse/blocks_test.h"

static double value_of(const struct chain_block *b, enum metric_section section, const char *id)
{
    const struct block_metric *m = block_metric_find(section, id);

    assert_non_null(m);
    return block_metric_value(m, b);
}

static void test_the_dictionarys_metrics_of_blocks_are_there_in_its_order(void **state)
{
    size_t found = 0;

    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);
        bool of_hosts = info->section == SECTION_CONTROL && strncmp(info->id, "cdfBlocks", 9) == 0;
        const struct block_metric *m = block_metric_find(info->section, info->id);

        if (info->section < SECTION_CONTROL || info->section > SECTION_ENDTOEND || of_hosts)
            assert_null(m);
        else
            assert_ptr_equal(m, block_metric_row(found++));
    }
    assert_int_equal(found, block_metric_count());
}

static void test_the_shares_of_adoption_are_those_of_their_names(void **state)
{
    (void)state;
    for (size_t i = 0; i < block_metric_count(); i++) {
        const struct block_metric *m = block_metric_row(i);

        if (m->source == OF_ADOPTION)
            assert_near(strtod(m->id + strlen("cdf"), NULL), adoption_fractions[m->which], 1e-12);
    }
}

static struct block_observation observed(double noticed_ms, double requested_ms, double fetched_ms,
                                         double adopted_ms)
{
    const double ms[] = { [OBSERVER_NOTICED] = noticed_ms, [OBSERVER_REQUESTED] = requested_ms,
                          [OBSERVER_FETCHED] = fetched_ms, [OBSERVER_ANNOUNCED] = NAN,
                          [OBSERVER_SENDING] = NAN,        [OBSERVER_ADOPTED] = adopted_ms };
    struct block_observation o = { .valid = true };

    for (int i = 0; i < OBSERVER_PHASES; i++)
        o.delta_ns[i] = isnan(ms[i]) ? TIME_NONE : (int64_t)llround(ms[i] * MS);
    return o;
}

/* The first notice and the first body need not be of one observer. */
static void test_a_blocks_value_is_the_mean_or_the_least_of_its_observers(void **state)
{
    struct block_observation list[] = { observed(80, 1, 300, 60), observed(90, 2, 180, 61),
                                        observed(10, 1, 20, 5) };
    struct chain_block b = { .observations = list, .observation_count = 3 };

    (void)state;
    list[2].valid = false; /* the fastest of them does not count */
    assert_near(value_of(&b, SECTION_PEERS, "cdfPeerNoticeFirst"), .080, 1e-12);
    assert_near(value_of(&b, SECTION_PEERS, "cdfPeerFetchFirst"), .272, 1e-12);
    assert_near(value_of(&b, SECTION_PEERS, "cdfPeerRequest"), .0015, 1e-12);
    assert_near(value_of(&b, SECTION_PEERS, "cdfPeerFetch"), .240, 1e-12);
    assert_near(value_of(&b, SECTION_PEERS, "cdfPeerAdoption"), .0605, 1e-12);
    assert_true(isnan(value_of(&b, SECTION_PEERS, "cdfPeerSend")));
}

/* A third of a nanosecond is not written down. */
static void test_a_mean_is_to_the_nanosecond(void **state)
{
    struct block_observation list[] = { observed(1, 1, 1, 1), observed(1, 1, 1, 1),
                                        observed(1, 1, 1, 1) };
    struct chain_block b = { .observations = list, .observation_count = 3 };

    (void)state;
    list[0].delta_ns[OBSERVER_FETCHED]++;
    assert_true(value_of(&b, SECTION_PEERS, "cdfPeerFetch") == 0.001);
    list[1].delta_ns[OBSERVER_FETCHED]++;
    assert_true(value_of(&b, SECTION_PEERS, "cdfPeerFetch") == 0.001000001);
}

static void test_what_is_not_known_is_no_number(void **state)
{
    struct chain_block b = { .forger = NO_HOST, .size_bytes = -1 };

    (void)state;
    for (int i = 0; i < ADOPTION_FRACTIONS; i++)
        b.adoption_ns[i] = TIME_NONE;
    for (size_t i = 0; i < block_metric_count(); i++) {
        const struct block_metric *m = block_metric_row(i);

        if (m->source == OF_BATTLES)
            assert_true(block_metric_value(m, &b) == 0);
        else
            assert_true(isnan(block_metric_value(m, &b)));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_dictionarys_metrics_of_blocks_are_there_in_its_order),
        cmocka_unit_test(test_the_shares_of_adoption_are_those_of_their_names),
        cmocka_unit_test(test_a_blocks_value_is_the_mean_or_the_least_of_its_observers),
        cmocka_unit_test(test_a_mean_is_to_the_nanosecond),
        cmocka_unit_test(test_what_is_not_known_is_no_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
