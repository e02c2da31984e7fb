/* Members of a configuration file, asked for by name: with messages that say where they stand and what could stand
 * there. The first failure sticks; after it every question gets its default. For config*.c only. */
#ifndef OU_COLLECT_SETTINGS_H
#define OU_COLLECT_SETTINGS_H

#include <stdint.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "trace/config_tree.h"
#include "trace/config_warning.h"

struct settings {
    const char *name;     /* of the document, for messages */
    struct arena *memory; /* of texts and lists that are kept */
    struct config_warnings warnings;
    enum ou_status status;
    struct ou_error *err;
};

/* OU_INVALID and "NAME:LINE: ..."; at NULL: without the line. */
void settings_refuse(struct settings *s, const struct config_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void settings_warn(struct settings *s, const struct config_node *at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void settings_warn_rest(struct settings *s); /* how many were only counted */

/* Memory of the configuration; NULL, and the failure sticks, when there is none. */
void *settings_take(struct settings *s, size_t count, size_t item_bytes);
const char *settings_keep(struct settings *s, struct span text);

/* Warns of members that are none of names (NULL at the end). what: "rotation". */
void settings_expect(struct settings *s, const struct config_node *map, const char *what,
                     const char *const *names);

/* The same. What is one of others is told to belong into the member `where`. */
void settings_expect_or(struct settings *s, const struct config_node *map, const char *what,
                        const char *const *names, const char *const *others, const char *where);

/* Members. NULL or `otherwise` when the member is absent or null. A required one is refused when absent; at is
 * where the message points then. */
const struct config_node *settings_required(struct settings *s, const struct config_node *map,
                                            const char *key);
const struct config_node *settings_object(struct settings *s, const struct config_node *map,
                                          const char *key);
const struct config_node *settings_list(struct settings *s, const struct config_node *map,
                                        const char *key);
uint64_t settings_count(struct settings *s, const struct config_node *map, const char *key,
                        uint64_t least, uint64_t most, uint64_t otherwise);
double settings_real(struct settings *s, const struct config_node *map, const char *key,
                     double least, double most, double otherwise);
bool settings_bool(struct settings *s, const struct config_node *map, const char *key,
                   bool otherwise);
const char *settings_text(struct settings *s, const struct config_node *map, const char *key);
/* The row of a text in words (NULL at the end). */
size_t settings_word(struct settings *s, const struct config_node *map, const char *key,
                     const char *const *words, size_t otherwise);

/* Values that are no members: of lists. what goes into messages. */
bool settings_is_object(struct settings *s, const struct config_node *value, const char *what);
bool settings_is_list(struct settings *s, const struct config_node *value, const char *what);
const char *settings_text_of(struct settings *s, const struct config_node *value, const char *what);

#endif
