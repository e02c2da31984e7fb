/* What the runs of a report were: the rows of section "summary", as the manifests of
 * published reports have them, and the machine. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "logs/checksum.h"
#include "report/builders.h"

enum { RUN_COLUMNS_MAX = 6, INPUTS_NAMED_MAX = 12, WORDS_MAX = 1 << 16, VALUES_TOLD = 3 };

struct doc_cell run_cell(struct document *d, const struct finished_run *run, const char *text)
{
    return (struct doc_cell){ .kind = text ? DOC_TEXT : DOC_NONE,
                              .text = text,
                              .link = d->runs_at && run->operand
                                          ? document_text(d, "%s%s", d->runs_at, run->operand)
                                          : NULL };
}

/* The column of one run, or, where there are too many, of all runs of a set. */
struct manifest_column {
    const char *head;
    const struct finished_run *runs;
    size_t count;
};

struct manifest {
    struct document *d;
    struct manifest_column columns[DOC_COLUMNS_MAX];
    size_t count;
};

static size_t run_count(const struct run_set *const *sets, size_t set_count)
{
    size_t count = 0;

    for (size_t i = 0; i < set_count; i++)
        count += sets[i]->count;
    return count;
}

/* Runs of one set are told apart by their titles; those of several sets may need the set's name. */
static const char *run_head(struct document *d, const struct run_set *const *sets, size_t set_count,
                            size_t set, size_t run)
{
    const char *title = sets[set]->runs[run].title;

    for (size_t i = 0; i < set_count; i++)
        for (size_t r = 0; i != set && r < sets[i]->count; r++)
            if (strcmp(sets[i]->runs[r].title, title) == 0)
                return document_text(d, "%s: %s", sets[set]->label, title);
    return title;
}

static void choose_columns(struct manifest *m, const struct run_set *const *sets, size_t set_count)
{
    bool single = run_count(sets, set_count) <= RUN_COLUMNS_MAX;

    for (size_t i = 0; i < set_count; i++) {
        if (!single && m->count < DOC_COLUMNS_MAX - 1)
            m->columns[m->count++] =
                (struct manifest_column){ sets[i]->label, sets[i]->runs, sets[i]->count };
        for (size_t r = 0; single && r < sets[i]->count; r++)
            m->columns[m->count++] =
                (struct manifest_column){ run_head(m->d, sets, set_count, i, r), &sets[i]->runs[r],
                                          1 };
    }
}

/* --- Values -------------------------------------------------------------------- */

/* What a row has to say of a run; NULL: nothing. */
typedef const char *row_value(struct document *d, const struct finished_run *run,
                              const struct metric_info *info);

static const char *number_text(struct document *d, double value, int precision)
{
    if (value == floor(value) && fabs(value) < 1e15)
        return document_text(d, "%.0f", value);
    return document_text(d, "%.*f", precision > 3 ? precision : 3, value);
}

static const char *metric_value(struct document *d, const struct finished_run *run,
                                const struct metric_info *info)
{
    const struct run_value *value = run_value_find(run, info->section, info->id);

    if (!value || value->kind == RUN_VALUE_ABSENT)
        return NULL;
    if (value->kind == RUN_VALUE_TEXT)
        return value->text && *value->text ? value->text : NULL;
    return isfinite(value->mean) ? number_text(d, value->mean, info->precision) : NULL;
}

static const char *machine_value(struct document *d, const struct finished_run *run,
                                 const struct metric_info *info)
{
    (void)d;
    (void)info;
    return run->machine;
}

/* The different values of the runs of a column, in their order: "a", or "a, b, c and 4 more". */
static const char *values_of(struct document *d, const struct manifest_column *column,
                             row_value *value_of, const struct metric_info *info)
{
    const char *told[VALUES_TOLD];
    size_t count = 0, runs_with_others = 0;
    struct buffer text;

    for (size_t i = 0; i < column->count; i++) {
        const char *value = value_of(d, &column->runs[i], info);
        size_t same = 0;

        if (!value)
            continue;
        while (same < count && strcmp(told[same], value) != 0)
            same++;
        if (same == count && count < VALUES_TOLD)
            told[count++] = value;
        else
            runs_with_others += same == count;
    }
    if (count == 0)
        return NULL;
    if (count == 1 && runs_with_others == 0)
        return told[0];
    buffer_init(&text, allocator_libc(), WORDS_MAX);
    for (size_t i = 0; i < count; i++)
        buffer_printf(&text, "%s%s", i > 0 ? ", " : "", told[i]);
    if (runs_with_others > 0)
        buffer_printf(&text, ", other in %zu more", runs_with_others);
    return document_kept(d, &text);
}

/* --- Rows ---------------------------------------------------------------------- */

static void add_row(struct manifest *m, struct doc_table *t, struct doc_cell name,
                    row_value *value_of, const struct metric_info *info)
{
    const char *values[DOC_COLUMNS_MAX];
    bool some = false;

    for (size_t i = 0; i < m->count; i++) {
        values[i] = values_of(m->d, &m->columns[i], value_of, info);
        some = some || values[i];
    }
    if (!some)
        return;
    doc_add_cell(m->d, t, name);
    for (size_t i = 0; i < m->count; i++)
        doc_add_text(m->d, t, values[i]);
}

void add_manifest(struct document *d, const struct run_set *const *sets, size_t set_count)
{
    struct manifest m = { .d = d };
    struct doc_column columns[DOC_COLUMNS_MAX] = { { .id = "row", .head = "manifest" } };
    struct doc_table *t;

    choose_columns(&m, sets, set_count);
    for (size_t i = 0; i < m.count; i++)
        columns[i + 1] = (struct doc_column){ .id = document_text(d, "run%zu", i + 1),
                                              .head = m.columns[i].head,
                                              .in_unit = true };
    if (!d->last || d->last->kind != DOC_HEADING)
        document_heading(d, 2, "manifest-heading", "Manifest");
    t = document_table(d, "manifest", "What was run", columns, m.count + 1);
    if (run_count(sets, set_count) > RUN_COLUMNS_MAX)
        t->note = "A column stands for all runs of its side: where they differ, it has several "
                  "values.";
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        if (info->section == SECTION_SUMMARY)
            add_row(&m, t, metric_cell(d, info), metric_value, info);
    }
    add_row(&m, t, (struct doc_cell){ .kind = DOC_TEXT, .text = "machine" }, machine_value, NULL);
}

/* --- Footer -------------------------------------------------------------------- */

/* "slow-1.json.zst, ": the last part of what a run was given as, where its title does not say it. The folders before it
 * are of the machine, and no part of the report. */
static const char *given_as(struct document *d, const struct finished_run *run)
{
    size_t len = run->operand ? strlen(run->operand) : 0, from;

    while (len > 1 && run->operand[len - 1] == '/')
        len--;
    for (from = len; from > 0 && run->operand[from - 1] != '/'; from--)
        ;
    if (len == from || strcmp(run->operand, ".") == 0 ||
        (strlen(run->title) == len - from &&
         memcmp(run->title, run->operand + from, len - from) == 0))
        return "";
    return document_text(d, "%.*s, ", (int)(len - from), run->operand + from);
}

/* Runs of one file, which follow each other, are one input. */
static bool is_input(const struct run_set *set, size_t run)
{
    const char *before = run > 0 ? set->runs[run - 1].checksum : NULL;
    const char *now = set->runs[run].checksum;

    return !before || !now || strcmp(before, now) != 0;
}

static const char *checksum_words(const struct finished_run *run)
{
    return run->checksum ? run->checksum : "not known";
}

static void tell_each_input(struct document *d, const struct run_set *set, struct buffer *text)
{
    const char *before = "";

    for (size_t r = 0; r < set->count; r++) {
        if (!is_input(set, r))
            continue;
        buffer_printf(text, "%s%s (%sXXH3-128 %s)", before, set->runs[r].title,
                      given_as(d, &set->runs[r]), checksum_words(&set->runs[r]));
        before = ", ";
    }
}

/* What many are is told by one checksum, of theirs: a line each. */
static void tell_all_inputs(struct document *d, const struct run_set *set, size_t count,
                            struct buffer *text)
{
    struct checksum *all = checksum_new();
    char hex[CHECKSUM_HEX_ROOM];

    if (!all) {
        d->status = d->status ? d->status : OU_NO_MEMORY;
        return;
    }
    for (size_t r = 0; r < set->count; r++)
        if (is_input(set, r)) {
            checksum_add(all, checksum_words(&set->runs[r]), strlen(checksum_words(&set->runs[r])));
            checksum_add(all, "\n", 1);
        }
    checksum_hex(all, hex);
    checksum_free(all);
    buffer_printf(text, "%zu files; XXH3-128 %s of their checksums, a line each", count, hex);
}

void add_provenance(struct document *d, const struct run_set *const *sets, size_t set_count)
{
    struct buffer text;

    document_footer(d, "program", "ouroscope " OUROSCOPE_VERSION);
    for (size_t i = 0; i < set_count; i++) {
        const struct run_set *set = sets[i];
        size_t count = 0;

        for (size_t r = 0; r < set->count; r++)
            count += is_input(set, r);
        buffer_init(&text, allocator_libc(), DOCUMENT_BYTES_MAX);
        if (count > INPUTS_NAMED_MAX)
            tell_all_inputs(d, set, count, &text);
        else
            tell_each_input(d, set, &text);
        document_footer(d, set_count > 1 ? document_text(d, "inputs, %s", set->label) : "inputs",
                        document_kept(d, &text));
    }
}
