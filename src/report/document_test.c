#include "report/document.h"

#include <string.h>

#include "report/document_sample_test.h"
#include "support/failing_allocator.h"
#include "support/test.h"

static void test_blocks_stay_in_their_order(void **state)
{
    static const enum doc_block_kind kinds[] = { DOC_NOTICE,    DOC_NOTICE, DOC_HEADING,
                                                 DOC_PARAGRAPH, DOC_FACTS,  DOC_TABLE,
                                                 DOC_HEADING,   DOC_FIGURE, DOC_FIGURE };
    struct document d;
    size_t i = 0;

    (void)state;
    sample_document(&d);
    for (const struct doc_block *block = d.first; block; block = block->next)
        assert_int_equal(block->kind, kinds[i++]);
    assert_int_equal(i, sizeof kinds / sizeof *kinds);
    assert_int_equal(document_status(&d, NULL), OU_OK);
    document_release(&d);
}

static void test_facts_that_stand_together_are_one_list(void **state)
{
    struct document d;

    (void)state;
    document_init(&d);
    for (int i = 0; i < 9; i++)
        document_fact(&d, document_text(&d, "fact %d", i), "value");
    assert_int_equal(d.first->fact_count, 9);
    assert_ptr_equal(d.first, d.last);
    for (size_t i = 0; i < 9; i++)
        assert_int_equal(d.first->facts[i].name[5], '0' + (int)i);
    document_paragraph(&d, "words");
    document_fact(&d, "another", NULL);
    assert_int_equal(d.last->fact_count, 1);
    document_release(&d);
}

static void test_a_row_that_is_not_filled_has_nothing_in_its_last_cells(void **state)
{
    static const struct doc_column columns[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
    struct document d;
    struct doc_table *t;

    (void)state;
    document_init(&d);
    t = document_table(&d, "t", "", columns, 3);
    for (int i = 0; i < 100; i++)
        doc_add_count(&d, t, i);
    assert_int_equal(t->row_count, 34);
    for (size_t i = 0; i < 100; i++)
        assert_true(t->cells[i].number == (double)i);
    assert_int_equal(t->cells[100].kind, DOC_NONE);
    assert_int_equal(t->cells[101].kind, DOC_NONE);
    document_release(&d);
}

static void test_a_row_that_is_ended_is_followed_by_one_of_its_own(void **state)
{
    static const struct doc_column columns[] = { { .id = "a" }, { .id = "b" }, { .id = "c" } };
    struct document d;
    struct doc_table *t;

    (void)state;
    document_init(&d);
    t = document_table(&d, "t", "t", columns, 3);
    doc_end_row(&d, t); /* none was begun */
    doc_add_text(&d, t, "first");
    doc_end_row(&d, t);
    doc_end_row(&d, t);
    doc_add_text(&d, t, "second");
    assert_int_equal(t->row_count, 2);
    assert_int_equal(t->cells[1].kind, DOC_NONE);
    assert_int_equal(t->cells[2].kind, DOC_NONE);
    assert_string_equal(t->cells[3].text, "second");
    document_release(&d);
}

static void test_what_is_not_known_is_no_number(void **state)
{
    static const struct doc_column columns[] = { { .id = "a" } };
    struct document d;
    struct doc_table *t;

    (void)state;
    document_init(&d);
    t = document_table(&d, "t", "", columns, 1);
    doc_add_number(&d, t, NAN, 2);
    doc_add_number(&d, t, INFINITY, 2);
    doc_add_count(&d, t, -1);
    doc_add_interval(&d, t, interval_none(), 2);
    doc_add_text(&d, t, NULL);
    doc_add_box(&d, t, (struct doc_box){ NULL, 1, 2, NAN, 4, 5 }, 0, 1);
    assert_int_equal(t->row_count, 6);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(t->cells[i].kind, DOC_NONE);
    doc_add_interval(&d, t, (struct interval){ -INFINITY, 2 }, 2);
    assert_int_equal(t->cells[6].kind, DOC_INTERVAL);
    document_release(&d);
}

static void test_checksums_are_cut_and_versions_are_not(void **state)
{
    struct document d;

    (void)state;
    document_init(&d);
    assert_string_equal(document_version(&d, "sha256:0123456789abcdef0123"), "sha256:0123456789ab");
    assert_string_equal(document_version(&d, "10.7.1-pre-release-of-summer"),
                        "10.7.1-pre-release-of-summer");
    document_release(&d);
}

static void test_each_id_is_given_once(void **state)
{
    static const struct doc_column columns[] = { { .id = "a" } };
    struct document d;

    (void)state;
    document_init(&d);
    document_heading(&d, 2, "runs", "Runs");
    assert_string_equal(document_table(&d, "runs", "", columns, 1)->id, "runs-2");
    assert_string_equal(document_figure(&d, "runs", "", "{}", columns, 1)->id, "runs-3");
    assert_string_equal(d.last->figure->data.id, "runs-3");
    assert_string_equal(document_table(&d, "others", "", columns, 1)->id, "others");
    document_release(&d);
}

/* Builders ask nothing on their way, whenever memory ends; the document tells it afterwards. */
static void test_the_end_of_memory_is_remembered(void **state)
{
    bool filled = false;

    (void)state;
    for (size_t max = 0; !filled; max += 97) {
        struct document d;
        struct ou_error err = { 0 };

        document_init(&d);
        d.memory.max_bytes = max;
        sample_fill(&d);
        filled = document_status(&d, &err) == OU_OK;
        if (!filled) {
            assert_int_equal(d.status, OU_TOO_LARGE);
            assert_non_null(strstr(err.text, "report"));
        }
        document_release(&d);
    }
}

static bool fill_with(struct allocator *from, void *argument)
{
    struct document d;
    bool filled;

    (void)argument;
    document_init(&d);
    arena_init(&d.memory, from, DOCUMENT_BYTES_MAX);
    sample_fill(&d);
    filled = d.status == OU_OK;
    if (!filled)
        assert_int_equal(d.status, OU_NO_MEMORY);
    document_release(&d);
    return filled;
}

static void test_a_failed_allocation_is_remembered(void **state)
{
    (void)state;
    fail_each_allocation(fill_with, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_blocks_stay_in_their_order),
        cmocka_unit_test(test_facts_that_stand_together_are_one_list),
        cmocka_unit_test(test_a_row_that_is_not_filled_has_nothing_in_its_last_cells),
        cmocka_unit_test(test_a_row_that_is_ended_is_followed_by_one_of_its_own),
        cmocka_unit_test(test_what_is_not_known_is_no_number),
        cmocka_unit_test(test_checksums_are_cut_and_versions_are_not),
        cmocka_unit_test(test_each_id_is_given_once),
        cmocka_unit_test(test_the_end_of_memory_is_remembered),
        cmocka_unit_test(test_a_failed_allocation_is_remembered),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
