/* What people read of a table of metrics - units, decimals, columns and rows - and what programs
 * read of it all the same. */
#include "report/row_units.h"

#include <string.h>

#include "report/document_writers.h"
#include "support/test.h"

struct sample {
    struct document document;
    struct doc_table *table;
    struct buffer text;
};

static const struct doc_column columns[] = {
    { .id = "metric", .head = "metric" },
    { .id = "mean", .head = "mean", .number = true, .in_unit = true, .spare = 1 },
    { .id = "interval", .head = "95 %", .number = true, .in_unit = true, .spare = 1 },
    { .id = "change", .head = "change of the mean in percent", .number = true },
    { .id = "runs", .head = "runs", .number = true, .said_once = true },
};

static void add_row(struct sample *s, struct doc_cell name, double mean, struct interval interval)
{
    struct document *d = &s->document;

    doc_add_cell(d, s->table, name);
    doc_add_number(d, s->table, mean, -1);
    doc_add_interval(d, s->table, interval, -1);
    doc_add_number(d, s->table, 4.5, 1);
    doc_add_number(d, s->table, 10, 0);
}

static struct doc_cell name_of(const char *text, const char *unit)
{
    return (struct doc_cell){ .kind = DOC_TEXT, .text = text, .metric = "forger/x", .unit = unit };
}

static void begin(struct sample *s)
{
    struct document *d = &s->document;

    document_init(d);
    buffer_init(&s->text, allocator_libc(), 1 << 20);
    d->title = "Times";
    s->table = document_table(d, "times", "Times", columns, sizeof columns / sizeof *columns);
    add_row(s, name_of("adoption, s", "s"), 1.25, (struct interval){ 1.2, 1.3 });
    add_row(s, name_of("fetch, s", "s"), .0509216, (struct interval){ .0507, .0511234 });
    add_row(s, name_of("ledger view, s", "s"), 9.96e-7, (struct interval){ 9e-7, 1.01e-6 });
    add_row(s, name_of("snapshot, s", "s"), 5.319e-4, (struct interval){ 5e-4, 6e-4 });
    add_row(s, name_of("memory, MB", "MB"), 10.724, (struct interval){ 10.48, 10.97 });
    add_row(s, name_of("threads", NULL), 3, (struct interval){ 3, 3 });
    add_row(s, name_of("GC", NULL), 0, (struct interval){ 0, 0 });
    doc_hide_row(s->table);
}

static void end(struct sample *s)
{
    buffer_release(&s->text);
    document_release(&s->document);
}

static void write(struct sample *s, int width, bool utf8, bool full)
{
    const struct text_style style = { width, false, utf8, full };

    buffer_clear(&s->text);
    document_to_text(&s->document, &style, &s->text);
}

static void says(const struct sample *s, const char *what)
{
    if (!strstr(buffer_string(&s->text), what))
        fail_msg("'%s' is not said in:\n%s", what, buffer_string(&s->text));
}

static void does_not_say(const struct sample *s, const char *what)
{
    if (strstr(buffer_string(&s->text), what))
        fail_msg("'%s' is said in:\n%s", what, buffer_string(&s->text));
}

static void test_a_row_has_one_unit_and_four_digits(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    write(&s, 120, true, true);
    says(&s, "adoption, s      1.250    [1.200, 1.300]");
    says(&s, "fetch, ms        50.92    [50.70, 51.12]");
    says(&s, "ledger view, ns  996.0  [900.0, 1,010.0]");
    says(&s, "snapshot, \u00b5s     531.9    [500.0, 600.0]");
    says(&s, "memory, MB       10.72    [10.48, 10.97]");
    says(&s, "threads              3            [3, 3]");
    end(&s);
}

static void test_micro_is_a_letter_in_ascii(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    write(&s, 120, false, true);
    says(&s, "snapshot, us ");
    end(&s);
}

static void test_programs_read_what_was_measured(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    document_to_csv(&s.document, &s.text);
    says(&s, "\"fetch, s\",forger/x,0.0509216,0.0507,0.0511234,4.5,10\n");
    says(&s, "GC,forger/x,0");
    buffer_clear(&s.text);
    document_to_org(&s.document, &s.text);
    says(&s, "fetch, s");
    says(&s, "0.05092");
    buffer_clear(&s.text);
    document_to_html(&s.document, &s.text);
    says(&s, "data-v=\"fetch, s\"");
    says(&s, "data-v=\"0.0509216\">50.92<");
    says(&s, "<tr hidden>");
    end(&s);
}

static void test_markdown_reads_like_text(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    document_to_markdown(&s.document, &s.text);
    says(&s, "| fetch, ms | 50.92 | [50.70, 51.12] | 4.5 |");
    says(&s, "In each row: runs 10.");
    does_not_say(&s, "GC");
    end(&s);
}

static void test_what_all_rows_have_is_said_once(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    s.table->note = "A note.";
    write(&s, 120, true, true);
    says(&s, "A note. In each row: runs 10.\n");
    add_row(&s, name_of("other", NULL), 1, (struct interval){ 1, 1 });
    s.table->cells[s.table->cell_count - 1].number = 9;
    write(&s, 120, true, true);
    says(&s, "  runs\n");
    does_not_say(&s, "In each row");
    end(&s);
}

static void test_narrow_pages_leave_out_what_can_be_spared(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    write(&s, 50, true, true);
    says(&s, "metric");
    says(&s, "change of the mean in percent\n");
    does_not_say(&s, "95 %");
    does_not_say(&s, "fetch, ms"); /* no number in that unit is left */
    end(&s);
}

static void test_details_are_named_and_left_out(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    s.document.in_detail = true;
    document_heading(&s.document, 2, "more", "Much more");
    document_paragraph(&s.document, "Long words.");
    s.document.in_detail = false;
    document_paragraph(&s.document, "The end.");
    write(&s, 100, true, false);
    says(&s, "The end.");
    says(&s, "With --full");
    says(&s, "  Much more.\n");
    does_not_say(&s, "Long words.");
    write(&s, 100, true, true);
    says(&s, "Long words.");
    does_not_say(&s, "--full");
    buffer_clear(&s.text);
    document_to_markdown(&s.document, &s.text);
    says(&s, "Long words.");
    end(&s);
}

static void test_a_number_far_below_its_row_is_not_shown_as_nothing(void **state)
{
    struct sample s;

    (void)state;
    begin(&s);
    add_row(&s, name_of("size, B", "B"), 57757, (struct interval){ .125, 57757.25 });
    s.table->cells[s.table->cell_count - 3] =
        (struct doc_cell){ .kind = DOC_NUMBER, .number = .125, .decimals = -1 };
    row_units_choose(&s.document, s.table, s.table->row_count - 1);
    write(&s, 120, true, true);
    says(&s, "57,757");
    says(&s, " 0.125");
    end(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_has_one_unit_and_four_digits),
        cmocka_unit_test(test_micro_is_a_letter_in_ascii),
        cmocka_unit_test(test_programs_read_what_was_measured),
        cmocka_unit_test(test_markdown_reads_like_text),
        cmocka_unit_test(test_what_all_rows_have_is_said_once),
        cmocka_unit_test(test_narrow_pages_leave_out_what_can_be_spared),
        cmocka_unit_test(test_details_are_named_and_left_out),
        cmocka_unit_test(test_a_number_far_below_its_row_is_not_shown_as_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
