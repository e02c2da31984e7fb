#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "report/builders.h"
#include "report/document_writers.h"
#include "study/read_runs.h"
#include "support/test.h"

#define RUN "tests/data/report/run.json"

static void read_runs(struct run_set *set, size_t count)
{
    run_set_init(set);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(run_set_add(set, RUN, NULL), OU_OK);
    run_set_name(set, "base");
}

static const struct doc_table *table_of(const struct document *d, const char *id)
{
    for (const struct doc_block *block = d->first; block; block = block->next)
        if (block->kind == DOC_TABLE && strcmp(block->table->id, id) == 0)
            return block->table;
    return NULL;
}

/* The row whose first cell names the metric; NULL: there is none. */
static const struct doc_cell *row_of(const struct doc_table *t, const char *metric)
{
    for (size_t row = 0; t && row < t->row_count; row++) {
        const struct doc_cell *cell = &t->cells[row * t->column_count];

        if (cell->metric && strcmp(cell->metric, metric) == 0)
            return cell;
    }
    return NULL;
}

static void test_every_distribution_has_its_row(void **state)
{
    struct document d;
    struct run_set set;
    char id[128], metric[256];

    (void)state;
    read_runs(&set, 1);
    document_init(&d);
    document_of_run(&set.runs[0], &d);
    assert_int_equal(document_status(&d, NULL), OU_OK);
    for (size_t i = 0; i < set.runs[0].value_count; i++) {
        const struct run_value *value = &set.runs[0].values[i];
        const char *section = section_name(value->info->section);
        const struct doc_cell *row;

        if (value->kind != RUN_VALUE_DISTRIBUTION || value->n < 1)
            continue;
        snprintf(id, sizeof id, "section-%s", section);
        snprintf(metric, sizeof metric, "%s/%s", section, value->info->id);
        row = row_of(table_of(&d, id), metric);
        assert_non_null(row);
        assert_true(row[1].number == value->n && row[2].number == value->mean);
    }
    document_release(&d);
    run_set_release(&set);
}

static void test_every_metric_is_in_the_dictionary(void **state)
{
    struct document d;
    struct run_set set;
    size_t seen = 0;

    (void)state;
    read_runs(&set, 1);
    document_init(&d);
    document_of_run(&set.runs[0], &d);
    for (const struct doc_block *block = d.first; block; block = block->next) {
        for (size_t i = 0; block->kind == DOC_TABLE && i < block->table->cell_count; i++) {
            const char *metric = block->table->cells[i].metric;

            if (metric) {
                assert_non_null(row_of(table_of(&d, DOC_DICTIONARY), metric));
                seen++;
            }
        }
    }
    assert_true(seen > 20);
    document_release(&d);
    run_set_release(&set);
}

static void test_findings_come_before_numbers(void **state)
{
    struct document d;
    struct run_set set;
    const struct doc_block *block;

    (void)state;
    read_runs(&set, 1);
    assert_true(set.runs[0].errors > 0 && set.runs[0].warnings > 0);
    document_init(&d);
    document_of_run(&set.runs[0], &d);
    block = d.first;
    for (size_t i = 0; i < set.runs[0].errors + set.runs[0].warnings; i++, block = block->next) {
        assert_int_equal(block->kind, DOC_NOTICE);
        assert_int_equal(block->tone, i < set.runs[0].errors ? TONE_BAD : TONE_UNSURE);
        assert_string_equal(block->text, set.runs[0].finding_texts[i]);
    }
    document_release(&d);
    run_set_release(&set);
}

static void test_the_time_to_start_is_broken_down(void **state)
{
    struct run_step steps[] = { { .name = "job registered", .at_ns = 1000 * NS_PER_SECOND },
                                { .name = "agents ready", .host = "node-3", .at_ns = 0 } };
    const struct doc_table *t;
    struct document d;
    struct run_set set;

    (void)state;
    read_runs(&set, 1);
    steps[1].at_ns = steps[0].at_ns + NS_PER_SECOND * 5 / 2;
    set.runs[0].steps = steps;
    set.runs[0].step_count = 2;
    set.runs[0].started_ns = steps[0].at_ns + 10 * NS_PER_SECOND;
    document_init(&d);
    document_of_run(&set.runs[0], &d);
    t = table_of(&d, "steps-to-start");
    assert_non_null(t);
    assert_int_equal(t->row_count, 3);
    assert_true(t->cells[4 + 1].number == 2.5);
    assert_string_equal(t->cells[4 + 3].text, "node-3");
    assert_string_equal(t->cells[8].text, "slot 0");
    assert_true(t->cells[8 + 1].number == 7.5 && t->cells[8 + 2].number == 10);
    document_release(&d);
    run_set_release(&set);
}

static void test_a_run_of_which_nothing_is_known_has_a_report(void **state)
{
    const struct finished_run run = {
        .title = "x",
        .started_ns = TIME_NONE,
        .design = { NULL, -1, -1 },
        .bound_efficiency = NAN,
    };
    struct document d;
    struct buffer out;

    (void)state;
    document_init(&d);
    document_of_run(&run, &d);
    for (int format = 0; format < DOCUMENT_FORMATS; format++) {
        buffer_init(&out, allocator_libc(), 1 << 24);
        document_write(&d, (enum document_format)format,
                       &(struct text_style){ 80, false, true, false }, &out);
        assert_int_equal(buffer_status(&out), OU_OK);
        assert_true(out.len > 0);
        buffer_release(&out);
    }
    document_release(&d);
}

/* --- The manifest ---------------------------------------------------------------- */

static const struct doc_cell *manifest_row(const struct doc_table *t, const char *metric)
{
    const struct doc_cell *row = row_of(t, metric);

    assert_non_null(row);
    return row;
}

static void test_few_runs_have_a_column_each_of_its_own_name(void **state)
{
    struct document d;
    struct run_set set;
    const struct run_set *sets = &set;
    const struct doc_table *t;

    (void)state;
    read_runs(&set, 2);
    document_init(&d);
    add_manifest(&d, &sets, 1);
    t = table_of(&d, "manifest");
    assert_int_equal(t->column_count, 3);
    assert_string_equal(t->columns[1].head, "node-8.0.0");
    assert_string_equal(t->columns[2].head, "node-8.0.0 #2");
    assert_string_equal(manifest_row(t, "summary/era")[2].text, "babbage");
    document_release(&d);
    run_set_release(&set);
}

static void test_runs_of_one_name_on_two_sides_are_told_apart(void **state)
{
    struct run_set first, second;
    const struct run_set *sets[] = { &first, &second };
    struct document d;

    (void)state;
    read_runs(&first, 1);
    read_runs(&second, 1);
    first.label = "old";
    second.label = "new";
    document_init(&d);
    add_manifest(&d, sets, 2);
    assert_string_equal(table_of(&d, "manifest")->columns[1].head, "old: node-8.0.0");
    assert_string_equal(table_of(&d, "manifest")->columns[2].head, "new: node-8.0.0");
    document_release(&d);
    run_set_release(&first);
    run_set_release(&second);
}

static void test_many_runs_share_a_column_that_says_what_differs(void **state)
{
    struct document d;
    struct run_set set;
    const struct run_set *sets = &set;
    const struct doc_table *t;

    (void)state;
    read_runs(&set, 9);
    for (size_t i = 0; i < 9; i++) {
        struct run_value *value =
            (struct run_value *)run_value_find(&set.runs[i], SECTION_SUMMARY, "tps");

        value->mean = i < 3 ? 12 : 12 + (double)i;
    }
    document_init(&d);
    add_manifest(&d, &sets, 1);
    t = table_of(&d, "manifest");
    assert_int_equal(t->column_count, 2);
    assert_non_null(t->note);
    assert_string_equal(manifest_row(t, "summary/era")[1].text, "babbage");
    assert_string_equal(manifest_row(t, "summary/tps")[1].text, "12, 15, 16, other in 4 more");
    document_release(&d);
    run_set_release(&set);
}

static void test_the_footer_names_each_file_once(void **state)
{
    struct document d;
    struct run_set set;
    const struct run_set *sets = &set;
    const char *first;

    (void)state;
    read_runs(&set, 3);
    document_init(&d);
    add_provenance(&d, &sets, 1);
    assert_int_equal(d.footer_count, 2);
    assert_string_equal(d.footer[1].name, "inputs");
    first = strstr(d.footer[1].value, set.runs[0].checksum);
    assert_non_null(first);
    assert_null(strstr(first + 1, set.runs[0].checksum));
    document_release(&d);
    run_set_release(&set);
}

/* A sweep has hundreds. What `xxhsum -H2` says of their checksums, 0 to 19 with 32 digits. */
static void test_the_footer_tells_many_files_by_one_checksum(void **state)
{
    struct finished_run runs[20] = { 0 };
    struct run_set set = { .runs = runs, .count = 20 };
    const struct run_set *sets = &set;
    char checksums[20][33];
    struct document d;

    (void)state;
    for (int i = 0; i < 20; i++) {
        snprintf(checksums[i], sizeof checksums[i], "%032d", i);
        runs[i] = (struct finished_run){ .title = "run", .checksum = checksums[i] };
    }
    document_init(&d);
    add_provenance(&d, &sets, 1);
    assert_string_equal(
        d.footer[1].value,
        "20 files; XXH3-128 78ecccede3e4847f334dc9dde55d72d3 of their checksums, a line each");
    document_release(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_distribution_has_its_row),
        cmocka_unit_test(test_every_metric_is_in_the_dictionary),
        cmocka_unit_test(test_findings_come_before_numbers),
        cmocka_unit_test(test_the_time_to_start_is_broken_down),
        cmocka_unit_test(test_a_run_of_which_nothing_is_known_has_a_report),
        cmocka_unit_test(test_few_runs_have_a_column_each_of_its_own_name),
        cmocka_unit_test(test_runs_of_one_name_on_two_sides_are_told_apart),
        cmocka_unit_test(test_many_runs_share_a_column_that_says_what_differs),
        cmocka_unit_test(test_the_footer_names_each_file_once),
        cmocka_unit_test(test_the_footer_tells_many_files_by_one_checksum),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
