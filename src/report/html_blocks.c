#include "report/html_blocks.h"

#include <string.h>

#include "report/charts.h"
#include "report/html_table.h"
#include "report/html_text.h"
#include "report/said_once.h"

extern char charts_js[]; /* of web/; empty without charts */

static void put_element(struct buffer *out, const char *begin, const char *text, const char *end)
{
    buffer_text(out, begin);
    html_escape(out, text);
    buffer_text(out, end);
}

/* --- Title ------------------------------------------------------------------------- */

void html_document_title(const struct document *d, struct buffer *out)
{
    put_element(out, "<header>\n<h1>", d->title, "</h1>\n");
    if (d->subtitle && *d->subtitle)
        put_element(out, "<p class=\"subtitle\">", d->subtitle, "</p>\n");
    if (d->verdict) {
        buffer_printf(out, "<p class=\"verdict %s\">", html_tone_class(d->verdict_tone));
        html_tone_mark(d->verdict_tone, out);
        put_element(out, "", d->verdict, "</p>\n");
    }
    buffer_text(out, "</header>\n");
}

/* --- Contents ---------------------------------------------------------------------- */

void html_document_contents(const struct document *d, struct buffer *out)
{
    bool inner = false, item = false;

    buffer_text(out, "<nav aria-label=\"Contents\">\n<p class=\"nav\">Contents</p>\n<ul>\n");
    for (const struct doc_block *b = d->first; b; b = b->next) {
        if (b->kind != DOC_HEADING)
            continue;
        if (b->level > 2 && item && !inner) {
            buffer_text(out, "\n<ul>\n");
            inner = true;
        } else if (b->level <= 2 && inner) {
            buffer_text(out, "</li>\n</ul>\n</li>\n");
            inner = false;
        } else if (item) {
            buffer_text(out, "</li>\n");
        }
        item = true;
        html_id(out, "<li><a href=\"#", b->id);
        put_element(out, "\">", b->text, "</a>");
    }
    buffer_text(out, item ? "</li>\n" : "");
    buffer_text(out, inner ? "</ul>\n</li>\n" : "");
    buffer_text(out, "</ul>\n</nav>\n");
}

/* --- Blocks ------------------------------------------------------------------------ */

void html_facts(const struct doc_fact *facts, size_t count, struct buffer *out)
{
    buffer_text(out, "<dl class=\"facts\">\n");
    for (size_t i = 0; i < count; i++) {
        put_element(out, "<div><dt>", facts[i].name, "</dt>");
        put_element(out, "<dd>", facts[i].value ? facts[i].value : "\xe2\x80\x93", "</dd></div>\n");
    }
    buffer_text(out, "</dl>\n");
}

/* What the columns are, for those who cannot point at them as well. */
static void put_column_hints(const struct doc_table *t, struct buffer *out)
{
    size_t count = 0;

    for (size_t c = 0; c < t->column_count; c++) {
        const struct doc_column *column = &t->columns[c];

        if (!column->hint || column->machine_only)
            continue;
        if (count++ == 0)
            buffer_text(out,
                        "<details class=\"hints\"><summary>What the columns are</summary><dl>\n");
        put_element(out, "<dt>", column->head ? column->head : column->id, "</dt>");
        put_element(out, "<dd>", column->hint, "</dd>\n");
    }
    buffer_text(out, count > 0 ? "</dl></details>\n" : "");
}

/* A link to itself, so that a table or figure can be pointed at. */
static void put_self_link(struct buffer *out, const char *prefix, const char *id, const char *title)
{
    buffer_printf(out, "<a class=\"self\" href=\"#%s", prefix);
    html_id(out, "", id);
    put_element(out, "\" aria-label=\"Link to ", title, "\">#</a>");
}

static void put_note(const struct doc_table *t, struct buffer *out)
{
    struct buffer note;

    buffer_init(&note, allocator_libc(), DOCUMENT_BYTES_MAX);
    table_note(&note, t);
    if (note.len > 0)
        put_element(out, "<p class=\"note\">", buffer_string(&note), "</p>\n");
    buffer_inherit(out, &note);
    buffer_release(&note);
}

static void put_table(const struct doc_table *t, bool has_dictionary, struct buffer *out)
{
    html_id(out, "<section class=\"table\" id=\"table-", t->id);
    html_id(out, "\" data-file=\"", t->id);
    put_element(out, "\">\n<p class=\"title\">", t->title, "");
    put_self_link(out, "table-", t->id, t->title);
    buffer_text(out, "</p>\n");
    html_table(t, HTML_TABLE_READ, has_dictionary, out);
    put_note(t, out);
    put_column_hints(t, out);
    buffer_text(out, "</section>\n");
}

static void put_picture(const struct doc_figure *f, struct buffer *out)
{
    if (!*charts_js) {
        buffer_text(out, "<p class=\"no-picture\">No picture here: ");
        put_element(out, "", charts_missing(), ". Its data stands below.</p>\n");
        return;
    }
    buffer_text(out, "<div class=\"picture\"></div>\n"
                     "<noscript><p class=\"no-picture\">The picture is drawn by a script, which is "
                     "off. Its data stands below.</p></noscript>\n"
                     "<script type=\"application/json\">");
    html_json(out, f->spec);
    buffer_text(out, "</script>\n");
}

static void put_figure(const struct doc_figure *f, bool has_dictionary, struct buffer *out)
{
    html_id(out, "<figure id=\"figure-", f->id);
    html_id(out, "\" data-file=\"", f->id);
    put_element(out, "\">\n<figcaption>\n<p class=\"title\">", f->title, "");
    put_self_link(out, "figure-", f->id, f->title);
    put_element(out, "</p>\n<p class=\"reading\">", f->reading, "</p>\n");
    put_element(out, "<p class=\"units\">", f->units, *f->units && f->legend ? "; " : "");
    put_element(out, "", f->legend ? f->legend : "", "</p>\n</figcaption>\n");
    put_picture(f, out);
    buffer_printf(out, "<details class=\"data\"%s><summary>Data: %zu %s</summary>\n",
                  *charts_js ? "" : " open", f->data.row_count,
                  f->data.row_count == 1 ? "row" : "rows");
    html_table(&f->data, HTML_TABLE_DATA, has_dictionary, out);
    buffer_text(out, "</details>\n</figure>\n");
}

static void put_notice(const struct doc_block *b, struct buffer *out)
{
    buffer_printf(out, "<p class=\"notice %s\" role=\"note\">", html_tone_class(b->tone));
    html_tone_mark(b->tone, out);
    put_element(out, "", b->text, "</p>\n");
}

static void put_heading(const struct doc_block *b, struct buffer *out)
{
    int level = b->level > 2 ? 3 : 2;

    buffer_printf(out, "<h%d", level);
    html_id(out, " id=\"", b->id);
    put_element(out, "\">", b->text, "");
    put_self_link(out, "", b->id, b->text);
    buffer_printf(out, "</h%d>\n", level);
}

static void put_block(const struct doc_block *b, bool has_dictionary, struct buffer *out)
{
    switch (b->kind) {
    case DOC_HEADING: put_heading(b, out); break;
    case DOC_PARAGRAPH: put_element(out, "<p>", b->text, "</p>\n"); break;
    case DOC_NOTICE: put_notice(b, out); break;
    case DOC_FACTS: html_facts(b->facts, b->fact_count, out); break;
    case DOC_TABLE: put_table(b->table, has_dictionary, out); break;
    case DOC_FIGURE: put_figure(b->figure, has_dictionary, out); break;
    }
}

static bool has_dictionary(const struct document *d)
{
    for (const struct doc_block *b = d->first; b; b = b->next) {
        if (b->kind == DOC_TABLE && strcmp(b->table->id, HTML_DICTIONARY) == 0)
            return true;
    }
    return false;
}

void html_document_blocks(const struct document *d, struct buffer *out)
{
    bool linked = has_dictionary(d);

    for (const struct doc_block *b = d->first; b; b = b->next)
        put_block(b, linked, out);
}

/* --- What it was made of ------------------------------------------------------------- */

bool document_has_figures(const struct document *d)
{
    for (const struct doc_block *b = d->first; b; b = b->next) {
        if (b->kind == DOC_FIGURE)
            return true;
    }
    return false;
}

void html_document_origin(const struct document *d, struct buffer *out)
{
    buffer_text(out, "<h2 id=\"made-of\">Made of</h2>\n");
    html_facts(d->footer, d->footer_count, out);
    if (document_has_figures(d) && *charts_js)
        buffer_text(out, "<p>Figures: Vega and Vega-Lite, under the BSD 3-Clause licence, whose "
                         "text stands in the source of the script that draws them.</p>\n");
}
