#include "study/read_runs.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/suggest.h"
#include "base/time.h"
#include "json/tree.h"
#include "logs/source.h"
#include "study/reading.h"

/* --- Bytes of a file ------------------------------------------------------------- */

/* All of a file, decompressed, and its checksum as it is then. */
static enum ou_status load(const char *path, struct buffer *ret, char checksum[CHECKSUM_HEX_ROOM],
                           struct ou_error *err)
{
    struct checksum *sum = checksum_new();
    struct source *source = NULL;
    size_t got = 1;
    enum ou_status status = sum ? source_open(path, &source, err)
                                : ou_fail(err, OU_NO_MEMORY, "no memory to read %s", path);

    while (!status && got > 0) {
        char piece[1 << 16];

        status = source_read(source, piece, sizeof piece, &got, err);
        if (status)
            break;
        buffer_append(ret, piece, got);
        checksum_add(sum, piece, got);
        status = buffer_status(ret);
        if (status == OU_TOO_LARGE)
            ou_fail(err, status, "%s: more than %zu MB: that is no results file", path,
                    ret->max >> 20);
        else if (status)
            ou_fail(err, status, "no memory to read %s", path);
    }
    if (!status)
        checksum_hex(sum, checksum);
    source_close(source);
    checksum_free(sum);
    return status;
}

/* --- Which file -------------------------------------------------------------------- */

static bool is_directory(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool is_there(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0;
}

/* The analysis in a run directory, as it was written or packed later. */
static enum ou_status find_analysis(const char *run, char ret[PATH_MAX], struct ou_error *err)
{
    static const char *const names[] = { "analysis/analysis.json", "analysis/analysis.json.zst",
                                         "analysis/analysis.json.gz" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(ret, PATH_MAX, "%s/%s", run, names[i]) < PATH_MAX && is_there(ret))
            return OU_OK;
    return ou_fail(err, OU_NOT_FOUND,
                   "%s has no analysis/analysis.json; if it is a run or a directory of logs, "
                   "`ouroscope analyse %s` makes one",
                   run, run);
}

/* The name in a directory that is nearest to `name`; "" when none is near. Of names equally near the first in order,
 * because directories have none. */
static void find_near_name(const char *directory, const char *name, char ret[NAME_MAX + 1])
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    size_t least = SIZE_MAX;

    *ret = '\0';
    while (dir && (entry = readdir(dir))) {
        struct suggestion s;

        suggest_for(&s, span_of(name));
        suggest_consider(&s, entry->d_name);
        if (!s.best || s.distance > least ||
            (s.distance == least && strcmp(entry->d_name, ret) > 0))
            continue;
        least = s.distance;
        snprintf(ret, NAME_MAX + 1, "%s", entry->d_name);
    }
    if (dir)
        closedir(dir);
}

static enum ou_status fail_for_no_such_file(const char *path, struct ou_error *err)
{
    const char *slash = strrchr(path, '/');
    int parent_len = slash ? (int)(slash - path) + 1 : 0;
    char parent[PATH_MAX], near[NAME_MAX + 1];

    snprintf(parent, sizeof parent, "%.*s", slash ? parent_len : 1, slash ? path : ".");
    find_near_name(parent, path + parent_len, near);
    if (*near)
        return ou_fail(err, OU_NOT_FOUND, "there is no %s; is %.*s%s meant?", path, parent_len,
                       path, near);
    return ou_fail(err, OU_NOT_FOUND,
                   "there is no %s; wanted is a run directory, an analysis or variance file, or "
                   "TABLE.tsv#RUN",
                   path);
}

/* TABLE.tsv#RUN: the file in front of the # where the whole is no file. */
static enum ou_status find_file(const char *operand, char ret[PATH_MAX], const char **ret_selector,
                                struct ou_error *err)
{
    const char *hash = strchr(operand, '#');

    *ret_selector = NULL;
    if (strlen(operand) >= PATH_MAX)
        return ou_fail(err, OU_NOT_FOUND, "a path of %zu bytes is too long", strlen(operand));
    if (is_directory(operand))
        return find_analysis(operand, ret, err);
    snprintf(ret, PATH_MAX, "%s", operand);
    if (is_there(ret))
        return OU_OK;
    if (hash) {
        ret[hash - operand] = '\0';
        *ret_selector = hash + 1;
    }
    return is_there(ret) ? OU_OK : fail_for_no_such_file(ret, err);
}

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

enum ou_status run_set_add(struct run_set *s, const char *operand, struct ou_error *err)
{
    struct reading r = { .set = s, .err = err };
    char path[PATH_MAX];
    const char *selector;
    struct buffer text;
    enum ou_status status = find_file(operand, path, &selector, err);

    if (status)
        return status;
    buffer_init(&text, allocator_libc(), ANALYSIS_FILE_MAX);
    status = load(path, &text, r.checksum, err);
    r.path = status ? NULL : arena_copy(&s->memory, path, strlen(path));
    r.operand = status ? NULL : arena_copy(&s->memory, operand, strlen(operand));
    if (!status && (!r.path || !r.operand))
        status = ou_fail(err, OU_NO_MEMORY, "no memory to read %s", path);
    if (!status) {
        read_any(&r, (struct span){ buffer_string(&text), text.len }, selector);
        status = r.status;
    }
    buffer_release(&text);
    return status;
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
