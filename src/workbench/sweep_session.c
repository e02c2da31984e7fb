/* How a sweep is read, from its file or its directory, and taken up. */
#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "json/tree.h"
#include "workbench/runs.h"
#include "workbench/sweep_catalogue.h"
#include "workbench/sweep_file.h"
#include "workbench/sweep_journal.h"
#include "workbench/sweep_plan.h"

#define MEMORY_BYTES_MAX ((size_t)256 << 20)

/* ---- reading ---- */

static enum ou_status prepare(struct sweep *s, const char *source,
                              const struct sweep_changes *changes, struct ou_error *err)
{
    enum ou_status status = sweep_file_read(s, source, changes, err);

    if (!status)
        status = sweep_plan_make(s, err);
    return status ? status : sweep_plan_check(s, err);
}

/* Sweeps and profiles are named alike: what has no slash and does not end in .json is built in. */
static bool is_file(const char *name)
{
    return strchr(name, '/') || span_ends(span_of(name), ".json");
}

/* A profile that is a file is named relative to the sweep file, and has to be found from anywhere. */
static enum ou_status place_profile(struct sweep *s, const char *file, struct ou_error *err)
{
    const char *name = json_string_value(json_object_get(s->file, "profile"));
    char folder[PATH_MAX], joined[PATH_MAX], real[PATH_MAX];

    s->profile_place = name ? name : "";
    if (!name || !is_file(name))
        return OU_OK;
    snprintf(folder, sizeof folder, "%s", file);
    if (snprintf(joined, sizeof joined, "%s/%s", *name == '/' ? "" : dirname(folder), name) >=
            (int)sizeof joined ||
        !realpath(joined, real))
        return ou_fail(err, OU_NOT_FOUND, "%s: profile: there is no file %s", file, joined);
    s->profile_place = arena_copy(&s->memory, real, strlen(real));
    return s->profile_place ? OU_OK : ou_fail(err, OU_NO_MEMORY, "%s: no memory", file);
}

enum ou_status sweep_load(const char *path, const struct sweep_changes *changes, struct sweep *ret,
                          struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct sweep){ 0 };
    arena_init(&ret->memory, allocator_libc(), MEMORY_BYTES_MAX);
    status = is_file(path) ? json_tree_load(path, SWEEP_FILE_BYTES_MAX, &ret->file, err)
                           : sweep_catalogue_find(path, &ret->file, err);
    if (!status)
        status = place_profile(ret, path, err);
    if (!status)
        status = prepare(ret, path, changes, err);
    if (status)
        sweep_release(ret);
    return status;
}

void sweep_release(struct sweep *s)
{
    sweep_journal_close(s);
    json_decref(s->file);
    json_decref(s->owned);
    arena_release(&s->memory);
    *s = (struct sweep){ 0 };
}

/* ---- the directory ---- */

static enum ou_status document_path(const char *directory, char ret[PATH_MAX], struct ou_error *err)
{
    if (snprintf(ret, PATH_MAX, "%s/sweep.json", directory) < PATH_MAX)
        return OU_OK;
    return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
}

bool sweep_is_there(const char *directory)
{
    char path[PATH_MAX];

    return document_path(directory, path, NULL) == OU_OK && access(path, F_OK) == 0;
}

static enum ou_status save_document(const struct sweep *s, const char *path, struct ou_error *err)
{
    json_t *document = sweep_plan_document(s);
    enum ou_status status = document ? json_tree_save(document, path, err)
                                     : ou_fail(err, OU_NO_MEMORY, "no memory for %s", path);

    json_decref(document);
    return status;
}

/* Takes up what is there: its repetitions count where they are more. */
static enum ou_status join(struct sweep *s, const char *directory, const json_t *before,
                           struct ou_error *err)
{
    json_int_t repetitions = json_integer_value(json_object_get(before, "repetitions"));
    enum ou_status status = OU_OK;

    if (repetitions > (json_int_t)s->repetitions && repetitions <= SWEEP_RUNS_MAX) {
        s->repetitions = (uint32_t)repetitions;
        status = sweep_plan_make(s, err);
    }
    return status ? status : sweep_plan_compare(s, before, directory, err);
}

static enum ou_status set_directory(struct sweep *s, const char *directory, struct ou_error *err)
{
    char real[PATH_MAX];

    if (!realpath(directory, real))
        return ou_fail(err, OU_IO, "%s: %s", directory, strerror(errno));
    s->directory = arena_copy(&s->memory, real, strlen(real));
    return s->directory ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for %s", directory);
}

/* Nobody else works here, so what is alive was left by a session that was killed. */
static enum ou_status stop_strays(const char *runs, struct ou_error *err)
{
    struct run_list list = { 0 };
    enum ou_status status = run_list_read(runs, &list, err);
    size_t ended;

    for (size_t i = 0; !status && i < list.count; i++)
        if (list.runs[i].is_live)
            status = run_stop(list.runs[i].directory, &ended, err);
    run_list_release(&list);
    return status;
}

/* The journal first: it keeps others out while sweep.json is written. */
static enum ou_status begin_session(struct sweep *s, const char *directory, struct ou_error *err)
{
    char path[PATH_MAX], runs[PATH_MAX];
    enum ou_status status = document_path(directory, path, err);

    if (status)
        return status;
    if (snprintf(runs, sizeof runs, "%s/runs", directory) >= (int)sizeof runs)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    status = file_make_directory(runs, err);
    if (!status)
        status = set_directory(s, directory, err);
    if (!status)
        status = sweep_journal_open(s, err);
    if (!status && s->has_unfinished)
        status = stop_strays(runs, err);
    return status ? status : save_document(s, path, err);
}

enum ou_status sweep_open(struct sweep *s, const char *directory, struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *before = NULL;
    enum ou_status status = document_path(directory, path, err);

    if (!status && sweep_is_there(directory)) {
        status = json_tree_load(path, SWEEP_DOCUMENT_BYTES_MAX, &before, err);
        if (!status)
            status = join(s, directory, before, err);
        json_decref(before);
    }
    return status ? status : begin_session(s, directory, err);
}

/* What a sweep.json says of how it was made: the file, and what a command line had in its place. */
static enum ou_status take_up(struct sweep *s, const char *path, const char *directory,
                              const struct sweep_changes *changes, const json_t *before,
                              struct ou_error *err)
{
    const json_t *budget = json_object_get(before, "budget_s");
    struct sweep_changes all = changes ? *changes : (struct sweep_changes){ 0 };
    enum ou_status status;

    s->file = json_incref(json_object_get(before, "file"));
    s->profile_place = json_string_value(json_object_get(before, "profile_place"));
    if (!json_is_object(s->file) || !s->profile_place)
        return ou_fail(err, OU_INVALID, "%s: it does not tell how the sweep was planned", path);
    s->profile_place = arena_copy(&s->memory, s->profile_place, strlen(s->profile_place));
    if (!s->profile_place)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    if (all.budget_s <= 0)
        all.budget_s = json_is_number(budget) ? json_number_value(budget) : INFINITY;
    status = prepare(s, path, &all, err);
    return status ? status : join(s, directory, before, err);
}

static enum ou_status read_directory(const char *directory, const struct sweep_changes *changes,
                                     struct sweep *s, struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *before = NULL;
    enum ou_status status = document_path(directory, path, err);

    *s = (struct sweep){ 0 };
    arena_init(&s->memory, allocator_libc(), MEMORY_BYTES_MAX);
    if (!status)
        status = json_tree_load(path, SWEEP_DOCUMENT_BYTES_MAX, &before, err);
    if (!status)
        status = take_up(s, path, directory, changes, before, err);
    json_decref(before);
    return status;
}

enum ou_status sweep_resume(const char *directory, const struct sweep_changes *changes,
                            struct sweep *ret, struct ou_error *err)
{
    enum ou_status status = read_directory(directory, changes, ret, err);

    if (!status)
        status = begin_session(ret, directory, err);
    if (status)
        sweep_release(ret);
    return status;
}

enum ou_status sweep_look(const char *directory, const struct sweep_changes *changes,
                          struct sweep *ret, struct ou_error *err)
{
    enum ou_status status = read_directory(directory, changes, ret, err);

    if (!status)
        status = set_directory(ret, directory, err);
    if (!status)
        status = sweep_journal_read(ret, err);
    if (status)
        sweep_release(ret);
    return status;
}
