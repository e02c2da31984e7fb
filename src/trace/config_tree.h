/* A YAML or JSON document as a tree that knows the line of everything in it.
 *
 * JSON is nearly YAML; what is not is made so (pairs of \u escapes, blanks in
 * front). Aliases are resolved, and so are merge keys ("<<"). What a small
 * file could blow up into is bounded. Pure; one thread. */
#ifndef OU_TRACE_CONFIG_TREE_H
#define OU_TRACE_CONFIG_TREE_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

#define CONFIG_BYTES_MAX ((size_t)1 << 20)
#define CONFIG_DEPTH_MAX 32
/* Nodes, each alias counted as what it stands for. */
#define CONFIG_NODES_MAX 100000
#define CONFIG_ANCHORS_MAX 1000

enum config_kind { CONFIG_SCALAR, CONFIG_LIST, CONFIG_MAP };

struct config_item {
    const struct config_node *key; /* a scalar; NULL in lists */
    const struct config_node *value;
    struct config_item *next;
};

/* Nodes may have several parents (aliases). Immutable. */
struct config_node {
    enum config_kind kind;
    bool plain;       /* a scalar without quotes: it may be a number, a truth value or null */
    int line;         /* from 1 */
    struct span text; /* of a scalar; a NUL follows, and none is in it */
    struct config_item *items; /* of a list or map, in the order of the file */
    size_t count;              /* of them */
    size_t weight;             /* nodes in it, and itself */
};

struct config_tree {
    struct arena arena;             /* of the nodes and texts */
    const struct config_node *root; /* NULL: the document is empty */
};

/* OU_INVALID or OU_TOO_LARGE with a message NAME:LINE: what. Keys that are no
 * text or occur twice are refused. The caller releases *ret. */
enum ou_status config_tree_parse(struct span text, const char *name, struct config_tree *ret,
                                 struct ou_error *err);
void config_tree_release(struct config_tree *tree); /* a zeroed one is fine */

/* The value of a key; NULL when there is none, or null. map may be NULL. */
const struct config_item *config_item(const struct config_node *map, const char *key);
const struct config_node *config_member(const struct config_node *map, const char *key);

/* Nothing, null or ~ in plain letters. */
bool config_is_null(const struct config_node *node);
/* true, yes, on, false, no, off; written small, large or with a capital. */
bool config_is_bool(const struct config_node *node, bool *ret);
/* A finite decimal number. Not subject to the locale. */
bool config_is_number(const struct config_node *node, double *ret);

#endif
