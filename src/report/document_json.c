/* Every number of a document as JSON. docs/formats/reports.md describes it. */
#include "json/write.h"
#include "report/cell_words.h"
#include "report/document_fields.h"
#include "report/document_writers.h"

enum { NAME_MAX_BYTES = 4096 };

static void add_columns(struct json_writer *w, const struct doc_table *t,
                        const struct doc_fields *fields)
{
    struct buffer name;

    buffer_init(&name, allocator_libc(), NAME_MAX_BYTES);
    json_key(w, "columns");
    json_begin_array(w);
    for (size_t i = 0; i < fields->count; i++) {
        const struct doc_column *column = &t->columns[fields->at[i].column];

        buffer_clear(&name);
        doc_field_name(t, &fields->at[i], &name);
        json_begin_object_inline(w);
        json_key(w, "id");
        json_cstring(w, buffer_string(&name));
        json_key(w, "head");
        json_cstring(w, column->head);
        json_key(w, "unit");
        json_cstring(w, column->unit);
        json_key(w, "about");
        json_cstring(w, column->hint);
        json_end(w);
    }
    json_end(w);
    buffer_inherit(w->out, &name);
    buffer_release(&name);
}

static void add_rows(struct json_writer *w, const struct doc_table *t,
                     const struct doc_fields *fields)
{
    json_key(w, "rows");
    json_begin_array(w);
    for (size_t row = 0; row < t->row_count; row++) {
        json_begin_array_inline(w);
        for (size_t i = 0; i < fields->count; i++) {
            struct doc_field_value value = doc_field_value(t, row, &fields->at[i]);

            if (value.kind == FIELD_NUMBER)
                json_double(w, value.number);
            else
                json_cstring(w, value.kind == FIELD_TEXT ? value.text : NULL);
        }
        json_end(w);
    }
    json_end(w);
}

static void add_named(struct json_writer *w, const char *name, const char *text)
{
    json_key(w, name);
    json_cstring(w, text);
}

static void add_table(struct json_writer *w, const struct doc_table *t, const struct doc_figure *f)
{
    struct doc_fields fields;

    doc_fields_of(t, &fields);
    json_begin_object(w);
    add_named(w, "id", t->id);
    add_named(w, "title", t->title);
    if (f) {
        add_named(w, "units", f->units);
        add_named(w, "reading", f->reading);
    } else {
        add_named(w, "note", t->note);
    }
    add_columns(w, t, &fields);
    add_rows(w, t, &fields);
    json_end(w);
}

static void add_facts(struct json_writer *w, const struct doc_fact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        json_begin_object_inline(w);
        add_named(w, "name", facts[i].name);
        add_named(w, "value", facts[i].value);
        json_end(w);
    }
}

static void add_toned(struct json_writer *w, enum doc_tone tone, const char *text)
{
    json_begin_object_inline(w);
    add_named(w, "kind", tone_word(tone));
    add_named(w, "text", text);
    json_end(w);
}

/* One block, when it is of the kind that is being listed. */
static void add_block(struct json_writer *w, const struct doc_block *block)
{
    switch (block->kind) {
    case DOC_NOTICE: add_toned(w, block->tone, block->text); break;
    case DOC_FACTS: add_facts(w, block->facts, block->fact_count); break;
    case DOC_TABLE: add_table(w, block->table, NULL); break;
    case DOC_FIGURE: add_table(w, &block->figure->data, block->figure); break;
    case DOC_HEADING:
    case DOC_PARAGRAPH: break;
    }
}

static void add_list(struct json_writer *w, const struct document *d, const char *name,
                     enum doc_block_kind kind)
{
    json_key(w, name);
    json_begin_array(w);
    for (const struct doc_block *block = d->first; block; block = block->next)
        if (block->kind == kind)
            add_block(w, block);
    json_end(w);
}

void document_to_json(const struct document *d, struct buffer *out)
{
    struct json_writer w;

    json_writer_init(&w, out, true);
    json_begin_object(&w);
    add_named(&w, "title", d->title);
    add_named(&w, "subtitle", d->subtitle);
    json_key(&w, "verdict");
    if (d->verdict)
        add_toned(&w, d->verdict_tone, d->verdict);
    else
        json_none(&w);
    add_list(&w, d, "notices", DOC_NOTICE);
    add_list(&w, d, "facts", DOC_FACTS);
    add_list(&w, d, "tables", DOC_TABLE);
    add_list(&w, d, "figures", DOC_FIGURE);
    json_key(&w, "madeFrom");
    json_begin_array(&w);
    add_facts(&w, d->footer, d->footer_count);
    json_end(&w);
    json_end(&w);
    buffer_char(out, '\n');
}
