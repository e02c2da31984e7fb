#include "api/comparing.h"

#include <stdio.h>
#include <string.h>

#include "publish/stored_runs.h"
#include "store/judgements.h"
#include "study/comparable.h"
#include "study/side_names.h"

#define HISTORY_RUNS_MAX 500
#define DIFFERENCES_TOLD 50
#define DIFFERENCES_BYTES_MAX ((size_t)1 << 20)

/* ---- runs ---- */

bool compare_load_side(struct api_request *r, const struct compare_side *side, struct run_set *ret)
{
    struct ou_error err = { 0 };

    for (size_t i = 0; i < side->run_count; i++) {
        const enum ou_status status = stored_run_add(r->db, side->runs[i], ret, &err);

        if (status)
            return api_failed(r, status, &err);
    }
    return true;
}

static bool load_sides(struct api_request *r, const struct compare_wish *wish,
                       struct compare_work *work)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    for (size_t i = 0; i < wish->side_count; i++) {
        run_set_init(&work->sets[i]);
        work->set_count++;
        if (!compare_load_side(r, &wish->sides[i], &work->sets[i]))
            return false;
    }
    status = side_names(work->sets, work->set_count, &err);
    return status ? api_failed(r, status, &err) : true;
}

/* ---- earlier runs ---- */

static bool refuse_many(struct api_request *r)
{
    return api_problem(r, PROBLEM_TOO_LARGE, "so many runs are too many for one answer");
}

static bool is_named(const struct compare_wish *wish, const char *id)
{
    for (size_t i = 0; i < wish->side_count; i++)
        for (size_t k = 0; k < wish->sides[i].run_count; k++)
            if (strcmp(wish->sides[i].runs[k], id) == 0)
                return true;
    return false;
}

static bool wants_history(const struct compare_wish *wish)
{
    if (wish->history != COMPARE_HISTORY_AUTO)
        return wish->history == COMPARE_HISTORY_YES;
    for (size_t i = 0; i < wish->side_count; i++)
        if (wish->sides[i].run_count == 1)
            return true;
    return false;
}

/* The runs that stand on a side say nothing about how much others differ. */
static void leave_out_sides(const struct compare_wish *wish, struct run_set *set)
{
    size_t kept = 0;

    for (size_t i = 0; i < set->count; i++)
        if (!is_named(wish, set->runs[i].operand))
            set->runs[kept++] = set->runs[i];
    set->count = kept;
}

/* Notes which earlier runs count; `ids` loses the others. */
static bool note_history(struct api_request *r, const struct compare_wish *wish, const char **ids,
                         size_t count, struct compare_work *work)
{
    char *hash = arena_take(&r->memory, RECORD_ID_ROOM, 1);
    size_t kept = 0;

    if (!hash)
        return refuse_many(r);
    for (size_t i = 0; i < count; i++)
        if (!is_named(wish, ids[i]))
            ids[kept++] = ids[i];
    record_id(ids, kept, hash);
    work->history_hash = hash;
    work->history_count = kept;
    return true;
}

bool compare_begin(struct api_request *r, const struct compare_wish *wish, struct compare_work *ret)
{
    struct ou_error err = { 0 };
    const char **ids = NULL;
    size_t count = 0;
    enum ou_status status;

    *ret = (struct compare_work){ 0 };
    if (!wants_history(wish))
        return true;
    status = project_run_ids(r->db, wish->sides[0].runs[0], HISTORY_RUNS_MAX, &r->memory, &ids,
                             &count, &err);
    return status ? api_failed(r, status, &err) : note_history(r, wish, ids, count, ret);
}

static bool note_loaded(struct api_request *r, const struct compare_wish *wish,
                        struct compare_work *work)
{
    const struct run_set *set = &work->history.set;
    const char **ids = arena_take(&r->memory, (set->count + 1) * sizeof *ids, sizeof(char *));

    if (!ids)
        return refuse_many(r);
    for (size_t i = 0; i < set->count; i++)
        ids[i] = set->runs[i].operand;
    return note_history(r, wish, ids, set->count, work);
}

/* All series of the base's project: which of them count is the comparison's business. */
static bool load_history(struct api_request *r, const struct compare_wish *wish,
                         struct compare_work *work)
{
    const struct series_choice choice = { .project_of = wish->sides[0].runs[0],
                                          .most = HISTORY_RUNS_MAX };
    struct ou_error err = { 0 };
    const enum ou_status status = series_history_load(r->db, &choice, false, &work->history, &err);

    if (status)
        return api_failed(r, status, &err);
    leave_out_sides(wish, &work->history.set);
    return note_loaded(r, wish, work);
}

/* ---- what differs ---- */

static const char *difference_text(struct arena *memory, const struct fact_difference *d)
{
    char *text = arena_take(memory, 640, 1);

    if (text)
        snprintf(text, 640, "%.60s%s%.60s: %.120s in %.120s, %.120s in %.120s", d->group,
                 *d->name ? " " : "", d->name, d->value_a ? d->value_a : "none", d->run_a,
                 d->value_b ? d->value_b : "none", d->run_b);
    return text;
}

static bool refuse_different(struct api_request *r, struct arena *memory,
                             const struct fact_difference *differences, size_t count,
                             const char *parameter)
{
    struct problem_place places[DIFFERENCES_TOLD];
    const size_t told = count < DIFFERENCES_TOLD ? count : DIFFERENCES_TOLD;

    for (size_t i = 0; i < told; i++)
        places[i] = (struct problem_place){ .parameter = parameter,
                                            .detail = difference_text(memory, &differences[i]) };
    return api_problem_at(r, PROBLEM_UNPROCESSABLE, places, told,
                          "the runs differ in what has to be the same; allowDifferent=true takes "
                          "them all the same");
}

bool compare_check_alike(struct api_request *r, const struct run_set *sets, size_t count,
                         const char *parameter)
{
    const struct run_set *pointers[COMPARE_SIDES_MAX];
    struct fact_difference *differences;
    struct ou_error err = { 0 };
    struct arena memory;
    size_t found, unknown;
    bool is_fine = true;
    enum ou_status status;

    for (size_t i = 0; i < count; i++)
        pointers[i] = &sets[i];
    arena_init(&memory, allocator_libc(), DIFFERENCES_BYTES_MAX);
    status = runs_differ(pointers, count, &memory, &differences, &found, &unknown, &err);
    if (status)
        is_fine = api_failed(r, status, &err);
    else if (found > 0)
        is_fine = refuse_different(r, &memory, differences, found, parameter);
    arena_release(&memory);
    return is_fine;
}

/* ---- the result ---- */

bool compare_finish(struct api_request *r, const struct compare_wish *wish,
                    struct compare_work *work)
{
    const struct run_set *variants[COMPARE_SIDES_MAX];
    struct comparison_options options = wish->options;
    struct ou_error err = { 0 };
    enum ou_status status;

    if (work->history_hash && !load_history(r, wish, work))
        return false;
    if (!load_sides(r, wish, work))
        return false;
    if (!options.allow_different && !compare_check_alike(r, work->sets, work->set_count, "new"))
        return false;
    for (size_t i = 1; i < work->set_count; i++)
        variants[i - 1] = &work->sets[i];
    options.metrics = wish->metric_count ? wish->metrics : NULL;
    options.metric_count = wish->metric_count;
    options.history = work->history_hash ? &work->history.set : NULL;
    status = comparison_compute(&work->sets[0], variants, work->set_count - 1, &options,
                                &work->result, &err);
    return status ? api_failed(r, status, &err) : true;
}

void compare_release(struct compare_work *work)
{
    comparison_release(&work->result);
    for (size_t i = 0; i < work->set_count; i++)
        run_set_release(&work->sets[i]);
    series_history_release(&work->history);
}
