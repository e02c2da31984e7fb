/* A report before it has a form: headings, sentences, tables and figures. The
 * builders (variance_document.h, comparison_document.h, ...) make one of results,
 * the writers (document_text.h, _markdown, _org, _csv, _html, _json) make text of
 * it; neither knows the other.
 *
 * Everything lives in the document's memory. Builders never fail one by one: when
 * memory ends the document remembers it (document_status), and later additions do
 * nothing. Text may be foreign: writers escape it. Text given as a plain pointer is
 * kept, not copied (document_text() makes one that lasts as long as the document);
 * what a format makes is the document's. One thread. */
#ifndef OU_REPORT_DOCUMENT_H
#define OU_REPORT_DOCUMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/status.h"
#include "stats/interval.h"

/* What a cell means to the reader: colours and marks come from it. */
enum doc_tone { TONE_PLAIN, TONE_GOOD, TONE_BAD, TONE_UNSURE, TONE_QUIET };

enum doc_cell_kind { DOC_NONE, DOC_TEXT, DOC_NUMBER, DOC_INTERVAL, DOC_SKETCH };

/* Small pictures, of letters on terminals. */
struct doc_box {
    const char *label; /* NULL: none, in cells */
    double min, q1, median, q3, max;
};
struct doc_sketch {
    enum { SKETCH_BOXES, SKETCH_LINE } kind;
    struct doc_box *boxes; /* SKETCH_BOXES: on one scale; one only in a cell */
    double *values;        /* SKETCH_LINE: NaN is a gap */
    size_t count;
    double low, high; /* low < high: the scale; else that of its own values */
};

struct doc_cell {
    enum doc_cell_kind kind;
    enum doc_tone tone;
    const char *text; /* DOC_TEXT */
    /* Of a metric's name: the unit that the text ends with, which is that of the row's numbers. NULL:
     * none. */
    const char *unit;
    /* What people read in place of the text: with the unit that suits the row (row_units.h). NULL: the
     * text. */
    const char *shown;
    /* Not NULL: the text names this metric, "endtoend/cdf0.50"; HTML links it to the dictionary. */
    const char *metric;
    const char *link; /* not NULL: the text is a link to this in HTML; a path of the site */
    const char *hint; /* not NULL: a sentence behind the cell, for title= and footnotes */
    double number;    /* DOC_NUMBER; an infinite one is a bound that is not there */
    struct interval interval;
    /* DOC_SKETCH: a picture of numbers that stand in other columns; not in CSV and JSON. */
    const struct doc_sketch *sketch;
    int decimals; /* behind the point; -1: as the number needs it, 4 significant digits at least */
    bool sign;    /* a plus before positive ones: differences */
    bool percent; /* the number is a percentage already; a % follows it */
    /* People see number and interval times this; 0: as they are. Set with the unit of the row. */
    double scale;
    bool unseen; /* of the first cell of a row: the row is in CSV and JSON, not for people */
};

struct doc_column {
    const char *id;   /* for CSV and JSON: "deltaPercent" */
    const char *head; /* for people: "change" */
    const char *unit; /* of the whole column; NULL: none, or it differs by row */
    /* What people read in place of the unit, where all cells have its scale; NULL: the unit. */
    const char *shown_unit;
    const char *hint; /* what it is, a sentence; NULL */
    bool number;      /* stands at the right */
    bool
        key; /* names rows together with the first column: stands in each part of a wide table; behind other keys only */
    bool machine_only; /* in CSV and JSON, not for people: raw numbers behind shown ones */
    bool in_unit;   /* numbers are in the unit of their row's metric; people may see another one */
    bool said_once; /* below the table, where all rows have the same */
    bool stays;     /* what the row is read for: on a narrow page in sight while others move */
    /* 0: needed. On a page that is too narrow others are left out, those of the greatest first. */
    unsigned char spare;
};

struct doc_table {
    const char
        *id; /* [a-z0-9-]: the name of its CSV, the anchor in HTML; made unique by a number */
    const char *title;
    const char *note; /* a sentence below it; NULL */
    struct doc_column *columns;
    size_t column_count;
    struct doc_cell *cells; /* row by row: row_count times column_count */
    size_t row_count, row_room;
    size_t cell_count; /* that were added */
};

/* A figure: its data is a table, its picture a Vega-Lite specification whose data is called "table"
 * and has a field for each column id. */
struct doc_figure {
    const char *id, *title;
    const char *units; /* "s; n = 10 runs, 2,315 blocks; quantiles type 7" */
    const char
        *legend; /* what its marks are, for those who see the picture; NULL: nothing to say */
    /* One sentence that says what is seen: also the text for those who cannot see it. */
    const char *reading;
    const char *spec; /* JSON, without data */
    struct doc_table data;
    struct doc_sketch *sketch; /* for terminals; NULL: none */
};

struct doc_fact {
    const char *name, *value; /* value NULL: not known, shown as "-" */
};

enum doc_block_kind {
    DOC_HEADING,   /* text, level 2 or 3, id */
    DOC_PARAGRAPH, /* text */
    DOC_NOTICE,    /* text, tone: what to know before trusting a number */
    DOC_FACTS,     /* name and value */
    DOC_TABLE,
    DOC_FIGURE,
};

struct doc_block {
    enum doc_block_kind kind;
    const char *text, *id;
    int level;
    enum doc_tone tone;
    bool detail; /* left out of text that is not asked for in full */
    struct doc_fact *facts;
    size_t fact_count;
    struct doc_table *table;
    struct doc_figure *figure;
    struct doc_block *next;
};

struct document {
    struct arena memory;
    enum ou_status status;
    const char *title, *subtitle; /* "10.7.1 against 10.6.2" */
    const char *verdict;          /* the answer in one sentence; NULL where none is asked for */
    enum doc_tone verdict_tone;
    struct doc_block *first, *last;
    bool in_detail; /* blocks that are added are details */
    /* Where the page of a run is found, before its operand: "/runs/" in a site; NULL: nowhere. Set before a builder. */
    const char *runs_at;
    /* For the footer: what makes the same document again. */
    struct doc_fact footer[16];
    size_t footer_count;
    struct doc_figure spare; /* what builders get when memory has ended; nothing is added to it */
};

#define DOCUMENT_BYTES_MAX ((size_t)1 << 30)
enum { DOC_COLUMNS_MAX = 64 /* of a table */ };

/* The id of the table that says what metrics mean, where a document has one: cells with a metric
 * are links to it, and in it they are what is linked to. Texts for terminals leave it out. */
#define DOC_DICTIONARY "dictionary"

void document_init(struct document *d);
void document_release(struct document *d);
/* Also of the statistics that were made for it by this thread (stats/scratch.h), of which is told once. */
enum ou_status document_status(const struct document *d, struct ou_error *err);

/* A copy of a text that was made for the document, and is released; the document fails as the text has. */
const char *document_kept(struct document *d, struct buffer *text);

/* Text in the document's memory; "" when there is none left. */
const char *document_text(struct document *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* A version as a heading has room for it: of a checksum ("sha256:..."), the first twelve digits. */
const char *document_version(struct document *d, const char *version);

void document_heading(struct document *d, int level, const char *id, const char *text);
void document_paragraph(struct document *d, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void document_notice(struct document *d, enum doc_tone tone, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void document_fact(struct document *d, const char *name,
                   const char *value); /* joins facts that stand last */
void document_footer(struct document *d, const char *name, const char *value);

/* Tables: begin, then cells row by row; the columns are copied, their texts are not. The table is
 * the document's, and never NULL. The next row begins where the columns end, or behind doc_end_row(); a
 * last row that is not filled has nothing in its last cells. */
struct doc_table *document_table(struct document *d, const char *id, const char *title,
                                 const struct doc_column *columns, size_t column_count);
void doc_add_cell(struct document *d, struct doc_table *t, struct doc_cell cell);
void doc_add_text(struct document *d, struct doc_table *t, const char *text);
void doc_add_number(struct document *d, struct doc_table *t, double value,
                    int decimals);                                          /* not finite: none */
void doc_add_count(struct document *d, struct doc_table *t, int64_t count); /* negative: none */
void doc_add_interval(struct document *d, struct doc_table *t, struct interval interval,
                      int decimals);
void doc_add_none(struct document *d, struct doc_table *t);
/* Ends the row that was begun last: its other cells have nothing. */
void doc_end_row(struct document *d, struct doc_table *t);
/* The row that was begun last is not for people: see doc_cell.unseen. */
void doc_hide_row(struct doc_table *t);
/* A box plot; rows that share a scale give it, else low >= high. */
void doc_add_box(struct document *d, struct doc_table *t, struct doc_box box, double low,
                 double high);

/* A figure whose table `data` is filled like others. spec is kept, not copied. Never NULL. Its
 * units, reading and, for terminals, sketch are set afterwards. */
struct doc_figure *document_figure(struct document *d, const char *id, const char *title,
                                   const char *spec, const struct doc_column *columns,
                                   size_t column_count);
/* The sketch of a figure: box after box, or one line, whose values are copied. */
void doc_figure_box(struct document *d, struct doc_figure *f, struct doc_box box);
void doc_figure_line(struct document *d, struct doc_figure *f, const double *values, size_t count);

#endif
