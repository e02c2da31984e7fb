/* Runs in progress as samples: what their trail has, a series for each number. */
#include <math.h>
#include <string.h>

#include "api/prometheus_source.h"
#include "base/time.h"
#include "json/tree.h"
#include "store/feed.h"
#include "store/keep.h"

enum { LIVE_MAX = 200 }; /* the newest ones */

static const struct {
    const char *column, *name;
} numbers[] = {
    { "slot", "ouroscope_live_slot" },
    { "heightLow", "ouroscope_live_height_low" },
    { "heightHigh", "ouroscope_live_height_high" },
    { "blocksForged", "ouroscope_live_blocks_forged" },
    { "transactionsSent", "ouroscope_live_transactions_sent" },
    { "transactionsPerSecond", "ouroscope_live_transactions_per_second" },
    { "cpuCores", "ouroscope_live_cpu_cores" },
    { "residentBytes", "ouroscope_live_resident_bytes" },
    { "nodesUp", "ouroscope_live_nodes_up" },
};
enum { NUMBERS = sizeof numbers / sizeof *numbers };

const char *results_live_name(size_t i)
{
    return i < NUMBERS ? numbers[i].name : NULL;
}

struct live_reading {
    const struct results_source *source;
    struct query_search *search;
    struct arena *memory;
    bool failed;
};

static double number_at(const json_t *trail, const char *column, size_t i)
{
    const json_t *value = json_array_get(json_object_get(trail, column), i);

    return json_is_number(value) ? json_number_value(value) : NAN;
}

/* Slot 0, from which a trail counts, in milliseconds. Where nobody said when it was, the last point is taken to be from the last
 * report. */
static double zero_ms(const struct measured_live *live, const json_t *trail, size_t count)
{
    const char *said = json_string_value(json_object_get(trail, "slotZeroAt"));
    int64_t zero_ns;

    if (said && time_parse_iso(said, strlen(said), &zero_ns))
        return (double)zero_ns / 1e6;
    return floor((double)live->heard_ns / 1e6) -
           number_at(trail, "elapsedSeconds", count - 1) * 1000;
}

/* When it is no more: it has ended, or will not have been heard of for too long. */
static int64_t end_ms(const struct measured_live *live)
{
    return (live->ended_ns != TIME_NONE ? live->ended_ns : live->heard_ns + LIVE_SILENT_NS) /
               1000000 +
           1;
}

/* The points of a column, and the mark of their end; *ret_count 0: there are none. NULL: no memory. */
static struct query_point *points_of(struct live_reading *r, const struct measured_live *live,
                                     const json_t *trail, const char *column, size_t *ret_count)
{
    size_t length = json_array_size(json_object_get(trail, "elapsedSeconds")), count = 0;
    struct query_point *points =
        arena_take(r->memory, (length + 1) * sizeof *points, _Alignof(struct query_point));
    double zero = length ? zero_ms(live, trail, length) : 0;

    *ret_count = 0;
    if (!points)
        return NULL;
    for (size_t i = 0; i < length; i++) {
        double value = number_at(trail, column, i);
        int64_t at_ms = llround(zero + number_at(trail, "elapsedSeconds", i) * 1000);

        if (!isnan(value) && (count == 0 || at_ms > points[count - 1].at_ms))
            points[count++] = (struct query_point){ at_ms, value };
    }
    if (count > 0 && end_ms(live) > points[count - 1].at_ms)
        points[count++] = (struct query_point){ end_ms(live), query_stale() };
    *ret_count = count;
    return points;
}

static bool offer_numbers(struct live_reading *r, const struct measured_live *live,
                          const json_t *trail)
{
    struct results_labels labels = { .at = {
                                         [LABEL_PROFILE] = keep_text(r->memory, live->profile),
                                         [LABEL_PROJECT] = keep_text(r->memory, live->project),
                                         [LABEL_RUN_NAME] = keep_text(r->memory, live->id),
                                     } };

    for (size_t i = 0; i < NUMBERS; i++) {
        struct query_point *points;
        size_t count;

        if (!query_search_may(r->search, QUERY_NAME_LABEL, numbers[i].name))
            continue;
        points = points_of(r, live, trail, numbers[i].column, &count);
        if (!points)
            return query_search_fail(r->search, QUERY_EXECUTION, "the query takes too much memory");
        labels.at[LABEL_METRIC] = numbers[i].name;
        if (count > 0 && !results_offer(r->source->state, r->search, &labels, points, count))
            return false;
    }
    return true;
}

static bool take_live(void *context, const struct measured_live *live)
{
    struct live_reading *r = context;
    json_t *trail = NULL;

    r->failed = !query_search_work(r->search, LIVE_TRAIL_POINTS);
    if (r->failed || (*r->source->project && !span_is(live->project, r->source->project)) ||
        json_tree_parse(live->trail, "trail", &trail, NULL))
        return !r->failed;
    r->failed = !offer_numbers(r, live, trail);
    json_decref(trail);
    return !r->failed;
}

bool results_live(const struct results_source *source, struct query_search *search)
{
    struct live_reading r = { .source = source,
                              .search = search,
                              .memory = query_search_memory(search) };
    struct ou_error err = { 0 };
    enum ou_status status;
    size_t i = 0;

    while (i < NUMBERS && !query_search_may(search, QUERY_NAME_LABEL, numbers[i].name))
        i++;
    if (i == NUMBERS)
        return true;
    status = measured_live(source->db, results_ns(query_search_from_ms(search)),
                           results_ns(query_search_to_ms(search)), LIVE_MAX, take_live, &r, &err);
    return status ? results_failed(source->state, search, status, &err) : !r.failed;
}
