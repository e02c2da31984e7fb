#include "cmd/study_inputs.h"

#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/interrupt.h"
#include "cmd/analyse.h"
#include "cmd/say.h"
#include "study/read_runs.h"

/* A run directory has its logs in logs/, the manual says. */
bool study_input_is_analysable(const char *run)
{
    char path[PATH_MAX];
    struct stat about;

    return snprintf(path, sizeof path, "%s/logs", run) < (int)sizeof path &&
           stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

enum ou_status study_input_analyse(const struct command *command, const char *run,
                                   struct ou_error *err)
{
    char line[PATH_MAX + 64];

    snprintf(line, sizeof line, "%s has no analysis yet; it is analysed first", run);
    say(command, line);
    interrupt_install();
    return analyse_run_directory(run, false, err);
}

enum ou_status study_inputs_load(const struct command *command, const char *const *operands,
                                 size_t count, struct run_set *ret, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < count; i++) {
        status = run_set_add(ret, operands[i], err);
        if (status != OU_NOT_FOUND || !study_input_is_analysable(operands[i]))
            continue;
        status = study_input_analyse(command, operands[i], err);
        if (!status)
            status = run_set_add(ret, operands[i], err);
    }
    return status;
}
