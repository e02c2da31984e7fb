/* Tables of published results (TSV): report, workload, section, label, unit,
 * metric_id, run, value; a line for each number. A run can stand in several
 * reports - the newer version of one is the baseline of the next - and is known
 * by the start of its cluster's chain. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/intern.h"
#include "base/suggest.h"
#include "base/time.h"
#include "study/reading.h"

enum { ROWS_MAX = 1000000, COLUMNS_MAX = 4000, CHOICES_TOLD = 6, WAYS = 3, NAME_ROOM = 512 };

enum field { REPORT, WORKLOAD, SECTION, LABEL, UNIT, METRIC, RUN, VALUE, FIELDS };
static const char *const field_names[FIELDS] = { "report", "workload",  "section", "label",
                                                 "unit",   "metric_id", "run",     "value" };

struct row {
    struct span fields[FIELDS];
    size_t line;
    uint32_t column;
};

/* A run as one report shows it. */
struct column {
    struct span report, workload, name;
    int64_t start_ns, report_newest_ns; /* of the run; of the newest run in its report */
    size_t first_row, row_count;        /* once the rows are sorted */
    bool wanted;
};

struct table {
    struct reading *r;
    struct row *rows, *sorted; /* in the order of the file; by column */
    size_t row_count;
    struct column *columns;
    size_t column_count;
    struct intern column_keys;
};

#define SPAN(s) (int)(s).len, (s).at

/* --- Lines ------------------------------------------------------------------------------ */

static bool next_line(struct span *text, struct span *ret)
{
    const char *end;

    if (text->len == 0)
        return false;
    end = memchr(text->at, '\n', text->len);
    ret->at = text->at;
    ret->len = end ? (size_t)(end - text->at) : text->len;
    text->at += ret->len + (end != NULL);
    text->len -= ret->len + (end != NULL);
    if (ret->len > 0 && ret->at[ret->len - 1] == '\r')
        ret->len--;
    return true;
}

static bool split_line(struct span line, struct span fields[FIELDS])
{
    for (size_t i = 0; i < FIELDS; i++) {
        const char *tab = memchr(line.at, '\t', line.len);

        if ((tab == NULL) != (i == FIELDS - 1))
            return false;
        fields[i] = (struct span){ line.at, tab ? (size_t)(tab - line.at) : line.len };
        line.at += fields[i].len + (tab != NULL);
        line.len -= fields[i].len + (tab != NULL);
    }
    return true;
}

static bool check_header(struct table *t, struct span line)
{
    struct span fields[FIELDS];
    bool good = split_line(line, fields);

    for (size_t i = 0; good && i < FIELDS; i++)
        good = span_is(fields[i], field_names[i]);
    return good || reading_fail(t->r, OU_INVALID,
                                "line 1: the columns of a table of results are report, workload, "
                                "section, label, unit, metric_id, run, value");
}

/* The number of the column that a row belongs to. */
static bool place_row(struct table *t, struct row *row, size_t line)
{
    const struct span *f = row->fields;
    char key[512];
    int len = snprintf(key, sizeof key, "%.*s\t%.*s\t%.*s", SPAN(f[REPORT]), SPAN(f[WORKLOAD]),
                       SPAN(f[RUN]));
    bool is_new = false;

    if (len >= (int)sizeof key || f[RUN].len == 0)
        return reading_fail(t->r, OU_INVALID, "line %zu: a name is empty or too long", line);
    if (intern_put(&t->column_keys, (struct span){ key, (size_t)len }, &row->column, &is_new))
        return reading_fail(t->r, OU_TOO_LARGE, "line %zu: more than %d runs", line, COLUMNS_MAX);
    if (is_new)
        t->columns[t->column_count++] = (struct column){
            .report = f[REPORT],
            .workload = f[WORKLOAD],
            .name = f[RUN],
            .start_ns = TIME_NONE,
            .report_newest_ns = TIME_NONE,
        };
    t->columns[row->column].row_count++;
    row->line = line;
    return true;
}

static void read_rows(struct table *t, struct span text)
{
    struct span line;
    size_t number = 1;

    if (!next_line(&text, &line) || !check_header(t, line))
        return;
    while (!t->r->status && next_line(&text, &line)) {
        struct row *row = &t->rows[t->row_count];

        number++;
        if (line.len == 0)
            continue;
        if (!split_line(line, row->fields)) {
            reading_fail(t->r, OU_INVALID, "line %zu: not %d columns", number, FIELDS);
            return;
        }
        if (place_row(t, row, number))
            t->row_count++;
    }
}

/* By column, in the order of the file within each. */
static void sort_rows(struct table *t)
{
    size_t first = 0;

    for (size_t i = 0; i < t->column_count; i++) {
        t->columns[i].first_row = first;
        first += t->columns[i].row_count;
        t->columns[i].row_count = 0;
    }
    for (size_t i = 0; i < t->row_count; i++) {
        struct column *c = &t->columns[t->rows[i].column];

        t->sorted[c->first_row + c->row_count++] = t->rows[i];
    }
}

/* --- When ---------------------------------------------------------------------------------- */

static const struct row *find_label(const struct table *t, const struct column *c,
                                    const char *section, const char *label)
{
    for (size_t i = c->first_row; i < c->first_row + c->row_count; i++)
        if (span_is(t->sorted[i].fields[LABEL], label) &&
            span_is(t->sorted[i].fields[SECTION], section))
            return &t->sorted[i];
    return NULL;
}

static int64_t start_of(const struct table *t, const struct column *c)
{
    const struct row *date = find_label(t, c, "summary", "Cluster system start date");
    const struct row *time = find_label(t, c, "summary", "Cluster system start time");
    int64_t ns;
    char text[64];
    int len;

    if (!date || !time)
        return TIME_NONE;
    len = snprintf(text, sizeof text, "%.*sT%.*sZ", SPAN(date->fields[VALUE]),
                   SPAN(time->fields[VALUE]));
    return len < (int)sizeof text && time_parse_iso(text, (size_t)len, &ns) ? ns : TIME_NONE;
}

static void tell_times(struct table *t)
{
    for (size_t i = 0; i < t->column_count; i++)
        t->columns[i].start_ns = start_of(t, &t->columns[i]);
    for (size_t i = 0; i < t->column_count; i++)
        for (size_t j = 0; j < t->column_count; j++)
            if (span_equal(t->columns[i].report, t->columns[j].report) &&
                t->columns[j].start_ns > t->columns[i].report_newest_ns)
                t->columns[i].report_newest_ns = t->columns[j].start_ns;
}

static bool same_run(const struct column *a, const struct column *b)
{
    return a == b || (a->start_ns != TIME_NONE && a->start_ns == b->start_ns &&
                      span_equal(a->workload, b->workload));
}

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

static bool parse_number(struct span text, double *ret)
{
    char copy[64], *end;

    if (text.len == 0 || snprintf(copy, sizeof copy, "%.*s", SPAN(text)) >= (int)sizeof copy)
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
    const struct column **columns;
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
        const struct row *row = find_label(t, m->columns[i], section, "Sample count");
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
        ret->text = reading_printf(t->r, "%.*s", SPAN(row->fields[VALUE]));
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
    reading_add_fact(r, "workload", "", reading_printf(r, "%.*s", SPAN(workload)));
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
    run.title = reading_printf(r, "%.*s", SPAN(named->name));
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

/* --- Which runs ------------------------------------------------------------------------------------ */

enum match { MATCH_NONE, MATCH_NAME, MATCH_REPORT };

static bool is_pair(const char *selector, struct span group, struct span name)
{
    size_t len = strlen(selector);

    return len == group.len + 1 + name.len && memcmp(selector, group.at, group.len) == 0 &&
           selector[group.len] == '/' && memcmp(selector + group.len + 1, name.at, name.len) == 0;
}

static enum match match_of(const struct column *c, const char *selector)
{
    if (is_pair(selector, c->report, c->name))
        return MATCH_REPORT;
    if (span_is(c->name, selector) || is_pair(selector, c->workload, c->name))
        return MATCH_NAME;
    return MATCH_NONE;
}

static bool newer_report(const struct column *a, const struct column *b)
{
    return a->report_newest_ns != b->report_newest_ns ? a->report_newest_ns > b->report_newest_ns
                                                      : a > b;
}

/* The run of `named`, from the columns of all reports, or from the named one alone. */
static void add_run(struct table *t, const struct column *named, bool alone)
{
    struct merged m = { .columns = calloc(t->column_count, sizeof *m.columns),
                        .rows = calloc(dictionary_count(), sizeof *m.rows) };

    if (!m.columns || !m.rows) {
        reading_fail(t->r, OU_NO_MEMORY, "no memory for its runs");
    } else {
        for (size_t i = 0; i < t->column_count; i++) {
            const struct column *c = &t->columns[i];
            size_t at = m.count;

            if (alone ? c != named : !same_run(c, named))
                continue;
            for (; at > 0 && newer_report(c, m.columns[at - 1]); at--)
                m.columns[at] = m.columns[at - 1];
            m.columns[at] = c;
            m.count++;
        }
        build_run(t, &m, named);
    }
    free(m.columns);
    free(m.rows);
}

/* Each run once, called as its newest report calls it. */
static void add_all(struct table *t)
{
    for (size_t i = 0; !t->r->status && i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        bool newest = true;

        for (size_t j = 0; newest && j < t->column_count; j++)
            newest = !same_run(c, &t->columns[j]) || !newer_report(&t->columns[j], c);
        if (newest)
            add_run(t, c, false);
    }
}

/* The ways to name a run, shortest first: RUN, WORKLOAD/RUN, REPORT/RUN. */
static void run_name(const struct column *c, size_t way, char ret[NAME_ROOM])
{
    const struct span groups[WAYS] = { { "", 0 }, c->workload, c->report };

    snprintf(ret, NAME_ROOM, "%.*s%s%.*s", SPAN(groups[way]), way > 0 ? "/" : "", SPAN(c->name));
}

static void fail_for_no_run(struct table *t, const char *selector)
{
    char name[NAME_ROOM], best[NAME_ROOM] = "";
    size_t least = SIZE_MAX;

    for (size_t i = 0; i < t->column_count * WAYS; i++) {
        struct suggestion s;

        run_name(&t->columns[i / WAYS], i % WAYS, name);
        suggest_for(&s, span_of(selector));
        suggest_consider(&s, name);
        if (!s.best || s.distance >= least)
            continue;
        least = s.distance;
        memcpy(best, name, sizeof best);
    }
    if (*best)
        reading_fail(t->r, OU_NOT_FOUND, "there is no run '%s'; is %s meant?", selector, best);
    else
        reading_fail(t->r, OU_NOT_FOUND,
                     "there is no run '%s'; a run is named RUN, WORKLOAD/RUN or REPORT/RUN, say "
                     "%.*s/%.*s",
                     selector, SPAN(t->columns[0].workload), SPAN(t->columns[0].name));
}

static void fail_for_choices(struct table *t, const char *selector)
{
    char choices[CHOICES_TOLD * 80] = "";
    size_t len = 0, told = 0, count = 0;

    for (size_t i = 0; i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        char start[TIME_ISO_ROOM];
        int more;

        if (!c->wanted || count++ >= CHOICES_TOLD)
            continue;
        time_format_iso(c->start_ns, start);
        more =
            snprintf(choices + len, sizeof choices - len, "%s%.*s/%.*s (%.10s)", told ? ", " : "",
                     SPAN(c->report), SPAN(c->name), c->start_ns == TIME_NONE ? "no date" : start);
        if ((size_t)more >= sizeof choices - len) {
            choices[len] = '\0';
            break;
        }
        len += (size_t)more;
        told++;
    }
    reading_fail(t->r, OU_INVALID, "several runs are called '%s'; choose of %s%s", selector,
                 choices, told < count ? ", ..." : "");
}

static void add_selected(struct table *t, const char *selector)
{
    struct column *found = NULL;
    bool several = false, exact = false;

    for (size_t i = 0; !exact && i < t->column_count; i++) {
        struct column *c = &t->columns[i];
        enum match match = match_of(c, selector);

        exact = match == MATCH_REPORT;
        c->wanted = match != MATCH_NONE;
        if (!c->wanted)
            continue;
        several = several || (found && !same_run(found, c));
        if (exact || !found || newer_report(c, found))
            found = c;
    }
    if (!found)
        fail_for_no_run(t, selector);
    else if (several && !exact)
        fail_for_choices(t, selector);
    else
        add_run(t, found, exact);
}

/* --- The whole ---------------------------------------------------------------------------------------- */

static size_t count_lines(struct span text)
{
    size_t lines = 0;
    struct span line;

    while (next_line(&text, &line))
        lines++;
    return lines;
}

void read_table(struct reading *r, struct span text, const char *selector)
{
    size_t lines = count_lines(text);
    struct table t = { .r = r };

    if (lines > ROWS_MAX) {
        reading_fail(r, OU_TOO_LARGE, "more than %d lines", ROWS_MAX);
        return;
    }
    t.rows = calloc(lines + 1, sizeof *t.rows);
    t.sorted = calloc(lines + 1, sizeof *t.sorted);
    t.columns = calloc(COLUMNS_MAX, sizeof *t.columns);
    intern_init(&t.column_keys, allocator_libc(), COLUMNS_MAX, (size_t)COLUMNS_MAX * 512);
    if (t.rows && t.sorted && t.columns)
        read_rows(&t, text);
    else
        reading_fail(r, OU_NO_MEMORY, "no memory for its %zu lines", lines);
    if (!r->status && t.column_count == 0)
        reading_fail(r, OU_INVALID, "there is no run in it");
    if (!r->status) {
        sort_rows(&t);
        tell_times(&t);
        if (selector)
            add_selected(&t, selector);
        else
            add_all(&t);
    }
    intern_release(&t.column_keys);
    free(t.columns);
    free(t.sorted);
    free(t.rows);
}
