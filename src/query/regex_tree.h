/* An expression as it is read, before it becomes a machine: regex_read.c and regex.c. */
#ifndef OU_QUERY_REGEX_TREE_H
#define OU_QUERY_REGEX_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/span.h"
#include "base/status.h"

/* Characters, both ends included. */
struct regex_range {
    uint32_t from, to;
};

enum regex_tree_kind {
    TREE_EMPTY,
    TREE_SET,    /* one character that is in a range (negated: in none) */
    TREE_JOIN,   /* left, then right */
    TREE_EITHER, /* left or right */
    TREE_REPEAT, /* left, so often */
    TREE_GROUP,  /* left, whose place is asked for by number or name */
    TREE_START,
    TREE_END,
};

#define REGEX_NO_LIMIT (-1)

struct regex_tree {
    enum regex_tree_kind kind;
    bool negated;
    uint32_t range_count;
    struct regex_range *ranges;
    struct regex_tree *left, *right;
    int min, max;              /* of TREE_REPEAT; max may be REGEX_NO_LIMIT */
    bool is_lazy;              /* of TREE_REPEAT: as seldom as it can be */
    uint32_t group;            /* of TREE_GROUP: from 1 */
    struct span name;          /* of TREE_GROUP; empty: it has none */
    struct regex_tree *before; /* of TREE_GROUP: the group with the next lower number; NULL */
};

/* Joins and alternatives lean to the left. *ret lies in the arena. *ret_last: the group with the highest number; NULL: there
 * is none. */
enum ou_status query_regex_read(struct arena *memory, struct span text, struct regex_tree **ret,
                                struct regex_tree **ret_last, struct ou_error *err);

#endif
