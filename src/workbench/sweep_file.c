#include "workbench/sweep_file.h"

#include <ctype.h>
#include <math.h>
#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "workbench/run_dir.h"
#include "workbench/sweep_axes.h"

#define METRICS_MAX 64
#define BUDGET_MAX_S (366.0 * 86400)

/* ---- messages ---- */

enum ou_status sweep_fail(const struct sweep_place *at, const char *member, const char *format, ...)
{
    char what[300];
    va_list args;

    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    return ou_fail(at->err, OU_INVALID, "%s: %s%s%s%s%s", at->source, at->path,
                   *at->path && *member ? "." : "", member, *at->path || *member ? ": " : "", what);
}

enum ou_status sweep_check_members(const struct sweep_place *at, const json_t *object,
                                   const char *const *known)
{
    const char *key;
    json_t *value;

    if (!json_is_object(object))
        return sweep_fail(at, "", "an object is wanted");
    json_object_foreach((json_t *)object, key, value)
    {
        struct suggestion s;
        size_t i = 0;

        suggest_for(&s, span_of(key));
        for (; known[i] && strcmp(known[i], key) != 0; i++)
            suggest_consider(&s, known[i]);
        if (!known[i])
            return sweep_fail(at, "", "no member \"%.64s\" is known%s%s%s", key,
                              s.best ? "; did you mean \"" : "", s.best ? s.best : "",
                              s.best ? "\"?" : "");
    }
    return OU_OK;
}

bool sweep_is_line(const char *text, size_t len)
{
    if (len == 0 || len > SWEEP_LABEL_MAX)
        return false;
    for (size_t i = 0; i < len; i++)
        if (iscntrl((unsigned char)text[i]))
            return false;
    return true;
}

bool sweep_is_label(const json_t *text)
{
    return sweep_is_line(json_string_value(text), json_string_length(text));
}

enum ou_status sweep_check_overlay(const struct sweep_place *at, const char *member,
                                   const json_t *overlay)
{
    static const char *const own[] = { "name", "desc", "base", "with", "edition", "derived" };

    if (!json_is_object(overlay))
        return sweep_fail(at, member, "an object is wanted, members of a profile");
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (json_object_get(overlay, own[i]))
            return sweep_fail(at, member, "%s says which profile it is, and cannot be laid over it",
                              own[i]);
    return OU_OK;
}

/* ---- members ---- */

/* A number of a unit: "1h30m" is two of them. */
static double unit_of(char c)
{
    return c == 'd' ? 86400 : c == 'h' ? 3600 : c == 'm' ? 60 : c == 's' ? 1 : 0;
}

bool sweep_read_duration(const char *text, double *ret_s)
{
    double last = INFINITY;

    *ret_s = 0;
    if (!*text)
        return false;
    while (*text) {
        double number = 0, unit;
        int digits = 0;

        for (; isdigit((unsigned char)*text) && digits < 9; digits++)
            number = number * 10 + (*text++ - '0');
        unit = unit_of(*text);
        if (digits == 0 || unit == 0 || unit >= last)
            return false;
        *ret_s += number * unit;
        last = unit;
        text++;
    }
    return true;
}

static enum ou_status read_budget(struct sweep *s, const struct sweep_place *at)
{
    const json_t *budget = json_object_get(s->file, "budget");

    s->budget_s = INFINITY;
    if (!budget || json_is_null(budget))
        return OU_OK;
    if (json_is_number(budget))
        s->budget_s = json_number_value(budget);
    else if (!json_is_string(budget) ||
             !sweep_read_duration(json_string_value(budget), &s->budget_s))
        return sweep_fail(at, "budget", "a time is wanted, as \"2h\" or \"1h30m\", or seconds");
    if (s->budget_s > 0 && s->budget_s <= BUDGET_MAX_S)
        return OU_OK;
    return sweep_fail(at, "budget", "more than nothing and at most 366 days are wanted");
}

static enum ou_status read_number(const struct sweep *s, const struct sweep_place *at,
                                  const char *member, json_int_t low, json_int_t high,
                                  json_int_t standard, json_int_t *ret)
{
    const json_t *value = json_object_get(s->file, member);

    *ret = value ? json_integer_value(value) : standard;
    if (!value || (json_is_integer(value) && *ret >= low && *ret <= high))
        return OU_OK;
    return sweep_fail(at, member, "a whole number from %lld to %lld is wanted", (long long)low,
                      (long long)high);
}

static enum ou_status read_numbers(struct sweep *s, const struct sweep_place *at)
{
    json_int_t repetitions, seed = 0, attempts = 0;
    enum ou_status status = read_number(s, at, "repetitions", 1, SWEEP_RUNS_MAX, 1, &repetitions);

    if (!status)
        status = read_number(s, at, "seed", 0, INT64_MAX, 1, &seed);
    if (!status)
        status = read_number(s, at, "attempts", 1, SWEEP_ATTEMPTS_MAX, 2, &attempts);
    s->repetitions = (uint32_t)repetitions;
    s->seed = (uint64_t)seed;
    s->attempts_max = (uint32_t)attempts;
    return status;
}

/* "grid": "full", or {"fraction": 3}. */
static enum ou_status read_grid(struct sweep *s, const struct sweep_place *at)
{
    const json_t *grid = json_object_get(s->file, "grid");
    const json_t *fraction = json_object_get(grid, "fraction");
    json_int_t n = json_integer_value(fraction);

    s->fraction = 1;
    if (!grid || (json_is_string(grid) && strcmp(json_string_value(grid), "full") == 0))
        return OU_OK;
    if (json_object_size(grid) != 1 || !json_is_integer(fraction) || n < 2 || n > SWEEP_LEVELS_MAX)
        return sweep_fail(at, "grid",
                          "\"full\" is wanted, or {\"fraction\": N} with N from 2 to %d",
                          SWEEP_LEVELS_MAX);
    s->fraction = (uint32_t)n;
    return OU_OK;
}

static enum ou_status read_metrics(struct sweep *s, const struct sweep_place *at)
{
    const json_t *metrics = json_object_get(s->file, "metrics");
    size_t count = json_array_size(metrics);
    const char **names;

    if (!metrics)
        return OU_OK;
    if (!json_is_array(metrics) || count > METRICS_MAX)
        return sweep_fail(at, "metrics", "a list of at most %d names is wanted", METRICS_MAX);
    names = arena_take(&s->memory, (count + 1) * sizeof *names, alignof(const char *));
    if (!names)
        return ou_fail(at->err, OU_NO_MEMORY, "%s: no memory", at->source);
    for (size_t i = 0; i < count; i++) {
        const json_t *name = json_array_get(metrics, i);

        if (!sweep_is_label(name))
            return sweep_fail(at, "metrics", "a name of 1 to %d bytes is wanted at place %zu",
                              SWEEP_LABEL_MAX, i);
        names[i] = json_string_value(name);
    }
    s->metrics = names;
    s->metric_count = count;
    return OU_OK;
}

static enum ou_status read_names(struct sweep *s, const struct sweep_place *at)
{
    const json_t *desc = json_object_get(s->file, "desc");
    struct ou_error why = { 0 };

    s->name = json_string_value(json_object_get(s->file, "name"));
    s->profile = json_string_value(json_object_get(s->file, "profile"));
    s->description = desc ? json_string_value(desc) : "";
    s->overlay = json_object_get(s->file, "overlay");
    if (!s->name || !*s->name)
        return sweep_fail(at, "name", "a sweep needs a name");
    if (run_label_check("the name", s->name, &why))
        return sweep_fail(at, "name", "%s", why.text);
    if (!s->profile || !*s->profile)
        return sweep_fail(at, "profile", "which profile? A name of one, or a file");
    if (!s->description)
        return sweep_fail(at, "desc", "a text is wanted");
    return s->overlay ? sweep_check_overlay(at, "overlay", s->overlay) : OU_OK;
}

static void change(struct sweep *s, const struct sweep_changes *changes)
{
    if (changes && changes->repetitions)
        s->repetitions = changes->repetitions;
    if (changes && changes->budget_s > 0)
        s->budget_s = changes->budget_s;
}

enum ou_status sweep_file_read(struct sweep *s, const char *source,
                               const struct sweep_changes *changes, struct ou_error *err)
{
    static const char *const members[] = { "name",   "desc",    "profile",     "overlay",
                                           "axes",   "grid",    "repetitions", "seed",
                                           "budget", "metrics", "attempts",    "$schema",
                                           NULL };
    const struct sweep_place at = { source, "", err };
    enum ou_status status = sweep_check_members(&at, s->file, members);

    if (!status)
        status = read_names(s, &at);
    if (!status)
        status = read_numbers(s, &at);
    if (!status)
        status = read_budget(s, &at);
    if (!status)
        status = read_metrics(s, &at);
    if (!status)
        status = read_grid(s, &at);
    if (!status)
        status = sweep_axes_read(s, source, err);
    if (!status)
        change(s, changes);
    return status;
}
