/* Sets of runs laid side by side: what is asked for, which runs these are, and the result. For the operations of
 * comparisons.c and variance.c, and for the page that shows comparisons. Functions that answer false have answered the request. */
#ifndef OU_API_COMPARING_H
#define OU_API_COMPARING_H

#include "api/request.h"
#include "publish/series_history.h"
#include "study/comparison.h"

#define COMPARE_SIDES_MAX 9
#define COMPARE_RUNS_MAX 50 /* of a side */
#define COMPARE_METRICS_MAX 64

/* Runs by their ids, or by what they share: "version:10.7.1", "series:ID". */
struct compare_side {
    const char *selectors[COMPARE_RUNS_MAX];
    size_t selector_count;
    const char *runs[COMPARE_RUNS_MAX]; /* ids; once it is resolved */
    size_t run_count;
};

enum compare_history { COMPARE_HISTORY_AUTO, COMPARE_HISTORY_YES, COMPARE_HISTORY_NO };

struct compare_wish {
    struct compare_side sides[COMPARE_SIDES_MAX]; /* the base first; of a variance the only one */
    size_t side_count;
    const char *project, *profile, *series; /* what selectors are narrowed down to; NULL */
    bool has_selectors;                     /* other than ids */
    const char *metrics[COMPARE_METRICS_MAX];
    size_t metric_count;
    enum compare_history history;
    struct comparison_options options; /* but for metrics and history, which stand above */
};

/* Which runs they are. Versions are compared within one series: the one that all sides have, unless runs that differ are allowed. Memory
 * is the request's. */
bool compare_resolve(struct api_request *r, struct compare_wish *wish);

struct compare_work {
    struct run_set sets[COMPARE_SIDES_MAX];
    size_t set_count;
    struct series_history history;
    const char *history_hash; /* of the runs in it; NULL: none is used */
    size_t history_count;
    struct comparison result;
};
/* Finds out which earlier runs a side of one run is held against, if they are wanted: what an answer that is kept hangs on. Loads
 * neither these nor the runs themselves. */
bool compare_begin(struct api_request *r, const struct compare_wish *wish,
                   struct compare_work *ret);
/* Loads all runs and compares them. Hash and count of the earlier ones are those of what was loaded: there may be more by now. */
bool compare_finish(struct api_request *r, const struct compare_wish *wish,
                    struct compare_work *work);
void compare_release(struct compare_work *work); /* a zeroed one is fine */

/* Loads one side; also for a variance. */
bool compare_load_side(struct api_request *r, const struct compare_side *side, struct run_set *ret);
/* Whether the sets are alike in what should be the same; else 422 with each difference. */
bool compare_check_alike(struct api_request *r, const struct run_set *sets, size_t count,
                         const char *parameter);

/* --- Answers that are kept ------------------------------------------------------------------------- */

/* A computed answer: its id is the hash of what it comes from and of the program's version. */
struct kept_answer {
    const char *kind, *request; /* "comparison"; JSON: runs and options */
    const char *beside;         /* what else it hangs on; NULL */
    const char *type;           /* media type */
    bool immutable;             /* the same request has the same answer for ever */
    char id[RECORD_ID_ROOM];
};
void kept_name(struct kept_answer *kept);
/* The two ends of a JSON answer around its result, which is a file of study/ as it stands. */
void kept_open(const struct kept_answer *kept, struct buffer *out);
void kept_close(struct buffer *out);
/* Answers from what is kept; false: it is not there, or may not be read now, and nothing has been answered. */
bool kept_serve(struct api_request *r, const struct kept_answer *kept);
/* Answers with this body, and keeps it. A database that cannot keep it now is no reason to fail. */
void kept_put(struct api_request *r, const struct kept_answer *kept, struct span body);

/* Whether the client rather takes CSV than JSON. */
bool api_wants_csv(const struct api_request *r);

#endif
