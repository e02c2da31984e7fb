/* Inside `ouroscope sweep`. */
#ifndef OU_CMD_SWEEP_H
#define OU_CMD_SWEEP_H

#include "base/buffer.h"
#include "cmd/commands.h"
#include "workbench/sweep.h"

/* Rows of the option table. */
enum sweep_option {
    SWEEP_OPTION_DIR,
    SWEEP_OPTION_RESUME,
    SWEEP_OPTION_PLAN,
    SWEEP_OPTION_REPETITIONS,
    SWEEP_OPTION_BUDGET,
    SWEEP_OPTION_KEEP,
    SWEEP_OPTION_JSON,
    SWEEP_OPTION_PROGRESS,
    SWEEP_OPTION_REPORT_TO,
    SWEEP_OPTION_PROJECT,
    SWEEP_OPTION_TOKEN_FILE,
};

enum sweep_list_option { SWEEP_LIST_JSON };

enum exit_code cmd_sweep(const struct parsed_options *options);
enum exit_code cmd_sweep_list(const struct parsed_options *options);

/* "90 s", "45 min", "2.5 h", "3.2 d"; "an unknown time" for what is no number. */
#define SWEEP_TIME_ROOM 32
const char *sweep_time_text(double seconds, char ret[SWEEP_TIME_ROOM]);

/* Seconds that the runs which are still to be made will take: as the ones before did, else as long as their profiles
 * say at most. NaN: nobody can tell. */
double sweep_time_left(const struct sweep *s);

/* Appends the plan, for people, or as sweep.json with estimate_s. */
enum ou_status sweep_plan_text(const struct sweep *s, int width, struct buffer *out,
                               struct ou_error *err);
enum ou_status sweep_plan_json(const struct sweep *s, struct buffer *out, struct ou_error *err);

#endif
