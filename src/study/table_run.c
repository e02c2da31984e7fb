/* A run of a table of published results, from the rows of the reports that show it. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "study/table_parts.h"

/* --- Values ----------------------------------------------------------------------------------- */

/* Summary rows have no metric id; a few labels changed over the years. */
static const struct metric_info *summary_metric(struct span label)
{
    static const struct {
        const char *label, *id;
    } others[] = { { "cardano-ledger-core version", "cardano-ledger" },
                   { "plutus-core version", "plutus" },
                   { "Starting UTxO set size", "utxo" } };

    for (size_t i = 0; i < sizeof others / sizeof *others; i++)
        if (span_is(label, others[i].label))
            return dictionary_find(SECTION_SUMMARY, others[i].id);
    /* "Run time, s": the unit stands in the label there. */
    for (size_t i = 0; i < label.len; i++)
        if (label.at[i] == ',')
            label.len = i;
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);

        if (info->section == SECTION_SUMMARY && strlen(info->label) == label.len &&
            strncasecmp(info->label, label.at, label.len) == 0)
            return info;
    }
    return NULL;
}

static const struct metric_info *row_metric(const struct row *row)
{
    static const struct {
        const char *name;
        enum metric_section section;
    } sections[] = { { "resource", SECTION_MACHPERF },
                     { "control", SECTION_CONTROL },
                     { "forger", SECTION_FORGER },
                     { "peers", SECTION_PEERS },
                     { "endtoend", SECTION_ENDTOEND } };
    char id[64];

    if (span_is(row->fields[SECTION], "summary"))
        return summary_metric(row->fields[LABEL]);
    if (snprintf(id, sizeof id, "%.*s", SPAN(row->fields[METRIC])) >= (int)sizeof id)
        return NULL;
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++)
        if (span_is(row->fields[SECTION], sections[i].name))
            return dictionary_find(sections[i].section, id);
    return NULL;
}

static bool not_told(struct span value)
{
    static const char *const words[] = { "", "-", "\xe2\x80\x94", "unknown", "NaN", "nan" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (span_is(value, words[i]))
            return true;
    return false;
}

/* Decimal ones only: strtod() would take blanks, hexadecimal digits and "infinity", too. */
static bool parse_number(struct span text, double *ret)
{
    char copy[64], *end;

    if (text.len == 0 || snprintf(copy, sizeof copy, "%.*s", SPAN(text)) >= (int)sizeof copy)
        return false;
    if (copy[strspn(copy, "+-.0123456789eE")] != '\0')
        return false;
    *ret = strtod(copy, &end);
    return *end == '\0' && isfinite(*ret);
}

/* What one unit of the last decimal is worth: .01 in 2.50, 1e-6 in 7.1e-5; 0 for whole numbers. */
static double last_decimal(struct span text)
{
    const char *end = text.at + text.len, *e = memchr(text.at, 'e', text.len);
    const char *point = memchr(text.at, '.', text.len);
    double unit = point || e ? 1 : 0;

    for (const char *at = point ? point + 1 : end; at < (e ? e : end); at++)
        unit /= 10;
    return e ? unit * pow(10, strtod(e + 1, NULL)) : unit;
}

/* Whether two reports mean the same number: they cut it to different lengths. */
static bool same_number(const struct row *a, const struct row *b)
{
    double x, y, unit;

    if (!parse_number(a->fields[VALUE], &x) || !parse_number(b->fields[VALUE], &y))
        return span_equal(a->fields[VALUE], b->fields[VALUE]);
    unit = fmax(last_decimal(a->fields[VALUE]), last_decimal(b->fields[VALUE]));
    return x == y || fabs(x - y) < unit * (1 - 1e-6); /* the decimals themselves are inexact */
}

/* --- A run -------------------------------------------------------------------------------------- */

/* What the reports that show one run say, newest report first. */
struct merged {
    const struct column *const *columns;
    size_t count;
    const struct row **rows; /* by dictionary row; NULL: in none */
};

static size_t info_index(const struct metric_info *info)
{
    return (size_t)(info - dictionary_row(0));
}

static void warn_of_difference(struct reading *r, const struct row *kept, const struct row *other)
{
    struct finished_run *run = r->run;

    run->finding_texts[run->warnings++] = reading_printf(
        r, "%.*s is %.*s in %.*s and %.*s in the older %.*s", SPAN(kept->fields[LABEL]),
        SPAN(kept->fields[VALUE]), SPAN(kept->fields[REPORT]), SPAN(other->fields[VALUE]),
        SPAN(other->fields[REPORT]));
}

static void merge_rows(struct table *t, struct merged *m)
{
    size_t most = 0;

    for (size_t i = 0; i < m->count; i++)
        most += m->columns[i]->row_count;
    t->r->run->finding_texts = reading_take(t->r, most, sizeof *t->r->run->finding_texts);
    for (size_t i = 0; !t->r->status && i < m->count; i++) {
        const struct column *c = m->columns[i];

        for (size_t k = c->first_row; k < c->first_row + c->row_count; k++) {
            const struct row *row = &t->sorted[k];
            const struct metric_info *info = row_metric(row);
            const struct row **kept = info ? &m->rows[info_index(info)] : NULL;

            if (!kept || not_told(row->fields[VALUE]))
                continue;
            if (!*kept)
                *kept = row;
            else if (info->section != SECTION_SUMMARY && !same_number(*kept, row))
                warn_of_difference(t->r, *kept, row);
        }
    }
}

/* "(2200)"; "(249>)" was too long for its cell. */
static double sample_count(const struct table *t, const struct merged *m, const char *section)
{
    double count;

    for (size_t i = 0; i < m->count; i++) {
        const struct row *row = table_find_label(t, m->columns[i], section, "Sample count");
        struct span value = row ? row->fields[VALUE] : (struct span){ "", 0 };

        if (value.len > 2 && value.at[0] == '(' &&
            parse_number((struct span){ value.at + 1, value.len - 2 }, &count) && count >= 0)
            return count;
    }
    return NAN;
}

/* Reports since 2026 have no such rows; the blocks analysed are the same number. */
static double block_count(const struct table *t, const struct merged *m)
{
    const struct metric_info *info = dictionary_find(SECTION_SUMMARY, "sumDomainBlocks");
    const struct row *row = info ? m->rows[info_index(info)] : NULL;
    double count = sample_count(t, m, "forger");

    if (isnan(count) && row && !parse_number(row->fields[VALUE], &count))
        count = NAN;
    return count;
}

/* Reports count the samples of a table by its first metric, which in that of anomalies is one of hosts. Peer
 * metrics have one value per block in that count, too. */
static double samples_of(const struct table *t, const struct merged *m,
                         const struct metric_info *info)
{
    bool of_blocks =
        strcmp(info->id, "cdfBlockBattle") == 0 || strcmp(info->id, "cdfBlockSize") == 0;

    if (info->section == SECTION_SUMMARY || info->section == SECTION_MACHPERF)
        return NAN;
    if (info->section == SECTION_CONTROL && !of_blocks)
        return sample_count(t, m, "control");
    return block_count(t, m);
}

static void fill_value(struct table *t, const struct merged *m, const struct metric_info *info,
                       struct run_value *ret)
{
    const struct row *row = m->rows[info_index(info)];
    bool summary = info->section == SECTION_SUMMARY;

    *ret = (struct run_value){ .info = info, .kind = RUN_VALUE_ABSENT, .mean = NAN };
    ret->n = ret->median = ret->sd = ret->min = ret->max = NAN;
    for (int i = 0; i < STANDARD_QUANTILES; i++)
        ret->quantiles[i] = NAN;
    if (!row) {
        ret->absent_reason = "The table of results does not tell it.";
    } else if (summary && !*info->unit) {
        ret->kind = RUN_VALUE_TEXT;
        ret->text = reading_span(t->r, row->fields[VALUE]);
    } else if (!parse_number(row->fields[VALUE], &ret->mean)) {
        reading_fail(t->r, OU_INVALID, "line %zu: '%.*s' is no number", row->line,
                     SPAN(row->fields[VALUE]));
    } else {
        ret->kind = summary ? RUN_VALUE_NUMBER : RUN_VALUE_DISTRIBUTION;
        ret->n = samples_of(t, m, info);
    }
}

static void fill_values(struct table *t, const struct merged *m)
{
    struct finished_run *run = t->r->run;

    run->values = reading_take(t->r, dictionary_count(), sizeof *run->values);
    for (size_t i = 0; !t->r->status && i < dictionary_count(); i++)
        if (m->rows[i] || dictionary_row(i)->section <= SECTION_MACHPERF)
            fill_value(t, m, dictionary_row(i), &run->values[run->value_count++]);
}

static const char *text_value(const struct finished_run *run, const char *id)
{
    const struct run_value *v = run_value_find(run, SECTION_SUMMARY, id);

    return v && v->kind == RUN_VALUE_TEXT ? v->text : NULL;
}

/* Reports of 2023 know no versions; there the runs are called by them. */
static const char *version_of(const struct finished_run *run)
{
    const char *version = text_value(run, "cardano-node");
    bool like_one =
        run->title && run->title[0] >= '0' && run->title[0] <= '9' && strchr(run->title, '.');

    return version ? version : like_one ? run->title : NULL;
}

static void add_number_fact(struct reading *r, const char *group, const char *name, const char *id)
{
    const struct run_value *v = run_value_find(r->run, SECTION_SUMMARY, id);

    if (v && v->kind == RUN_VALUE_NUMBER)
        reading_add_fact(r, group, name, reading_printf(r, "%.15g", v->mean));
}

static void fill_facts(struct reading *r, struct span workload)
{
    static const struct {
        const char *name, *id;
    } load[] = { { "delegators", "delegators" },
                 { "utxo", "utxo" },
                 { "dreps", "dreps" },
                 { "addTxSize", "add_tx_size" },
                 { "inputsPerTx", "inputs_per_tx" },
                 { "outputsPerTx", "outputs_per_tx" },
                 { "tps", "tps" },
                 { "txCount", "tx_count" } };

    reading_room_for_facts(r, 16);
    reading_add_fact(r, "workload", "", reading_span(r, workload));
    for (size_t i = 0; i < sizeof load / sizeof *load; i++)
        add_number_fact(r, "workload", load[i].name, load[i].id);
    reading_add_fact(r, "workload", "plutusScript", text_value(r->run, "plutusScript"));
    add_number_fact(r, "hosts", "count", "sumHosts");
    add_number_fact(r, "filters", "count", "sumFilters");
    reading_add_fact(r, "era", "", r->run->era);
}

/* Published is the mean over blocks, with five decimals: times the blocks it is a whole number again. */
static void fill_counts(struct reading *r)
{
    const struct run_value *v = run_value_find(r->run, SECTION_CONTROL, "cdfBlockBattle");

    if (v && v->kind == RUN_VALUE_DISTRIBUTION)
        reading_add_count(r, "cdfBlockBattle", "height & slot battles", "accepted blocks",
                          round(v->mean * v->n), v->n);
}

static void build_run(struct table *t, struct merged *m, const struct column *named)
{
    struct finished_run run;
    struct reading *r = t->r;

    reading_begin_run(r, &run, RUN_FROM_TABLE);
    run.name = run.title = reading_span(r, named->name);
    run.started_ns = named->start_ns;
    merge_rows(t, m);
    fill_values(t, m);
    if (r->status)
        return;
    run.ident = text_value(&run, "ident");
    run.batch = text_value(&run, "batch");
    run.era = text_value(&run, "era");
    run.compiler = text_value(&run, "ghc_version");
    run.node_version = version_of(&run);
    fill_facts(r, named->workload);
    fill_counts(r);
    reading_end_run(r);
}

void table_add_run(struct table *t, const struct column *const *columns, size_t count,
                   const struct column *named)
{
    struct merged m = { columns, count, calloc(dictionary_count(), sizeof(struct row *)) };

    if (m.rows)
        build_run(t, &m, named);
    else
        reading_fail(t->r, OU_NO_MEMORY, "no memory for its runs");
    free(m.rows);
}
