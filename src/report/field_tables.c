#include "report/field_tables.h"

#include <string.h>

#include "report/builders.h"
#include "report/numbers.h"

enum { TEXT_MAX = 64, VARIANTS_MAX = 12, DELTA_DECIMALS = 3 };

static const char *const resources[] = {
    "cdfStarts", "CentiCpu", "CentiGC", "CentiMut", "GcsMajor",
    "GcsMinor",  "RSS",      "Heap",    "Live",     "Alloc",
    "NetRd",     "NetWr",    "FsRd",    "FsWr",     "cdfSpanLensCpu",
};

static const struct field_table {
    const char *id, *title;
    enum metric_section section;
    const char *const *only; /* NULL: all of the section */
    size_t only_count;
} tables[] = {
    { "resources", "Resource usage", SECTION_MACHPERF, resources,
      sizeof(resources) / sizeof(*resources) },
    { "control", "Anomaly control", SECTION_CONTROL, NULL, 0 },
    { "forging", "Forging", SECTION_FORGER, NULL, 0 },
    { "peers", "Individual peer propagation", SECTION_PEERS, NULL, 0 },
    { "endtoend", "End-to-end propagation", SECTION_ENDTOEND, NULL, 0 },
};

/* --- Numbers ----------------------------------------------------------------------------------- */

/* Narrow columns of the field's tables have five decimals whatever the size of the number. */
static bool is_narrow(const struct metric_info *info)
{
    return strcmp(info->unit, "s") == 0 || strcmp(info->id, "cdfBlockBattle") == 0 ||
           strcmp(info->id, "cdfStarts") == 0;
}

static int decimals_of(const struct metric_info *info, double size)
{
    static const double steps[] = { 10, 100, 1000, 10000 };
    int decimals = 4;

    if (is_narrow(info))
        return 5;
    for (size_t i = 0; i < sizeof(steps) / sizeof(*steps); i++)
        decimals -= size >= steps[i] ? 1 : 0;
    return decimals;
}

/* One place behind the point stays. */
static size_t without_zeros(const char *text, size_t len)
{
    while (len > 2 && text[len - 1] == '0' && text[len - 2] != '.')
        len--;
    return len;
}

void field_value(struct buffer *out, const struct metric_info *info, double value)
{
    char text[NUMBER_ROOM];
    double size = fabs(value);
    int decimals = decimals_of(info, size);
    size_t len;

    if (!isfinite(value)) {
        buffer_char(out, '-');
        return;
    }
    if (size >= 1e-5 && size < 9.95e-5) {
        buffer_printf(out, "%.1fe-5", value * 1e5);
        return;
    }
    len = (size_t)(put_fixed(text, size < 1e-5 ? 0 : value, decimals) - text);
    buffer_append(out, text, decimals > 3 ? without_zeros(text, len) : len);
}

void field_percent(struct buffer *out, double base, double variant)
{
    char text[NUMBER_ROOM];
    double percent = 100 * (variant - base) / fabs(base);

    if (base == 0 || !isfinite(percent)) {
        buffer_text(out, isnan(base) || isnan(variant) ? "-" : "?");
        return;
    }
    buffer_append(out, text,
                  (size_t)(put_fixed(text, percent, fabs(percent) < 1 && percent != 0) - text));
}

/* --- Cells ------------------------------------------------------------------------------------- */

typedef void put_cell(struct buffer *out, const struct metric_comparison *m);

static void put_base(struct buffer *out, const struct metric_comparison *m)
{
    field_value(out, m->info, m->base);
}

static void put_new(struct buffer *out, const struct metric_comparison *m)
{
    field_value(out, m->info, m->new_value);
}

static void put_delta(struct buffer *out, const struct metric_comparison *m)
{
    char text[NUMBER_ROOM];

    if (isfinite(m->delta))
        buffer_append(out, text, (size_t)(put_fixed(text, m->delta, DELTA_DECIMALS) - text));
    else
        buffer_char(out, '-');
}

/* A difference that was tested and not found is none that a percentage should be read of. */
static void put_percent(struct buffer *out, const struct metric_comparison *m)
{
    if (m->p_adjusted >= .05 && m->base != 0 && m->delta != 0)
        buffer_char(out, '~');
    else
        field_percent(out, m->base, m->new_value);
}

static enum doc_tone tone_of(const struct metric_comparison *m)
{
    switch (m->verdict) {
    case VERDICT_REGRESSION: return TONE_BAD;
    case VERDICT_IMPROVEMENT: return TONE_GOOD;
    case VERDICT_CHANGE: return TONE_UNSURE;
    default: return TONE_PLAIN;
    }
}

static void add_cell(struct document *d, struct doc_table *t, const struct metric_comparison *m,
                     put_cell *put, enum doc_tone tone)
{
    struct buffer text;

    buffer_init(&text, allocator_libc(), TEXT_MAX);
    put(&text, m);
    doc_add_cell(
        d, t, (struct doc_cell){ .kind = DOC_TEXT, .tone = tone, .text = document_kept(d, &text) });
}

/* --- Tables ------------------------------------------------------------------------------------ */

static bool is_in(const struct field_table *f, const struct metric_info *info)
{
    if (info->section != f->section || !dictionary_find(info->section, info->id))
        return false;
    for (size_t i = 0; i < f->only_count; i++)
        if (strcmp(f->only[i], info->id) == 0)
            return true;
    return f->only == NULL;
}

static const struct metric_comparison *find(const struct side_comparison *side,
                                            const struct metric_info *info)
{
    for (size_t i = 0; i < side->metric_count; i++)
        if (side->metrics[i].info == info)
            return &side->metrics[i];
    return NULL;
}

static size_t shown_sides(const struct comparison *c)
{
    return c->side_count < VARIANTS_MAX ? c->side_count : VARIANTS_MAX;
}

static struct doc_table *begin_table(const struct comparison *c, const struct field_table *f,
                                     struct document *d)
{
    struct doc_column columns[2 + 3 * VARIANTS_MAX] = {
        { .id = "metric", .head = "metric" },
        { .id = "base", .head = c->sides[0].base->label, .number = true },
    };
    size_t n = 2;

    for (size_t i = 0; i < shown_sides(c); i++) {
        columns[n++] = (struct doc_column){ .id = document_text(d, "variant%zu", i + 1),
                                            .head = c->sides[i].variant->label,
                                            .number = true };
        columns[n++] = (struct doc_column){ .id = document_text(d, "delta%zu", i + 1),
                                            .head = "delta",
                                            .number = true };
        columns[n++] = (struct doc_column){
            .id = document_text(d, "percent%zu", i + 1),
            .head = "delta %",
            .hint = "In percent of the base, from exact values; ~: tested, and not told from no "
                    "difference; ?: the base is 0.",
            .number = true,
        };
    }
    return document_table(d, document_text(d, "field-%s", f->id), f->title, columns, n);
}

static void add_label(struct document *d, struct doc_table *t, const struct metric_info *info)
{
    const char *label =
        info->unit[0] ? document_text(d, "%s, %s", info->label, info->unit) : info->label;

    doc_add_cell(
        d, t, (struct doc_cell){ .kind = DOC_TEXT, .text = label, .metric = metric_link(d, info) });
}

static void add_row(const struct comparison *c, const struct metric_comparison *of_base,
                    struct document *d, struct doc_table *t)
{
    add_label(d, t, of_base->info);
    add_cell(d, t, of_base, put_base, TONE_PLAIN);
    for (size_t i = 0; i < shown_sides(c); i++) {
        const struct metric_comparison *m = find(&c->sides[i], of_base->info);

        if (!m) {
            doc_add_none(d, t);
            doc_add_none(d, t);
            doc_add_none(d, t);
            continue;
        }
        add_cell(d, t, m, put_new, TONE_PLAIN);
        add_cell(d, t, m, put_delta, TONE_PLAIN);
        add_cell(d, t, m, put_percent, tone_of(m));
    }
}

/* The samples of a metric in all runs of a set; NaN where a source does not tell. */
static double samples_of(const struct run_set *set, const struct metric_info *info)
{
    double n = 0;

    for (size_t i = 0; i < set->count; i++) {
        const struct run_value *v = run_value_find(&set->runs[i], info->section, info->id);

        n += v ? v->n : NAN;
    }
    return n;
}

static void add_samples(const struct comparison *c, const struct metric_info *first,
                        struct document *d, struct doc_table *t)
{
    double base = samples_of(c->sides[0].base, first);

    if (isnan(base))
        return;
    doc_add_text(d, t, "Sample count");
    doc_add_text(d, t, document_text(d, "(%.0f)", base));
    for (size_t i = 0; i < shown_sides(c); i++) {
        double n = samples_of(c->sides[i].variant, first);

        doc_add_text(d, t, isnan(n) ? "-" : document_text(d, "(%.0f)", n));
        doc_add_none(d, t);
        doc_add_none(d, t);
    }
}

static void add_table(const struct comparison *c, const struct field_table *f, struct document *d)
{
    const struct side_comparison *side = &c->sides[0];
    const struct metric_info *first = NULL;
    struct doc_table *t = NULL;

    for (size_t i = 0; i < side->metric_count; i++) {
        const struct metric_comparison *m = &side->metrics[i];

        if (!is_in(f, m->info))
            continue;
        if (!first) {
            first = m->info;
            t = begin_table(c, f, d);
        }
        add_row(c, m, d, t);
    }
    if (first)
        add_samples(c, first, d, t);
}

void add_field_tables(const struct comparison *c, struct document *d)
{
    document_heading(d, 2, "tables", "All metrics");
    document_paragraph(d, "Rounded as published reports of the field are, so that they can be laid "
                          "beside them. Means over runs; delta is the difference from the base.");
    for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++)
        add_table(c, &tables[i], d);
}
