/* Line by line: a line says by its beginning what it is, and a run of lines of one kind is a block. Only what our own
 * documentation needs; what is not understood is text. */
#include <ctype.h>
#include <string.h>

#include "pages/text.h"
#include "report/html_text.h"

enum { TEXT_ROOM = 4096 }; /* of a piece of a line */

enum kind { NOTHING, PARAGRAPH, ITEMS, TABLE, CODE };

struct writer {
    struct buffer *out;
    enum kind kind; /* of the block that is open */
    bool has_head;  /* of a table */
};

/* --- Inside a line ------------------------------------------------------------------------------------------ */

static void put_text(struct writer *w, struct span text)
{
    char room[TEXT_ROOM];

    while (text.len > 0) {
        size_t len = text.len < sizeof room ? text.len : sizeof room - 1;

        memcpy(room, text.at, len);
        room[len] = '\0';
        html_escape(w->out, room);
        text.at += len;
        text.len -= len;
    }
}

static void put_id(struct writer *w, struct span text)
{
    char room[TEXT_ROOM];
    size_t len = text.len < sizeof room ? text.len : sizeof room - 1;

    memcpy(room, text.at, len);
    room[len] = '\0';
    html_id(w->out, " id=\"", room);
    buffer_char(w->out, '"');
}

/* "problems.md#rate" is the page "/docs/problems#rate"; files elsewhere are not served, and a link to them is text. */
static bool put_address(struct writer *w, struct span to)
{
    const char *md = to.len > 3 ? memmem(to.at, to.len, ".md", 3) : NULL;
    bool is_elsewhere = memchr(to.at, '/', to.len) != NULL;

    if (md && is_elsewhere)
        return false;
    if (!md && !(to.len > 0 && (*to.at == '/' || *to.at == '#' || span_starts(to, "https://"))))
        return false;
    buffer_text(w->out, "<a href=\"");
    if (md) {
        buffer_text(w->out, "/docs/");
        put_text(w, (struct span){ to.at, (size_t)(md - to.at) });
        to = (struct span){ md + 3, (size_t)(to.at + to.len - md - 3) };
    }
    put_text(w, to);
    buffer_text(w->out, "\">");
    return true;
}

/* The bytes up to a mark, which is taken away with them; false where there is none. */
static bool cut(struct span *rest, const char *mark, struct span *ret)
{
    const char *at = rest->len > 0 ? memmem(rest->at, rest->len, mark, strlen(mark)) : NULL;

    if (!at)
        return false;
    *ret = (struct span){ rest->at, (size_t)(at - rest->at) };
    rest->len -= ret->len + strlen(mark);
    rest->at = at + strlen(mark);
    return true;
}

static void put_line(struct writer *w, struct span line);

/* Behind "[": the words and the address. */
static bool put_link(struct writer *w, struct span *rest)
{
    struct span after = *rest, words, to;
    bool is_link;

    if (!cut(&after, "](", &words) || !cut(&after, ")", &to))
        return false;
    is_link = put_address(w, to);
    put_line(w, words);
    buffer_text(w->out, is_link ? "</a>" : "");
    *rest = after;
    return true;
}

static bool put_marked(struct writer *w, struct span *rest, const char *mark, const char *begin,
                       const char *end, bool nested)
{
    struct span after = *rest, inside;

    if (!span_starts(after, mark))
        return false;
    after.at += strlen(mark);
    after.len -= strlen(mark);
    if (!cut(&after, mark, &inside))
        return false;
    buffer_text(w->out, begin);
    if (nested)
        put_line(w, inside);
    else
        put_text(w, inside);
    buffer_text(w->out, end);
    *rest = after;
    return true;
}

static void put_line(struct writer *w, struct span line)
{
    while (line.len > 0) {
        size_t plain = 0;

        while (plain < line.len && !strchr("`*[", line.at[plain]))
            plain++;
        put_text(w, (struct span){ line.at, plain });
        line.at += plain;
        line.len -= plain;
        if (line.len == 0 || put_marked(w, &line, "`", "<code>", "</code>", false) ||
            put_marked(w, &line, "**", "<strong>", "</strong>", true))
            continue;
        if (*line.at == '[') {
            struct span rest = { line.at + 1, line.len - 1 };

            if (put_link(w, &rest)) {
                line = rest;
                continue;
            }
        }
        put_text(w, (struct span){ line.at, 1 });
        line.at++;
        line.len--;
    }
}

/* --- Blocks --------------------------------------------------------------------------------------------------- */

static void become(struct writer *w, enum kind kind)
{
    static const char *const begins[] = {
        "", "<p>", "<ul>\n<li>",
        "<div class=\"wide\" role=\"group\" tabindex=\"0\" aria-label=\"Table\"><table>\n",
        "<pre tabindex=\"0\"><code>"
    };
    static const char *const ends[] = { "", "</p>\n", "</li>\n</ul>\n", "</tbody></table></div>\n",
                                        "</code></pre>\n" };

    if (w->kind == kind)
        return;
    buffer_text(w->out, ends[w->kind]);
    buffer_text(w->out, begins[kind]);
    w->kind = kind;
    w->has_head = false;
}

static void put_heading(struct writer *w, struct span line)
{
    size_t level = 0;

    while (level < line.len && line.at[level] == '#')
        level++;
    become(w, NOTHING);
    line = (struct span){ line.at + level, line.len - level };
    while (line.len > 0 && *line.at == ' ')
        line = (struct span){ line.at + 1, line.len - 1 };
    level = level > 4 ? 4 : level;
    buffer_printf(w->out, "<h%zu", level);
    put_id(w, line);
    buffer_char(w->out, '>');
    put_line(w, line);
    buffer_printf(w->out, "</h%zu>\n", level);
}

/* "| a | b |": the first one of a table is its head, and the line of dashes below is nothing. A bar inside code is one all
 * the same where a backslash stands before it. */
static void put_row(struct writer *w, struct span line)
{
    bool is_head = w->kind != TABLE;
    const char *cell = is_head ? "th scope=\"col\"" : "td";

    become(w, TABLE);
    if (span_starts(line, "|--") || span_starts(line, "| --") || span_starts(line, "|:-"))
        return;
    buffer_text(w->out, is_head ? "<thead><tr>" : "<tr>");
    line = (struct span){ line.at + 1, line.len - 1 };
    while (line.len > 0) {
        size_t end = 0;

        while (end < line.len && (line.at[end] != '|' || (end > 0 && line.at[end - 1] == '\\')))
            end++;
        buffer_printf(w->out, "<%s>", cell);
        put_line(w, (struct span){ line.at, end });
        buffer_printf(w->out, "</%.2s>", cell);
        end += end < line.len;
        line = (struct span){ line.at + end, line.len - end };
    }
    buffer_text(w->out, is_head ? "</tr></thead>\n<tbody>\n" : "</tr>\n");
}

static void put_item(struct writer *w, struct span line)
{
    if (w->kind == ITEMS)
        buffer_text(w->out, "</li>\n<li>");
    become(w, ITEMS);
    put_line(w, (struct span){ line.at + 2, line.len - 2 });
}

static struct span trimmed(struct span line)
{
    while (line.len > 0 && isspace((unsigned char)line.at[line.len - 1]))
        line.len--;
    return line;
}

static void put_block_line(struct writer *w, struct span whole)
{
    struct span line = trimmed(whole);
    bool is_item = span_starts(line, "- ") || span_starts(line, "* ");

    if (span_starts(line, "```")) {
        become(w, w->kind == CODE ? NOTHING : CODE);
    } else if (w->kind == CODE) {
        put_text(w, whole);
        buffer_char(w->out, '\n');
    } else if (line.len == 0) {
        become(w, NOTHING);
    } else if (*line.at == '#') {
        put_heading(w, line);
    } else if (*line.at == '|') {
        put_row(w, line);
    } else if (is_item) {
        put_item(w, line);
    } else {
        if (w->kind != ITEMS)
            become(w, PARAGRAPH);
        put_line(w, line);
        buffer_char(w->out, '\n');
    }
}

void page_markdown(const char *text, struct buffer *out)
{
    struct writer w = { .out = out };

    while (*text) {
        size_t len = strcspn(text, "\n");

        put_block_line(&w, (struct span){ text, len });
        text += len + (text[len] == '\n');
    }
    become(&w, NOTHING);
}
