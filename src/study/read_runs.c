#include "study/read_runs.h"

#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/time.h"
#include "json/tree.h"
#include "study/reading.h"
#include "study/results_file.h"

/* A file that a program died in, or a copy that was cut off. */
static enum ou_status fail_for_damage(const char *path, enum ou_status status, struct ou_error *err)
{
    const char *in_run = strstr(path, "/analysis/analysis.json");
    struct ou_error why = *err;

    return ou_fail(err, status, "%s: the file is damaged; `ouroscope analyse %.*s` makes %s again",
                   why.text, in_run ? (int)(in_run - path) : 3, in_run ? path : "RUN",
                   in_run ? "it" : "an analysis");
}

/* --- Which format --------------------------------------------------------------------- */

static void read_document(struct reading *r, struct span text)
{
    json_t *document = NULL;
    const json_t *kind;

    r->status = json_tree_parse(text, r->path, &document, r->err);
    if (r->status == OU_INVALID)
        fail_for_damage(r->path, r->status, r->err);
    if (r->status)
        return;
    kind = json_object_get(document, "kind");
    if (json_is_string(kind) && strcmp(json_string_value(kind), "variance") == 0)
        read_variance(r, document);
    else
        read_analysis(r, document);
    json_decref(document);
}

static void read_any(struct reading *r, struct span text, const char *selector)
{
    size_t blanks = 0;

    while (blanks < text.len && strchr(" \t\r\n", text.at[blanks]))
        blanks++;
    if (blanks < text.len && text.at[blanks] == '{') {
        if (selector)
            reading_fail(r, OU_INVALID, "#%s: only tables (.tsv) have columns to choose", selector);
        else
            read_document(r, text);
    } else if (span_starts(text, "report\t")) {
        read_table(r, text, selector);
    } else {
        reading_fail(r, OU_INVALID,
                     "neither an analysis or variance file (JSON), nor a table of results, which "
                     "begins with a line of names: report, workload, ...");
    }
}

/* What a text is called in messages, and how it was named; both are the set's from then on. */
static void begin(struct reading *r, const char *path, const char *operand)
{
    r->path = arena_copy(&r->set->memory, path, strlen(path));
    r->operand = arena_copy(&r->set->memory, operand, strlen(operand));
    if (!r->path || !r->operand)
        r->status = ou_fail(r->err, OU_NO_MEMORY, "no memory to read %s", path);
}

enum ou_status run_set_add_text(struct run_set *s, struct span text, const char *name,
                                const char *operand, struct ou_error *err)
{
    struct reading r = { .set = s, .err = err };

    if (text.len > ANALYSIS_FILE_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%s: more than %zu MB: that is no results file", name,
                       ANALYSIS_FILE_MAX >> 20);
    begin(&r, name, operand);
    if (!r.status)
        r.status = results_text_checksum(text, r.checksum, err);
    if (!r.status)
        read_any(&r, text, NULL);
    return r.status;
}

enum ou_status run_set_add(struct run_set *s, const char *operand, struct ou_error *err)
{
    struct reading r = { .set = s, .err = err };
    char path[PATH_MAX];
    const char *selector;
    struct buffer text;
    enum ou_status status = results_file_find(operand, path, &selector, err);

    if (status)
        return status;
    buffer_init(&text, allocator_libc(), ANALYSIS_FILE_MAX);
    r.status = results_file_load(path, &text, r.checksum, err);
    if (!r.status)
        begin(&r, path, operand);
    if (!r.status)
        read_any(&r, (struct span){ buffer_string(&text), text.len }, selector);
    buffer_release(&text);
    return r.status;
}

/* --- The set as a whole ------------------------------------------------------------------ */

static bool same_text(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static const char *common_label(const struct run_set *s)
{
    const char *ident = s->runs[0].ident, *version = s->runs[0].node_version;

    for (size_t i = 1; i < s->count; i++) {
        if (!same_text(ident, s->runs[i].ident))
            ident = NULL;
        if (!same_text(version, s->runs[i].node_version))
            version = NULL;
    }
    if (ident && *ident)
        return ident;
    return version && *version ? version : NULL;
}

/* Runs of different workloads never stand in one table. */
static bool same_column(const struct finished_run *a, const struct finished_run *b)
{
    const char *x = run_fact_find(a, "workload", ""), *y = run_fact_find(b, "workload", "");

    return same_text(a->title, b->title) && (same_text(x, y) || !x || !y);
}

static size_t same_titles_before(const struct run_set *s, size_t run)
{
    size_t same = 0;

    for (size_t i = 0; i < run; i++)
        same += same_column(&s->runs[i], &s->runs[run]);
    return same;
}

/* Columns of one table must be told apart: the second of a title becomes "title #2". */
static void tell_titles_apart(struct run_set *s)
{
    for (size_t i = s->count; i-- > 1;) {
        size_t same = same_titles_before(s, i);
        char title[256];
        const char *kept;

        if (same == 0)
            continue;
        snprintf(title, sizeof title, "%s #%zu", s->runs[i].title, same + 1);
        kept = arena_copy(&s->memory, title, strlen(title));
        if (kept)
            s->runs[i].title = kept;
    }
}

void run_set_name(struct run_set *s, const char *fallback)
{
    const char *label = s->count > 0 ? common_label(s) : NULL;

    if (!label)
        label = arena_copy(&s->memory, fallback, strlen(fallback));
    s->label = label ? label : "";
    tell_titles_apart(s);
}

static bool starts_before(const struct finished_run *a, const struct finished_run *b)
{
    if (b->started_ns == TIME_NONE)
        return a->started_ns != TIME_NONE;
    return a->started_ns != TIME_NONE && a->started_ns < b->started_ns;
}

/* By insertion: stable, and sets are small or in order already. */
void run_set_sort(struct run_set *s)
{
    for (size_t i = 1; i < s->count; i++) {
        struct finished_run run = s->runs[i];
        size_t at = i;

        for (; at > 0 && starts_before(&run, &s->runs[at - 1]); at--)
            s->runs[at] = s->runs[at - 1];
        s->runs[at] = run;
    }
}
