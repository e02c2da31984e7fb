/* What the folders of all services have in common: documents, a command, a start script. */
#ifndef OU_WORKBENCH_SERVICE_FILES_H
#define OU_WORKBENCH_SERVICE_FILES_H

#include "base/span.h"
#include "workbench/node_files.h"

#define START_ARGUMENTS_MAX 400
#define START_VARIABLES_MAX 120

/* A service's folder being filled; the first failure sticks. Text lives in `memory`. */
struct service_files {
    const char *run_directory;
    char directory[4096]; /* the service's: RUN/nodes/node-0 */
    const char *name;     /* "node-0" */
    const char *argv[START_ARGUMENTS_MAX + 1];
    size_t argc;
    const char *environment[START_VARIABLES_MAX + 1]; /* "NAME=VALUE" */
    size_t variable_count;
    const char *cores; /* "": any */
    struct arena *memory;
    struct ou_error *err;
    enum ou_status status;
};

/* Makes RUN/`place`, and begins the command with `program` and its `command`, each unless it is NULL. */
void service_open(struct service_files *f, const char *run_directory, const char *place,
                  const char *name, const char *program, const char *command, struct arena *memory,
                  struct ou_error *err);

/* The same for the folder of a host of the profile, which stands at `site`: RUN/nodes/NAME, with its log folder; with what node.environment and
 * node.cores say. */
void service_open_node(struct service_files *f, const struct profile *p, size_t node,
                       const struct site *site, const char *run_directory, const char *program,
                       const char *command, struct arena *memory, struct ou_error *err);

/* Adds one word to the command, as it stands. */
void service_word(struct service_files *f, struct span word);

/* Adds `option` and its value to the command. */
void service_argument(struct service_files *f, const char *option, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds "+RTS FLAG... -RTS" to the command: first those of `defaults` (words separated by blanks), then the profile's, of which
 * the last one of a kind wins; and those that make it keep statistics in rts.stats. Nothing where there is no flag. */
void service_rts_flags(struct service_files *f, const struct profile *p, const char *defaults);

/* Sets a variable of the environment; a second value replaces the first. */
void service_variable(struct service_files *f, const char *name, const char *value);

/* Keys of a host that forges: its operational credentials, or the file of all of them where it has several pools. */
void service_keys(struct service_files *f, const struct node_spec *spec);

/* One of the built-in texts as a tree; the caller json_decref()s. NULL after a failure. */
json_t *service_template(struct service_files *f, const char *text);

/* Lays `over` over a document, objects member by member, all else as a whole; takes `over`, which may be NULL after a failure. */
void service_lay(struct service_files *f, json_t *document, json_t *over);

/* Makes RUN/logs/NAME; with a link `link` in it to the service's standard output, unless that is NULL. */
void service_log_folder(struct service_files *f, const char *link);

/* Sets the log: line-wise JSON in the file `log`, relative to the service's folder, by either tracing system. */
void service_trace_to(struct service_files *f, json_t *config, const char *log);

/* Instead, sets the backend that forwards to the run's collector, whose socket is `socket`, relative to the service's folder:
 * adds that to the command, too. */
void service_forward_to(struct service_files *f, json_t *config, const char *socket);

/* Writes a document to the folder, and takes it over; NULL is no memory. */
void service_save(struct service_files *f, const char *name, json_t *document);

/* Writes start.sh and gives the command: ready by its log, stopped by SIGTERM, not to end by itself. */
enum ou_status service_finish(struct service_files *f, struct start_command *ret);

#endif
