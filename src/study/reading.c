#include "study/reading.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/time.h"

/* --- Failures and memory ------------------------------------------------------ */

bool reading_fail(struct reading *r, enum ou_status status, const char *format, ...)
{
    char text[256];
    va_list args;

    if (r->status)
        return false;
    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    r->status = ou_fail(r->err, status, "%s: %s", r->path, text);
    return false;
}

static void fail_for_want_of_memory(struct reading *r, size_t bytes)
{
    if (arena_has_room(&r->set->memory, bytes, sizeof(double)))
        reading_fail(r, OU_NO_MEMORY, "no memory for what is in it");
    else
        reading_fail(r, OU_TOO_LARGE, "the runs together are too large");
}

void *reading_take(struct reading *r, size_t n, size_t item_bytes)
{
    void *taken = NULL;

    if (n == 0 || r->status)
        return NULL;
    if (n <= SIZE_MAX / 2 / item_bytes)
        taken = arena_take(&r->set->memory, n * item_bytes, sizeof(double));
    if (!taken)
        fail_for_want_of_memory(r, n <= SIZE_MAX / 2 / item_bytes ? n * item_bytes : SIZE_MAX / 2);
    return taken;
}

const char *reading_keep(struct reading *r, const char *text)
{
    const char *kept;

    if (!text || r->status)
        return NULL;
    kept = arena_copy(&r->set->memory, text, strlen(text));
    if (!kept)
        fail_for_want_of_memory(r, strlen(text) + 1);
    return kept;
}

const char *reading_span(struct reading *r, struct span text)
{
    const char *kept = r->status ? NULL : arena_copy(&r->set->memory, text.at, text.len);

    if (!kept && !r->status)
        fail_for_want_of_memory(r, text.len + 1);
    return kept;
}

const char *reading_printf(struct reading *r, const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    return reading_keep(r, text);
}

/* --- Members of JSON objects --------------------------------------------------- */

static const json_t *known_member(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    return json_is_null(value) ? NULL : value;
}

static void fail_for_type(struct reading *r, const char *place, const char *key, const char *type)
{
    reading_fail(r, OU_INVALID, "%s%s%s is no %s", place, *place ? "." : "", key, type);
}

double reading_number(struct reading *r, const json_t *object, const char *place, const char *key)
{
    const json_t *value = known_member(object, key);

    if (value && !json_is_number(value))
        fail_for_type(r, place, key, "number");
    return json_is_number(value) ? json_number_value(value) : NAN;
}

const char *reading_text(struct reading *r, const json_t *object, const char *place,
                         const char *key)
{
    const json_t *value = known_member(object, key);

    if (value && !json_is_string(value))
        fail_for_type(r, place, key, "text");
    return reading_keep(r, json_string_value(value));
}

int64_t reading_instant(struct reading *r, const json_t *object, const char *place, const char *key)
{
    const json_t *value = known_member(object, key);
    int64_t ns = TIME_NONE;

    if (value && (!json_is_string(value) ||
                  !time_parse_iso(json_string_value(value), json_string_length(value), &ns)))
        fail_for_type(r, place, key, "time such as 2026-11-22T10:00:00Z");
    return ns;
}

const json_t *reading_object(struct reading *r, const json_t *object, const char *place,
                             const char *key)
{
    const json_t *value = known_member(object, key);

    if (value && !json_is_object(value))
        fail_for_type(r, place, key, "object");
    return json_is_object(value) ? value : NULL;
}

const json_t *reading_array(struct reading *r, const json_t *object, const char *place,
                            const char *key)
{
    const json_t *value = known_member(object, key);

    if (value && !json_is_array(value))
        fail_for_type(r, place, key, "array");
    return json_is_array(value) ? value : NULL;
}

int64_t reading_whole(double number)
{
    return number >= 0 && number < 9e15 ? (int64_t)number : -1;
}

/* --- Runs ------------------------------------------------------------------------ */

void reading_begin_run(struct reading *r, struct finished_run *run, enum run_source source)
{
    *run = (struct finished_run){
        .source = source,
        .path = r->path,
        .operand = r->operand,
        .started_ns = TIME_NONE,
        .design = { .block = -1, .position = -1 },
        .bound_efficiency = NAN,
        .traces = { NAN, NAN, NAN, NAN, NAN, NAN },
        .checksum = reading_keep(r, r->checksum),
    };
    r->run = run;
}

void reading_room_for_facts(struct reading *r, size_t most)
{
    r->run->facts = reading_take(r, most, sizeof *r->run->facts);
}

void reading_add_fact(struct reading *r, const char *group, const char *name, const char *value)
{
    if (!value || r->status)
        return;
    r->run->facts[r->run->fact_count++] = (struct run_fact){ group, name, value };
}

void reading_add_count(struct reading *r, const char *id, const char *name, const char *unit,
                       double count, double exposure)
{
    if (!(count >= 0 && exposure > 0) || isinf(count) || isinf(exposure))
        return;
    r->run->counts[r->run->count_count++] =
        (struct run_count){ .id = id, .name = name, .exposure_unit = unit, count, exposure };
}

void reading_end_run(struct reading *r)
{
    struct run_set *s = r->set;
    size_t room = s->room ? 2 * s->room : 16;

    if (!r->status && s->count == s->room) {
        struct finished_run *grown = reading_take(r, room, sizeof *grown);

        if (!grown)
            return;
        if (s->count > 0)
            memcpy(grown, s->runs, s->count * sizeof *grown);
        s->runs = grown;
        s->room = room;
    }
    if (!r->status)
        s->runs[s->count++] = *r->run;
}

/* -1: not told. */
static int64_t place_in_design(double number)
{
    return number >= 0 && number < 1e9 ? (int64_t)number : -1;
}

void reading_design(struct reading *r, const json_t *object, const char *place)
{
    const json_t *design = reading_object(r, object, place, "design");

    r->run->design = (struct run_design){
        reading_text(r, design, place, "series"),
        place_in_design(reading_number(r, design, place, "block")),
        place_in_design(reading_number(r, design, place, "position")),
    };
}

/* --- Metrics ----------------------------------------------------------------------- */

static void read_quantiles(struct reading *r, const json_t *metric, const char *place,
                           double ret[STANDARD_QUANTILES])
{
    const json_t *list = reading_array(r, metric, place, "quantiles");

    for (int i = 0; i < STANDARD_QUANTILES; i++)
        ret[i] = NAN;
    if (!list)
        return;
    if (json_array_size(list) != STANDARD_QUANTILES) {
        reading_fail(r, OU_INVALID, "%s has %zu quantiles, not %d", place, json_array_size(list),
                     STANDARD_QUANTILES);
        return;
    }
    for (size_t i = 0; i < STANDARD_QUANTILES; i++) {
        const json_t *pair = json_array_get(list, i), *value = json_array_get(pair, 1);

        if (json_number_value(json_array_get(pair, 0)) != standard_quantiles[i] ||
            !(json_is_number(value) || json_is_null(value)))
            reading_fail(r, OU_INVALID, "%s: quantile %zu is not [%g, a number]", place, i,
                         standard_quantiles[i]);
        ret[i] = json_is_number(value) ? json_number_value(value) : NAN;
    }
}

static void read_distribution(struct reading *r, const json_t *metric, const char *place,
                              struct run_value *ret)
{
    ret->kind = RUN_VALUE_DISTRIBUTION;
    ret->mean = reading_number(r, metric, place, "mean");
    ret->n = reading_number(r, metric, place, "n");
    ret->median = reading_number(r, metric, place, "median");
    ret->sd = reading_number(r, metric, place, "sd");
    ret->min = reading_number(r, metric, place, "min");
    ret->max = reading_number(r, metric, place, "max");
    read_quantiles(r, metric, place, ret->quantiles);
}

void reading_metric(struct reading *r, const json_t *metric, const char *place,
                    struct run_value *ret)
{
    const json_t *value = known_member(metric, "value");

    ret->mean = ret->n = ret->median = ret->sd = ret->min = ret->max = NAN;
    for (int i = 0; i < STANDARD_QUANTILES; i++)
        ret->quantiles[i] = NAN;
    if (!json_is_object(metric)) {
        reading_fail(r, OU_INVALID, "%s is no object", place);
    } else if (known_member(metric, "mean")) {
        read_distribution(r, metric, place, ret);
    } else if (json_is_string(value)) {
        ret->kind = RUN_VALUE_TEXT;
        ret->text = reading_keep(r, json_string_value(value));
    } else if (value) {
        ret->kind = RUN_VALUE_NUMBER;
        ret->mean = reading_number(r, metric, place, "value");
    } else {
        ret->kind = RUN_VALUE_ABSENT;
        ret->absent_reason = reading_text(r, metric, place, "reason");
    }
}

/* [n, mean, sd] of a host; of older files its mean alone. */
static void read_host_part(struct reading *r, const json_t *value, const char *place,
                           struct host_part *ret)
{
    double numbers[3] = { NAN, NAN, NAN };
    bool list = json_is_array(value) && json_array_size(value) == 3;

    if (!list && !json_is_number(value)) {
        reading_fail(r, OU_INVALID, "%s: a host's part is not [n, mean, sd]", place);
        return;
    }
    for (size_t i = 0; list && i < 3; i++) {
        const json_t *number = json_array_get(value, i);

        if (json_is_number(number))
            numbers[i] = json_number_value(number);
    }
    if (!list)
        numbers[1] = json_number_value(value);
    ret->n = numbers[0];
    ret->mean = numbers[1];
    ret->sd = numbers[2];
}

static int by_host(const void *a, const void *b)
{
    uint32_t x = ((const struct host_part *)a)->host, y = ((const struct host_part *)b)->host;

    return (x > y) - (x < y);
}

static void read_host_parts(struct reading *r, const json_t *metric, const char *place,
                            const json_t *host_index, struct run_value *ret)
{
    const json_t *hosts = reading_object(r, metric, place, "hosts"), *value;
    const char *name;

    if (!hosts)
        hosts = reading_object(r, metric, place, "perHost");
    ret->hosts = reading_take(r, json_object_size(hosts), sizeof *ret->hosts);
    if (!ret->hosts)
        return;
    json_object_foreach((json_t *)hosts, name, value)
    {
        const json_t *at = json_object_get(host_index, name);

        if (!at)
            reading_fail(r, OU_INVALID, "%s: host '%s' is not one of the run's", place, name);
        if (!at || json_is_null(value))
            continue;
        ret->hosts[ret->host_count].host = (uint32_t)json_integer_value(at);
        read_host_part(r, value, place, &ret->hosts[ret->host_count++]);
    }
    qsort(ret->hosts, ret->host_count, sizeof *ret->hosts, by_host);
}

void reading_metrics(struct reading *r, const json_t *metrics, const char *place,
                     const json_t *host_index)
{
    struct finished_run *run = r->run;

    run->values = reading_take(r, dictionary_count(), sizeof *run->values);
    for (size_t i = 0; !r->status && i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);
        const json_t *section = json_object_get(metrics, section_name(info->section));
        const json_t *metric = json_object_get(section, info->id);
        struct run_value *value = &run->values[run->value_count];
        char where[128];

        if (!metric)
            continue;
        snprintf(where, sizeof where, "%s.%s.%s", place, section_name(info->section), info->id);
        value->info = info;
        reading_metric(r, metric, where, value);
        if (host_index)
            read_host_parts(r, metric, where, host_index, value);
        run->value_count++;
    }
}

/* --- Findings -------------------------------------------------------------------------------------- */

static size_t read_findings_of(struct reading *r, const json_t *findings, const char *severity)
{
    const json_t *finding;
    size_t i, found = 0;

    json_array_foreach(findings, i, finding)
    {
        const char *text = json_string_value(json_object_get(finding, "text"));
        const char *its = json_string_value(json_object_get(finding, "severity"));

        if (r->status || !its || strcmp(its, severity) != 0)
            continue;
        r->run->finding_texts[r->run->errors + found] = reading_keep(r, text ? text : "");
        found++;
    }
    return found;
}

static bool has_finding(const json_t *findings, const char *code)
{
    const json_t *finding;
    size_t i;

    json_array_foreach(findings, i, finding)
    {
        const char *its = json_string_value(json_object_get(finding, "code"));

        if (its && strcmp(its, code) == 0)
            return true;
    }
    return false;
}

void reading_findings(struct reading *r, const json_t *findings)
{
    r->run->coarse_stamps = has_finding(findings, "coarse-stamps");
    r->run->finding_texts =
        reading_take(r, json_array_size(findings), sizeof *r->run->finding_texts);
    if (!r->run->finding_texts)
        return;
    r->run->errors = read_findings_of(r, findings, "error");
    r->run->warnings = read_findings_of(r, findings, "warning");
}
