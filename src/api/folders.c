/* Runs of this machine in progress: a thread looks into the folders where they are made, and reports about those that go on
 * as the workbench does. A run that reports itself is left alone. */
#include <dirent.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/folder_run.h"
#include "api/parts.h"
#include "api/points.h"
#include "base/time.h"
#include "json/tree.h"
#include "store/feed.h"

#define PERIOD_NS NS_PER_SECOND
#define RUNS_MAX 16        /* in progress at a time */
#define ENTRIES_MAX 100000 /* of a folder */
#define REPORT_BYTES_MAX LIVE_VIEW_MAX
#define MEMORY_MAX ((size_t)8 << 20)
#define OTHERS_NS (10 * NS_PER_SECOND) /* who reported so lately does it himself */
#define PROJECT "default"

struct folders {
    struct store *store;
    const char *const *paths; /* the configuration's */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool is_ending;
    struct folder_run *runs[RUNS_MAX];
    size_t count;
};

/* ---- reporting ---- */

struct put {
    struct live_report report;
    bool is_told_by_itself;
};

/* Whether somebody else has just reported about it. */
static bool is_anothers(const struct live_run *known, const struct live_report *report)
{
    json_t *view = NULL;
    const char *source;
    bool ours;

    if (json_tree_parse(span_of(known->view), "report", &view, NULL))
        return false;
    source = json_string_value(json_object_get(view, "source"));
    ours = source && strcmp(source, "folder") == 0;
    json_decref(view);
    return strcmp(known->project, report->project) != 0 || known->run_id ||
           (!ours && report->now_ns - known->heard_ns < OTHERS_NS) ||
           (!ours && known->ended_ns != TIME_NONE);
}

static enum ou_status put(struct sql *db, void *context, struct ou_error *err)
{
    struct put *p = context;
    struct live_run known = { 0 };
    struct arena memory;
    enum ou_status status;

    arena_init(&memory, allocator_libc(), MEMORY_MAX);
    status = live_find(db, p->report.id, &memory, &known, err);
    p->is_told_by_itself = !status && is_anothers(&known, &p->report);
    if ((!status || status == OU_NOT_FOUND) && !p->is_told_by_itself)
        status = live_put(db, &p->report, err);
    arena_release(&memory);
    return status;
}

static void report(struct folders *f, struct folder_run *run, bool ended)
{
    struct ou_error err = { "" };
    struct buffer text;
    struct sql *db = NULL;
    struct put p = { .report = { .id = folder_run_id(run),
                                 .project = PROJECT,
                                 .profile = folder_run_profile(run),
                                 .ended = ended } };
    enum ou_status status;

    buffer_init(&text, allocator_libc(), REPORT_BYTES_MAX);
    folder_run_look(run, ended, &text, &p.report.state);
    p.report.began_ns = folder_run_began_ns(run);
    p.report.now_ns = time_wall_ns();
    p.report.view = buffer_string(&text);
    status = buffer_status(&text) ? OU_TOO_LARGE : store_take(f->store, &db, &err);
    if (!status)
        status = sql_write(db, put, &p, &err);
    store_give(f->store, db);
    if (status != OU_TOO_LARGE)
        log_database(status ? err.text : NULL);
    buffer_release(&text);
}

/* ---- finding ---- */

static bool is_watched(const struct folders *f, const char *directory)
{
    for (size_t i = 0; i < f->count; i++)
        if (strcmp(folder_run_directory(f->runs[i]), directory) == 0)
            return true;
    return false;
}

static void consider(struct folders *f, const char *folder, const char *name)
{
    char path[PATH_MAX], directory[PATH_MAX];

    if (name[0] == '.' || f->count == RUNS_MAX ||
        snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path ||
        !folder_run_goes_on(path) || !realpath(path, directory) || is_watched(f, directory))
        return;
    if (!folder_run_open(directory, PROJECT, &f->runs[f->count], NULL))
        f->count++;
}

static void find_new(struct folders *f, const char *folder)
{
    DIR *entries = opendir(folder);
    const struct dirent *entry;
    size_t count = 0;

    while (entries && count++ < ENTRIES_MAX && (entry = readdir(entries)))
        consider(f, folder, entry->d_name);
    if (entries)
        closedir(entries);
}

/* Reports, and forgets what has ended. */
static void look_at_all(struct folders *f)
{
    for (size_t i = f->count; i-- > 0;) {
        const bool ended = folder_run_is_over(f->runs[i]);

        report(f, f->runs[i], ended);
        if (!ended)
            continue;
        folder_run_close(f->runs[i]);
        f->runs[i] = f->runs[--f->count];
    }
}

/* ---- the thread ---- */

/* False: it is to end. */
static bool rest(struct folders *f)
{
    const int64_t at_ns = time_monotonic_ns() + PERIOD_NS;
    const struct timespec at = { .tv_sec = at_ns / NS_PER_SECOND,
                                 .tv_nsec = at_ns % NS_PER_SECOND };
    bool is_ending;

    pthread_mutex_lock(&f->lock);
    while (!f->is_ending && time_monotonic_ns() < at_ns)
        (void)pthread_cond_timedwait(&f->changed, &f->lock, &at);
    is_ending = f->is_ending;
    pthread_mutex_unlock(&f->lock);
    return !is_ending;
}

static void *run(void *context)
{
    struct folders *f = context;

    do {
        for (size_t i = 0; f->paths[i]; i++)
            find_new(f, f->paths[i]);
        look_at_all(f);
    } while (rest(f));
    return NULL;
}

static void release(struct folders *f)
{
    for (size_t i = 0; i < f->count; i++)
        folder_run_close(f->runs[i]);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
}

enum ou_status folders_open(struct store *store, const char *const *run_folders,
                            struct folders **ret, struct ou_error *err)
{
    struct folders *f = calloc(1, sizeof *f);
    pthread_condattr_t monotonic;

    if (!f)
        return ou_fail(err, OU_NO_MEMORY, "no memory to look at runs");
    f->store = store;
    f->paths = run_folders;
    pthread_mutex_init(&f->lock, NULL);
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&f->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&f->thread, NULL, run, f) != 0) {
        release(f);
        return ou_fail(err, OU_NO_MEMORY, "no thread to look at runs");
    }
    *ret = f;
    return OU_OK;
}

void folders_close(struct folders *f)
{
    if (!f)
        return;
    pthread_mutex_lock(&f->lock);
    f->is_ending = true;
    pthread_cond_signal(&f->changed);
    pthread_mutex_unlock(&f->lock);
    pthread_join(f->thread, NULL);
    release(f);
}
