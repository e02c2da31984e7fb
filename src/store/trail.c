#include "store/trail.h"

#include <stdlib.h>

#include "json/tree.h"

#define SPACING_FIRST_S 1.0

/* The first one is time. */
static const char *const columns[] = { "elapsedSeconds",
                                       "slot",
                                       "heightLow",
                                       "heightHigh",
                                       "blocksForged",
                                       "transactionsSent",
                                       "transactionsPerSecond",
                                       "cpuCores",
                                       "residentBytes",
                                       "nodesUp" };
#define COLUMNS (sizeof columns / sizeof *columns)

static json_t *new_trail(void)
{
    json_t *trail = json_object();

    json_object_set_new(trail, "spacingSeconds", json_real(SPACING_FIRST_S));
    json_object_set_new(trail, "slotZeroAt", json_null());
    for (size_t i = 0; i < COLUMNS; i++)
        json_object_set_new(trail, columns[i], json_array());
    return trail;
}

static enum ou_status parse(const char *text, const char *name, json_t **ret, struct ou_error *err)
{
    enum ou_status status = json_tree_parse(span_of(text), name, ret, err);

    if (!status && !json_is_object(*ret)) {
        json_decref(*ret);
        *ret = NULL;
        return ou_fail(err, OU_INVALID, "%s is no object", name);
    }
    return status;
}

static double time_at(const json_t *trail, size_t i)
{
    return json_number_value(json_array_get(json_object_get(trail, columns[0]), i));
}

static size_t length(const json_t *trail)
{
    return json_array_size(json_object_get(trail, columns[0]));
}

/* Every second point goes, but the last one stays. */
static void halve(json_t *trail)
{
    const size_t count = length(trail);
    const double spacing = json_number_value(json_object_get(trail, "spacingSeconds"));

    for (size_t c = 0; c < COLUMNS; c++) {
        json_t *column = json_object_get(trail, columns[c]);
        json_t *thin = json_array();

        for (size_t i = 0; i < count; i += 2)
            json_array_append(thin, json_array_get(column, i));
        if (count % 2 == 0)
            json_array_append(thin, json_array_get(column, count - 1));
        json_object_set_new(trail, columns[c], thin);
    }
    json_object_set_new(trail, "spacingSeconds", json_real(2 * spacing));
}

static void drop_last(json_t *trail, size_t count)
{
    for (size_t c = 0; c < COLUMNS; c++)
        json_array_remove(json_object_get(trail, columns[c]), count - 1);
}

static void add_point(json_t *trail, const json_t *view)
{
    json_t *zero = json_object_get(view, "slotZeroAt");

    if (json_is_string(zero))
        json_object_set(trail, "slotZeroAt", zero);
    for (size_t c = 0; c < COLUMNS; c++) {
        const json_t *value = json_object_get(view, columns[c]);

        json_array_append_new(json_object_get(trail, columns[c]),
                              json_is_number(value) ? json_deep_copy(value) : json_null());
    }
}

static void add(json_t **trail, const json_t *view, size_t most)
{
    const json_t *now = json_object_get(view, columns[0]);
    size_t count = length(*trail);
    double spacing;

    if (!json_is_number(now))
        return;
    if (count > 0 && json_number_value(now) < time_at(*trail, count - 1)) {
        json_decref(*trail); /* the run was begun anew */
        *trail = new_trail();
        count = 0;
    }
    spacing = json_number_value(json_object_get(*trail, "spacingSeconds"));
    if (count >= 2 && json_number_value(now) - time_at(*trail, count - 2) < spacing)
        drop_last(*trail, count);
    else if (count >= most)
        halve(*trail);
    add_point(*trail, view);
}

enum ou_status trail_add(const char *trail, const char *view, size_t most, struct buffer *ret,
                         struct ou_error *err)
{
    json_t *points = NULL, *report = NULL;
    enum ou_status status = parse(view, "the report", &report, err);
    char *text;

    if (!status && *trail)
        status = parse(trail, "the trail", &points, err);
    if (!status) {
        points = points ? points : new_trail();
        add(&points, report, most);
        text = json_tree_text(points, JSON_COMPACT | JSON_REAL_PRECISION(9));
        if (text)
            buffer_text(ret, text);
        else
            status = ou_fail(err, OU_NO_MEMORY, "no memory for a trail");
        free(text);
    }
    json_decref(points);
    json_decref(report);
    return status ? status : buffer_status(ret);
}
