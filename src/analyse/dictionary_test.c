#include "analyse/dictionary.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* How many metrics the field's existing tool defines in each section; of other sections, how many are ours. */
static const size_t section_sizes[SECTION_COUNT] = {
    [SECTION_SUMMARY] = 41,       [SECTION_CONTROL] = 5,
    [SECTION_FORGER] = 12,        [SECTION_PEERS] = 7,
    [SECTION_ENDTOEND] = 8,       [SECTION_MACHPERF] = 23,
    [SECTION_MACHPERF_JSON] = 6,  [SECTION_BLOCK_TIMELINE] = 41,
    [SECTION_SLOT_TIMELINE] = 38, [SECTION_PROCESS] = 5,
    [SECTION_RTS] = 17,           [SECTION_SYNC] = 3,
};

static void test_no_metric_of_the_field_is_missing(void **state)
{
    size_t counts[SECTION_COUNT] = { 0 };

    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++)
        counts[dictionary_row(i)->section]++;
    for (size_t i = 0; i < SECTION_COUNT; i++)
        assert_int_equal(counts[i], section_sizes[i]);
}

static void test_a_row_reads_as_it_stands_in_the_file(void **state)
{
    const struct metric_info *start = dictionary_find(SECTION_FORGER, "cdfForgerStart");

    (void)state;
    assert_non_null(start);
    assert_string_equal(start->name, "forge loop start");
    assert_string_equal(start->label, "Started forge loop iteration");
    assert_string_equal(start->unit, "s");
    assert_int_equal(start->precision, 3);
    assert_int_equal(start->direction, DIRECTION_LESS_IS_BETTER);
    assert_string_equal(start->aggregation, "one value per accepted block that shows both moments");
    assert_string_equal(start->description, "How late in its slot the forger wakes up.");
    assert_string_equal(start->formula, "t(StartLeadershipCheck) - slotStart");
    assert_string_equal(start->compat, "a moment missing in the slot is taken from an earlier one");
    assert_string_equal(dictionary_find(SECTION_CONTROL, "cdfBlockBattle")->compat, "");
}

static void test_the_direction_says_what_is_better(void **state)
{
    (void)state;
    assert_int_equal(dictionary_find(SECTION_MACHPERF, "cdfStarts")->direction,
                     DIRECTION_MORE_IS_BETTER);
    assert_int_equal(dictionary_find(SECTION_MACHPERF, "CentiCpu")->direction,
                     DIRECTION_LESS_IS_BETTER);
    assert_int_equal(dictionary_find(SECTION_SUMMARY, "tps")->direction, DIRECTION_NONE);
}

static void test_every_row_can_be_found_and_says_something(void **state)
{
    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *row = dictionary_row(i);

        assert_ptr_equal(dictionary_find(row->section, row->id), row);
        assert_true(row->name[0] && row->label[0] && row->description[0] && row->formula[0]);
        assert_true(row->precision >= 0 && row->precision <= 3);
        assert_true(row->description[strlen(row->description) - 1] == '.');
    }
}

static void test_names_are_unique_in_their_section(void **state)
{
    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++)
        for (size_t j = 0; j < i; j++) {
            const struct metric_info *a = dictionary_row(i), *b = dictionary_row(j);

            assert_false(a->section == b->section && strcmp(a->name, b->name) == 0);
        }
}

static void test_what_is_not_there_is_not_found(void **state)
{
    (void)state;
    assert_null(dictionary_find(SECTION_FORGER, "CentiCpu"));
    assert_null(dictionary_find(SECTION_FORGER, ""));
    assert_null(dictionary_row(dictionary_count()));
}

static void test_sections_have_names_and_titles(void **state)
{
    (void)state;
    assert_string_equal(section_name(SECTION_MACHPERF_JSON), "machperf-json");
    for (int i = 0; i < SECTION_COUNT; i++) {
        assert_true(section_name((enum metric_section)i)[0]);
        assert_true(section_title((enum metric_section)i)[0]);
    }
}

static void test_the_page_about_metrics_has_the_same_titles(void **state)
{
    FILE *file = fopen("docs/reference/metrics.md", "r");
    char line[4096];
    int section = 0;

    (void)state;
    assert_non_null(file);
    while (fgets(line, sizeof line, file)) {
        char want[128];

        if (strncmp(line, "## ", 3) != 0)
            continue;
        assert_true(section < SECTION_COUNT);
        snprintf(want, sizeof want, "## %s\n", section_title((enum metric_section)section++));
        assert_string_equal(line, want);
    }
    assert_int_equal(section, SECTION_COUNT);
    fclose(file);
}

static void *count_rows(void *argument)
{
    (void)argument;
    return (void *)dictionary_row(dictionary_count() - 1);
}

/* Must come first: it is the first use that is at stake. */
static void test_many_threads_may_be_the_first_to_ask(void **state)
{
    pthread_t threads[8];
    void *last[8];

    (void)state;
    for (size_t i = 0; i < 8; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, count_rows, NULL), 0);
    for (size_t i = 0; i < 8; i++)
        pthread_join(threads[i], &last[i]);
    for (size_t i = 0; i < 8; i++)
        assert_ptr_equal(last[i], dictionary_find(SECTION_SLOT_TIMELINE, "utxoSize"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_many_threads_may_be_the_first_to_ask),
        cmocka_unit_test(test_no_metric_of_the_field_is_missing),
        cmocka_unit_test(test_a_row_reads_as_it_stands_in_the_file),
        cmocka_unit_test(test_the_direction_says_what_is_better),
        cmocka_unit_test(test_every_row_can_be_found_and_says_something),
        cmocka_unit_test(test_names_are_unique_in_their_section),
        cmocka_unit_test(test_what_is_not_there_is_not_found),
        cmocka_unit_test(test_sections_have_names_and_titles),
        cmocka_unit_test(test_the_page_about_metrics_has_the_same_titles),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
