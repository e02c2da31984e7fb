/* From what a client names to runs: ids, versions, series. */
#include <stdio.h>
#include <string.h>

#include "api/comparing.h"
#include "store/keep.h"

#define FOUND_MAX \
    500 /* of one selector; what is above COMPARE_RUNS_MAX is refused when it is known which series counts */
#define SERIES_TOLD_MAX 20

/* A run that a selector means. */
struct found_run {
    size_t side;
    bool by_version; /* as one of a version: it may be of a series that does not count */
    const char *id, *selector, *series, *series_title, *project;
    int64_t profile_no, environment_no;
};

struct resolving {
    struct api_request *r;
    struct compare_wish *wish;
    struct found_run *found;
    size_t count;
};

static const char *parameter_of(size_t side)
{
    return side ? "new" : "base";
}

static bool refuse(struct resolving *v, size_t side, enum problem kind, const char *detail)
{
    const struct problem_place place = { .parameter = parameter_of(side), .detail = detail };

    return api_problem_at(v->r, kind, &place, 1, "%s", detail);
}

static bool no_memory(struct resolving *v)
{
    return api_problem(v->r, PROBLEM_TOO_LARGE, "so many runs are too many for one answer");
}

/* ---- what a selector means ---- */

#define FOUND_COLUMNS                                                              \
    "SELECT r.id, s.id, s.title, p.name, r.state, r.profile_no, r.environment_no " \
    "FROM runs r JOIN series s ON s.no = r.series_no "                             \
    "JOIN projects p ON p.no = r.project_no JOIN profiles f ON f.no = r.profile_no "
#define NARROWED \
    " AND ($2 = '' OR p.name = $2) AND ($3 = '' OR f.name = $3) AND ($4 = '' OR s.id = $4) "
#define IN_ORDER "ORDER BY r.sort_ns, r.no LIMIT $5"

static const char *const by_id = FOUND_COLUMNS "WHERE r.id = $1 AND $2 = '' AND $3 = '' AND "
                                               "$4 = '' " IN_ORDER;
static const char *const by_version =
    FOUND_COLUMNS "WHERE r.version_no IN (SELECT no FROM versions WHERE name = $1) "
                  "AND r.state = 'finished'" NARROWED IN_ORDER;
static const char *const by_series =
    FOUND_COLUMNS "WHERE r.series_no = (SELECT no FROM series WHERE id = $1) "
                  "AND r.state = 'finished'" NARROWED IN_ORDER;

struct selector {
    const char *statement, *value;
    bool is_id, by_version;
};

static struct selector read_selector(const char *text)
{
    if (strncmp(text, "version:", 8) == 0)
        return (struct selector){ by_version, text + 8, false, true };
    if (strncmp(text, "series:", 7) == 0)
        return (struct selector){ by_series, text + 7, false, false };
    return (struct selector){ by_id, text, true, false };
}

static bool take_found(struct resolving *v, const struct sql_rows *rows, size_t side,
                       const char *selector, bool is_by_version)
{
    struct arena *memory = &v->r->memory;
    struct found_run *room = keep_room(memory, v->found, v->count, sizeof *room), *f;

    if (!room)
        return false;
    v->found = room;
    f = &room[v->count++];
    *f = (struct found_run){ .side = side,
                             .by_version = is_by_version,
                             .selector = selector,
                             .id = keep_text(memory, sql_get_text(rows, 0)),
                             .series = keep_text(memory, sql_get_text(rows, 1)),
                             .series_title = keep_text(memory, sql_get_text(rows, 2)),
                             .project = keep_text(memory, sql_get_text(rows, 3)),
                             .profile_no = sql_get_int(rows, 5),
                             .environment_no = sql_get_int(rows, 6) };
    return f->id && f->series && f->series_title && f->project;
}

static const char *or_empty(const char *text)
{
    return text ? text : "";
}

/* Runs that are named may be of any project and series; the others are narrowed down. */
static enum ou_status open_selector(struct resolving *v, const struct selector *s,
                                    struct sql_rows **ret, struct ou_error *err)
{
    const struct compare_wish *w = v->wish;

    return sql_query(v->r->db, s->statement,
                     SQL_ARGS(sql_text(s->value), sql_text(s->is_id ? "" : or_empty(w->project)),
                              sql_text(s->is_id ? "" : or_empty(w->profile)),
                              sql_text(s->is_id ? "" : or_empty(w->series)), sql_int(FOUND_MAX)),
                     ret, err);
}

static bool find_runs(struct resolving *v, size_t side, const char *text)
{
    const struct selector selector = read_selector(text);
    const size_t before = v->count;
    struct ou_error err = { 0 };
    struct sql_rows *rows;
    bool has_room = true, is_finished = true;
    char detail[256];
    enum ou_status status = open_selector(v, &selector, &rows, &err);

    if (status)
        return api_failed(v->r, status, &err);
    while (has_room && sql_next(rows)) {
        is_finished = is_finished && span_is(sql_get_text(rows, 4), "finished");
        has_room = take_found(v, rows, side, text, selector.by_version);
    }
    status = sql_rows_end(rows, &err);
    if (status)
        return api_failed(v->r, status, &err);
    if (!has_room)
        return no_memory(v);
    if (v->count == before) {
        snprintf(detail, sizeof detail, "no %srun is meant by %.120s",
                 selector.is_id ? "" : "finished ", text);
        return refuse(v, side, selector.is_id ? PROBLEM_NOT_FOUND : PROBLEM_UNPROCESSABLE, detail);
    }
    if (!is_finished) {
        snprintf(detail, sizeof detail, "run %.64s is not finished: it has no results", text);
        return refuse(v, side, PROBLEM_UNPROCESSABLE, detail);
    }
    v->wish->has_selectors = v->wish->has_selectors || !selector.is_id;
    return true;
}

static bool find_all(struct resolving *v)
{
    for (size_t i = 0; i < v->wish->side_count; i++)
        for (size_t k = 0; k < v->wish->sides[i].selector_count; k++)
            if (!find_runs(v, i, v->wish->sides[i].selectors[k]))
                return false;
    for (size_t i = 0; i < v->count; i++)
        if ((i == 0 || strcmp(v->found[i].project, v->found[i - 1].project) != 0) &&
            !api_may(v->r, v->found[i].project))
            return false;
    return true;
}

/* ---- the series that counts ---- */

static bool is_of(const struct resolving *v, const char *series, size_t side)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->found[i].side == side && strcmp(v->found[i].series, series) == 0)
            return true;
    return false;
}

static bool is_of_all_sides(const struct resolving *v, const char *series)
{
    for (size_t side = 0; side < v->wish->side_count; side++)
        if (!is_of(v, series, side))
            return false;
    return true;
}

/* The series that all sides have runs of, each once; returns how many there are. */
static size_t common_series(const struct resolving *v, const struct found_run *ret[SERIES_TOLD_MAX])
{
    size_t count = 0;

    for (size_t i = 0; i < v->count && count < SERIES_TOLD_MAX; i++) {
        bool is_known = false;

        for (size_t k = 0; k < count; k++)
            is_known = is_known || strcmp(ret[k]->series, v->found[i].series) == 0;
        if (!is_known && is_of_all_sides(v, v->found[i].series))
            ret[count++] = &v->found[i];
    }
    return count;
}

/* ---- why there is none ---- */

enum alike { ALIKE_PROJECT = 1, ALIKE_PROFILE = 2, ALIKE_ENVIRONMENT = 4 };

static bool are_alike(const struct found_run *a, const struct found_run *b, unsigned what)
{
    return (!(what & ALIKE_PROJECT) || strcmp(a->project, b->project) == 0) &&
           (!(what & ALIKE_PROFILE) || a->profile_no == b->profile_no) &&
           (!(what & ALIKE_ENVIRONMENT) || a->environment_no == b->environment_no);
}

static bool has_alike(const struct resolving *v, const struct found_run *one, size_t side,
                      unsigned what)
{
    for (size_t i = 0; i < v->count; i++)
        if (v->found[i].side == side && are_alike(&v->found[i], one, what))
            return true;
    return false;
}

/* A run that each side has one of which is like it in that; NULL: there is none. */
static const struct found_run *shared(const struct resolving *v, unsigned what)
{
    for (size_t i = 0; i < v->count && v->found[i].side == 0; i++) {
        size_t side = 1;

        while (side < v->wish->side_count && has_alike(v, &v->found[i], side, what))
            side++;
        if (side == v->wish->side_count)
            return &v->found[i];
    }
    return NULL;
}

/* Made alike, but published apart: allowing differences would let in all other runs of the versions, too. */
static bool refuse_projects(struct resolving *v, const struct found_run *one)
{
    struct problem_place places[COMPARE_SIDES_MAX];
    const unsigned what = ALIKE_PROFILE | ALIKE_ENVIRONMENT;

    for (size_t side = 0; side < v->wish->side_count; side++) {
        const struct found_run *f = v->found;
        char *detail = arena_take(&v->r->memory, 512, 1);

        if (!detail)
            return no_memory(v);
        while (f->side != side || !are_alike(f, one, what))
            f++;
        snprintf(detail, 512, "%.120s is of project %.160s, %.160s", f->selector, f->project,
                 f->series_title);
        places[side] = (struct problem_place){ .parameter = parameter_of(side), .detail = detail };
    }
    return api_problem_at(
        v->r, PROBLEM_UNPROCESSABLE, places, v->wish->side_count,
        "no series has finished runs of all sides: runs with the same profile and "
        "environment are there, in different projects. Publish them into one, or "
        "name the runs by their ids, which may be of any project");
}

static bool refuse_different(struct resolving *v)
{
    const struct found_run *one = shared(v, ALIKE_PROFILE | ALIKE_ENVIRONMENT);
    const bool profile = shared(v, ALIKE_PROFILE), environment = shared(v, ALIKE_ENVIRONMENT);

    if (one)
        return refuse_projects(v, one);
    return api_problem(v->r, PROBLEM_UNPROCESSABLE,
                       "no series has finished runs of all sides: they differ in %s. "
                       "allowDifferent=true compares them all the same; or name the runs",
                       !profile && !environment ? "profile and environment"
                       : profile && environment ? "profile or environment"
                       : profile                ? "environment"
                                                : "profile");
}

static bool refuse_series(struct resolving *v, const struct found_run *const *common, size_t count)
{
    struct problem_place places[SERIES_TOLD_MAX];

    if (count == 0)
        return refuse_different(v);
    for (size_t i = 0; i < count; i++) {
        char *detail = arena_take(&v->r->memory, 512, 1);

        if (!detail)
            return no_memory(v);
        snprintf(detail, 512, "series=%.64s is %.160s of project %.160s", common[i]->series,
                 common[i]->series_title, common[i]->project);
        places[i] = (struct problem_place){ .parameter = "series", .detail = detail };
    }
    return api_problem_at(v->r, PROBLEM_UNPROCESSABLE, places, count,
                          "%zu series have runs of all sides: say which one is meant by series=, "
                          "or narrow them down by project= or profile=",
                          count);
}

static void keep_series(struct resolving *v, const char *series)
{
    size_t kept = 0;

    for (size_t i = 0; i < v->count; i++)
        if (!v->found[i].by_version || strcmp(v->found[i].series, series) == 0)
            v->found[kept++] = v->found[i];
    v->count = kept;
}

/* A version is run under many profiles: without more words, those that all sides were run under are meant. */
static bool choose_series(struct resolving *v)
{
    const struct found_run *common[SERIES_TOLD_MAX];
    bool by_versions = false;
    size_t count;

    for (size_t i = 0; i < v->count; i++)
        by_versions = by_versions || v->found[i].by_version;
    if (!by_versions || v->wish->options.allow_different)
        return true;
    count = common_series(v, common);
    if (count != 1)
        return refuse_series(v, common, count);
    keep_series(v, common[0]->series);
    return true;
}

/* A version is often that of the new runs, too, where these are named. */
static bool are_apart(struct resolving *v)
{
    for (size_t i = 0; i < v->count; i++)
        for (size_t k = 0; k < i; k++) {
            const struct found_run *a = &v->found[k], *b = &v->found[i];
            char detail[512];

            if (a->side == b->side || strcmp(a->id, b->id) != 0)
                continue;
            snprintf(detail, sizeof detail,
                     "run %.64s is on two sides: %.120s means it, and %.120s, too. Leave it out of "
                     "one of them; runs of a version are named by their ids then",
                     b->id, a->selector, b->selector);
            return refuse(v, b->side, PROBLEM_UNPROCESSABLE, detail);
        }
    return true;
}

static bool give_runs(struct resolving *v)
{
    char detail[128];

    for (size_t i = 0; i < v->count; i++) {
        struct compare_side *side = &v->wish->sides[v->found[i].side];

        if (side->run_count == COMPARE_RUNS_MAX) {
            snprintf(detail, sizeof detail, "more than %d runs: name those that are meant",
                     COMPARE_RUNS_MAX);
            return refuse(v, v->found[i].side, PROBLEM_UNPROCESSABLE, detail);
        }
        side->runs[side->run_count++] = v->found[i].id;
    }
    return true;
}

bool compare_resolve(struct api_request *r, struct compare_wish *wish)
{
    struct resolving v = { .r = r, .wish = wish };

    return find_all(&v) && choose_series(&v) && give_runs(&v) && are_apart(&v);
}
