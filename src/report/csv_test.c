#include "report/csv.h"

#include "report/sample_test.h"

static void assert_table(const struct analysis *a, enum report_table table, const char *golden)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 1 << 20);
    report_csv(a, table, &out);
    assert_golden(&out, golden);
    buffer_release(&out);
}

static void test_each_table_is_its_golden_file(void **state)
{
    struct analysis a;

    (void)state;
    sample_full(&a, false, true);
    assert_table(&a, TABLE_METRICS, "metrics.csv");
    assert_table(&a, TABLE_HOSTS, "hosts.csv");
    assert_table(&a, TABLE_BLOCKS, "blocks.csv");
    assert_table(&a, TABLE_OBSERVATIONS, "observations.csv");
    sample_release(&a);
}

static void test_names_out_of_logs_stay_in_their_cells(void **state)
{
    struct analysis a;

    (void)state;
    sample_partial(&a);
    assert_table(&a, TABLE_HOSTS, "hosts-hostile.csv");
    assert_table(&a, TABLE_OBSERVATIONS, "observations-hostile.csv");
    sample_release(&a);
}

static void test_text_is_quoted_where_the_format_wants_it(void **state)
{
    static const char *const cases[][2] = {
        { "plain", "plain" }, { "", "\"\"" },
        { "a,b", "\"a,b\"" }, { "say \"hi\"", "\"say \"\"hi\"\"\"" },
        { "\"", "\"\"\"\"" }, { "two\nlines", "\"two\nlines\"" },
        { "\r", "\"\r\"" },   { "\xff,", "\"\xef\xbf\xbd,\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct buffer out;

        buffer_init(&out, allocator_libc(), 1 << 10);
        csv_text(&out, cases[i][0]);
        assert_string_equal(buffer_string(&out), cases[i][1]);
        buffer_release(&out);
    }
}

static void test_the_block_timeline_is_that_of_the_dictionary(void **state)
{
    struct table_columns timeline = table_block_timeline();
    size_t next = 0;

    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++) {
        if (dictionary_row(i)->section != SECTION_BLOCK_TIMELINE)
            continue;
        assert_true(next < timeline.count);
        assert_string_equal(timeline.at[next++].id, dictionary_row(i)->id);
    }
    assert_int_equal(next, timeline.count);
}

static void test_quantile_columns_are_named_after_the_standard_quantiles(void **state)
{
    struct table_columns columns = table_columns(TABLE_METRICS);
    size_t next = 0;

    (void)state;
    for (size_t i = 0; i < columns.count; i++) {
        if (columns.at[i].id[0] == 'p') {
            assert_int_equal(columns.at[i].which, next);
            assert_true(strtod(columns.at[i].id + 1, NULL) == standard_quantiles[next++]);
        }
    }
    assert_int_equal(next, STANDARD_QUANTILES);
}

/* Tables whose columns the documentation lists one by one. */
static void test_every_column_of_hosts_and_observations_is_documented(void **state)
{
    static const enum report_table tables[] = { TABLE_HOSTS, TABLE_OBSERVATIONS };
    struct buffer page;

    (void)state;
    buffer_init(&page, allocator_libc(), 1 << 20);
    assert_int_equal(file_read("docs/formats/tables.md", &page, NULL), OU_OK);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        struct table_columns columns = table_columns(tables[i]);

        for (size_t j = 0; j < columns.count; j++) {
            char name[64];

            snprintf(name, sizeof name, "`%s`", columns.at[j].id);
            if (!strstr(buffer_string(&page), name))
                fail_msg("docs/formats/tables.md does not tell of %s", name);
        }
    }
    buffer_release(&page);
}

static void test_tables_are_found_by_name(void **state)
{
    enum report_table table = TABLE_METRICS;

    (void)state;
    for (int i = 0; i < REPORT_TABLES; i++) {
        assert_true(report_table_find(report_table_name((enum report_table)i), &table));
        assert_int_equal(table, i);
    }
    assert_false(report_table_find("metric", &table));
}

static void test_a_full_buffer_is_told(void **state)
{
    struct analysis a;
    struct buffer out;

    (void)state;
    sample_full(&a, false, true);
    buffer_init(&out, allocator_libc(), 100);
    report_csv(&a, TABLE_BLOCKS, &out);
    assert_int_equal(buffer_status(&out), OU_TOO_LARGE);
    buffer_release(&out);
    sample_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_table_is_its_golden_file),
        cmocka_unit_test(test_names_out_of_logs_stay_in_their_cells),
        cmocka_unit_test(test_text_is_quoted_where_the_format_wants_it),
        cmocka_unit_test(test_the_block_timeline_is_that_of_the_dictionary),
        cmocka_unit_test(test_quantile_columns_are_named_after_the_standard_quantiles),
        cmocka_unit_test(test_every_column_of_hosts_and_observations_is_documented),
        cmocka_unit_test(test_tables_are_found_by_name),
        cmocka_unit_test(test_a_full_buffer_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
