/* A foreign publication: all of it is checked before anything of it is believed. */
#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "publish/publication_files.h"
#include "publish/publication_inside.h"
#include "study/read_runs.h"

enum { HOSTS_MAX = 10000, BLOCKS_MAX = 1000000, PARTS_MAX = 1000 };
/* Bytes. Of facts, one is the list of all hosts. */
enum { NAME_BYTES_MAX = 200, TEXT_BYTES_MAX = 4096, FACT_BYTES_MAX = 256 << 10 };

/* --- Limits ----------------------------------------------------------------------------------- */

static enum ou_status check_text(const struct opened *o, const char *what, const char *text,
                                 size_t max)
{
    return !text || strlen(text) <= max
               ? OU_OK
               : ou_fail(o->err, OU_TOO_LARGE, "%s: %s has more than %zu bytes", o->name, what,
                         max);
}

static enum ou_status check_names(const struct opened *o, const struct finished_run *run)
{
    const struct {
        const char *what, *text;
    } names[] = {
        { "the name of the run", run->name },
        { "its tag", run->tag },
        { "its ident", run->ident },
        { "its batch", run->batch },
        { "the name of its profile", run->profile },
        { "its era", run->era },
        { "its compiler", run->compiler },
        { "the version of the node", run->node_version },
        { "its machine", run->machine },
        { "its backend", run->backend },
    };
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < sizeof names / sizeof *names; i++)
        status = check_text(o, names[i].what, names[i].text, NAME_BYTES_MAX);
    for (size_t i = 0; !status && i < run->host_count; i++)
        status = check_text(o, "the name of a host", run->hosts[i], NAME_BYTES_MAX);
    for (size_t i = 0; !status && i < run->block_count; i++)
        status = check_text(o, "a forger of blocks", run->blocks[i].forger, NAME_BYTES_MAX);
    return status;
}

static enum ou_status check_build(const struct opened *o, const struct finished_run *run)
{
    enum ou_status status = OU_OK;

    if (run->package_count > PARTS_MAX || run->flag_count > PARTS_MAX)
        return ou_fail(o->err, OU_TOO_LARGE, "%s: more than %d components or flags", o->name,
                       PARTS_MAX);
    for (size_t i = 0; !status && i < run->package_count; i++) {
        const struct run_package *p = &run->packages[i];

        status = check_text(o, "the name of a component", p->name, NAME_BYTES_MAX);
        if (!status)
            status = check_text(o, "the version of a component", p->version, NAME_BYTES_MAX);
        if (!status)
            status = check_text(o, "the commit of a component", p->commit, NAME_BYTES_MAX);
    }
    for (size_t i = 0; !status && i < run->flag_count; i++)
        status = check_text(o, "a flag", run->flags[i], NAME_BYTES_MAX);
    return status;
}

static enum ou_status check_run(const struct opened *o, const struct finished_run *run)
{
    enum ou_status status = check_names(o, run);

    if (!status)
        status = check_build(o, run);
    for (size_t i = 0; !status && i < run->fact_count; i++)
        status = check_text(o, "a fact", run->facts[i].value, FACT_BYTES_MAX);
    if (!status && run->host_count > HOSTS_MAX)
        status = ou_fail(o->err, OU_TOO_LARGE, "%s: more than %d hosts", o->name, HOSTS_MAX);
    if (!status && run->block_count > BLOCKS_MAX)
        status = ou_fail(o->err, OU_TOO_LARGE, "%s: more than %d blocks", o->name, BLOCKS_MAX);
    for (size_t i = 0; !status && i < run->value_count; i++) {
        status = check_text(o, run->values[i].info->id, run->values[i].text, TEXT_BYTES_MAX);
        if (!status)
            status = check_text(o, run->values[i].info->id, run->values[i].absent_reason,
                                TEXT_BYTES_MAX);
    }
    return status;
}

/* JSON files that nothing is read from are JSON all the same. */
static enum ou_status check_other_files(const struct opened *o)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < o->count; i++) {
        json_t *tree = NULL;

        if (strcmp(o->files[i].name, publication_analysis) == 0 ||
            strcmp(o->files[i].name, publication_table) == 0)
            continue;
        status = publication_tree(o, o->files[i].name, &tree);
        json_decref(tree);
    }
    return status;
}

/* --- The run ---------------------------------------------------------------------------------- */

/* One run, from the file that has its results; *ret NULL where there is none. */
static enum ou_status read_run(const struct opened *o, struct run_set *set,
                               const struct finished_run **ret)
{
    const struct artifact_record *analysis = publication_file(o, publication_analysis);
    const struct artifact_record *table = publication_file(o, publication_table);
    const struct artifact_record *file = analysis ? analysis : table;
    const size_t before = set->count;
    enum ou_status status;
    char name[320];

    *ret = NULL;
    if (analysis && table)
        return ou_fail(o->err, OU_INVALID, "%s: %s and %s contradict each other", o->name,
                       publication_analysis, publication_table);
    if (!file)
        return OU_OK;
    status = publication_check_size(o, file);
    snprintf(name, sizeof name, "%.255s: %s", o->name, file->name);
    if (!status)
        status = run_set_add_text(set, file->bytes, name, name, o->err);
    if (!status && (set->count != before + 1 ||
                    (set->runs[before].source == RUN_FROM_TABLE) != (file == table)))
        status = ou_fail(o->err, OU_INVALID, "%s is not the file of one run", name);
    if (!status)
        *ret = &set->runs[before];
    return status;
}

enum ou_status publication_read(struct span document, const char *name, struct arena *memory,
                                struct run_set *set, struct run_record *ret, struct ou_error *err)
{
    struct opened *o = arena_take(memory, sizeof *o, sizeof(double));
    const struct finished_run *run = NULL;
    enum ou_status status;
    char *hash;

    *ret = (struct run_record){ .started_ns = TIME_NONE, .host_count = -1, .block_count = -1 };
    hash = o ? arena_take(memory, RECORD_HASH_ROOM, 1) : NULL;
    if (!hash)
        return ou_fail(err, OU_NO_MEMORY, "no memory to read %s", name);
    *o = (struct opened){ .name = name, .memory = memory, .err = err };
    status = publication_open(document, o);
    if (!status)
        status = check_other_files(o);
    if (!status)
        status = read_run(o, set, &run);
    if (!status && run)
        status = check_run(o, run);
    if (status)
        return status;
    publication_hash(o->files, o->count, hash);
    ret->content_hash = hash;
    ret->project = o->project;
    ret->info = o->info;
    ret->artifacts = o->files;
    ret->artifact_count = o->count;
    return run ? publication_record(o, run, ret) : publication_record_failed(o, ret);
}
