#include "workbench/sweep.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "workbench/sweep_journal.h"

/* ---- profiles and names of points ---- */

static const struct sweep_level *level_of(const struct sweep *s, size_t point, size_t axis)
{
    return &s->axes[axis].levels[s->points[point].levels[axis]];
}

/* Texts to be laid over the profile, one behind the other. */
struct overlays {
    char *texts[SWEEP_AXES_MAX + 2]; /* owned */
    size_t count;
};

static bool add_overlay(struct overlays *o, const json_t *overlay)
{
    if (!overlay)
        return true;
    o->texts[o->count] = json_dumps(overlay, JSON_COMPACT);
    return o->texts[o->count++] != NULL;
}

static bool add_level_overlays(struct overlays *o, const struct sweep *s, size_t point)
{
    bool good = add_overlay(o, s->overlay);

    for (size_t i = 0; good && i < s->axis_count; i++)
        good = add_overlay(o, level_of(s, point, i)->overlay);
    return good;
}

/* Lists are replaced where overlays meet, and flags shall be added: the list of all of them is made here of what the
 * profile has so far. */
static bool add_flags(struct overlays *o, const struct sweep *s, size_t point,
                      const struct profile *so_far)
{
    json_t *node = json_object_get(so_far->document, "node");
    json_t *all = json_copy(json_object_get(node, "rts_flags_override"));
    json_t *overlay;
    bool good;

    if (!all)
        all = json_array();
    for (size_t i = 0; i < s->axis_count; i++)
        if (level_of(s, point, i)->rts)
            json_array_extend(all, (json_t *)level_of(s, point, i)->rts);
    overlay = json_pack("{s:{s:o}}", "node", "rts_flags_override", all);
    good = overlay && add_overlay(o, overlay);
    json_decref(overlay);
    return good;
}

static bool adds_flags(const struct sweep *s, size_t point)
{
    for (size_t i = 0; i < s->axis_count; i++)
        if (json_array_size(level_of(s, point, i)->rts))
            return true;
    return false;
}

static enum ou_status load_point(const struct sweep *s, size_t point, struct overlays *o,
                                 struct profile *ret, struct ou_error *err)
{
    enum ou_status status;

    if (!add_level_overlays(o, s, point))
        return ou_fail(err, OU_NO_MEMORY, "no memory for the overlays");
    status = profile_load(s->profile_place, (const char *const *)o->texts, o->count, ret, err);
    if (status || !adds_flags(s, point))
        return status;
    if (!add_flags(o, s, point, ret))
        status = ou_fail(err, OU_NO_MEMORY, "no memory for the overlays");
    profile_release(ret);
    *ret = (struct profile){ 0 };
    return status
               ? status
               : profile_load(s->profile_place, (const char *const *)o->texts, o->count, ret, err);
}

enum ou_status sweep_profile(const struct sweep *s, size_t point, struct profile *ret,
                             struct ou_error *err)
{
    struct overlays overlays = { .count = 0 };
    enum ou_status status = load_point(s, point, &overlays, ret, err);

    for (size_t i = 0; i < overlays.count; i++)
        free(overlays.texts[i]);
    return status;
}

json_t *sweep_setting(const struct sweep *s, size_t point)
{
    json_t *setting = json_object();

    for (size_t i = 0; setting && i < s->axis_count; i++) {
        if (json_object_set_new(setting, s->axes[i].name,
                                json_string(level_of(s, point, i)->label)) == 0)
            continue;
        json_decref(setting);
        return NULL;
    }
    return setting;
}

void sweep_setting_label(const struct sweep *s, size_t point, char *ret, size_t room)
{
    size_t len = 0;

    for (size_t i = 0; i < s->axis_count && len < room; i++) {
        const char *label = level_of(s, point, i)->label;
        bool is_bare = isdigit((unsigned char)*label) != 0;

        len += (size_t)snprintf(ret + len, room - len, "%s%s%s%s", i ? ", " : "",
                                is_bare ? s->axes[i].name : "", is_bare ? " " : "", label);
    }
    if (len >= room && room > 3)
        memcpy(ret + room - 4, "...", 4);
}

const char *sweep_aliases(const struct sweep *s)
{
    if (s->fraction == 1)
        return "";
    if (s->axis_count == 3)
        return "The fraction cannot tell the effect of an axis from the interaction of the two "
               "others.";
    if (s->axis_count == 4)
        return "The fraction cannot tell the interaction of two axes from that of the two others; "
               "effects of single axes are clear of them.";
    return "The fraction cannot tell interactions of three and more axes from those of the others; "
           "effects of single axes and interactions of two are clear of each other.";
}

/* ---- runs ---- */

/* "90 s", "45 min", "2.5 h" */
static void show_time(double seconds, char ret[32])
{
    if (seconds < 120)
        snprintf(ret, 32, "%.0f s", seconds);
    else if (seconds < 7200)
        snprintf(ret, 32, "%.0f min", seconds / 60);
    else
        snprintf(ret, 32, "%.1f h", seconds / 3600);
}

/* Whether there is time for `seconds` more; *s says why not. */
static bool has_time(struct sweep *s, double seconds, const char *for_what)
{
    double left = s->budget_s - s->spent_s;
    char budget[32], rest[32], wanted[32];

    if (seconds <= left && left > 0)
        return true;
    show_time(s->budget_s, budget);
    show_time(left > 0 ? left : 0, rest);
    show_time(seconds, wanted);
    snprintf(s->why, sizeof s->why, "%s of the budget of %s are left, and %s takes about %s", rest,
             budget, for_what, wanted);
    return false;
}

size_t sweep_next(struct sweep *s, const char **ret_why)
{
    size_t next = 0;
    bool begins_block;

    *ret_why = s->why;
    s->why[0] = '\0';
    while (next < s->run_count && s->states[next] != SWEEP_RUN_OPEN)
        next++;
    if (next == s->run_count)
        return SIZE_MAX;
    begins_block = s->order[next].position == 0 && s->order[next].block > 0 && !s->attempts[next];
    if (begins_block &&
        !has_time(s, s->spent_s / (double)(s->tries ? s->tries : 1) * (double)s->point_count,
                  "a whole block more"))
        return SIZE_MAX;
    return has_time(s, s->longest_s, "a run") ? next : SIZE_MAX;
}

enum ou_status sweep_begin(struct sweep *s, size_t run, struct ou_error *err)
{
    const struct sweep_entry entry = { SWEEP_begun, run, "", 0, "" };

    return sweep_journal_add(s, &entry, err);
}

/* As seen from the sweep's directory, so that it may be moved. */
static const char *inside(const struct sweep *s, const char *run_directory)
{
    size_t len = strlen(s->directory);

    if (strncmp(run_directory, s->directory, len) != 0)
        return run_directory;
    run_directory += len;
    return run_directory + strspn(run_directory, "/");
}

enum ou_status sweep_finish(struct sweep *s, size_t run, const char *run_directory, bool succeeded,
                            double seconds, const char *cause, struct ou_error *err)
{
    bool last = s->attempts[run] + 1 >= s->attempts_max;
    const struct sweep_entry entry = { succeeded ? SWEEP_done
                                       : last    ? SWEEP_given_up
                                                 : SWEEP_failed,
                                       run, inside(s, run_directory), seconds, cause };

    return sweep_journal_add(s, &entry, err);
}

enum ou_status sweep_interrupt(struct sweep *s, size_t run, const char *run_directory,
                               double seconds, struct ou_error *err)
{
    const struct sweep_entry entry = { SWEEP_interrupted, run, inside(s, run_directory), seconds,
                                       "interrupted" };

    return sweep_journal_add(s, &entry, err);
}
