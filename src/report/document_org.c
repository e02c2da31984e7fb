/* A document in Emacs Org mode; its tables are drawn as those of `analyse` are. */
#include <ctype.h>
#include <string.h>

#include "report/cell_words.h"
#include "report/document_writers.h"
#include "report/org_table.h"
#include "report/sketch_page.h"

enum { SCRATCH_MAX = 1 << 20, SKETCH_WIDTH = 80 };

/* A zero width space: Org's own way to break what would mean something. */
#define APART "\xe2\x80\x8b"

/* --- Words ------------------------------------------------------------------- */

/* What org_escape() makes: \vert{}, \x1b, \u{202e}. */
static bool is_ours(const char *name)
{
    return strncmp(name, "vert{}", 6) == 0 || strncmp(name, "u{", 2) == 0 ||
           (*name == 'x' && isxdigit((unsigned char)name[1]));
}

/* Where to break the beginning of a link, target, macro, piece of program or of another language
 * that stands at `text`, so that it is none; 0: nothing stands there. An export would follow or run
 * it. */
static size_t dangerous(const char *text)
{
    static const struct {
        const char *text;
        size_t break_at;
    } starts[] = { { "[[", 1 },    { "<<", 1 }, { "{{{", 1 }, { "src_", 3 },
                   { "call_", 4 }, { "@@", 1 }, { "$", 1 } };

    if (*text == '\\')
        return isalpha((unsigned char)text[1]) && !is_ours(text + 1);

    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
        if (strncmp(text, starts[i].text, strlen(starts[i].text)) == 0)
            return starts[i].break_at;
    return 0;
}

/* Text that may be foreign, inside of a line. */
static void add_words(struct buffer *out, const char *text)
{
    struct buffer safe;

    buffer_init(&safe, allocator_libc(), SCRATCH_MAX);
    org_escape(&safe, text);
    for (const char *at = buffer_string(&safe); *at;) {
        size_t len = dangerous(at);

        buffer_append(out, at, len > 0 ? len : 1);
        if (len > 0)
            buffer_text(out, APART);
        at += len > 0 ? len : 1;
    }
    buffer_inherit(out, &safe);
    buffer_release(&safe);
}

static bool begins_something(const char *text)
{
    return *text && (strchr("*#:", *text) || (strchr("-+", *text) && text[1] == ' '));
}

/* A line; where nothing of ours is before the text, and it would begin a heading, a keyword, a drawer
 * or a list, it begins with nothing to be seen. */
static void add_line(struct buffer *out, const char *before, const char *text)
{
    buffer_text(out, before);
    if (!*before && begins_something(text))
        buffer_text(out, APART);
    add_words(out, text);
    buffer_char(out, '\n');
}

static void add_facts(struct buffer *out, const struct doc_fact *facts, size_t count)
{
    buffer_char(out, '\n');
    for (size_t i = 0; i < count; i++) {
        buffer_text(out, "- ");
        add_words(out, facts[i].name);
        add_line(out, " :: ", facts[i].value ? facts[i].value : "-");
    }
}

/* --- Tables ------------------------------------------------------------------ */

static const struct doc_cell *cell_at(const struct doc_table *t, size_t row, size_t column)
{
    return &t->cells[row * t->column_count + column];
}

static bool is_shown(const struct doc_table *t, size_t column)
{
    if (t->columns[column].machine_only)
        return false;
    for (size_t row = 0; row < t->row_count; row++)
        if (cell_at(t, row, column)->kind == DOC_SKETCH)
            return false;
    return true;
}

/* Formulas know no commas between thousands, and one unit for a metric: what was chosen for people to
 * read does not count. */
static void add_number(struct buffer *out, const struct doc_cell *cell)
{
    struct doc_cell plain = *cell;
    struct buffer words;

    if (plain.scale != 0) {
        plain.scale = 0;
        plain.decimals = -1;
    }
    buffer_init(&words, allocator_libc(), SCRATCH_MAX);
    cell_words(&words, &plain);
    for (const char *at = buffer_string(&words); *at; at++)
        if (*at != ',' || cell->kind == DOC_INTERVAL)
            buffer_char(out, *at);
    buffer_text(out, tone_mark(cell));
    buffer_inherit(out, &words);
    buffer_release(&words);
}

static void add_cell(struct org_table *t, const struct doc_cell *cell)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), SCRATCH_MAX);
    if (cell->kind == DOC_TEXT)
        add_words(&text, cell->text);
    else
        add_number(&text, cell);
    org_cell(t, buffer_string(&text));
    buffer_inherit(&t->cells, &text);
    buffer_release(&text);
}

static void add_heads(struct org_table *org, const struct doc_table *t, const bool *shown)
{
    for (size_t i = 0; i < t->column_count; i++) {
        struct buffer raw, text;

        if (!shown[i])
            continue;
        buffer_init(&raw, allocator_libc(), SCRATCH_MAX);
        buffer_init(&text, allocator_libc(), SCRATCH_MAX);
        column_words(&raw, &t->columns[i]);
        add_words(&text, buffer_string(&raw));
        buffer_inherit(&text, &raw);
        org_cell(org, buffer_string(&text));
        buffer_inherit(&org->cells, &text);
        buffer_release(&raw);
        buffer_release(&text);
    }
}

static void add_table(struct buffer *out, const struct doc_table *t)
{
    bool shown[DOC_COLUMNS_MAX];
    size_t columns = 0;
    struct org_table org;

    for (size_t i = 0; i < t->column_count; i++) {
        shown[i] = is_shown(t, i);
        columns += shown[i];
    }
    if (columns == 0)
        return;
    buffer_char(out, '\n');
    if (t->title && *t->title)
        add_line(out, "#+CAPTION: ", t->title);
    buffer_printf(out, "#+NAME: %s\n", t->id);
    org_table_init(&org, false, columns);
    add_heads(&org, t, shown);
    for (size_t row = 0; row < t->row_count; row++)
        for (size_t i = 0; i < t->column_count; i++)
            if (shown[i])
                add_cell(&org, cell_at(t, row, i));
    org_table_draw(&org, out);
    org_table_release(&org);
    if (t->note) {
        buffer_char(out, '\n');
        add_line(out, "", t->note);
    }
}

/* --- Figures ----------------------------------------------------------------- */

static void add_sketch(struct buffer *out, const struct doc_sketch *sketch)
{
    struct page p = { .out = out, .width = SKETCH_WIDTH, .utf8 = true };

    buffer_text(out, "\n#+begin_example\n");
    page_sketch(&p, sketch);
    buffer_text(out, "#+end_example\n");
}

static void add_figure(struct buffer *out, const struct doc_figure *f)
{
    buffer_char(out, '\n');
    add_line(out, "*** ", f->title);
    if (*f->reading)
        add_line(out, "", f->reading);
    if (*f->units) {
        buffer_char(out, '\n');
        add_line(out, "", f->units);
    }
    if (f->sketch && f->sketch->count > 0)
        add_sketch(out, f->sketch);
}

/* --- The whole --------------------------------------------------------------- */

static void add_block(struct buffer *out, const struct doc_block *block)
{
    switch (block->kind) {
    case DOC_HEADING:
        buffer_char(out, '\n');
        add_line(out, block->level > 2 ? "** " : "* ", block->text);
        break;
    case DOC_PARAGRAPH:
        buffer_char(out, '\n');
        add_line(out, "", block->text);
        break;
    case DOC_NOTICE:
        buffer_printf(out, "\n*%s*: ", tone_word(block->tone));
        add_line(out, "", block->text);
        break;
    case DOC_FACTS: add_facts(out, block->facts, block->fact_count); break;
    case DOC_TABLE: add_table(out, block->table); break;
    case DOC_FIGURE: add_figure(out, block->figure); break;
    }
}

void document_to_org(const struct document *d, struct buffer *out)
{
    add_line(out, "#+TITLE: ", d->title);
    if (*d->subtitle)
        add_line(out, "#+SUBTITLE: ", d->subtitle);
    buffer_text(out, "#+OPTIONS: toc:nil ^:nil\n");
    if (d->verdict) {
        buffer_char(out, '\n');
        add_line(out, "", d->verdict);
    }
    for (const struct doc_block *block = d->first; block; block = block->next)
        add_block(out, block);
    if (d->footer_count > 0) {
        buffer_text(out, "\n* How this was made\n");
        add_facts(out, d->footer, d->footer_count);
    }
}
