/* Commands about runs that are there already: `run list`, `run show`, `run stop`, `run clean`. */
#ifndef OU_CMD_RUN_FOLDER_H
#define OU_CMD_RUN_FOLDER_H

#include <limits.h>

#include "cmd/commands.h"
#include "workbench/runs.h"

#define RUN_FOLDER_DEFAULT "runs"

/* Rows of the option tables. */
enum run_list_option { RUN_LIST_STATE, RUN_LIST_BATCH, RUN_LIST_JSON };
enum run_show_option { RUN_SHOW_DIR, RUN_SHOW_JSON };
enum run_stop_option { RUN_STOP_DIR, RUN_STOP_ALL };
enum run_clean_option { RUN_CLEAN_DIR, RUN_CLEAN_ALL_FINISHED, RUN_CLEAN_DRY_RUN };

enum exit_code cmd_run_list(const struct parsed_options *options);
enum exit_code cmd_run_show(const struct parsed_options *options);
enum exit_code cmd_run_stop(const struct parsed_options *options);
enum exit_code cmd_run_clean(const struct parsed_options *options);

/* The folder that an option names, or ./runs. */
const char *run_folder_of(const struct parsed_options *options, size_t option);

/* "genesis-ready", "running", ...; "cut-off" where it was to go on, and nobody watches it. */
const char *run_state_shown(const struct run_summary *run);
/* Why it is in that state, or cannot be read; "" where the state says all. */
const char *run_cause_shown(const struct run_summary *run);

/* Whether nothing will happen to it any more, as far as its files tell. */
bool run_is_finished(const struct run_summary *run);

/* "3 min", "5 h", "12 d": a whole number that tells enough; "" for TIME_NONE. */
#define RUN_AGE_ROOM 32
void run_age_text(int64_t since_ns, int64_t now_ns, char ret[RUN_AGE_ROOM]);

/* "1.2 MB" */
#define RUN_BYTES_ROOM 32
void run_bytes_text(uint64_t bytes, char ret[RUN_BYTES_ROOM]);

#endif
