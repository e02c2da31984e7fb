/* The plan of a sweep, and how long it will take. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "cmd/columns.h"
#include "cmd/sweep.h"
#include "json/tree.h"
#include "workbench/sweep_plan.h"

/* ---- time ---- */

const char *sweep_time_text(double seconds, char ret[SWEEP_TIME_ROOM])
{
    if (!isfinite(seconds))
        snprintf(ret, SWEEP_TIME_ROOM, "an unknown time");
    else if (seconds < 120)
        snprintf(ret, SWEEP_TIME_ROOM, "%.0f s", seconds);
    else if (seconds < 7200)
        snprintf(ret, SWEEP_TIME_ROOM, "%.0f min", seconds / 60);
    else if (seconds < 172800)
        snprintf(ret, SWEEP_TIME_ROOM, "%.1f h", seconds / 3600);
    else
        snprintf(ret, SWEEP_TIME_ROOM, "%.1f d", seconds / 86400);
    return ret;
}

/* How long a run goes on behind slot 0, by the first of its conditions. Infinite: none that can be told before. */
static double duration_of(const struct profile *p)
{
    double least = p->max_duration_s > 0 ? p->max_duration_s : INFINITY;

    if (p->node_kind == NODE_COMMAND)
        return least;
    if (p->stop_slot != UINT64_MAX)
        least = fmin(least, (double)p->stop_slot * p->slot_s);
    if (p->stop_block != UINT64_MAX)
        least = fmin(least, (double)p->stop_block / p->active_slots_coeff * p->slot_s);
    return least;
}

static double estimate_of(const struct sweep *s, size_t point)
{
    struct profile p = { 0 };
    double seconds = NAN;

    if (!sweep_profile(s, point, &p, NULL))
        seconds = p.start_delay_s + duration_of(&p);
    profile_release(&p);
    return isfinite(seconds) ? seconds : NAN;
}

double sweep_time_left(const struct sweep *s)
{
    size_t left = s->run_count - s->done_count - s->given_up_count;
    double sum = 0;

    if (left == 0)
        return 0;
    if (s->tries > 0)
        return s->spent_s / (double)s->tries * (double)left;
    for (size_t i = 0; i < s->point_count; i++)
        sum += estimate_of(s, i);
    return sum / (double)s->point_count * (double)left;
}

/* ---- text ---- */

static void add_axes(struct columns *c, const struct sweep *s)
{
    for (size_t i = 0; i < s->axis_count; i++) {
        char levels[400] = "";
        size_t len = 0;

        for (size_t j = 0; j < s->axes[i].level_count && len < sizeof levels; j++)
            len += (size_t)snprintf(levels + len, sizeof levels - len, "%s%s", j ? " | " : "",
                                    s->axes[i].levels[j].label);
        columns_printf(c, "  %s", s->axes[i].name);
        columns_add(c, levels);
    }
}

/* The number of a setting stands in the cell of its first level: there may be as many axes as columns. */
static void add_points(struct columns *c, const struct sweep *s)
{
    for (size_t i = 0; i < s->axis_count; i++)
        columns_printf(c, "%s%s", i ? "" : "  setting  ", s->axes[i].name);
    for (size_t point = 0; point < s->point_count; point++)
        for (size_t i = 0; i < s->axis_count; i++) {
            const char *label = s->axes[i].levels[s->points[point].levels[i]].label;

            if (i == 0)
                columns_printf(c, "  %-7zu  %s", point, label);
            else
                columns_add(c, label);
        }
}

/* Settings by number, in the order of each block; what is made has a mark behind it. */
static void add_order(struct columns *c, const struct sweep *s)
{
    for (uint32_t block = 0; block < s->repetitions; block++) {
        char runs[2000] = "";
        size_t len = 0, first = (size_t)block * s->point_count;

        for (size_t i = first; i < first + s->point_count && len < sizeof runs; i++)
            len += (size_t)snprintf(runs + len, sizeof runs - len, "%s%u%s", i > first ? " " : "",
                                    s->order[i].point,
                                    s->states[i] == SWEEP_RUN_DONE       ? "+"
                                    : s->states[i] == SWEEP_RUN_GIVEN_UP ? "!"
                                                                         : "");
        columns_printf(c, "  block %u", block + 1);
        columns_add(c, runs);
    }
}

static enum ou_status append_table(void (*add)(struct columns *, const struct sweep *),
                                   const struct sweep *s, size_t count, int width,
                                   struct buffer *out, struct ou_error *err)
{
    struct columns c;
    enum ou_status status;

    columns_init(&c, count, 0, (size_t)width);
    add(&c, s);
    status = columns_write(&c, out, err);
    columns_release(&c);
    buffer_char(out, '\n');
    return status;
}

static void append_head(const struct sweep *s, struct buffer *out)
{
    char left[SWEEP_TIME_ROOM], budget[SWEEP_TIME_ROOM];

    buffer_printf(out, "Sweep %s: profile %s, %zu settings", s->name, s->profile, s->point_count);
    if (s->fraction > 1)
        buffer_printf(out, " (1/%u of the grid)", s->fraction);
    buffer_printf(out, ", %u block%s: %zu runs\n", s->repetitions, s->repetitions == 1 ? "" : "s",
                  s->run_count);
    if (s->done_count || s->given_up_count)
        buffer_printf(out, "Made: %zu; given up: %zu\n", s->done_count, s->given_up_count);
    sweep_time_text(sweep_time_left(s), left);
    if (s->tries)
        buffer_printf(out, "Time: about %s more, by the runs that were made", left);
    else
        buffer_printf(out, "Time: %s where runs last as long as their profile lets them", left);
    if (isfinite(s->budget_s))
        buffer_printf(out, "; budget: %s", sweep_time_text(s->budget_s, budget));
    buffer_printf(out, "; seed: %" PRIu64 "\n", s->seed);
    if (*sweep_aliases(s))
        buffer_printf(out, "%s\n", sweep_aliases(s));
    buffer_char(out, '\n');
}

enum ou_status sweep_plan_text(const struct sweep *s, int width, struct buffer *out,
                               struct ou_error *err)
{
    enum ou_status status;

    append_head(s, out);
    status = append_table(add_axes, s, 2, width, out, err);
    if (!status)
        status = append_table(add_points, s, s->axis_count, width, out, err);
    if (!status)
        status = append_table(add_order, s, 2, width, out, err);
    return status;
}

/* ---- JSON ---- */

enum ou_status sweep_plan_json(const struct sweep *s, struct buffer *out, struct ou_error *err)
{
    json_t *document = sweep_plan_document(s);
    double left = sweep_time_left(s);
    enum ou_status status;

    if (!document ||
        json_object_set_new(document, "estimate_s", isfinite(left) ? json_real(left) : json_null()))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for the plan");
    else {
        json_tree_append(out, document);
        buffer_char(out, '\n');
        status = buffer_status(out);
        status = status ? ou_fail(err, status, "the plan is too large to be printed") : OU_OK;
    }
    json_decref(document);
    return status;
}
