/* Names of metrics in a document, and what they mean. */
#include <string.h>

#include "report/builders.h"

enum { METRICS_MAX = 512 };

const char *metric_link(struct document *d, const struct metric_info *info)
{
    return document_text(d, "%s/%s", section_name(info->section), info->id);
}

/* Counts are numbers of something that the name says: "#" would say nothing, nor would "blocks" behind
 * "blocks per host". */
static bool unit_is_told(const struct metric_info *info)
{
    size_t len = strlen(info->unit);

    if (len == 0 || strcmp(info->unit, "#") == 0)
        return false;
    for (const char *at = info->name; (at = strstr(at, info->unit)); at += len)
        if ((at == info->name || at[-1] == ' ') && (at[len] == ' ' || at[len] == '\0'))
            return false;
    return true;
}

static struct doc_cell named_metric_cell(struct document *d, const struct metric_info *info,
                                         const char *name)
{
    struct doc_cell cell = { .kind = DOC_TEXT, .text = name, .metric = metric_link(d, info) };

    if (unit_is_told(info)) {
        cell.text = document_text(d, "%s, %s", name, info->unit);
        cell.unit = d->status ? NULL : info->unit;
    }
    return cell;
}

struct doc_cell metric_cell(struct document *d, const struct metric_info *info)
{
    return named_metric_cell(d, info, info->name);
}

struct doc_cell metric_cell_among(struct document *d, const struct metric_info *info,
                                  const void *list, size_t count, metric_at at)
{
    const char *name = info->name;
    size_t same = 0;

    for (size_t i = 0; i < count; i++)
        same += strcmp(at(list, i)->name, name) == 0;
    if (same > 1)
        name = document_text(d, "%s (%s)", name, section_name(info->section));
    return named_metric_cell(d, info, name);
}

void hide_zero_row(struct document *d, struct doc_table *t, const struct metric_info *info,
                   const char **names)
{
    doc_hide_row(t);
    *names = document_text(d, "%s%s%s", *names, **names ? ", " : "", info->name);
}

void tell_zero_rows(struct document *d, struct doc_table *t, const char *names)
{
    if (*names)
        t->note = document_text(d, "%s%s0 in all runs: %s.", t->note ? t->note : "",
                                t->note ? " " : "", names);
}

static bool is_link_to(const char *link, const struct metric_info *info)
{
    const char *section = section_name(info->section);
    size_t len = strlen(section);

    return strncmp(link, section, len) == 0 && link[len] == '/' &&
           strcmp(link + len + 1, info->id) == 0;
}

static void mark(bool *named, const char *link)
{
    for (size_t i = 0; i < dictionary_count() && i < METRICS_MAX; i++)
        if (is_link_to(link, dictionary_row(i)))
            named[i] = true;
}

/* Cells share their links with the cells of other rows seldom: each is looked up. */
static void mark_table(bool *named, const struct doc_table *t)
{
    for (size_t i = 0; i < t->cell_count; i++)
        if (t->cells[i].metric)
            mark(named, t->cells[i].metric);
}

static void add_row(struct document *d, struct doc_table *t, const struct metric_info *info)
{
    static const char *const better[] = {
        [DIRECTION_NONE] = "",
        [DIRECTION_LESS_IS_BETTER] = "less",
        [DIRECTION_MORE_IS_BETTER] = "more",
    };
    struct doc_cell name = { .kind = DOC_TEXT, .text = info->name, .metric = metric_link(d, info) };

    doc_add_cell(d, t, name);
    doc_add_text(d, t, section_title(info->section));
    doc_add_text(d, t, info->unit);
    doc_add_text(d, t, better[info->direction]);
    doc_add_text(d, t, info->description);
    doc_add_text(d, t, info->formula);
    doc_add_text(d, t, info->aggregation);
}

void add_dictionary(struct document *d)
{
    static const struct doc_column columns[] = {
        { .id = "metric", .head = "metric" },   { .id = "section", .head = "section" },
        { .id = "unit", .head = "unit" },       { .id = "better", .head = "better" },
        { .id = "meaning", .head = "meaning" }, { .id = "definition", .head = "definition" },
        { .id = "over", .head = "of what" },
    };
    bool named[METRICS_MAX] = { false };
    struct doc_table *t;

    for (const struct doc_block *block = d->first; block; block = block->next) {
        if (block->kind == DOC_TABLE)
            mark_table(named, block->table);
        else if (block->kind == DOC_FIGURE)
            mark_table(named, &block->figure->data);
    }
    if (!d->last || d->last->kind != DOC_HEADING)
        document_heading(d, 2, "dictionary-heading", "What the metrics mean");
    t = document_table(d, DOC_DICTIONARY, "", columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < dictionary_count() && i < METRICS_MAX; i++)
        if (named[i])
            add_row(d, t, dictionary_row(i));
}
