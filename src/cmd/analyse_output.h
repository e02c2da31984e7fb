/* Where the results of `analyse` go: files in a directory, all or none of them,
 * and one report to standard output. */
#ifndef OU_CMD_ANALYSE_OUTPUT_H
#define OU_CMD_ANALYSE_OUTPUT_H

#include <limits.h>
#include <stdbool.h>

#include "analyse/analysis.h"
#include "cmd/commands.h"
#include "report/slot_table_writer.h"
#include "report/tables.h"

enum output_format { FORMAT_TEXT, FORMAT_JSON, FORMAT_CSV, FORMAT_ORG };

/* Zero-initialise; release whatever the functions said. One thread. */
struct analyse_output {
    const struct parsed_options *options; /* not owned */
    enum output_format format;
    enum report_table table;
    char directory[PATH_MAX]; /* "": no files are written */
    bool prints_nothing;      /* set it before: only files are wanted */
    bool made_directory;      /* it was not there before */
    bool kept_directory;      /* results are in it */
    bool wants_slots;
    struct slot_table_writer slots; /* open when wants_slots and analyse_output_open() was fine */
    bool slots_are_open;
    struct slot_sink slot_sink;
};

/* What the options ask for; OU_USAGE when they contradict each other. Touches nothing. */
enum ou_status analyse_output_plan(const struct parsed_options *options, struct analyse_output *o,
                                   struct ou_error *err);

/* Makes ready to take results, so that a directory that cannot be written is
 * found out before the work. run: the run directory, or NULL. */
enum ou_status analyse_output_open(struct analyse_output *o, const char *run,
                                   const struct genesis *genesis, struct ou_error *err);

/* For analysis_request.slots; NULL when nobody wants them. */
const struct slot_sink *analyse_output_slots(const struct analyse_output *o);

/* Writes the files, then the report. */
enum ou_status analyse_output_write(struct analyse_output *o, const struct analysis *a,
                                    struct ou_error *err);

/* A directory made in vain is removed. */
void analyse_output_release(struct analyse_output *o);

#endif
