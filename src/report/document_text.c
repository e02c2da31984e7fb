/* A document for a terminal: words that wrap, tables whose numbers stand under
 * each other, figures as what they say and a sketch. */
#include <string.h>

#include "report/cell_words.h"
#include "report/document_writers.h"
#include "report/numbers.h"
#include "report/safe_text.h"
#include "report/said_once.h"
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
    NAME_COLUMNS = 28,     /* of a row's name before whole columns are left out */
    NAME_COLUMNS_MIN = 18, /* before the table is drawn in parts */
    SCRATCH_MAX = 1 << 20,
};

#define MICRO "\u00b5"

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
    buffer_inherit(p->out, ret);
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
    bool has_unit; /* one of the columns is in the unit of the rows */
    const char *hints[HINTS_MAX];
    size_t hint_count; /* above HINTS_MAX: too many for notes */
    struct text_column heads[TEXT_COLUMNS_MAX];
    struct buffer head_text;
};

/* The greatest widths of texts: of a row's name, and of others. */
struct text_limits {
    size_t name, other;
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

static bool is_seen(const struct doc_table *t, size_t row)
{
    return !cell_at(t, row, 0)->unseen;
}

/* What follows from the columns that are shown: notes, and whether rows have a unit. */
static void look_at_columns(struct shown_table *s)
{
    s->hint_count = 0;
    s->has_unit = false;
    for (size_t i = 0; i < s->column_count; i++)
        s->has_unit = s->has_unit || s->table->columns[s->columns[i]].in_unit;
    for (size_t row = 0; row < s->table->row_count; row++)
        for (size_t i = 0; is_seen(s->table, row) && i < s->column_count; i++)
            note_of(s, cell_at(s->table, row, s->columns[i])->hint);
}

static void choose_columns(struct shown_table *s, const struct doc_table *t, struct buffer *out)
{
    *s = (struct shown_table){ .table = t, .sketch = SIZE_MAX };
    for (size_t i = 0; i < t->column_count; i++) {
        if (t->columns[i].machine_only || is_said_once(t, i, out))
            continue;
        if (is_sketched(t, i))
            s->sketch = i;
        else if (s->column_count < TEXT_COLUMNS_MAX)
            s->columns[s->column_count++] = i;
    }
    look_at_columns(s);
}

/* How much the column can be spared that can be most; 0: all are needed. */
static unsigned char most_spare(const struct shown_table *s)
{
    unsigned char most = 0;

    for (size_t i = 0; i < s->column_count; i++)
        if (s->table->columns[s->columns[i]].spare > most)
            most = s->table->columns[s->columns[i]].spare;
    return most;
}

/* Leaves out the columns that can be spared most; false when all that are left are needed. */
static bool drop_columns(struct shown_table *s)
{
    const struct doc_column *columns = s->table->columns;
    unsigned char most = most_spare(s);
    size_t kept = 0;

    if (most == 0)
        return false;
    for (size_t i = 0; i < s->column_count; i++) {
        if (columns[s->columns[i]].spare == most)
            continue;
        s->heads[kept] = s->heads[i];
        s->columns[kept++] = s->columns[i];
    }
    s->column_count = kept;
    look_at_columns(s);
    return true;
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
        buffer_inherit(&s->head_text, &raw);
        buffer_release(&raw);
    }
    at = buffer_string(&s->head_text);
    for (size_t i = 0; i < s->column_count; i++) {
        s->heads[i].number = s->table->columns[s->columns[i]].number;
        s->heads[i].head = buffer_status(&s->head_text) ? "" : at;
        at += buffer_status(&s->head_text) ? 0 : strlen(at) + 1;
    }
}

/* A name without its unit where no number in it is shown; micro is a Greek letter. */
static void add_text(struct buffer *out, const struct doc_cell *cell, bool with_unit, bool ascii)
{
    const char *text = cell->text, *at;

    if (!cell->unit)
        buffer_text(out, text);
    else if (!with_unit)
        buffer_append(out, text, strlen(text) - strlen(cell->unit) - strlen(", "));
    else if (ascii && (at = strstr(cell_text(cell), MICRO)))
        buffer_printf(out, "%.*su%s", (int)(at - cell_text(cell)), cell_text(cell),
                      at + strlen(MICRO));
    else
        buffer_text(out, cell_text(cell));
}

static void add_cell(struct text_table *t, struct shown_table *s, const struct doc_cell *cell,
                     size_t columns_max)
{
    size_t note = s->hint_count <= HINTS_MAX ? note_of(s, cell->hint) : 0;
    struct buffer words;

    buffer_init(&words, allocator_libc(), SCRATCH_MAX);
    if (cell->kind == DOC_TEXT)
        add_text(&words, cell, s->has_unit, t->ascii);
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
    buffer_inherit(&t->cells, &words);
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
static size_t end_of_part(const struct text_table *t, const size_t *widths, size_t from,
                          size_t room)
{
    size_t used = PAGE_INDENT + widths[0], to = from;

    for (size_t i = 1; i <= t->keys; i++)
        used += PART_GAP + widths[i];
    while (to < t->column_count && (to == from || used + PART_GAP + widths[to] <= room))
        used += PART_GAP + widths[to++];
    return to;
}

/* As many columns as the page has room for, and those that are left in further parts below. A table
 * that needs parts anyway leaves room for its sketch in the first one. */
static void draw_parts(struct page *p, const struct text_table *t, const struct shown_table *s)
{
    size_t widths[TEXT_COLUMNS_MAX], names = 1 + t->keys, from = names, room = (size_t)p->width;
    text_picture *picture = s->sketch == SIZE_MAX ? NULL : draw_sketch;

    text_table_widths(t, widths);
    if (picture && end_of_part(t, widths, from, room) < t->column_count)
        room -= PART_GAP + CELL_SKETCH_ROOM;
    do {
        size_t to = end_of_part(t, widths, from, room);

        if (from > names)
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
    struct buffer note;

    buffer_init(&note, allocator_libc(), SCRATCH_MAX);
    table_note(&note, s->table);
    if (note.len > 0)
        add_words(p, PAGE_INDENT, 0, EMPHASIS_NONE, "", buffer_string(&note));
    buffer_inherit(p->out, &note);
    buffer_release(&note);
    if (s->hint_count > HINTS_MAX)
        return;
    for (size_t i = 0; i < s->hint_count; i++) {
        char *end = put_u64(lead + 1, i + 1);

        lead[0] = '(';
        memcpy(end, ")", 2);
        add_words(p, PAGE_INDENT, 4, EMPHASIS_DIM, lead, s->hints[i]);
    }
}

static void fill(struct page *p, struct shown_table *s, struct text_limits limits,
                 struct text_table *ret)
{
    text_table_init(ret, p, s->heads, s->column_count);
    while (ret->keys + 1 < s->column_count && s->table->columns[s->columns[ret->keys + 1]].key)
        ret->keys++;
    for (size_t i = 0; i < s->column_count; i++)
        ret->right |= (uint64_t)s->table->columns[s->columns[i]].in_unit << i;
    for (size_t row = 0; row < s->table->row_count; row++)
        for (size_t i = 0; is_seen(s->table, row) && i < s->column_count; i++)
            add_cell(ret, s, cell_at(s->table, row, s->columns[i]),
                     i == 0 ? limits.name : limits.other);
}

static size_t width_of(const struct text_table *t, const size_t *widths)
{
    size_t used = PAGE_INDENT;

    for (size_t i = 0; i < t->column_count; i++)
        used += widths[i] + (i > 0 ? PART_GAP : 0);
    return used;
}

/* The table as it is with these limits fits, and its sketch beside it as long as columns can be spared
 * for that; else *ret_name is how wide names may be so that it does. */
static bool fits(struct page *p, struct shown_table *s, struct text_limits limits, size_t *ret_name)
{
    size_t widths[TEXT_COLUMNS_MAX], room = (size_t)p->width, used;
    struct text_table t;

    if (s->sketch != SIZE_MAX && most_spare(s) > 0)
        room -= PART_GAP + CELL_SKETCH_ROOM;
    fill(p, s, limits, &t);
    text_table_widths(&t, widths);
    used = width_of(&t, widths);
    buffer_inherit(p->out, &t.cells);
    text_table_release(&t);
    *ret_name = used <= room || widths[0] > used - room ? widths[0] + room - used : 0;
    return used <= room;
}

/* Names of that width leave room for the sketch, where they need not be short for it. */
static size_t beside_sketch(const struct shown_table *s, size_t name)
{
    size_t sketch = s->sketch != SIZE_MAX && most_spare(s) == 0 ? PART_GAP + CELL_SKETCH_ROOM : 0;

    return name > NAME_COLUMNS + sketch ? name - sketch : sketch > 0 ? NAME_COLUMNS : name;
}

/* Where there is no room for all, names become shorter first, then columns that can be spared are left
 * out, and then long texts are cut; what is still too wide is drawn in parts. */
static struct text_limits limits_for(struct page *p, struct shown_table *s)
{
    const struct text_limits wide = { CELL_COLUMNS_MAX, CELL_COLUMNS_MAX };
    const struct text_limits cut = { (size_t)p->width / 3, (size_t)p->width / 3 };
    size_t name;

    while (!fits(p, s, wide, &name)) {
        if (name >= NAME_COLUMNS)
            return (struct text_limits){ beside_sketch(s, name), CELL_COLUMNS_MAX };
        if (!drop_columns(s))
            return name >= NAME_COLUMNS_MIN ? (struct text_limits){ name, CELL_COLUMNS_MAX } : cut;
    }
    return wide;
}

static void draw_table(struct page *p, struct shown_table *s)
{
    struct text_limits limits = limits_for(p, s);
    struct text_table t;

    fill(p, s, limits, &t);
    draw_parts(p, &t, s);
    text_table_release(&t);
}

static bool has_rows(const struct doc_table *t)
{
    for (size_t row = 0; row < t->row_count; row++)
        if (is_seen(t, row))
            return true;
    return false;
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

    choose_columns(&shown, t, p->out);
    add_gap(p);
    if (t->title && *t->title)
        add_title(p, PAGE_INDENT, t->title);
    if (shown.column_count == 0 || !has_rows(t)) {
        add_words(p, PAGE_INDENT, 0, EMPHASIS_DIM, "", "Nothing to show.");
        if (shown.column_count > 0)
            add_notes(p, &shown);
        return;
    }
    make_heads(p, &shown);
    buffer_inherit(p->out, &shown.head_text);
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

/* What else there is to read: the headings, tables and figures that were left out, a heading for all
 * that is below it. */
static void tell_details(struct page *p, const struct document *d)
{
    bool below = false;
    struct buffer names;

    buffer_init(&names, allocator_libc(), SCRATCH_MAX);
    for (const struct doc_block *block = d->first; block; block = block->next) {
        const char *name = block->kind == DOC_FIGURE ? block->figure->title : NULL;

        if (block->kind == DOC_HEADING) {
            below = block->detail;
            name = block->text;
        } else if (below) {
            name = NULL;
        } else if (block->kind == DOC_TABLE) {
            name = block->table->title;
        }
        if (block->detail && name)
            buffer_printf(&names, "%s%s", names.len > 0 ? "; " : "", name);
    }
    if (names.len > 0) {
        page_heading(p, "With --full");
        buffer_char(&names, '.');
        add_words(p, PAGE_INDENT, 0, EMPHASIS_NONE, "", buffer_string(&names));
    }
    buffer_inherit(p->out, &names);
    buffer_release(&names);
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
        if (block->detail && !style->full)
            continue;
        if (wants_gap(before, block))
            add_gap(&p);
        add_block(&p, block);
        before = block;
    }
    if (!style->full)
        tell_details(&p, d);
    if (d->footer_count > 0) {
        page_heading(&p, "How this was made");
        add_facts(&p, d->footer, d->footer_count);
    }
}
