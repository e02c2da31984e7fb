/* The head of the report, the run's own figures, and the chain. */
#include "report/text_sections.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "report/numbers.h"
#include "report/run_line.h"

enum {
    HOSTS_NAMED = 12,
    WORDS_MAX = 1 << 16,
    VALUE_COLUMNS = 40,
    ERRORS_TOLD = 3,
    ERROR_HANG = 12
};

/* --- Head ------------------------------------------------------------------- */

static void title(struct page *p, const struct analysis *a)
{
    page_words(p, 0, 0, EMPHASIS_BOLD, "Ouroscope " OUROSCOPE_VERSION ": analysis of",
               run_title(a));
    page_line(p);
}

static void network_fact(struct page *p, const struct analysis *a)
{
    char start[INSTANT_ROOM];

    if (a->genesis.is_chainless)
        page_factf(p, "network", "none: programs that are no nodes, since %s; slots are seconds",
                   instant_text(a->genesis.system_start_ns, start));
    else if (*a->genesis.name)
        page_factf(p, "network", "%s, chain since %s", a->genesis.name,
                   instant_text(a->genesis.system_start_ns, start));
    else
        page_factf(p, "network", "magic %" PRIu64 ", chain since %s, genesis %s",
                   a->genesis.network_magic, instant_text(a->genesis.system_start_ns, start),
                   a->genesis_source);
}

static void hosts_fact(struct page *p, const struct analysis *a)
{
    struct buffer words;

    buffer_init(&words, allocator_libc(), WORDS_MAX);
    buffer_printf(&words, "%u%s", a->host_count, a->host_count > 0 ? ": " : "");
    for (uint32_t i = 0; i < a->host_count && i < HOSTS_NAMED; i++)
        buffer_printf(&words, "%s%s", i > 0 ? ", " : "", a->hosts[i].name);
    if (a->host_count > HOSTS_NAMED)
        buffer_printf(&words, " and %u more", a->host_count - HOSTS_NAMED);
    if (a->cluster_size < a->host_count && !a->genesis.is_chainless)
        buffer_printf(&words, "; %u of them adopted or forged blocks", a->cluster_size);
    page_fact(p, "hosts", buffer_string(&words));
    buffer_inherit(p->out, &words);
    buffer_release(&words);
}

static void logs_fact(struct page *p, const struct analysis *a)
{
    char from[INSTANT_ROOM], to[INSTANT_ROOM], span[DURATION_ROOM];
    char lines[COUNT_ROOM], bytes[BYTES_ROOM], objects[COUNT_ROOM];

    if (a->first_ns == TIME_NONE)
        page_fact(p, "time", "no line has a time");
    else
        page_factf(p, "time", "%s to %s, %s", instant_text(a->first_ns, from),
                   instant_text(a->last_ns, to), duration_text(a->last_ns - a->first_ns, span));
    page_factf(p, "read", "%zu %s, %s, %s lines, %s of them events", a->file_count,
               a->file_count == 1 ? "file" : "files", bytes_text(a->bytes, bytes),
               count_text(a->lines, lines), count_text(a->objects, objects));
}

static void load_fact(struct page *p, const struct analysis *a)
{
    char count[COUNT_ROOM];

    if (a->load.generators == 0)
        return;
    if (a->load.txs_sent < 0)
        page_fact(p, "load", "by a generator whose log ends before its summary");
    else
        page_factf(p, "load", "%s transaction%s sent",
                   count_text((uint64_t)a->load.txs_sent, count), a->load.txs_sent == 1 ? "" : "s");
}

static void blocks_fact(struct page *p, const struct analysis *a)
{
    if (a->genesis.is_chainless)
        return;
    if (a->chained_count == 0) {
        page_fact(p, "blocks", "none on the chain");
        return;
    }
    page_factf(p, "blocks",
               "%zu on the chain: %zu analysed, %zu rejected by filters; %zu orphaned, %zu pending",
               a->chained_count, a->accepted_count, a->chained_count - a->accepted_count,
               a->unchained_count, a->pending_count);
}

static void method_fact(struct page *p, const struct analysis *a)
{
    page_factf(p, "method", "quantiles by %s; %s", quantile_rule_name(a->rule),
               a->compat ? "computed as locli does, its defects included"
                         : "by the definitions (--compat locli computes as locli does)");
}

static void view_fact(struct page *p, const struct analysis *a)
{
    if (a->partial_view)
        page_factf(p, "view",
                   "PARTIAL: %zu of %zu blocks were forged by hosts whose logs are not here. How "
                   "long these took to forge and to announce cannot be known; what "
                   "is measured is how they arrived at the hosts above.",
                   a->forgerless_count, a->chained_count);
}

static void findings_fact(struct page *p, const struct analysis *a)
{
    static const char *const names[][2] = { [FINDING_NOTE] = { "note", "notes" },
                                            [FINDING_WARNING] = { "warning", "warnings" },
                                            [FINDING_ERROR] = { "error", "errors" } };
    size_t counts[FINDING_ERROR + 1] = { 0 };
    struct buffer words;

    if (a->finding_count == 0) {
        page_fact(p, "findings", "none");
        return;
    }
    for (size_t i = 0; i < a->finding_count; i++)
        counts[a->findings[i].severity]++;
    buffer_init(&words, allocator_libc(), WORDS_MAX);
    for (int kind = FINDING_ERROR; kind >= FINDING_NOTE; kind--) {
        if (counts[kind] > 0)
            buffer_printf(&words, "%s%zu %s", words.len > 0 ? ", " : "", counts[kind],
                          names[kind][counts[kind] != 1]);
    }
    buffer_text(&words, ": see Data quality below");
    page_fact(p, "findings", buffer_string(&words));
    buffer_inherit(p->out, &words);
    buffer_release(&words);
}

/* Numbers that are wrong must not be read before one knows that they are. */
static void errors(struct page *p, const struct analysis *a)
{
    size_t told = 0;

    for (size_t i = 0; i < a->finding_count && told < ERRORS_TOLD; i++) {
        if (a->findings[i].severity != FINDING_ERROR)
            continue;
        page_words(p, PAGE_INDENT, ERROR_HANG, EMPHASIS_BAD, "ERROR", a->findings[i].text);
        told++;
    }
}

void text_head(struct page *p, const struct analysis *a)
{
    title(p, a);
    network_fact(p, a);
    hosts_fact(p, a);
    logs_fact(p, a);
    load_fact(p, a);
    blocks_fact(p, a);
    view_fact(p, a);
    method_fact(p, a);
    findings_fact(p, a);
    errors(p, a);
}

/* --- The run's own figures -------------------------------------------------------- */

/* What the head or the chain section already says. */
static bool is_told_elsewhere(const char *id)
{
    static const char *const ids[] = { "sumHosts",          "sumLogObjectsTotal", "sumFilters",
                                       "date.systemStart",  "time.systemStart",   "sumDomainBlocks",
                                       "sumBlocksRejected", "sumAnalysisTime" };

    for (size_t i = 0; i < sizeof ids / sizeof *ids; i++) {
        if (strcmp(id, ids[i]) == 0)
            return true;
    }
    return false;
}

/* Counts are grouped; other numbers are rounded to what is worth reading. */
static void value_cell(struct text_table *t, double number)
{
    char value[NUMBER_ROOM + 1];

    if (number >= 0 && number < 1e15 && number == floor(number))
        *put_grouped(value, (uint64_t)number) = '\0';
    else
        *put_rounded(value, number, 3) = '\0';
    text_cell_own(t, value);
}

static void run_row(struct text_table *t, const struct metric_result *m)
{
    text_cell_foreign(t, m->info->name, VALUE_COLUMNS);
    if (m->kind == METRIC_TEXT)
        text_cell_foreign(t, m->text, VALUE_COLUMNS);
    else
        value_cell(t, metric_scalar(m));
    text_cell_own(t, strcmp(m->info->unit, "#") == 0 ? "" : m->info->unit);
}

void text_run(struct page *p, const struct analysis *a)
{
    static const struct text_column columns[] = { { "", false }, { "", false }, { "", false } };
    struct metric_list metrics = metrics_of(a, SECTION_SUMMARY);
    struct text_table t;

    if (metrics.count == 0)
        return;
    page_heading(p, section_title(SECTION_SUMMARY));
    text_table_init(&t, p, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < metrics.count; i++) {
        const struct metric_result *m = &metrics.at[i];
        bool known = m->kind == METRIC_TEXT || isfinite(metric_scalar(m));

        if (known && !is_told_elsewhere(m->info->id))
            run_row(&t, m);
    }
    text_table_draw(p, &t, NULL, NULL);
    text_table_release(&t);
    absent_notes_below(p, &metrics);
}

/* --- The chain ------------------------------------------------------------------------ */

static void range_fact(struct page *p, const char *name, const int64_t raw[2],
                       const int64_t analysed[2])
{
    if (raw[0] < 0)
        page_fact(p, name, "none");
    else if (analysed[0] < 0)
        page_factf(p, name, "%" PRId64 " to %" PRId64 "; none analysed", raw[0], raw[1]);
    else
        page_factf(p, name, "%" PRId64 " to %" PRId64 "; analysed %" PRId64 " to %" PRId64, raw[0],
                   raw[1], analysed[0], analysed[1]);
}

static bool is_undecided(const struct analysis *a)
{
    for (size_t i = 0; i < a->filter_count; i++)
        if (a->filters[i].blocks_undecided > 0)
            return true;
    return false;
}

static void filter_table(struct page *p, const struct analysis *a)
{
    static const struct text_column columns[] = { { "filter", false },
                                                  { "of", false },
                                                  { "blocks dropped", true },
                                                  { "undecided", true },
                                                  { "slots dropped", true } };
    struct text_table t;

    text_table_init(&t, p, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; i < a->filter_count; i++) {
        const struct filter_result *f = &a->filters[i];

        text_cell_foreign(&t, f->name, VALUE_COLUMNS);
        text_cell_foreign(&t, f->set, VALUE_COLUMNS / 2);
        text_cell_count(&t, f->blocks_dropped);
        text_cell_count(&t, f->blocks_undecided);
        if (f->for_slots)
            text_cell_count(&t, f->slots_dropped);
        else
            text_cell_own(&t, "-");
    }
    text_table_draw(p, &t, NULL, NULL);
    text_table_release(&t);
}

void text_chain(struct page *p, const struct analysis *a)
{
    page_heading(p, "Chain and filters");
    range_fact(p, "numbers", a->blocks_raw, a->blocks_filtered);
    range_fact(p, "slots", a->slots_raw, a->slots_filtered);
    if (a->missing_heights > 0)
        page_factf(p, "gaps", "%" PRIu64 " heights in between without any block in these logs",
                   a->missing_heights);
    if (a->filter_count == 0) {
        page_fact(p, "filters", "none: every block on the chain is analysed");
        return;
    }
    page_line(p);
    filter_table(p, a);
    page_line(p);
    page_paragraphf(p, "A block can be dropped by several filters, and counts in each of them.%s",
                    is_undecided(a) ? " Undecided: these logs do not tell what the condition asks "
                                      "for; the block passes."
                                    : "");
}
