/* What the folders of nodes and of the generator have in common: a configuration with tracing, a start script. */
#ifndef OU_WORKBENCH_SERVICE_FILES_H
#define OU_WORKBENCH_SERVICE_FILES_H

#include "workbench/node_files.h"

#define START_ARGUMENTS_MAX 40

/* A service's folder being filled; the first failure sticks. Text lives in `memory`. */
struct service_files {
    const char *run_directory;
    char directory[4096]; /* the service's: RUN/nodes/node-0 */
    const char *name;     /* "node-0" */
    const char *argv[START_ARGUMENTS_MAX + 1];
    size_t argc;
    struct arena *memory;
    struct ou_error *err;
    enum ou_status status;
};

/* Makes RUN/`place`, and begins the command with `program` and `command`. */
void service_open(struct service_files *f, const char *run_directory, const char *place,
                  const char *name, const char *program, const char *command, struct arena *memory,
                  struct ou_error *err);

/* Adds `option` and its value to the command. */
void service_argument(struct service_files *f, const char *option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* One of the built-in texts as a tree; the caller json_decref()s. NULL after a failure. */
json_t *service_template(struct service_files *f, const char *text);

/* Sets the log: line-wise JSON in the file `log`, relative to the service's folder, by either tracing system. Makes
 * RUN/logs/NAME. */
void service_trace_to(struct service_files *f, json_t *config, const char *log);

/* Instead, sets the backend that forwards to the run's collector, whose socket is `socket`, relative to the service's folder:
 * adds that to the command, too. */
void service_forward_to(struct service_files *f, json_t *config, const char *socket);

/* Writes a document to the folder, and takes it over; NULL is no memory. */
void service_save(struct service_files *f, const char *name, json_t *document);

/* Writes start.sh and gives the command. */
enum ou_status service_finish(struct service_files *f, struct start_command *ret);

#endif
