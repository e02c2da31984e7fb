/* The folder of the run's collector. */
#include "workbench/service_files.h"

/* Metrics are asked for once a second; files are kept as they are: a run's logs are never rotated or deleted. */
static json_t *configuration(const struct profile *p)
{
    return json_pack("{s:I, s:{s:s, s:s}, s:[{s:s, s:s, s:s}], s:i, s:s}", "networkMagic",
                     (json_int_t)p->network_magic, "network", "tag", "AcceptAt", "contents",
                     "forward.socket", "logging", "logRoot", "../logs", "logMode", "FileMode",
                     "logFormat", "ForMachine", "loRequestNum", 1000, "verbosity", "ErrorsOnly");
}

enum ou_status tracer_files_write(const struct profile *p, const char *run_directory,
                                  const char *program, struct arena *memory,
                                  struct start_command *ret, struct ou_error *err)
{
    struct service_files f;
    enum ou_status status;

    service_open(&f, run_directory, "tracer", "tracer", program, "tracer", memory, err);
    service_save(&f, "config.json", configuration(p));
    service_argument(&f, "--config", "config.json");
    status = service_finish(&f, ret);
    if (!status) /* its socket is there when it listens */
        ret->ready = (struct readiness){ .kind = READY_FILE, .text = "forward.socket" };
    return status;
}
