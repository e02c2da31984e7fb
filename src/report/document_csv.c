/* Every number of a document, table after table. docs/formats/reports.md describes it. */
#include "json/write.h"
#include "report/csv.h"
#include "report/document_fields.h"
#include "report/document_writers.h"
#include "report/safe_text.h"

static void add_value(struct buffer *out, const struct doc_field_value *value)
{
    char text[JSON_DOUBLE_ROOM];

    if (value->kind == FIELD_TEXT)
        csv_text(out, value->text);
    else if (value->kind == FIELD_NUMBER)
        buffer_append(out, text, json_format_double(value->number, text));
}

/* "# id: title", after an empty line where something stands before. */
static void add_caption(struct buffer *out, const char *id, const char *title)
{
    buffer_printf(out, "%s# %s: ", out->len > 0 ? "\n" : "", id);
    safe_text(out, span_of(title), false);
    buffer_char(out, '\n');
}

static void add_table(struct buffer *out, const struct doc_table *t)
{
    struct doc_fields fields;

    doc_fields_of(t, &fields);
    add_caption(out, t->id, t->title ? t->title : "");
    for (size_t i = 0; i < fields.count; i++) {
        if (i > 0)
            buffer_char(out, ',');
        doc_field_name(t, &fields.at[i], out);
    }
    buffer_char(out, '\n');
    for (size_t row = 0; row < t->row_count; row++) {
        for (size_t i = 0; i < fields.count; i++) {
            struct doc_field_value value = doc_field_value(t, row, &fields.at[i]);

            if (i > 0)
                buffer_char(out, ',');
            add_value(out, &value);
        }
        buffer_char(out, '\n');
    }
}

static void add_fact(struct buffer *out, const struct doc_fact *fact)
{
    csv_text(out, fact->name);
    buffer_char(out, ',');
    if (fact->value)
        csv_text(out, fact->value);
    buffer_char(out, '\n');
}

static void add_facts(struct buffer *out, const struct doc_fact *facts, size_t count)
{
    for (size_t i = 0; i < count; i++)
        add_fact(out, &facts[i]);
}

/* All facts of the document are one table, and so is what makes it again. */
static void add_all_facts(struct buffer *out, const struct document *d)
{
    bool begun = false;

    for (const struct doc_block *block = d->first; block; block = block->next) {
        if (block->kind != DOC_FACTS)
            continue;
        if (!begun) {
            add_caption(out, "facts", "what is known of it");
            buffer_text(out, "name,value\n");
        }
        begun = true;
        add_facts(out, block->facts, block->fact_count);
    }
}

void document_to_csv(const struct document *d, struct buffer *out)
{
    const struct doc_fact about[] = {
        { "title", d->title },
        { "subtitle", d->subtitle },
        { "verdict", d->verdict },
    };

    add_caption(out, "document", "what this is, and what makes it again");
    buffer_text(out, "name,value\n");
    add_facts(out, about, d->verdict ? 3 : 2);
    add_facts(out, d->footer, d->footer_count);
    add_all_facts(out, d);
    for (const struct doc_block *block = d->first; block; block = block->next) {
        if (block->kind == DOC_TABLE)
            add_table(out, block->table);
        else if (block->kind == DOC_FIGURE)
            add_table(out, &block->figure->data);
    }
}
