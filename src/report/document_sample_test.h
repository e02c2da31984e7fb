/* A document made by hand for the tests of the writers: each kind of block, and
 * text that would do harm in each form if it were not escaped. */
#ifndef OU_REPORT_DOCUMENT_SAMPLE_TEST_H
#define OU_REPORT_DOCUMENT_SAMPLE_TEST_H

#include <math.h>

#include "report/document.h"

/* A version that was named by an enemy: of terminals, of cells, of links, of programs. */
#define SAMPLE_HOSTILE \
    "\x1b[31mred|pipe,\"quote\"\n</script><b>&amp; [[file:/etc/passwd]] {{{x}}} `c` \xff\xe2\x80\xae"

static void sample_table(struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },
        { .id = "mean", .head = "mean", .unit = "s", .number = true, .hint = "over runs" },
        { .id = "interval", .head = "95 %", .number = true },
        { .id = "change", .head = "change", .number = true },
        { .id = "verdict", .head = "verdict" },
        { .id = "p", .head = "p", .number = true, .machine_only = true },
        { .id = "box", .head = "" },
    };
    struct doc_table *t = document_table(d, "changes", "What changed", columns, 7);
    struct doc_box box = { NULL, .1, .2, .3, .4, 1 };

    t->note = "Quantiles of type 7.";
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_TEXT,
                                    .text = "adoption by half",
                                    .metric = "endtoend/cdf0.50",
                                    .hint = "of the hosts that adopted" });
    doc_add_number(d, t, 1234.5, 3);
    doc_add_interval(d, t, (struct interval){ 1230.25, INFINITY }, 2);
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_NUMBER,
                                    .tone = TONE_BAD,
                                    .number = 2.25,
                                    .decimals = 1,
                                    .sign = true,
                                    .percent = true });
    doc_add_cell(d, t,
                 (struct doc_cell){ .kind = DOC_TEXT, .tone = TONE_BAD, .text = "regression" });
    doc_add_number(d, t, .012345678901234567, -1);
    doc_add_box(d, t, box, 0, 1);
    doc_add_text(d, t, SAMPLE_HOSTILE);
    doc_add_cell(d, t, (struct doc_cell){ .kind = DOC_NUMBER, .number = NAN });
    doc_add_interval(d, t, interval_none(), 2);
    doc_add_none(d, t);
    doc_add_text(d, t, "");
}

static void sample_figures(struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "slot", .head = "slot", .number = true },
        { .id = "value", .head = "CPU", .unit = "%", .number = true },
    };
    static const double values[] = { 1, 2, NAN, 4, 8 };
    struct doc_figure *line = document_figure(d, "cpu", "CPU over time", "{}", columns, 2);
    struct doc_figure *boxes = document_figure(d, "runs", "Runs", "{}", columns, 2);

    line->units = "%; n = 5 slots";
    line->reading = "It rises.";
    for (int i = 0; i < 5; i++) {
        doc_add_count(d, &line->data, i);
        doc_add_number(d, &line->data, values[i], 0);
    }
    doc_figure_line(d, line, values, 5);
    boxes->units = "s";
    boxes->reading = "They are alike.";
    doc_figure_box(d, boxes, (struct doc_box){ "first", 0, 1, 2, 3, 4 });
    doc_figure_box(d, boxes, (struct doc_box){ "second", 2, 2, 2, 2, 2 });
    doc_figure_box(d, boxes, (struct doc_box){ SAMPLE_HOSTILE, 1, 2, 3, 6, 8 });
}

static void sample_fill(struct document *d)
{
    d->title = "10.7.1 against " SAMPLE_HOSTILE;
    d->subtitle = "two runs a side";
    d->verdict = "1 regression";
    d->verdict_tone = TONE_BAD;
    document_notice(d, TONE_UNSURE, "only %d runs: %s", 2, SAMPLE_HOSTILE);
    document_notice(d, TONE_PLAIN, "a remark");
    document_heading(d, 2, "changes-heading", "Changes");
    document_paragraph(d, "* One paragraph with %s.", "a word");
    document_fact(d, "host", SAMPLE_HOSTILE);
    document_fact(d, "a fact not known", NULL);
    sample_table(d);
    document_heading(d, 3, "pictures", "Pictures");
    sample_figures(d);
    document_footer(d, "program", "ouroscope 1.2.3");
}

static void sample_document(struct document *d)
{
    document_init(d);
    sample_fill(d);
}

#endif
