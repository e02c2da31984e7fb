/* Publications of what is on this machine. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/utf8.h"
#include "json/tree.h"
#include "json/write.h"
#include "publish/publication.h"
#include "publish/publication_files.h"
#include "publish/publication_paths.h"
#include "study/results_file.h"
#include "study/table_lines.h"

/* Files in the order of their names, with a memory for all of them. */
struct making {
    const struct publication_options *options;
    const char *operand;
    char name[NAME_MAX + 1]; /* of a run directory; "": it is none */
    struct artifact_record files[PUBLICATION_FILES_MAX];
    size_t count;
    struct arena memory;
    struct ou_error *err;
};

static void begin(struct making *m, const char *operand, const struct publication_options *options,
                  struct ou_error *err)
{
    *m = (struct making){ .options = options, .operand = operand, .err = err };
    arena_init(&m->memory, allocator_libc(), PUBLICATION_MAX);
}

static enum ou_status add_file(struct making *m, const struct publication_kind *kind,
                               struct span text)
{
    char *copy;

    if (text.len > kind->max)
        return ou_fail(m->err, OU_TOO_LARGE, "%s: its %s has more than %zu MB", m->operand,
                       kind->name, kind->max >> 20);
    if (!utf8_is_valid(text) || (text.len > 0 && memchr(text.at, '\0', text.len)))
        return ou_fail(m->err, OU_INVALID, "%s: its %s is no text in UTF-8", m->operand,
                       kind->name);
    copy = arena_copy(&m->memory, text.at, text.len);
    if (!copy)
        return ou_fail(m->err, OU_NO_MEMORY, "no memory for %s", kind->name);
    m->files[m->count++] = (struct artifact_record){ kind->name, kind->type, { copy, text.len } };
    return OU_OK;
}

/* --- The document ----------------------------------------------------------------------------- */

static enum ou_status write_info(struct json_writer *w, const char *const *info,
                                 struct ou_error *err)
{
    json_key(w, "info");
    json_begin_object(w);
    for (size_t i = 0; info && info[i]; i++) {
        const char *equals = strchr(info[i], '=');
        char name[128];

        if (!equals || equals == info[i] || (size_t)(equals - info[i]) >= sizeof name)
            return ou_fail(err, OU_USAGE, "'%.60s' is no NAME=VALUE", info[i]);
        snprintf(name, sizeof name, "%.*s", (int)(equals - info[i]), info[i]);
        json_key(w, name);
        json_cstring(w, equals + 1);
    }
    json_end(w);
    return OU_OK;
}

static void write_file(struct json_writer *w, const struct artifact_record *file)
{
    json_begin_object(w);
    json_key(w, "name");
    json_cstring(w, file->name);
    json_key(w, "type");
    json_cstring(w, file->type);
    json_key(w, "text");
    json_text(w, file->bytes);
    json_end(w);
}

static enum ou_status write_document(const struct making *m, struct buffer *out)
{
    const struct publication_options *o = m->options;
    struct json_writer w;
    enum ou_status status;

    json_writer_init(&w, out, false);
    json_begin_object(&w);
    json_key(&w, "publication");
    json_int(&w, 1);
    json_key(&w, "project");
    json_cstring(&w, o && o->project ? o->project : PUBLICATION_PROJECT);
    if (m->name[0]) {
        json_key(&w, "name");
        json_cstring(&w, m->name);
    }
    status = write_info(&w, o ? o->info : NULL, m->err);
    if (status)
        return status;
    json_key(&w, "files");
    json_begin_array(&w);
    for (size_t i = 0; i < m->count; i++)
        write_file(&w, &m->files[i]);
    json_end(&w);
    json_end(&w);
    if (buffer_status(out))
        return ou_fail(m->err, buffer_status(out), "%s: more than %zu MB are too much to publish",
                       m->operand, out->max >> 20);
    return OU_OK;
}

/* --- Run directories -------------------------------------------------------------------------- */

static bool is_directory(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

/* A file of the run, if it is there. */
static enum ou_status add_run_file(struct making *m, const struct publication_kind *kind)
{
    char path[PATH_MAX];
    struct buffer text;
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/%s", m->operand, kind->path) >= (int)sizeof path)
        return OU_OK;
    buffer_init(&text, allocator_libc(), kind->max);
    status = file_read(path, &text, m->err);
    if (!status)
        status = add_file(m, kind, (struct span){ buffer_string(&text), text.len });
    else if (status == OU_NOT_FOUND)
        status = OU_OK;
    buffer_release(&text);
    return status;
}

/* "2026-11-22T10-00-00_demo_a1b2c3", however the path to it is written; "" where that cannot be found out. */
static void directory_name(const char *run, char ret[NAME_MAX + 1])
{
    char *path = realpath(run, NULL);
    const char *slash = path ? strrchr(path, '/') : NULL;

    snprintf(ret, NAME_MAX + 1, "%s", slash ? slash + 1 : "");
    free(path);
}

/* The name that the run was made under: its directory may have another one by now. "" where it does not tell. */
static void recorded_name(const struct making *m, char ret[NAME_MAX + 1])
{
    char path[PATH_MAX];
    json_t *document = NULL;
    const char *tag = NULL;

    if (snprintf(path, sizeof path, "%s/meta.json", m->operand) < (int)sizeof path &&
        json_tree_load(path, (size_t)4 << 20, &document, NULL) == OU_OK)
        tag = json_string_value(json_object_get(json_object_get(document, "meta"), "tag"));
    snprintf(ret, NAME_MAX + 1, "%s", tag && !strchr(tag, '/') ? tag : "");
    json_decref(document);
}

/* An analysis was made of the directory by this name, by its first one, or from within. */
static enum ou_status strip_paths(const struct making *m, struct buffer *text)
{
    char first[NAME_MAX + 1];
    const char *const names[] = { m->name, first, "." };
    enum ou_status status = OU_OK;

    recorded_name(m, first);
    for (size_t i = 0; !status && i < sizeof names / sizeof *names; i++) {
        struct buffer stripped;

        buffer_init(&stripped, allocator_libc(), text->max);
        publication_strip_paths((struct span){ buffer_string(text), text->len }, names[i],
                                &stripped);
        buffer_release(text);
        *text = stripped;
        status = buffer_status(text);
    }
    return status ? ou_fail(m->err, status, "no memory for the analysis of %s", m->operand) : OU_OK;
}

/* The analysis, which may have been packed since. */
static enum ou_status add_analysis(struct making *m, const char *path)
{
    const struct publication_kind *kind = publication_kind_find(span_of(publication_analysis));
    char checksum[CHECKSUM_HEX_ROOM];
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), kind->max);
    status = results_file_load(path, &text, checksum, m->err);
    if (!status)
        status = strip_paths(m, &text);
    if (!status)
        status = add_file(m, kind, (struct span){ buffer_string(&text), text.len });
    buffer_release(&text);
    return status;
}

/* Whether the run's own record says that it failed. */
static bool has_failed(const char *run)
{
    char path[PATH_MAX];
    json_t *document = NULL;
    const char *state;
    bool failed = false;

    if (snprintf(path, sizeof path, "%s/status.json", run) >= (int)sizeof path ||
        json_tree_load(path, (size_t)4 << 20, &document, NULL))
        return false;
    state = json_string_value(json_object_get(document, "state"));
    failed = state && strcmp(state, "failed") == 0;
    json_decref(document);
    return failed;
}

static enum ou_status add_run(struct making *m)
{
    char analysis[PATH_MAX];
    const char *selector;
    const struct publication_kind *kind;
    enum ou_status status = results_file_find(m->operand, analysis, &selector, m->err);
    const bool analysed = !status;

    directory_name(m->operand, m->name);
    if (status == OU_NOT_FOUND && has_failed(m->operand))
        status = OU_OK;
    for (size_t i = 0; !status && (kind = publication_kind_at(i)); i++) {
        if (strcmp(kind->name, publication_analysis) == 0)
            status = analysed ? add_analysis(m, analysis) : OU_OK;
        else if (kind->path)
            status = add_run_file(m, kind);
    }
    return status;
}

/* --- Files ------------------------------------------------------------------------------------ */

static enum ou_status add_lines(void *context, const struct table_lines *lines,
                                struct ou_error *err)
{
    struct making *m = context;

    if (m->count > 0)
        return ou_fail(err, OU_INVALID,
                       "%s holds several runs; name one (TABLE.tsv#RUN), or import all of them: "
                       "`ouroscope import %s`",
                       m->operand, m->operand);
    return add_file(m, publication_kind_find(span_of(publication_table)), lines->text);
}

static enum ou_status check_analysis(const struct making *m, struct span text)
{
    json_t *document = NULL;
    enum ou_status status = json_tree_parse(text, m->operand, &document, m->err);

    if (!status && json_object_get(document, "kind"))
        status = ou_fail(m->err, OU_INVALID,
                         "%s is no analysis of one run; publish the runs that it was made of",
                         m->operand);
    json_decref(document);
    return status;
}

static enum ou_status add_any_file(struct making *m)
{
    const struct publication_kind *analysis = publication_kind_find(span_of(publication_analysis));
    char path[PATH_MAX], checksum[CHECKSUM_HEX_ROOM];
    const char *selector;
    struct buffer text;
    struct span all;
    enum ou_status status = results_file_find(m->operand, path, &selector, m->err);

    if (status)
        return status;
    buffer_init(&text, allocator_libc(), analysis->max);
    status = results_file_load(path, &text, checksum, m->err);
    all = (struct span){ buffer_string(&text), text.len };
    if (!status && (selector || span_starts(all, "report\t"))) {
        status = table_lines_each(all, path, selector, add_lines, m, m->err);
    } else if (!status) {
        status = check_analysis(m, all);
        if (!status)
            status = add_file(m, analysis, all);
    }
    buffer_release(&text);
    return status;
}

/* --- The whole -------------------------------------------------------------------------------- */

enum ou_status publication_make(const char *operand, const struct publication_options *options,
                                struct buffer *ret, struct ou_error *err)
{
    struct making m;
    enum ou_status status;

    begin(&m, operand, options, err);
    status = is_directory(operand) ? add_run(&m) : add_any_file(&m);
    if (!status)
        status = write_document(&m, ret);
    arena_release(&m.memory);
    return status;
}

enum ou_status publication_make_table(const char *name, struct span lines,
                                      const struct publication_options *options, struct buffer *ret,
                                      struct ou_error *err)
{
    struct making m;
    enum ou_status status;

    begin(&m, name, options, err);
    status = add_file(&m, publication_kind_find(span_of(publication_table)), lines);
    if (!status)
        status = write_document(&m, ret);
    arena_release(&m.memory);
    return status;
}
