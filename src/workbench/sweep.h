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

#include "profile/profile.h"

#define SWEEP_AXES_MAX 8
#define SWEEP_LEVELS_MAX 64
#define SWEEP_POINTS_MAX 4096
#define SWEEP_RUNS_MAX 100000
#define SWEEP_ATTEMPTS_MAX 100
#define SWEEP_WHY_ROOM 200

struct sweep_level {
    const char *label;     /* "-A16m", "4": short, unlike its neighbours */
    const json_t *overlay; /* laid over the profile; NULL: nothing */
    const json_t *rts;     /* list of flags, added to node.rts_flags_override; NULL: none */
};

struct sweep_axis {
    const char *name; /* "allocation area" */
    const struct sweep_level *levels;
    size_t level_count;
    size_t silent; /* the level that traces next to nothing; SIZE_MAX: none is said to */
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

/* What a command line may say in place of the file. */
struct sweep_changes {
    uint32_t repetitions; /* 0: as the file says */
    double budget_s;      /* 0: likewise */
};

struct sweep {
    struct arena memory;
    const char *name, *description;
    const char *directory;     /* absolute; NULL before sweep_open() */
    const char *profile;       /* as named in the file */
    const char *profile_place; /* what profile_load() takes */
    const json_t *overlay;     /* over the profile, for all points; NULL */
    const struct sweep_axis *axes;
    size_t axis_count;
    const struct sweep_point *points;
    size_t point_count;
    struct sweep_run *order; /* run_count of them */
    size_t run_count;
    uint32_t repetitions; /* = blocks */
    uint32_t fraction;    /* every so many-th combination is a point; 1: all */
    uint32_t attempts_max;
    uint64_t seed;
    double budget_s;            /* wall clock over all sessions; infinite: none */
    const char *const *metrics; /* that the report puts first: ids or section/id */
    size_t metric_count;
    /* from the journal */
    enum sweep_run_state *states; /* by run of the order */
    const char **directories;     /* of runs that were made; NULL */
    uint32_t *attempts;
    size_t done_count, given_up_count;
    bool has_unfinished;       /* the last run that was begun did not come to an end */
    size_t tries;              /* runs that were made to their end, good or not */
    double spent_s, longest_s; /* all of them; the longest of them */
    int journal_fd;            /* valid while is_open; keeps others out */
    bool is_open;
    json_t *file;               /* content of the sweep file; owned */
    json_t *owned;              /* what levels were made of; owned */
    char profiles_hash[64 + 1]; /* of all points' profiles: whether they still are what they were */
    char why[SWEEP_WHY_ROOM];   /* for sweep_next() */
};

/* Reads a sweep file and makes the plan; every point's profile is loaded and checked, equal settings (RTS flags in normal
 * form) are refused. Nothing is written. OU_INVALID and the like name the file and the place in it. One thread. */
enum ou_status sweep_load(const char *path, const struct sweep_changes *changes, struct sweep *ret,
                          struct ou_error *err);

/* Makes the directory with sweep.json, or, where it has one already, takes up its journal: the file must still ask for the
 * same plan (budget and repetitions may have grown; of repetitions the more count). Processes of a run that was cut short are
 * ended. OU_INVALID says what differs; OU_IO also when another process works in the directory. */
enum ou_status sweep_open(struct sweep *s, const char *directory, struct ou_error *err);
/* Takes up a sweep directory by itself. */
enum ou_status sweep_resume(const char *directory, const struct sweep_changes *changes,
                            struct sweep *ret, struct ou_error *err);
/* The same, to be looked at: nothing is written, nobody is kept out, no run can be begun. */
enum ou_status sweep_look(const char *directory, const struct sweep_changes *changes,
                          struct sweep *ret, struct ou_error *err);
void sweep_release(struct sweep *s); /* a zeroed one is fine */

/* Whether a directory has a sweep in it. */
bool sweep_is_there(const char *directory);

/* The profile of a point: base with the overlays of its levels. */
enum ou_status sweep_profile(const struct sweep *s, size_t point, struct profile *ret,
                             struct ou_error *err);
/* {"axis": "level", ...} of a point; the caller json_decref()s it. NULL: no memory. */
json_t *sweep_setting(const struct sweep *s, size_t point);
/* "-A16m, cores 2" into ret: a level that begins like a number does not say of what. Cut with "..." where there is no room. */
void sweep_setting_label(const struct sweep *s, size_t point, char *ret, size_t room);

/* What a fraction of the grid cannot tell apart, a sentence; "" for a full one. */
const char *sweep_aliases(const struct sweep *s);

/* The next run to make: the first open one, in order; SIZE_MAX when all are made, or the budget has no room: for another as
 * long as the longest, or at the begin of a block other than the first, for a whole one. *ret_why: "" or a sentence, valid
 * until the next call. */
size_t sweep_next(struct sweep *s, const char **ret_why);

/* Append to the journal, on disk before they return. The runs of a sweep are made in SWEEP/runs. A run that failed is open for
 * another attempt until it is given up. */
enum ou_status sweep_begin(struct sweep *s, size_t run, struct ou_error *err);
enum ou_status sweep_finish(struct sweep *s, size_t run, const char *run_directory, bool succeeded,
                            double seconds, const char *cause, struct ou_error *err);
/* A run that the user ended: its time counts, and no attempt. */
enum ou_status sweep_interrupt(struct sweep *s, size_t run, const char *run_directory,
                               double seconds, struct ou_error *err);

#endif
