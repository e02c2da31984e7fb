/* What the files rewrite*.c share. */
#ifndef OU_CMD_REWRITE_INSIDE_H
#define OU_CMD_REWRITE_INSIDE_H

#include "cmd/rewrite.h"
#include "trace/config_tree.h"

struct rewriting {
    const char *name;
    const struct config_node *root;
    json_t *options; /* TraceOptions, being made */
    json_t *remarks;
    const char *severity; /* the root's */
    bool logs;            /* the older system wrote lines at all */
    bool writes_files;    /* some scribe did */
    bool no_memory;       /* sticks */
    struct ou_error *err;
};

/* "lost" and the like; line is at's. */
void rewrite_remark(struct rewriting *r, const struct config_node *at, const char *key,
                    const char *outcome, const char *format, ...)
    __attribute__((format(printf, 5, 6)));
enum ou_status rewrite_refuse(struct rewriting *r, const struct config_node *at, const char *format,
                              ...) __attribute__((format(printf, 3, 4)));

/* The entry of a name in TraceOptions, which is made when it is not there. NULL: no memory. */
json_t *rewrite_entry(struct rewriting *r, const char *ns);
void rewrite_severity(struct rewriting *r, const char *ns, const char *severity);
/* Adds a backend to an entry's list, once. */
void rewrite_backend(struct rewriting *r, const char *ns, const char *backend);

/* A name of the tables without ".*"; appended to out. */
#define REWRITE_NAME_ROOM 160
const char *rewrite_prefix(const char *pattern, char out[REWRITE_NAME_ROOM]);

/* One of the severities' names. */
enum ou_status rewrite_read_severity(struct rewriting *r, const struct config_node *value,
                                     const char *what, const char **ret);

/* --- The parts --------------------------------------------------------------------------- */

/* The switches. */
void rewrite_toggles(struct rewriting *r);
bool rewrite_is_toggle(const struct config_item *item);

/* Where lines and metrics go. */
enum ou_status rewrite_outputs(struct rewriting *r);

/* The member `options`: mapSeverity and the like. */
enum ou_status rewrite_maps(struct rewriting *r);

/* A value of the file as it stands. NULL: no memory. */
json_t *rewrite_copy(const struct config_node *node);

#endif
