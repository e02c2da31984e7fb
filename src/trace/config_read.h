/* Values of a configuration file, read with messages that say where they stand
 * and what could stand there. For config*.c and document.c only. */
#ifndef OU_TRACE_CONFIG_READ_H
#define OU_TRACE_CONFIG_READ_H

#include "base/buffer.h"
#include "json/write.h"
#include "trace/config.h"
#include "trace/config_tree.h"
#include "trace/config_warning.h"

struct config_reading {
    const char *name;      /* of the document, for messages */
    struct config *config; /* what is read goes here, texts into its arena */
    struct config_warnings warnings;
    struct ou_error *err;
};

/* OU_INVALID and the message "NAME:LINE: ...". */
enum ou_status config_refuse(const struct config_reading *r, const struct config_node *at,
                             const char *format, ...) __attribute__((format(printf, 3, 4)));
/* The same as a warning. */
void config_warn(struct config_reading *r, const struct config_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Says how many warnings were only counted. */
void config_warn_rest(struct config_reading *r);

/* Text copied into the configuration's memory; NULL: none left. */
char *config_keep(struct config *config, struct span text);

/* What a member of an object is. */
struct config_member {
    const char *name;
    enum ou_status (*read)(struct config_reading *r, const struct config_member *m,
                           const struct config_node *value, void *into);
    size_t offset;      /* in `into`, where read wants one */
    double least, most; /* of numbers */
};

/* Reads the members of an object. A key that none of them has is warned of; null
 * counts as absent. what: "TraceOptionForwarder". */
enum ou_status config_read_object(struct config_reading *r, const struct config_node *object,
                                  const char *what, const struct config_member *members,
                                  size_t count, void *into);
/* The member of that name; NULL, and *ret_near the nearest name or NULL, when there is none. */
const struct config_member *config_find_member(const struct config_member *members, size_t count,
                                               struct span name, const char **ret_near);

/* Readers: an int, a double, a bool, a char * (kept). */
enum ou_status config_read_int(struct config_reading *r, const struct config_member *m,
                               const struct config_node *value, void *into);
enum ou_status config_read_real(struct config_reading *r, const struct config_member *m,
                                const struct config_node *value, void *into);
enum ou_status config_read_bool(struct config_reading *r, const struct config_member *m,
                                const struct config_node *value, void *into);
enum ou_status config_read_text(struct config_reading *r, const struct config_member *m,
                                const struct config_node *value, void *into);

/* A text. what goes into messages: "severity". */
enum ou_status config_want_text(struct config_reading *r, const struct config_node *value,
                                const char *what, struct span *ret);
/* A text that is one of the words; *ret is which. */
enum ou_status config_want_word(struct config_reading *r, const struct config_node *value,
                                const char *what, const char *const *words, size_t count,
                                size_t *ret);

/* --- The parts -------------------------------------------------------------------- */

/* The options by name. */
struct option_row {
    const char *ns; /* "" for the root */
    unsigned set;   /* OPTION_... */
    enum ou_severity severity;
    enum ou_detail detail;
    unsigned backends;
    double max_frequency;
};

#define OPTION_SEVERITY 1u
#define OPTION_DETAIL 2u
#define OPTION_BACKENDS 4u
#define OPTION_FREQUENCY 8u
#define OPTION_ALL 15u

struct options {
    struct arena arena;      /* of rows, and of all texts of the configuration */
    struct option_row *rows; /* by name; the first is the root's */
    size_t count;
};

/* TraceOptions, with what its root leaves open filled in. */
enum ou_status config_read_options(struct config_reading *r, const struct config_node *map);
/* The options of a program that has none. */
enum ou_status config_default_options(struct config *config);
/* The spelling of a backend's bit other than files and PrometheusSimple; NULL ends the list. */
struct backend_word {
    const char *word;
    unsigned bit;
};
extern const struct backend_word config_backend_words[];
extern const char *const config_file_words[]; /* by enum file_format */

/* config_json() with line breaks; and parts of it. */
void config_json_indented(const struct config *config, struct buffer *out);
void config_backends_json(const struct config *config, unsigned backends, struct json_writer *w);
void config_legacy_json(const struct config_legacy *legacy, struct json_writer *w);

/* The keys of the older system; root is the whole file. */
enum ou_status config_read_legacy(struct config_reading *r, const struct config_node *root);

/* Warns of a name that no point of this program has, nor a Cardano node. */
void config_check_name(struct config_reading *r, const struct config_node *at, const char *ns);

#endif
