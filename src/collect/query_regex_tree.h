/* An expression as it is read, before it becomes a machine: query_regex_read.c and
 * query_regex.c. */
#ifndef OU_COLLECT_QUERY_REGEX_TREE_H
#define OU_COLLECT_QUERY_REGEX_TREE_H

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
    int min, max; /* of TREE_REPEAT; max may be REGEX_NO_LIMIT */
};

/* Joins and alternatives lean to the left. *ret lies in the arena. */
enum ou_status query_regex_read(struct arena *memory, struct span text, struct regex_tree **ret,
                                struct ou_error *err);

#endif
