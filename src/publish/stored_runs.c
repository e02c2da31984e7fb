#include "publish/stored_runs.h"

#include <stdio.h>

#include "publish/publication_files.h"
#include "store/records.h"
#include "study/read_runs.h"

/* The file that the run's results stand in; *ret_file: its name. */
static enum ou_status load_results(struct sql *db, const char *id, struct buffer *text,
                                   const char **ret_file, struct ou_error *err)
{
    struct artifact_info info;
    enum ou_status status =
        record_artifact(db, id, *ret_file = publication_analysis, &info, text, err);

    if (status == OU_NOT_FOUND)
        status = record_artifact(db, id, *ret_file = publication_table, &info, text, err);
    if (status == OU_NOT_FOUND)
        ou_fail(err, status, "there is no run %s with results", id);
    return status;
}

enum ou_status stored_run_add(struct sql *db, const char *id, struct run_set *set,
                              struct ou_error *err)
{
    const char *file;
    char name[RECORD_ID_ROOM + 32];
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), ANALYSIS_FILE_MAX);
    status = load_results(db, id, &text, &file, err);
    if (!status) {
        snprintf(name, sizeof name, "%.*s/%s", RECORD_ID_DIGITS, id, file);
        status =
            run_set_add_text(set, (struct span){ buffer_string(&text), text.len }, name, id, err);
    }
    buffer_release(&text);
    return status;
}
