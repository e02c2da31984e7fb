/* Lines over slots and curves of an analysis file. */
#include <math.h>
#include <stdio.h>

#include "study/reading.h"

/* --- Lines over time -------------------------------------------------------------------------- */

#define TIMELINE_BINS_MAX 100000

static uint64_t whole_or_0(double number)
{
    int64_t value = reading_whole(number);

    return value < 0 ? 0 : (uint64_t)value;
}

static double number_or_nan(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void read_line(struct reading *r, const json_t *line, const struct metric_info *info,
                      size_t bins)
{
    const json_t *mean = json_object_get(line, "mean");
    const json_t *min = json_object_get(line, "min"), *max = json_object_get(line, "max");
    struct timeline_bin *values;

    if (json_array_size(mean) != bins || json_array_size(min) != bins ||
        json_array_size(max) != bins) {
        reading_fail(r, OU_INVALID, "timeline.metrics: %s has not %zu values", info->id, bins);
        return;
    }
    values = reading_take(r, bins, sizeof *values);
    for (size_t i = 0; values && i < bins; i++)
        values[i] = (struct timeline_bin){ number_or_nan(json_array_get(mean, i)),
                                           number_or_nan(json_array_get(min, i)),
                                           number_or_nan(json_array_get(max, i)) };
    if (values)
        r->run->timeline.lines[r->run->timeline.line_count++] =
            (struct timeline_line){ info, values };
}

static void read_timeline(struct reading *r, const json_t *document)
{
    const json_t *timeline = reading_object(r, document, "", "timeline");
    const json_t *metrics = reading_object(r, timeline, "timeline", "metrics");
    int64_t bins = reading_whole(reading_number(r, timeline, "timeline", "bins"));

    if (bins <= 0 || bins > TIMELINE_BINS_MAX || json_object_size(metrics) == 0)
        return;
    r->run->timeline.first_slot =
        reading_whole(reading_number(r, timeline, "timeline", "firstSlot"));
    r->run->timeline.slots_per_bin =
        whole_or_0(reading_number(r, timeline, "timeline", "slotsPerBin"));
    r->run->timeline.epoch_slots =
        whole_or_0(reading_number(r, timeline, "timeline", "epochSlots"));
    r->run->timeline.slot_s = reading_number(r, timeline, "timeline", "slotSeconds");
    r->run->timeline.bins = (size_t)bins;
    r->run->timeline.lines = reading_take(r, dictionary_count(), sizeof *r->run->timeline.lines);
    for (size_t i = 0; !r->status && i < dictionary_count(); i++) {
        const struct metric_info *info = dictionary_row(i);
        char name[128];
        const json_t *line;

        snprintf(name, sizeof name, "%s/%s", section_name(info->section), info->id);
        line = json_object_get(metrics, name);
        if (line)
            read_line(r, line, info, (size_t)bins);
    }
}

/* --- Arrival ------------------------------------------------------------------------------------ */

#define ARRIVAL_POINTS_MAX 1000

/* The bound's curve has shares of its own, ascending; between two of them it is the later one's. */
static double bound_at(const json_t *curve, double share)
{
    const json_t *point;
    size_t i;

    json_array_foreach(curve, i, point)
    {
        if (number_or_nan(json_array_get(point, 0)) >= share - 1e-9)
            return number_or_nan(json_array_get(point, 1));
    }
    return NAN;
}

static void read_arrival(struct reading *r, const json_t *document)
{
    const json_t *arrival = reading_object(r, document, "", "arrival");
    const json_t *curve = reading_array(r, arrival, "arrival", "curve"), *point;
    const json_t *bound = reading_object(r, arrival, "arrival", "bound");
    const json_t *bound_curve = reading_array(r, bound, "arrival.bound", "curve");
    size_t i;

    if (json_array_size(curve) > ARRIVAL_POINTS_MAX ||
        json_array_size(bound_curve) > ARRIVAL_POINTS_MAX)
        reading_fail(r, OU_TOO_LARGE, "arrival: a curve has more than %d points",
                     ARRIVAL_POINTS_MAX);
    r->run->arrival = reading_take(r, json_array_size(curve), sizeof *r->run->arrival);
    if (!r->run->arrival)
        return;
    json_array_foreach(curve, i, point)
    {
        double share = number_or_nan(json_array_get(point, 0));

        if (json_array_size(point) != 4 || isnan(share)) {
            reading_fail(r, OU_INVALID, "arrival.curve[%zu] is not [share, p05, p50, p95]", i);
            return;
        }
        r->run->arrival[r->run->arrival_count++] = (struct arrival_point){
            share, number_or_nan(json_array_get(point, 1)), number_or_nan(json_array_get(point, 2)),
            number_or_nan(json_array_get(point, 3)), bound_at(bound_curve, share)
        };
    }
    r->run->bound_efficiency = reading_number(r, bound, "arrival.bound", "efficiency");
}

void reading_series(struct reading *r, const json_t *document)
{
    read_timeline(r, document);
    read_arrival(r, document);
}
