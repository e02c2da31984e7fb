#include "report/text_page.h"

#include <assert.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"
#include "report/numbers.h"
#include "report/safe_text.h"

enum {
    WIDTH_MIN = 80,
    WIDTH_MAX = 110,
    FACT_INDENT = 12, /* of the text of a fact behind its name */
    COLUMN_GAP = 2,
    TABLE_BYTES_MAX = 1 << 26,
    WORDS_BYTES_MAX = 1 << 16,
    EIGHTHS = 8,
};

void page_init(struct page *p, const struct text_style *style, struct buffer *out)
{
    int width = style->width < WIDTH_MIN ? WIDTH_MIN : style->width;

    *p = (struct page){ .out = out, .colour = style->colour, .utf8 = style->utf8 };
    p->width = width > WIDTH_MAX ? WIDTH_MAX : width;
}

static void begin(struct page *p, enum emphasis emphasis)
{
    static const char *const codes[] = {
        [EMPHASIS_BOLD] = "1", [EMPHASIS_DIM] = "2",       [EMPHASIS_BAR] = "36",
        [EMPHASIS_BAD] = "31", [EMPHASIS_DOUBTFUL] = "33", [EMPHASIS_GOOD] = "32",
    };

    if (p->colour && emphasis != EMPHASIS_NONE)
        buffer_printf(p->out, "\x1b[%sm", codes[emphasis]);
}

static void end(struct page *p, enum emphasis emphasis)
{
    if (p->colour && emphasis != EMPHASIS_NONE)
        buffer_text(p->out, "\x1b[0m");
}

void page_emphasis(struct page *p, enum emphasis emphasis, const char *text)
{
    begin(p, emphasis);
    buffer_text(p->out, text);
    end(p, emphasis);
}

static void repeat(struct page *p, const char *text, int count)
{
    for (int i = 0; i < count; i++)
        buffer_text(p->out, text);
}

void page_line(struct page *p)
{
    buffer_char(p->out, '\n');
}

void page_heading(struct page *p, const char *title)
{
    const char *line = p->utf8 ? "\u2500" : "-";

    page_line(p);
    begin(p, EMPHASIS_DIM);
    repeat(p, line, 2);
    end(p, EMPHASIS_DIM);
    buffer_char(p->out, ' ');
    page_emphasis(p, EMPHASIS_BOLD, title);
    buffer_char(p->out, ' ');
    begin(p, EMPHASIS_DIM);
    repeat(p, line, p->width - 4 - (int)text_columns(span_of(title)));
    end(p, EMPHASIS_DIM);
    page_line(p);
    page_line(p);
}

/* --- Words ------------------------------------------------------------------ */

/* Words are separated by blanks; one that is wider than the page stays whole. */
static void wrap(struct page *p, const char *words, int from, int first_column)
{
    int column = first_column;
    bool at_start = true;

    while (*words) {
        size_t len = strcspn(words, " ");
        int columns = (int)text_columns((struct span){ words, len });

        if (!at_start && column + 1 + columns > p->width) {
            page_line(p);
            repeat(p, " ", from);
            column = from;
            at_start = true;
        }
        if (!at_start) {
            buffer_char(p->out, ' ');
            column++;
        }
        buffer_append(p->out, words, len);
        column += columns;
        at_start = false;
        words += len;
        words += strspn(words, " ");
    }
    page_line(p);
}

void page_words(struct page *p, int indent, int hang, enum emphasis emphasis, const char *lead,
                const char *words)
{
    int lead_columns = (int)text_columns(span_of(lead));
    int gap = !*words ? 0 : lead_columns < hang ? hang - lead_columns : *lead ? 1 : 0;
    struct buffer safe;

    buffer_init(&safe, allocator_libc(), WORDS_BYTES_MAX);
    safe_text(&safe, span_of(words), !p->utf8);
    repeat(p, " ", indent);
    page_emphasis(p, emphasis, lead);
    repeat(p, " ", gap);
    wrap(p, buffer_string(&safe), indent + hang, indent + lead_columns + gap);
    buffer_inherit(p->out, &safe);
    buffer_release(&safe);
}

void page_paragraph(struct page *p, const char *words)
{
    page_words(p, PAGE_INDENT, 0, EMPHASIS_NONE, "", words);
}

void page_fact(struct page *p, const char *name, const char *words)
{
    page_words(p, PAGE_INDENT, FACT_INDENT, EMPHASIS_DIM, name, words);
}

__attribute__((format(printf, 3, 0))) static void factv(struct page *p, const char *name,
                                                        const char *format, va_list args)
{
    struct buffer words;

    buffer_init(&words, allocator_libc(), WORDS_BYTES_MAX);
    buffer_vprintf(&words, format, args);
    if (name)
        page_fact(p, name, buffer_string(&words));
    else
        page_paragraph(p, buffer_string(&words));
    buffer_inherit(p->out, &words);
    buffer_release(&words);
}

void page_paragraphf(struct page *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    factv(p, NULL, format, args);
    va_end(args);
}

void page_factf(struct page *p, const char *name, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    factv(p, name, format, args);
    va_end(args);
}

/* --- Bars --------------------------------------------------------------------- */

static double clipped(double fraction)
{
    return !(fraction > 0) ? 0 : fraction > 1 ? 1 : fraction;
}

/* The solid part: whole columns, and in UTF-8 an eighth-wide rest. Returns the
 * column behind it. What is too short to be seen becomes a thin line. */
static int solid_part(struct page *p, double from, double to, int room)
{
    static const char *const parts[EIGHTHS] = { "",       "\u258f", "\u258e", "\u258d",
                                                "\u258c", "\u258b", "\u258a", "\u2589" };
    int start = (int)lround(from * room);
    int eighths = (int)lround(to * room * EIGHTHS) - start * EIGHTHS;
    int whole = eighths > 0 ? eighths / EIGHTHS : 0, rest = eighths > 0 ? eighths % EIGHTHS : 0;

    if (!p->utf8)
        whole += rest >= EIGHTHS / 2, rest = 0;
    if (start >= room)
        start = room - 1;
    repeat(p, " ", start);
    begin(p, EMPHASIS_BAR);
    repeat(p, p->utf8 ? "\u2588" : "#", whole);
    if (whole == 0 && rest == 0)
        buffer_text(p->out, p->utf8 ? "\u258f" : "|");
    else
        buffer_text(p->out, parts[rest]);
    end(p, EMPHASIS_BAR);
    return start + whole + (rest > 0 || whole == 0);
}

void page_bar(struct page *p, double from, double to, double tail, int room)
{
    int column, tail_end;

    if (!isfinite(to) || to < 0 || room < 1)
        return;
    column = solid_part(p, clipped(from), clipped(to), room);
    tail_end = (int)lround(clipped(tail) * room);
    if (tail_end > column) {
        begin(p, EMPHASIS_DIM);
        repeat(p, p->utf8 ? "\u2591" : ".", tail_end - column);
        end(p, EMPHASIS_DIM);
    }
}

/* --- Tables --------------------------------------------------------------------- */

void text_table_init(struct text_table *t, const struct page *p, const struct text_column *columns,
                     size_t column_count)
{
    assert(column_count > 0 && column_count <= TEXT_COLUMNS_MAX);
    *t = (struct text_table){ .columns = columns, .column_count = column_count, .ascii = !p->utf8 };
    buffer_init(&t->cells, allocator_libc(), TABLE_BYTES_MAX);
    buffer_init(&t->emphases, allocator_libc(), TABLE_BYTES_MAX);
}

void text_table_release(struct text_table *t)
{
    buffer_release(&t->cells);
    buffer_release(&t->emphases);
}

void text_cell_own(struct text_table *t, const char *text)
{
    buffer_append(&t->cells, text, strlen(text) + 1);
    t->cell_count++;
}

void text_cell_emphasis(struct text_table *t, enum emphasis emphasis)
{
    while (t->emphases.len + 1 < t->cell_count && t->emphases.status == OU_OK)
        buffer_char(&t->emphases, EMPHASIS_NONE);
    buffer_char(&t->emphases, (char)emphasis);
}

static enum emphasis emphasis_of(const struct text_table *t, size_t cell)
{
    return cell < t->emphases.len ? (enum emphasis)t->emphases.at[cell] : EMPHASIS_NONE;
}

/* The safe form is what is cut, so that an escape counts as wide as it is. */
void text_cell_foreign(struct text_table *t, const char *text, size_t columns_max)
{
    struct buffer safe;
    struct span rest;
    uint32_t character;

    buffer_init(&safe, allocator_libc(), WORDS_BYTES_MAX);
    safe_text(&safe, span_of(text), t->ascii);
    rest = (struct span){ buffer_string(&safe), safe.len };
    if (text_columns(rest) > columns_max) {
        for (size_t i = 0; i + 3 < columns_max; i++)
            utf8_next(&rest, &character);
        buffer_append(&t->cells, buffer_string(&safe), safe.len - rest.len);
        buffer_text(&t->cells, "...");
    } else {
        buffer_append(&t->cells, rest.at, rest.len);
    }
    buffer_char(&t->cells, '\0');
    t->cell_count++;
    buffer_inherit(&t->cells, &safe);
    buffer_release(&safe);
}

void text_cell_count(struct text_table *t, uint64_t count)
{
    char text[NUMBER_ROOM + 1];

    *put_grouped(text, count) = '\0';
    text_cell_own(t, text);
}

void text_cell_number(struct text_table *t, double value, int decimals)
{
    char text[NUMBER_ROOM + 1] = "-";

    if (isfinite(value))
        *put_fixed(text, value, decimals) = '\0';
    text_cell_own(t, text);
}

/* Columns before and behind the point (itself counted behind). */
struct column_layout {
    size_t before, behind;
};

/* An interval has two points, and stands at the right as a whole. */
static size_t point_of(const struct text_table *t, size_t column, const char *cell)
{
    return (t->right >> column & 1) != 0 || *cell == '[' ? text_columns(span_of(cell))
                                                         : strcspn(cell, ".");
}

static void measure(const struct text_table *t, struct column_layout *layout)
{
    const char *cell = t->cells.at, *stop = cell + t->cells.len;

    for (size_t i = 0; cell < stop; i++, cell += strlen(cell) + 1) {
        size_t column = i % t->column_count;
        struct column_layout *l = &layout[column];
        size_t columns = text_columns(span_of(cell));
        size_t before = t->columns[column].number ? point_of(t, column, cell) : columns;

        l->before = before > l->before ? before : l->before;
        l->behind = columns - before > l->behind ? columns - before : l->behind;
    }
    for (size_t i = 0; i < t->column_count; i++) {
        size_t head = text_columns(span_of(t->columns[i].head));

        if (head > layout[i].before + layout[i].behind)
            layout[i].before = head - layout[i].behind;
    }
}

void text_table_widths(const struct text_table *t, size_t *ret)
{
    struct column_layout layout[TEXT_COLUMNS_MAX] = { { 0 } };

    measure(t, layout);
    for (size_t i = 0; i < t->column_count; i++)
        ret[i] = layout[i].before + layout[i].behind;
}

/* The first column, keys, and those of [from, to). */
struct table_part {
    size_t from, to;
};

static bool is_drawn(const struct text_table *t, const struct table_part *part, size_t column)
{
    return column <= t->keys || (column >= part->from && column < part->to);
}

static void draw_cell(struct page *p, const struct text_table *t, size_t column,
                      const struct column_layout *l, enum emphasis emphasis, const char *cell)
{
    size_t columns = text_columns(span_of(cell));
    size_t left = t->columns[column].number ? l->before - point_of(t, column, cell) : 0;

    repeat(p, " ", (int)left);
    page_emphasis(p, emphasis, cell);
    repeat(p, " ", (int)(l->before + l->behind - left - columns));
}

static bool has_heads(const struct text_table *t)
{
    for (size_t i = 0; i < t->column_count; i++) {
        if (*t->columns[i].head)
            return true;
    }
    return false;
}

static int columns_used(const struct text_table *t, const struct column_layout *layout,
                        const struct table_part *part)
{
    int used = PAGE_INDENT - COLUMN_GAP;

    for (size_t i = 0; i < t->column_count; i++)
        used += is_drawn(t, part, i) ? COLUMN_GAP + (int)(layout[i].before + layout[i].behind) : 0;
    return used;
}

/* Nobody wants blanks at the end of a line. */
static void end_row(struct page *p)
{
    struct buffer *out = p->out;

    while (out->len > 0 && out->at[out->len - 1] == ' ')
        out->at[--out->len] = '\0';
    page_line(p);
}

static void draw_head(struct page *p, const struct text_table *t,
                      const struct column_layout *layout, const struct table_part *part)
{
    int blanks = 0; /* that are due before the next text */

    repeat(p, " ", PAGE_INDENT);
    begin(p, EMPHASIS_DIM);
    for (size_t i = 0; i < t->column_count; i++) {
        const struct text_column *c = &t->columns[i];
        int spare = (int)(layout[i].before + layout[i].behind - text_columns(span_of(c->head)));

        if (!is_drawn(t, part, i))
            continue;
        repeat(p, " ", blanks + (c->number ? spare : 0));
        buffer_text(p->out, c->head);
        blanks = COLUMN_GAP + (c->number ? 0 : spare);
    }
    end(p, EMPHASIS_DIM);
    page_line(p);
}

static void draw_row(struct page *p, const struct text_table *t, const struct column_layout *layout,
                     const struct table_part *part, size_t row, const char *cell)
{
    int blanks = PAGE_INDENT;

    for (size_t i = 0; i < t->column_count; i++, cell += strlen(cell) + 1) {
        if (!is_drawn(t, part, i))
            continue;
        repeat(p, " ", blanks);
        draw_cell(p, t, i, &layout[i], emphasis_of(t, row * t->column_count + i), cell);
        blanks = COLUMN_GAP;
    }
}

static const char *next_row(const struct text_table *t, const char *cell)
{
    for (size_t i = 0; i < t->column_count; i++)
        cell += strlen(cell) + 1;
    return cell;
}

void text_table_draw_part(struct page *p, const struct text_table *t, size_t from, size_t to,
                          text_picture *picture, const void *context)
{
    const struct table_part part = { from, to };
    struct column_layout layout[TEXT_COLUMNS_MAX] = { { 0 } };
    const char *cell = t->cells.at, *stop = cell + t->cells.len;
    int room;

    if (buffer_status(&t->cells) != OU_OK) {
        buffer_inherit(p->out, &t->cells);
        return;
    }
    measure(t, layout);
    if (has_heads(t))
        draw_head(p, t, layout, &part);
    room = p->width - columns_used(t, layout, &part) - COLUMN_GAP;
    if (room < TEXT_PICTURE_MIN)
        picture = NULL;
    for (size_t row = 0; cell < stop; row++, cell = next_row(t, cell)) {
        draw_row(p, t, layout, &part, row, cell);
        if (picture) {
            repeat(p, " ", COLUMN_GAP);
            picture(p, room, row, context);
        }
        end_row(p);
    }
}

void text_table_draw(struct page *p, const struct text_table *t, text_picture *picture,
                     const void *context)
{
    text_table_draw_part(p, t, 1, t->column_count, picture, context);
}
