/* Sweeps: one profile under many settings, run in randomised blocks so that the drift of a machine cancels.
 *
 * A sweep file names axes and their levels; the plan crosses them (or takes a balanced part), repeats that in blocks, and
 * shuffles each block by a seed. A sweep directory keeps plan, progress and runs:
 *
 *   SWEEP/sweep.json      the plan (docs/formats/sweep.md): axes, levels, points, order
 *   SWEEP/journal.jsonl   what was begun and what became of it, a line each, appended and synced
 *   SWEEP/runs/RUN/       the runs
 *   SWEEP/report.html, report.md, results.json
 *
 * Layers: which runs to make and what they are is here; that they are analysed and reported is the command's. */
#ifndef OU_WORKBENCH_SWEEP_H
#define OU_WORKBENCH_SWEEP_H

#include "workbench/profile.h"

#define SWEEP_AXES_MAX 8
#define SWEEP_LEVELS_MAX 64
#define SWEEP_POINTS_MAX 4096
#define SWEEP_RUNS_MAX 100000

struct sweep_level {
    const char *label;     /* "-A16m", "4": short, unlike its neighbours */
    const json_t *overlay; /* laid over the profile */
};

struct sweep_axis {
    const char *name; /* "allocation area" */
    const struct sweep_level *levels;
    size_t level_count;
};

/* A combination of levels. */
struct sweep_point {
    uint8_t levels[SWEEP_AXES_MAX]; /* by axis */
};

/* One run of the plan. */
struct sweep_run {
    uint32_t block, position, point;
};

enum sweep_run_state { SWEEP_RUN_OPEN, SWEEP_RUN_DONE, SWEEP_RUN_GIVEN_UP };

struct sweep {
    struct arena memory;
    const char *name, *directory;
    const char *profile; /* as named in the file */
    const struct sweep_axis *axes;
    size_t axis_count;
    const struct sweep_point *points;
    size_t point_count;
    struct sweep_run *order; /* run_count of them */
    size_t run_count;
    uint32_t repetitions; /* = blocks */
    uint64_t seed;
    double budget_s;            /* wall clock over all sessions; infinite: none */
    const char *const *metrics; /* that the report puts first: ids or section/id */
    size_t metric_count;
    /* from the journal */
    enum sweep_run_state *states; /* by run of the order */
    const char **directories;     /* of runs that were made; NULL */
    uint32_t *attempts;
    double spent_s, longest_s; /* all runs so far; the longest of them */
    json_t *document;          /* sweep.json; owned */
};

/* Reads a sweep file and makes the plan; every point's profile is loaded and checked, equal settings (RTS flags in normal
 * form) are refused. Nothing is written. */
enum ou_status sweep_load(const char *path, struct sweep *ret, struct ou_error *err);

/* Makes the directory with sweep.json, or, where it has one already, takes up its journal: the file must still ask for the
 * same plan (budget and repetitions may have grown). */
enum ou_status sweep_open(struct sweep *s, const char *directory, struct ou_error *err);
/* Takes up a sweep directory by itself. */
enum ou_status sweep_resume(const char *directory, struct sweep *ret, struct ou_error *err);
void sweep_release(struct sweep *s); /* a zeroed one is fine */

/* The profile of a point: base with the overlays of its levels. */
enum ou_status sweep_profile(const struct sweep *s, size_t point, struct profile *ret,
                             struct ou_error *err);
/* {"axis": "level", ...} of a point; the caller json_decref()s it. */
json_t *sweep_setting(const struct sweep *s, size_t point);

/* The next run to make: the first open one, in order; SIZE_MAX when all are made, or the budget has no room for another as
 * long as the longest (*ret_why, "" or a sentence). */
size_t sweep_next(const struct sweep *s, const char **ret_why);

/* Appends to the journal, on disk before it returns. state of finished: done or given up (after `attempts` failures: 2). */
enum ou_status sweep_begin(struct sweep *s, size_t run, const char *run_directory,
                           struct ou_error *err);
enum ou_status sweep_finish(struct sweep *s, size_t run, bool succeeded, double seconds,
                            const char *cause, struct ou_error *err);

#endif
