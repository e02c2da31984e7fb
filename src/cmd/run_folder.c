#include "cmd/run_folder.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/time.h"

const char *run_folder_of(const struct parsed_options *options, size_t option)
{
    const char *given = option_value(options, option);

    return given ? given : RUN_FOLDER_DEFAULT;
}

/* No run rests in these states: whoever was to lead it out of them is gone. */
static bool is_cut_off(const struct run_summary *run)
{
    return !run->is_live &&
           (run->state == RUN_allocated || run->state == RUN_deployed || run->state == RUN_running);
}

const char *run_state_shown(const struct run_summary *run)
{
    if (run->broken)
        return "broken";
    return is_cut_off(run) ? "cut-off" : run_state_name(run->state);
}

const char *run_cause_shown(const struct run_summary *run)
{
    if (run->broken)
        return run->broken;
    return !*run->cause && is_cut_off(run) ? "nobody watches it any more" : run->cause;
}

bool run_is_finished(const struct run_summary *run)
{
    return !run->broken && !run->is_live &&
           (run->state == RUN_analysed || run->state == RUN_fetched || run->state == RUN_stopped ||
            run->state == RUN_failed);
}

void run_age_text(int64_t since_ns, int64_t now_ns, char ret[RUN_AGE_ROOM])
{
    static const struct {
        int64_t seconds;
        const char *unit;
    } units[] = { { 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" } };
    int64_t seconds;
    size_t i = 0;

    ret[0] = '\0';
    if (since_ns == TIME_NONE)
        return;
    seconds = (now_ns - since_ns) / NS_PER_SECOND;
    if (seconds < 0)
        seconds = 0;
    while (i < 3 && seconds < 2 * units[i].seconds)
        i++;
    snprintf(ret, RUN_AGE_ROOM, "%" PRId64 " %s", seconds / units[i].seconds, units[i].unit);
}

void run_bytes_text(uint64_t bytes, char ret[RUN_BYTES_ROOM])
{
    static const char *const units[] = { "B", "kB", "MB", "GB", "TB" };
    double value = (double)bytes;
    size_t i = 0;

    while (i < 4 && value >= 1000) {
        value /= 1000;
        i++;
    }
    snprintf(ret, RUN_BYTES_ROOM, i == 0 || value >= 100 ? "%.0f %s" : "%.1f %s", value, units[i]);
}
