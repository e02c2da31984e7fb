/* A document as Markdown with pipe tables (the GitHub dialect). */
#include <ctype.h>
#include <string.h>

#include "report/cell_words.h"
#include "report/document_writers.h"
#include "report/safe_text.h"
#include "report/said_once.h"
#include "report/sketch_page.h"

enum { SCRATCH_MAX = 1 << 20, SKETCH_WIDTH = 80 };

/* --- Words ------------------------------------------------------------------- */

/* What Markdown would make something of, were it not escaped. Brackets mean nothing without what
 * follows them in a link; an underscore inside a word is none: intervals and names of metrics stay
 * readable. */
static bool means_something(const char *text, size_t at)
{
    bool word_before = at > 0 && isalnum((unsigned char)text[at - 1]);

    switch (text[at]) {
    case '\\':
    case '`':
    case '*':
    case '|':
    case '~':
    case '$':
    case '@': return true;
    case ']': return text[at + 1] && strchr("([:", text[at + 1]);
    case '_': return !word_before || !isalnum((unsigned char)text[at + 1]);
    case ':': return strncmp(text + at, "://", 3) == 0; /* an address is a link by itself */
    case '.': return at >= 3 && strncmp(text + at - 3, "www", 3) == 0;
    default: return false;
    }
}

/* What begins a heading, list, rule or definition at the start of a line, "1. " included. */
static bool begins_something(const char *text, size_t at)
{
    if (at == 0)
        return text[0] && strchr("#+-=[", text[0]);
    return (text[at] == '.' || text[at] == ')') && strspn(text, "0123456789") == at &&
           (text[at + 1] == ' ' || text[at + 1] == '\0');
}

static void add_escaped(struct buffer *out, const char *text)
{
    bool line_start = out->len == 0 || out->at[out->len - 1] == '\n';

    for (size_t i = 0; text[i]; i++) {
        if (text[i] == '<')
            buffer_text(out, "&lt;");
        else if (text[i] == '>')
            buffer_text(out, "&gt;");
        else if (text[i] == '&')
            buffer_text(out, "&amp;");
        else if (means_something(text, i) || (line_start && begins_something(text, i)))
            buffer_printf(out, "\\%c", text[i]);
        else
            buffer_char(out, text[i]);
    }
}

/* Text that may be foreign: one line, and nothing but text. */
static void add_words(struct buffer *out, const char *text)
{
    struct buffer safe;

    buffer_init(&safe, allocator_libc(), SCRATCH_MAX);
    safe_text(&safe, span_of(text), false);
    add_escaped(out, buffer_string(&safe));
    buffer_inherit(out, &safe);
    buffer_release(&safe);
}

static void add_paragraph(struct buffer *out, const char *before, const char *text,
                          const char *after)
{
    buffer_printf(out, "\n%s", before);
    add_words(out, text);
    buffer_printf(out, "%s\n", after);
}

static void add_facts(struct buffer *out, const struct doc_fact *facts, size_t count)
{
    buffer_char(out, '\n');
    for (size_t i = 0; i < count; i++) {
        buffer_text(out, "- ");
        add_words(out, facts[i].name);
        buffer_text(out, ": ");
        add_words(out, facts[i].value ? facts[i].value : "-");
        buffer_char(out, '\n');
    }
}

/* --- Tables ------------------------------------------------------------------ */

static const struct doc_cell *cell_at(const struct doc_table *t, size_t row, size_t column)
{
    return &t->cells[row * t->column_count + column];
}

/* Pictures of letters need a type in which all are equally wide; a table has none. */
static bool is_shown(const struct doc_table *t, size_t column, struct buffer *out)
{
    if (t->columns[column].machine_only || is_said_once(t, column, out))
        return false;
    for (size_t row = 0; row < t->row_count; row++)
        if (cell_at(t, row, column)->kind == DOC_SKETCH)
            return false;
    return true;
}

static void add_cell(struct buffer *out, const struct doc_cell *cell)
{
    struct buffer words;
    const char *mark = cell->tone == TONE_BAD || cell->tone == TONE_GOOD ? "**" : "";

    buffer_init(&words, allocator_libc(), SCRATCH_MAX);
    if (cell->kind == DOC_TEXT)
        buffer_text(&words, cell_text(cell));
    else if (cell->kind == DOC_NONE)
        buffer_char(&words, '-');
    else
        cell_words(&words, cell);
    buffer_text(&words, tone_mark(cell));
    buffer_text(out, words.len > 0 ? mark : "");
    add_words(out, buffer_string(&words));
    buffer_text(out, words.len > 0 ? mark : "");
    buffer_inherit(out, &words);
    buffer_release(&words);
}

static void add_head(struct buffer *out, const struct doc_table *t, const bool *shown)
{
    struct buffer words;

    for (size_t i = 0; i < t->column_count; i++) {
        if (!shown[i])
            continue;
        buffer_init(&words, allocator_libc(), SCRATCH_MAX);
        column_words(&words, &t->columns[i]);
        buffer_text(out, "| ");
        add_words(out, buffer_string(&words));
        buffer_char(out, ' ');
        buffer_inherit(out, &words);
        buffer_release(&words);
    }
    buffer_text(out, "|\n");
    for (size_t i = 0; i < t->column_count; i++)
        if (shown[i])
            buffer_text(out, t->columns[i].number ? "| ---: " : "| --- ");
    buffer_text(out, "|\n");
}

static void add_note(struct buffer *out, const struct doc_table *t)
{
    struct buffer note;

    buffer_init(&note, allocator_libc(), SCRATCH_MAX);
    table_note(&note, t);
    if (note.len > 0)
        add_paragraph(out, "", buffer_string(&note), "");
    buffer_inherit(out, &note);
    buffer_release(&note);
}

static void add_table(struct buffer *out, const struct doc_table *t)
{
    bool shown[DOC_COLUMNS_MAX];

    for (size_t i = 0; i < t->column_count; i++)
        shown[i] = is_shown(t, i, out);
    if (t->title && *t->title)
        add_paragraph(out, "**", t->title, "**");
    buffer_char(out, '\n');
    add_head(out, t, shown);
    for (size_t row = 0; row < t->row_count; row++) {
        if (cell_at(t, row, 0)->unseen)
            continue;
        for (size_t i = 0; i < t->column_count; i++) {
            if (!shown[i])
                continue;
            buffer_text(out, "| ");
            add_cell(out, cell_at(t, row, i));
            buffer_char(out, ' ');
        }
        buffer_text(out, "|\n");
    }
    add_note(out, t);
}

/* --- Figures ----------------------------------------------------------------- */

/* Letters in a block of code. No label ends it: each line of a sketch begins with blanks, and goes on
 * behind the label. */
static void add_sketch(struct buffer *out, const struct doc_sketch *sketch)
{
    struct page p = { .out = out, .width = SKETCH_WIDTH, .utf8 = true };

    buffer_text(out, "\n```text\n");
    page_sketch(&p, sketch);
    buffer_text(out, "```\n");
}

static void add_figure(struct buffer *out, const struct doc_figure *f)
{
    add_paragraph(out, "**", f->title, "**");
    if (*f->reading)
        add_paragraph(out, "", f->reading, "");
    if (*f->units)
        add_paragraph(out, "", f->units, "");
    if (f->sketch && f->sketch->count > 0)
        add_sketch(out, f->sketch);
}

/* --- The whole --------------------------------------------------------------- */

static void add_notice(struct buffer *out, const struct doc_block *block)
{
    buffer_printf(out, "\n> **%s**: ", tone_word(block->tone));
    add_words(out, block->text);
    buffer_char(out, '\n');
}

static void add_block(struct buffer *out, const struct doc_block *block)
{
    switch (block->kind) {
    case DOC_HEADING: add_paragraph(out, block->level > 2 ? "### " : "## ", block->text, ""); break;
    case DOC_PARAGRAPH: add_paragraph(out, "", block->text, ""); break;
    case DOC_NOTICE: add_notice(out, block); break;
    case DOC_FACTS: add_facts(out, block->facts, block->fact_count); break;
    case DOC_TABLE: add_table(out, block->table); break;
    case DOC_FIGURE: add_figure(out, block->figure); break;
    }
}

void document_to_markdown(const struct document *d, struct buffer *out)
{
    buffer_text(out, "# ");
    add_words(out, d->title);
    buffer_char(out, '\n');
    if (*d->subtitle)
        add_paragraph(out, "", d->subtitle, "");
    if (d->verdict)
        add_paragraph(out, "**", d->verdict, "**");
    for (const struct doc_block *block = d->first; block; block = block->next)
        add_block(out, block);
    if (d->footer_count > 0) {
        buffer_text(out, "\n## How this was made\n");
        add_facts(out, d->footer, d->footer_count);
    }
}
