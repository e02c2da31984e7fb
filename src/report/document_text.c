/* A document for a terminal: words that wrap, tables whose numbers stand under
 * each other, figures as what they say and a sketch. */
#include <string.h>

#include "report/cell_words.h"
#include "report/document_writers.h"
#include "report/numbers.h"
#include "report/safe_text.h"
#include "report/sketch.h"
#include "report/sketch_page.h"
#include "report/text_page.h"

enum {
    PAGE_MIN = 40,
    WORDS_WIDTH_MAX = 100, /* longer lines are hard to read; tables may be wider */
    FACT_HANG_MAX = 30,
    CELL_COLUMNS_MAX = 60, /* of a text in a table */
    CELL_SKETCH_ROOM = 14, /* that is kept free for a sketch where a table is drawn in parts */
    CELL_SKETCH_ROOM_MAX = 32,
    HINTS_MAX = 9, /* notes below a table; more are a text of their own */
    PART_GAP = 2,
    SCRATCH_MAX = 1 << 20,
};

static const enum emphasis emphasis_of_tone[] = {
    [TONE_PLAIN] = EMPHASIS_NONE,      [TONE_GOOD] = EMPHASIS_GOOD, [TONE_BAD] = EMPHASIS_BAD,
    [TONE_UNSURE] = EMPHASIS_DOUBTFUL, [TONE_QUIET] = EMPHASIS_DIM,
};

/* --- Words ------------------------------------------------------------------- */

/* Text that may be foreign, as a terminal can bear it. The caller releases *ret. */
static const char *made_safe(const struct page *p, const char *text, struct buffer *ret)
{
    buffer_init(ret, allocator_libc(), SCRATCH_MAX);
    safe_text(ret, span_of(text), !p->utf8);
    if (p->out->status == OU_OK)
        p->out->status = buffer_status(ret);
    return buffer_string(ret);
}

static void add_words(struct page *p, int indent, int hang, enum emphasis emphasis,
                      const char *lead, const char *words)
{
    struct page narrow = *p;

    narrow.width = p->width < WORDS_WIDTH_MAX ? p->width : WORDS_WIDTH_MAX;
    page_words(&narrow, indent, hang, emphasis, lead, words);
}

/* A title; one that is too long for a line is set as words. */
static void add_title(struct page *p, int indent, const char *text)
{
    struct buffer safe;
    const char *title = made_safe(p, text, &safe);

    if (indent + (int)text_columns(span_of(title)) > p->width) {
        add_words(p, indent, 0, EMPHASIS_NONE, "", text);
    } else {
        for (int i = 0; i < indent; i++)
            buffer_char(p->out, ' ');
        page_emphasis(p, EMPHASIS_BOLD, title);
        page_line(p);
    }
    buffer_release(&safe);
}

/* An empty line, unless there is one. */
static void add_gap(struct page *p)
{
    const struct buffer *out = p->out;

    if (out->len < 2 || memcmp(out->at + out->len - 2, "\n\n", 2) != 0)
        page_line(p);
}

static void add_heading(struct page *p, const struct doc_block *block)
{
    struct buffer safe;

    if (block->level > 2) {
        add_gap(p);
        add_title(p, PAGE_INDENT, block->text);
        return;
    }
    page_heading(p, made_safe(p, block->text, &safe));
    buffer_release(&safe);
}

static void add_facts(struct page *p, const struct doc_fact *facts, size_t count)
{
    size_t widest = 0;

    for (size_t i = 0; i < count; i++) {
        size_t width = text_columns(span_of(facts[i].name));

        widest = width > widest ? width : widest;
    }
    widest = widest > FACT_HANG_MAX ? FACT_HANG_MAX : widest;
    for (size_t i = 0; i < count; i++) {
        struct buffer safe;

        add_words(p, PAGE_INDENT, (int)widest + PART_GAP, EMPHASIS_DIM,
                  made_safe(p, facts[i].name, &safe), facts[i].value ? facts[i].value : "-");
        buffer_release(&safe);
    }
}

/* --- Tables ------------------------------------------------------------------ */

/* A table of the document on its way to a text table: which of its columns people see, and which
 * one of those is drawn. */
struct shown_table {
    const struct doc_table *table;
    size_t columns[TEXT_COLUMNS_MAX];
    size_t column_count;
    size_t sketch; /* SIZE_MAX: none */
    const char *hints[HINTS_MAX];
    size_t hint_count; /* above HINTS_MAX: too many for notes */
    struct text_column heads[TEXT_COLUMNS_MAX];
    struct buffer head_text;
};

static const struct doc_cell *cell_at(const struct doc_table *t, size_t row, size_t column)
{
    return &t->cells[row * t->column_count + column];
}

static bool is_sketched(const struct doc_table *t, size_t column)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (cell_at(t, row, column)->kind == DOC_SKETCH)
            return true;
    return false;
}

/* 0: none; else the number of its note. */
static size_t note_of(struct shown_table *s, const char *hint)
{
    size_t shown = s->hint_count < HINTS_MAX ? s->hint_count : HINTS_MAX;

    if (!hint)
        return 0;
    for (size_t i = 0; i < shown; i++)
        if (strcmp(s->hints[i], hint) == 0)
            return i + 1;
    if (s->hint_count < HINTS_MAX)
        s->hints[s->hint_count] = hint;
    return ++s->hint_count;
}

static void choose_columns(struct shown_table *s, const struct doc_table *t)
{
    *s = (struct shown_table){ .table = t, .sketch = SIZE_MAX };
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->columns[i].machine_only)
            continue;
        if (is_sketched(t, i))
            s->sketch = i;
        else if (s->column_count < TEXT_COLUMNS_MAX)
            s->columns[s->column_count++] = i;
    }
    for (size_t row = 0; row < t->row_count; row++)
        for (size_t i = 0; i < s->column_count; i++)
            note_of(s, cell_at(t, row, s->columns[i])->hint);
}

/* Heads may have names of versions in them. All are in one buffer, each ends in a NUL. */
static void make_heads(const struct page *p, struct shown_table *s)
{
    struct buffer raw;
    const char *at;

    buffer_init(&s->head_text, allocator_libc(), SCRATCH_MAX);
    for (size_t i = 0; i < s->column_count; i++) {
        buffer_init(&raw, allocator_libc(), SCRATCH_MAX);
        column_words(&raw, &s->table->columns[s->columns[i]]);
        safe_text(&s->head_text, (struct span){ buffer_string(&raw), raw.len }, !p->utf8);
        buffer_char(&s->head_text, '\0');
        buffer_release(&raw);
    }
    at = buffer_string(&s->head_text);
    for (size_t i = 0; i < s->column_count; i++) {
        s->heads[i].number = s->table->columns[s->columns[i]].number;
        s->heads[i].head = buffer_status(&s->head_text) ? "" : at;
        at += buffer_status(&s->head_text) ? 0 : strlen(at) + 1;
    }
}

static void add_cell(struct text_table *t, struct shown_table *s, const struct doc_cell *cell,
                     size_t columns_max)
{
    size_t note = s->hint_count <= HINTS_MAX ? note_of(s, cell->hint) : 0;
    struct buffer words;

    buffer_init(&words, allocator_libc(), SCRATCH_MAX);
    if (cell->kind == DOC_TEXT)
        buffer_text(&words, cell->text);
    else if (cell->kind == DOC_NONE)
        buffer_char(&words, '-');
    else
        cell_words(&words, cell);
    buffer_text(&words, tone_mark(cell));
    if (note > 0)
        buffer_printf(&words, " (%zu)", note);
    text_cell_foreign(t, buffer_string(&words),
                      cell->kind == DOC_TEXT ? columns_max : CELL_COLUMNS_MAX);
    text_cell_emphasis(t, emphasis_of_tone[cell->tone]);
    buffer_release(&words);
}

/* What is drawn at the end of each row. */
static void draw_sketch(struct page *p, int room, size_t row, const void *context)
{
    const struct shown_table *s = context;
    const struct doc_cell *cell = cell_at(s->table, row, s->sketch);

    room = room < CELL_SKETCH_ROOM_MAX ? room : CELL_SKETCH_ROOM_MAX;
    if (cell->kind != DOC_SKETCH)
        return;
    if (cell->sketch->kind == SKETCH_LINE)
        sketch_line(p->out, cell->sketch->values, cell->sketch->count, room, p->utf8);
    else if (cell->sketch->count > 0)
        sketch_box(p->out, &cell->sketch->boxes[0], cell->sketch->low, cell->sketch->high, room,
                   p->utf8);
}

/* Where the columns of a part end that begins at `from`: as many as have room, one at least. */
static size_t end_of_part(const size_t *widths, size_t count, size_t from, size_t room)
{
    size_t used = PAGE_INDENT + widths[0], to = from;

    while (to < count && (to == from || used + PART_GAP + widths[to] <= room))
        used += PART_GAP + widths[to++];
    return to;
}

/* As many columns as the page has room for, and those that are left in further parts below. A table
 * that needs parts anyway leaves room for its sketch in the first one. */
static void draw_parts(struct page *p, const struct text_table *t, const struct shown_table *s)
{
    size_t widths[TEXT_COLUMNS_MAX], from = 1, room = (size_t)p->width;
    text_picture *picture = s->sketch == SIZE_MAX ? NULL : draw_sketch;

    text_table_widths(t, widths);
    if (picture && end_of_part(widths, t->column_count, from, room) < t->column_count)
        room -= PART_GAP + CELL_SKETCH_ROOM;
    do {
        size_t to = end_of_part(widths, t->column_count, from, room);

        if (from > 1)
            page_line(p);
        text_table_draw_part(p, t, from, to, picture, s);
        picture = NULL;
        room = (size_t)p->width;
        from = to;
    } while (from < t->column_count);
}

static void add_notes(struct page *p, const struct shown_table *s)
{
    char lead[NUMBER_ROOM];

    if (s->table->note)
        add_words(p, PAGE_INDENT, 0, EMPHASIS_NONE, "", s->table->note);
    if (s->hint_count > HINTS_MAX)
        return;
    for (size_t i = 0; i < s->hint_count; i++) {
        char *end = put_u64(lead + 1, i + 1);

        lead[0] = '(';
        memcpy(end, ")", 2);
        add_words(p, PAGE_INDENT, 4, EMPHASIS_DIM, lead, s->hints[i]);
    }
}

static void fill(struct page *p, struct shown_table *s, size_t columns_max, struct text_table *ret)
{
    text_table_init(ret, p, s->heads, s->column_count);
    for (size_t row = 0; row < s->table->row_count; row++)
        for (size_t i = 0; i < s->column_count; i++)
            add_cell(ret, s, cell_at(s->table, row, s->columns[i]), columns_max);
}

static bool fits(const struct page *p, const struct text_table *t)
{
    size_t widths[TEXT_COLUMNS_MAX], used = PAGE_INDENT;

    text_table_widths(t, widths);
    for (size_t i = 0; i < t->column_count; i++)
        used += widths[i] + (i > 0 ? PART_GAP : 0);
    return used <= (size_t)p->width;
}

/* Long texts are only cut where there is no room for them. */
static void draw_table(struct page *p, struct shown_table *s)
{
    struct text_table t;

    fill(p, s, CELL_COLUMNS_MAX, &t);
    if (!fits(p, &t)) {
        text_table_release(&t);
        fill(p, s, (size_t)p->width / 3, &t);
    }
    draw_parts(p, &t, s);
    text_table_release(&t);
}

static void add_table(struct page *p, const struct doc_table *t)
{
    struct shown_table shown;

    if (strcmp(t->id, DOC_DICTIONARY) == 0) {
        add_words(p, PAGE_INDENT, 0, EMPHASIS_NONE, "",
                  "The other forms of this report have the dictionary of the metrics, and so has "
                  "docs/reference/metrics.md.");
        return;
    }

    choose_columns(&shown, t);
    add_gap(p);
    if (t->title && *t->title)
        add_title(p, PAGE_INDENT, t->title);
    if (shown.column_count == 0 || t->row_count == 0) {
        add_words(p, PAGE_INDENT, 0, EMPHASIS_DIM, "", "Nothing to show.");
        return;
    }
    make_heads(p, &shown);
    if (p->out->status == OU_OK)
        p->out->status = buffer_status(&shown.head_text);
    draw_table(p, &shown);
    add_notes(p, &shown);
    buffer_release(&shown.head_text);
}

/* --- Figures ----------------------------------------------------------------- */

static void add_figure(struct page *p, const struct doc_figure *f)
{
    add_gap(p);
    add_title(p, PAGE_INDENT, f->title);
    if (*f->reading)
        add_words(p, PAGE_INDENT, 0, EMPHASIS_NONE, "", f->reading);
    if (*f->units)
        add_words(p, PAGE_INDENT, 0, EMPHASIS_DIM, "", f->units);
    if (!f->sketch || f->sketch->count == 0)
        return;
    page_line(p);
    page_sketch(p, f->sketch);
}

/* --- The whole --------------------------------------------------------------- */

static void add_block(struct page *p, const struct doc_block *block)
{
    switch (block->kind) {
    case DOC_HEADING: add_heading(p, block); break;
    case DOC_PARAGRAPH: add_words(p, PAGE_INDENT, 0, EMPHASIS_NONE, "", block->text); break;
    case DOC_NOTICE:
        add_words(p, PAGE_INDENT, 9, emphasis_of_tone[block->tone], tone_word(block->tone),
                  block->text);
        break;
    case DOC_FACTS: add_facts(p, block->facts, block->fact_count); break;
    case DOC_TABLE: add_table(p, block->table); break;
    case DOC_FIGURE: add_figure(p, block->figure); break;
    }
}

/* Tables, figures and headings begin with an empty line themselves; words that follow what is not of
 * their kind are set apart, too. */
static bool wants_gap(const struct doc_block *before, const struct doc_block *block)
{
    bool words =
        block->kind == DOC_PARAGRAPH || block->kind == DOC_NOTICE || block->kind == DOC_FACTS;

    return words && before && before->kind != DOC_HEADING &&
           (before->kind != block->kind || block->kind == DOC_PARAGRAPH);
}

void document_to_text(const struct document *d, const struct text_style *style, struct buffer *out)
{
    struct page p = { .out = out, .colour = style->colour, .utf8 = style->utf8 };
    const struct doc_block *before = NULL;

    p.width = style->width < PAGE_MIN ? PAGE_MIN : style->width;
    add_title(&p, 0, d->title);
    if (*d->subtitle)
        add_words(&p, 0, 0, EMPHASIS_DIM, "", d->subtitle);
    if (d->verdict) {
        page_line(&p);
        add_words(&p, 0, 2, emphasis_of_tone[d->verdict_tone], p.utf8 ? "\u25b6" : ">", d->verdict);
    }
    page_line(&p);
    for (const struct doc_block *block = d->first; block; block = block->next) {
        if (wants_gap(before, block))
            add_gap(&p);
        add_block(&p, block);
        before = block;
    }
    if (d->footer_count > 0) {
        page_heading(&p, "How this was made");
        add_facts(&p, d->footer, d->footer_count);
    }
}
