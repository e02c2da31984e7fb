/* sweep.json and journal.jsonl, as docs/formats/sweep.md describes them, and the analyses of the runs. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "json/tree.h"
#include "study/collector_losses.h"
#include "study/read_runs.h"
#include "study/run_usage.h"
#include "study/sweep_inside.h"

#define PLAN_BYTES_MAX ((size_t)64 << 20)
#define JOURNAL_BYTES_MAX ((size_t)256 << 20)
enum { LABEL_MAX = 1 << 12 };

struct sweep_reading {
    struct sweep_results *r;
    const char *directory;
    char path[PATH_MAX]; /* of the file being read */
    struct ou_error *err;
};

static enum ou_status fail_at(struct sweep_reading *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
static enum ou_status fail_at(struct sweep_reading *s, const char *format, ...)
{
    char what[256];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return ou_fail(s->err, OU_INVALID, "%s: %s", s->path, what);
}

/* --- Members ---------------------------------------------------------------------------- */

static const char *keep(struct sweep_reading *s, const json_t *text)
{
    return json_is_string(text)
               ? arena_copy(&s->r->memory, json_string_value(text), json_string_length(text))
               : NULL;
}

/* A whole number from 0 to below `end`; false for anything else. */
static bool whole(const json_t *value, size_t end, size_t *ret)
{
    if (!json_is_integer(value) || json_integer_value(value) < 0 ||
        (uint64_t)json_integer_value(value) >= end)
        return false;
    *ret = (size_t)json_integer_value(value);
    return true;
}

/* An array of 1 to `most` entries. */
static const json_t *array(const json_t *object, const char *key, size_t most)
{
    const json_t *list = json_object_get(object, key);
    size_t count = json_array_size(list);

    return count > 0 && count <= most ? list : NULL;
}

/* --- The plan ----------------------------------------------------------------------------- */

static enum ou_status read_silent(struct sweep_reading *s, const json_t *axis, size_t at,
                                  struct sweep_axis_facts *ret)
{
    const json_t *silent = json_object_get(axis, "silent");

    ret->silent = SIZE_MAX;
    if (!silent || json_is_null(silent) || whole(silent, ret->level_count, &ret->silent))
        return OU_OK;
    return fail_at(s, "axes[%zu].silent is no level of axis %s", at, ret->name);
}

static enum ou_status read_axis(struct sweep_reading *s, const json_t *axis, size_t at,
                                struct sweep_axis_facts *ret)
{
    const json_t *levels = array(axis, "levels", SWEEP_LEVELS_READ), *level;
    size_t i;

    ret->name = keep(s, json_object_get(axis, "name"));
    if (!ret->name || !levels)
        return fail_at(s, "axes[%zu] has no name, or not 1 to %d levels", at, SWEEP_LEVELS_READ);
    ret->levels = sweep_take(s->r, json_array_size(levels), sizeof *ret->levels, s->err);
    if (!ret->levels)
        return OU_NO_MEMORY;
    json_array_foreach(levels, i, level)
    {
        ret->levels[i] = keep(s, level);
        if (!ret->levels[i])
            return fail_at(s, "axes[%zu].levels[%zu] is no text", at, i);
    }
    ret->level_count = i;
    return read_silent(s, axis, at, ret);
}

static enum ou_status read_axes(struct sweep_reading *s, const json_t *plan)
{
    const json_t *axes = array(plan, "axes", SWEEP_AXES_READ), *axis;
    enum ou_status status = OU_OK;
    size_t i;

    if (!axes)
        return fail_at(s, "axes: 1 to %d are wanted", SWEEP_AXES_READ);
    s->r->axis_count = json_array_size(axes);
    s->r->axes = sweep_take(s->r, s->r->axis_count, sizeof *s->r->axes, s->err);
    if (!s->r->axes)
        return OU_NO_MEMORY;
    json_array_foreach(axes, i, axis)
    {
        status = status ? status : read_axis(s, axis, i, &s->r->axes[i]);
    }
    return status;
}

/* "-A16m, cores 0-1": a level that begins like a number does not say of what. */
static const char *label_of(struct sweep_reading *s, const struct sweep_setting *setting)
{
    struct buffer text;
    const char *kept = NULL;

    buffer_init(&text, allocator_libc(), LABEL_MAX);
    for (size_t i = 0; i < s->r->axis_count; i++) {
        const struct sweep_axis_facts *axis = &s->r->axes[i];
        const char *level = axis->levels[setting->levels[i]];
        bool bare = *level >= '0' && *level <= '9';

        buffer_printf(&text, "%s%s%s%s", i ? ", " : "", bare ? axis->name : "", bare ? " " : "",
                      level);
    }
    if (!buffer_status(&text))
        kept = arena_copy(&s->r->memory, buffer_string(&text), text.len);
    buffer_release(&text);
    return kept;
}

static enum ou_status read_point(struct sweep_reading *s, const json_t *point, size_t at,
                                 struct sweep_setting *ret)
{
    size_t level;

    ret->levels = sweep_take(s->r, s->r->axis_count, sizeof *ret->levels, s->err);
    if (!ret->levels)
        return OU_NO_MEMORY;
    if (json_array_size(point) != s->r->axis_count)
        return fail_at(s, "points[%zu] does not have a level of each axis", at);
    for (size_t i = 0; i < s->r->axis_count; i++) {
        if (!whole(json_array_get(point, i), s->r->axes[i].level_count, &level))
            return fail_at(s, "points[%zu][%zu] is no level of axis %s", at, i, s->r->axes[i].name);
        ret->levels[i] = (uint8_t)level;
    }
    ret->label = label_of(s, ret);
    return ret->label ? OU_OK : fail_at(s, "the names of points[%zu]'s levels are too long", at);
}

static enum ou_status read_points(struct sweep_reading *s, const json_t *plan)
{
    const json_t *points = array(plan, "points", SWEEP_POINTS_READ), *point;
    enum ou_status status = OU_OK;
    size_t i;

    if (!points)
        return fail_at(s, "points: 1 to %d are wanted", SWEEP_POINTS_READ);
    s->r->setting_count = json_array_size(points);
    s->r->all = sweep_take(s->r, s->r->setting_count, sizeof *s->r->all, s->err);
    if (!s->r->all)
        return OU_NO_MEMORY;
    json_array_foreach(points, i, point)
    {
        status = status ? status : read_point(s, point, i, &s->r->all[i]);
    }
    return status;
}

static enum ou_status read_order(struct sweep_reading *s, const json_t *plan)
{
    const json_t *order = array(plan, "order", SWEEP_RUNS_READ), *run;
    size_t i, block, position;

    if (!order)
        return fail_at(s, "order: 1 to %d runs are wanted", SWEEP_RUNS_READ);
    s->r->made = sweep_take(s->r, json_array_size(order), sizeof *s->r->made, s->err);
    if (!s->r->made)
        return OU_NO_MEMORY;
    json_array_foreach(order, i, run)
    {
        struct sweep_made *made = &s->r->made[i];

        if (!whole(json_object_get(run, "point"), s->r->setting_count, &made->setting) ||
            !whole(json_object_get(run, "block"), SWEEP_RUNS_READ, &block) ||
            !whole(json_object_get(run, "position"), SWEEP_RUNS_READ, &position))
            return fail_at(s, "order[%zu] names no point, block and position of the plan", i);
        *made = (struct sweep_made){ .setting = made->setting,
                                     .block = (uint32_t)block,
                                     .position = (uint32_t)position,
                                     .seconds = NAN,
                                     .run = SIZE_MAX };
        s->r->repetitions = block >= s->r->repetitions ? block + 1 : s->r->repetitions;
    }
    s->r->planned = i;
    return OU_OK;
}

static enum ou_status read_asked(struct sweep_reading *s, const json_t *plan,
                                 const char *const **ret, size_t *ret_count)
{
    const json_t *metrics = array(plan, "metrics", SWEEP_METRICS_READ), *metric;
    const char **names = sweep_take(s->r, SWEEP_METRICS_READ, sizeof *names, s->err);
    size_t i;

    if (!names)
        return OU_NO_MEMORY;
    json_array_foreach(metrics, i, metric)
    {
        names[i] = keep(s, metric);
        if (!names[i])
            return fail_at(s, "metrics[%zu] is no text", i);
    }
    *ret = names;
    *ret_count = json_array_size(metrics);
    return OU_OK;
}

static const char *fraction_of(struct sweep_reading *s, const json_t *plan)
{
    json_int_t part = json_integer_value(json_object_get(plan, "fraction"));
    char text[32];

    if (part <= 1)
        return "full";
    snprintf(text, sizeof text, "1/%" JSON_INTEGER_FORMAT, part);
    return arena_copy(&s->r->memory, text, strlen(text));
}

static enum ou_status read_plan(struct sweep_reading *s, const json_t *plan,
                                const char *const **ret_asked, size_t *ret_asked_count)
{
    enum ou_status status;

    if (json_integer_value(json_object_get(plan, "schema")) != 1)
        return fail_at(s, "schema is not 1: this is no plan of a sweep, or one of a later version");
    s->r->name = keep(s, json_object_get(plan, "name"));
    s->r->description = keep(s, json_object_get(plan, "desc"));
    s->r->profile = keep(s, json_object_get(plan, "profile"));
    s->r->seed = (uint64_t)json_integer_value(json_object_get(plan, "seed"));
    s->r->fraction = fraction_of(s, plan);
    if (!s->r->name || !s->r->profile || !s->r->fraction)
        return fail_at(s, "name or profile is missing");
    status = read_axes(s, plan);
    status = status ? status : read_points(s, plan);
    status = status ? status : read_order(s, plan);
    return status ? status : read_asked(s, plan, ret_asked, ret_asked_count);
}

/* --- The journal ------------------------------------------------------------------------------ */

/* A directory inside the sweep's, and nothing else. */
static bool is_inside(const char *path)
{
    if (!*path || *path == '/')
        return false;
    for (const char *at = path; at; at = strchr(at, '/')) {
        at += *at == '/';
        if (strncmp(at, "..", 2) == 0 && (at[2] == '/' || at[2] == '\0'))
            return false;
    }
    return true;
}

static enum ou_status read_event(struct sweep_reading *s, const json_t *event, size_t line)
{
    const char *what = json_string_value(json_object_get(event, "event"));
    const char *directory = json_string_value(json_object_get(event, "directory"));
    const json_t *seconds = json_object_get(event, "seconds");
    struct sweep_made *made;
    size_t run;

    if (!what || !whole(json_object_get(event, "run"), s->r->planned, &run))
        return fail_at(s, "line %zu names no run of the plan", line);
    made = &s->r->made[run];
    if (directory && !is_inside(directory))
        return fail_at(s, "line %zu: %s lies outside of the sweep", line, directory);
    if (directory)
        made->directory = keep(s, json_object_get(event, "directory"));
    if (strcmp(what, "begun") == 0)
        return OU_OK;
    if (json_is_number(seconds))
        made->seconds = json_number_value(seconds);
    made->cause = keep(s, json_object_get(event, "cause"));
    made->attempts++;
    if (strcmp(what, "done") == 0)
        made->fate = SWEEP_FATE_DONE;
    else if (strcmp(what, "given-up") == 0)
        made->fate = SWEEP_FATE_FAILED;
    return OU_OK;
}

/* A last line without its end was cut off when the program died, and says nothing. */
static enum ou_status read_lines(struct sweep_reading *s, struct span text)
{
    enum ou_status status = OU_OK;
    size_t line = 0;

    while (!status && text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len);
        struct span one = { text.at, end ? (size_t)(end - text.at) : 0 };
        json_t *event = NULL;

        if (!end)
            break;
        line++;
        text.len -= one.len + 1;
        text.at = end + 1;
        if (one.len == 0)
            continue;
        status = json_tree_parse(one, s->path, &event, s->err);
        if (status == OU_INVALID)
            status = fail_at(s, "line %zu is no event", line);
        if (!status)
            status = read_event(s, event, line);
        json_decref(event);
    }
    return status;
}

static enum ou_status read_journal(struct sweep_reading *s)
{
    struct buffer text;
    enum ou_status status;

    if (snprintf(s->path, sizeof s->path, "%s/journal.jsonl", s->directory) >= PATH_MAX)
        return ou_fail(s->err, OU_TOO_LARGE, "%.80s...: the path is too long", s->directory);
    buffer_init(&text, allocator_libc(), JOURNAL_BYTES_MAX);
    status = file_read(s->path, &text, s->err);
    if (status == OU_NOT_FOUND)
        status = OU_OK; /* nothing was begun yet */
    else if (!status)
        status = read_lines(s, (struct span){ buffer_string(&text), text.len });
    buffer_release(&text);
    return status;
}

/* --- The runs ------------------------------------------------------------------------------------ */

/* What the analysis tells of programs that trace nothing, the run's directory tells of nodes: all values have room. */
static void add_cpu_time(struct finished_run *run, const struct run_usage *usage)
{
    const struct metric_info *info = dictionary_find(SECTION_PROCESS, "processCpuSeconds");
    struct run_value value = { .info = info, .kind = RUN_VALUE_NUMBER };
    size_t at = 0;

    while (at < run->value_count && run->values[at].info != info)
        at++;
    if (isnan(usage->nodes) || at == dictionary_count() ||
        (at < run->value_count && !isnan(run->values[at].mean)))
        return;
    value.mean = usage->nodes / (double)usage->node_count;
    value.n = value.median = value.sd = value.min = value.max = NAN;
    for (size_t i = 0; i < STANDARD_QUANTILES; i++)
        value.quantiles[i] = NAN;
    run->values[at] = value;
    run->value_count += at == run->value_count;
}

/* s->path is the run's directory. */
static enum ou_status read_processes(struct sweep_reading *s, struct finished_run *run)
{
    struct run_usage usage;
    enum ou_status status = run_usage_read(s->path, &usage, s->err);

    if (status)
        return status;
    run->traces.node_cpu_s = usage.nodes;
    run->traces.collector_cpu_s = usage.collector;
    add_cpu_time(run, &usage);
    return collector_losses_read(s->path, &run->traces.given_up, s->err);
}

static enum ou_status read_run(struct sweep_reading *s, struct sweep_made *made)
{
    struct ou_error why = { 0 };
    enum ou_status status;

    if (snprintf(s->path, sizeof s->path, "%s/%s", s->directory, made->directory) >= PATH_MAX)
        return ou_fail(s->err, OU_TOO_LARGE, "%.80s...: the path is too long", s->directory);
    status = run_set_add(&s->r->runs, s->path, &why);
    if (status == OU_NO_MEMORY || status == OU_TOO_LARGE)
        return ou_fail(s->err, status, "%s", why.text);
    if (status) {
        made->fate = SWEEP_FATE_UNREAD;
        made->cause = arena_copy(&s->r->memory, why.text, strlen(why.text));
        return OU_OK;
    }
    made->run = s->r->runs.count - 1;
    made->cause = NULL;
    return read_processes(s, &s->r->runs.runs[made->run]);
}

static enum ou_status read_made(struct sweep_reading *s)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < s->r->planned; i++) {
        struct sweep_made *made = &s->r->made[i];

        if (made->fate == SWEEP_FATE_DONE && made->directory)
            status = read_run(s, made);
        s->r->failed += made->fate == SWEEP_FATE_FAILED || made->fate == SWEEP_FATE_UNREAD;
        s->r->all[made->setting].run_count += made->run != SIZE_MAX;
    }
    return status;
}

static enum ou_status give_runs_to_settings(struct sweep_reading *s)
{
    struct sweep_results *r = s->r;

    for (size_t i = 0; i < r->setting_count; i++) {
        r->all[i].runs = sweep_take(r, r->all[i].run_count, sizeof(size_t), s->err);
        if (!r->all[i].runs)
            return OU_NO_MEMORY;
        r->all[i].run_count = 0;
    }
    for (size_t i = 0; i < r->planned; i++) {
        struct sweep_setting *of = &r->all[r->made[i].setting];

        if (r->made[i].run != SIZE_MAX)
            of->runs[of->run_count++] = r->made[i].run;
    }
    return OU_OK;
}

/* All first levels, where the plan has that. */
static size_t base_of(const struct sweep_results *r)
{
    for (size_t i = 0; i < r->setting_count; i++) {
        bool first = true;

        for (size_t k = 0; k < r->axis_count; k++)
            first = first && r->all[i].levels[k] == 0;
        if (first)
            return i;
    }
    return 0;
}

enum ou_status sweep_read(const char *directory, struct sweep_results *ret,
                          const char *const **ret_asked, size_t *ret_asked_count,
                          struct ou_error *err)
{
    struct sweep_reading s = { .r = ret, .directory = directory, .err = err };
    json_t *plan = NULL;
    enum ou_status status;

    if (snprintf(s.path, sizeof s.path, "%s/sweep.json", directory) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    status = json_tree_load(s.path, PLAN_BYTES_MAX, &plan, err);
    if (status == OU_NOT_FOUND)
        return ou_fail(err, status,
                       "there is no %s; wanted is the directory of a sweep, which `ouroscope "
                       "sweep FILE` makes",
                       s.path);
    if (!status)
        status = read_plan(&s, plan, ret_asked, ret_asked_count);
    json_decref(plan);
    status = status ? status : read_journal(&s);
    status = status ? status : read_made(&s);
    status = status ? status : give_runs_to_settings(&s);
    if (!status)
        ret->base = base_of(ret);
    return status;
}
