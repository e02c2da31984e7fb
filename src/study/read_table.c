/* Tables of published results (TSV): report, workload, section, label, unit,
 * metric_id, run, value; a line for each number. A run can stand in several
 * reports - the newer version of one is the baseline of the next - and is known
 * by the start of its cluster's chain. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/suggest.h"
#include "base/time.h"
#include "base/utf8.h"
#include "study/table_parts.h"

enum { ROWS_MAX = 1000000, COLUMNS_MAX = 4000, CHOICES_TOLD = 6, WAYS = 3, NAME_ROOM = 512 };

static const char *const field_names[FIELDS] = { "report", "workload",  "section", "label",
                                                 "unit",   "metric_id", "run",     "value" };

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
        if (!utf8_is_valid(line) || memchr(line.at, '\0', line.len)) {
            reading_fail(t->r, OU_INVALID, "line %zu: that is no text in UTF-8", number);
            return;
        }
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

const struct row *table_find_label(const struct table *t, const struct column *c,
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
    const struct row *date = table_find_label(t, c, "summary", "Cluster system start date");
    const struct row *time = table_find_label(t, c, "summary", "Cluster system start time");
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
    const struct column **columns = calloc(t->column_count, sizeof(struct column *));
    size_t count = 0;

    if (!columns)
        reading_fail(t->r, OU_NO_MEMORY, "no memory for its runs");
    for (size_t i = 0; columns && i < t->column_count; i++) {
        const struct column *c = &t->columns[i];
        size_t at = count;

        if (alone ? c != named : !same_run(c, named))
            continue;
        for (; at > 0 && newer_report(c, columns[at - 1]); at--)
            columns[at] = columns[at - 1];
        columns[at] = c;
        count++;
    }
    if (columns)
        t->take(t, columns, count, named);
    free(columns);
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

static void read_runs(struct table *t, struct span text, const char *selector)
{
    read_rows(t, text);
    if (!t->r->status && t->column_count == 0)
        reading_fail(t->r, OU_INVALID, "there is no run in it");
    if (t->r->status)
        return;
    sort_rows(t);
    tell_times(t);
    if (selector)
        add_selected(t, selector);
    else
        add_all(t);
}

void table_walk(struct reading *r, struct span text, const char *selector, table_taker *take,
                void *context)
{
    size_t lines = count_lines(text);
    struct table t = { .r = r, .take = take, .context = context };

    if (lines > ROWS_MAX) {
        reading_fail(r, OU_TOO_LARGE, "more than %d lines", ROWS_MAX);
        return;
    }
    t.rows = calloc(lines + 1, sizeof *t.rows);
    t.sorted = calloc(lines + 1, sizeof *t.sorted);
    t.columns = calloc(COLUMNS_MAX, sizeof *t.columns);
    intern_init(&t.column_keys, allocator_libc(), COLUMNS_MAX, (size_t)COLUMNS_MAX * NAME_ROOM);
    if (t.rows && t.sorted && t.columns)
        read_runs(&t, text, selector);
    else
        reading_fail(r, OU_NO_MEMORY, "no memory for its %zu lines", lines);
    intern_release(&t.column_keys);
    free(t.columns);
    free(t.sorted);
    free(t.rows);
}

void read_table(struct reading *r, struct span text, const char *selector)
{
    table_walk(r, text, selector, table_add_run, NULL);
}
