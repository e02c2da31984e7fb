#include "report/html_table.h"

#include <math.h>
#include <string.h>

#include "analyse/dictionary.h"
#include "report/cell_words.h"
#include "report/html_sketch.h"
#include "report/html_text.h"
#include "report/numbers.h"
#include "report/said_once.h"

enum {
    MANY_COLUMNS = 8,   /* on paper they are set smaller */
    SHORT_LETTERS = 24, /* of a text that is not broken: "-A16m, -N1", "1 to 4", "not told" */
    PROSE_LETTERS = 48, /* from here on a text is no word a line, however narrow the page is */
};

/* --- Tones --------------------------------------------------------------------- */

const char *html_tone_class(enum doc_tone tone)
{
    switch (tone) {
    case TONE_GOOD: return "good";
    case TONE_BAD: return "bad";
    case TONE_UNSURE: return "unsure";
    case TONE_QUIET: return "quiet";
    case TONE_PLAIN: break;
    }
    return "";
}

void html_tone_mark(enum doc_tone tone, struct buffer *out)
{
    const char *mark = tone == TONE_GOOD ? "\xe2\x9c\x93" : tone == TONE_BAD ? "\xe2\x9c\x97" : "?";

    if (tone == TONE_GOOD || tone == TONE_BAD || tone == TONE_UNSURE)
        buffer_printf(out, "<span class=\"mark\" aria-hidden=\"true\">%s</span> ", mark);
}

/* --- Numbers -------------------------------------------------------------------- */

static void put_plain_number(struct buffer *out, double value)
{
    char text[NUMBER_ROOM];

    if (isfinite(value))
        buffer_append(out, text, (size_t)(put_plain(text, value) - text));
}

/* The number itself, for the script, as CSV has it. */
static void put_exact(struct buffer *out, const char *name, double value)
{
    buffer_printf(out, " data-%s=\"", name);
    if (isinf(value))
        buffer_text(out, "unbounded");
    put_plain_number(out, value);
    buffer_char(out, '"');
}

/* --- Cells ----------------------------------------------------------------------- */

/* Counts of some files are no metrics of the dictionary: there is nothing to link to. */
static bool is_defined(const char *metric)
{
    for (int i = 0; i < SECTION_COUNT; i++) {
        const char *section = section_name((enum metric_section)i);
        size_t len = strlen(section);

        if (strncmp(metric, section, len) == 0 && metric[len] == '/')
            return dictionary_find((enum metric_section)i, metric + len + 1) != NULL;
    }
    return false;
}

static void put_cell_text(const struct doc_cell *cell, bool has_dictionary, bool in_dictionary,
                          struct buffer *out)
{
    bool defined = cell->metric && has_dictionary && !in_dictionary && is_defined(cell->metric);
    bool folded = cell->hint && !cell->metric;

    if (cell->link) {
        buffer_text(out, "<a href=\"");
        html_escape(out, cell->link);
    } else if (defined) {
        html_id(out, "<a href=\"#metric-", cell->metric);
    }
    buffer_text(out, cell->link || defined ? "\">" : "");
    buffer_text(out, folded ? "<details><summary>" : "");
    html_tone_mark(cell->tone, out);
    html_escape(out, cell_text(cell));
    buffer_text(out, cell->link || defined ? "</a>" : "");
    if (folded) {
        buffer_text(out, "</summary><p>");
        html_escape(out, cell->hint);
        buffer_text(out, "</p></details>");
    }
}

/* Infinite ones too are nothing to a picture. */
static void put_cell_number(const struct doc_cell *cell, bool exact, struct buffer *out)
{
    if (exact) {
        put_plain_number(out, cell->number);
        return;
    }
    if (cell->tone != TONE_UNSURE) /* which is most of them, and the verdict beside it says so */
        html_tone_mark(cell->tone, out);
    cell_words(out, cell);
}

static void put_cell_content(const struct doc_cell *cell, bool exact, bool has_dictionary,
                             bool in_dictionary, struct buffer *out)
{
    switch (cell->kind) {
    case DOC_TEXT: put_cell_text(cell, has_dictionary, in_dictionary, out); break;
    case DOC_NUMBER: put_cell_number(cell, exact, out); break;
    case DOC_INTERVAL: cell_words(out, cell); break;
    case DOC_SKETCH: html_sketch(cell->sketch, out); break;
    case DOC_NONE: buffer_text(out, exact ? "" : "\xe2\x80\x93"); break;
    }
}

/* Nothing for no class. */
static void put_class(const char *const *classes, size_t count, struct buffer *out)
{
    const char *lead = " class=\"";

    for (size_t i = 0; i < count; i++) {
        if (!*classes[i])
            continue;
        buffer_printf(out, "%s%s", lead, classes[i]);
        lead = " ";
    }
    if (lead[1] == '\0')
        buffer_char(out, '"');
}

static void put_classes(const struct doc_cell *cell, const struct doc_column *column, bool exact,
                        struct buffer *out)
{
    const char *tone = html_tone_class(cell->tone);
    bool right = column->number || cell->kind == DOC_NUMBER || cell->kind == DOC_INTERVAL;
    bool is_short = !exact && cell->kind == DOC_TEXT && !right && strchr(cell_text(cell), ' ') &&
                    strlen(cell_text(cell)) <= SHORT_LETTERS;
    bool is_prose = !exact && cell->kind == DOC_TEXT && !right && !cell->link && !cell->hint &&
                    strlen(cell_text(cell)) >= PROSE_LETTERS;
    const char *const classes[] = { right ? "n" : "", is_short ? "short" : "",
                                    is_prose ? "prose" : "", column->stays && !exact ? "stays" : "",
                                    tone };

    put_class(classes, sizeof classes / sizeof *classes, out);
}

static void put_cell_attributes(const struct doc_cell *cell, const struct doc_column *column,
                                bool exact, bool hidden, bool in_dictionary, struct buffer *out)
{
    put_classes(cell, column, exact, out);
    if (hidden)
        buffer_text(out, " hidden");
    if (cell->kind == DOC_TEXT && cell->shown && !exact) {
        buffer_text(out, " data-v=\"");
        html_escape(out, cell->text);
        buffer_char(out, '"');
    }
    if (cell->kind == DOC_NUMBER && !exact)
        put_exact(out, "v", cell->number);
    if (cell->kind == DOC_INTERVAL) {
        put_exact(out, "v", cell->interval.low);
        put_exact(out, "to", cell->interval.high);
    }
    if (cell->metric && !exact) {
        buffer_text(out, " data-metric=\"");
        html_escape(out, cell->metric);
        buffer_char(out, '"');
    }
    if (cell->metric && in_dictionary) {
        html_id(out, " id=\"metric-", cell->metric);
        buffer_char(out, '"');
    }
    if (cell->hint && (cell->kind != DOC_TEXT || cell->metric)) {
        buffer_text(out, " title=\"");
        html_escape(out, cell->hint);
        buffer_char(out, '"');
    }
}

/* --- Tables ---------------------------------------------------------------------- */

static void put_head(const struct doc_table *t, bool exact, const bool *hidden, struct buffer *out)
{
    buffer_text(out, "<thead><tr>");
    for (size_t c = 0; c < t->column_count; c++) {
        const struct doc_column *column = &t->columns[c];
        const char *head = column->head ? column->head : column->id;
        const char *unit = exact ? column->unit : column_unit(column);
        const char *name = *head ? "th" : "td"; /* nothing is headed by nothing */

        buffer_printf(out, "<%s%s data-id=\"", name, *head ? " scope=\"col\"" : "");
        html_escape(out, column->id);
        buffer_char(out, '"');
        put_class(
            (const char *[]){ column->number ? "n" : "", column->stays && !exact ? "stays" : "" },
            2, out);
        buffer_text(out, hidden[c] ? " hidden>" : ">");
        html_escape(out, head);
        if (unit && *unit) {
            buffer_text(out, " <span class=\"unit\">");
            html_escape(out, unit);
            buffer_text(out, "</span>");
        }
        buffer_printf(out, "</%s>", name);
    }
    buffer_text(out, "</tr></thead>\n");
}

/* A row of text and numbers is named by its first text. */
static void put_rows(const struct doc_table *t, bool exact, const bool *hidden, bool has_dictionary,
                     bool in_dictionary, struct buffer *out)
{
    bool named =
        !exact && t->column_count > 0 && !t->columns[0].number && !t->columns[0].machine_only;

    buffer_text(out, "<tbody>\n");
    for (size_t r = 0; r < t->row_count; r++) {
        buffer_text(out, t->cells[r * t->column_count].unseen && !exact ? "<tr hidden>" : "<tr>");
        for (size_t c = 0; c < t->column_count; c++) {
            const struct doc_cell *cell = &t->cells[r * t->column_count + c];
            bool name = named && c == 0;

            buffer_text(out, name ? "<th scope=\"row\"" : "<td");
            put_cell_attributes(cell, &t->columns[c], exact, hidden[c], in_dictionary, out);
            buffer_char(out, '>');
            put_cell_content(cell, exact, has_dictionary, in_dictionary, out);
            buffer_text(out, name ? "</th>" : "</td>");
        }
        buffer_text(out, "</tr>\n");
    }
    buffer_text(out, "</tbody>");
}

void html_table(const struct doc_table *t, enum html_table_kind kind, bool has_dictionary,
                struct buffer *out)
{
    bool exact = kind == HTML_TABLE_DATA;
    bool in_dictionary = strcmp(t->id, HTML_DICTIONARY) == 0;
    bool hidden[DOC_COLUMNS_MAX];

    for (size_t c = 0; c < t->column_count; c++)
        hidden[c] = !exact && (t->columns[c].machine_only || is_said_once(t, c, out));
    buffer_printf(out, "<div class=\"wide%s\"", t->column_count > MANY_COLUMNS ? " many" : "");
    buffer_text(out, " role=\"group\" tabindex=\"0\" aria-label=\"");
    html_escape(out, t->title);
    buffer_text(out, exact ? ": data\"><table>\n" : "\"><table>\n");
    put_head(t, exact, hidden, out);
    put_rows(t, exact, hidden, has_dictionary, in_dictionary, out);
    buffer_text(out, "</table></div>\n");
}
