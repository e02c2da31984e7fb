/* The pairs of names of `ouroscope names`: all tables as one, and the search in it. */
#ifndef OU_CMD_NAMES_FIND_H
#define OU_CMD_NAMES_FIND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "base/span.h"

/* Which tables. */
#define NAMES_EVENTS 1u
#define NAMES_TOGGLES 2u
#define NAMES_METRICS 4u
#define NAMES_ALL 7u

/* Which names of a pair a given one is compared with. */
#define NAMES_OLD 1u
#define NAMES_NEW 2u

struct name_pair_row {
    unsigned table;      /* NAMES_EVENTS, ... */
    const char *what;    /* "kind", "logger", "metric", ... */
    const char *old;     /* NULL: there was none */
    const char *in_2023; /* NULL: there was none */
    const char *today;   /* NULL: it is gone; "X.*" are the names below X */
    const char *bare;    /* of an old metric: "slotNum"; else NULL */
};

struct name_pairs_all {
    struct arena arena;
    struct name_pair_row *at;
    size_t count;
};

/* False: no memory. */
bool names_load(struct name_pairs_all *ret);
void names_release(struct name_pairs_all *all);

/* What is looked for. */
struct names_query {
    struct span name;
    unsigned sides;
    bool is_event; /* the name is that of a message, for all that is known */
};
struct names_query names_query(const struct name_pairs_all *all, const char *name, unsigned sides);

/* Whether a row is about the name: it, the names below it, or, of a message, a pattern above it.
 * Metrics and loggers may be written with or without their prefixes. */
bool names_match(const struct name_pair_row *row, const struct names_query *q);

/* Names of these tables that a mistyped one may stand for: "A", "A or B"; appended. Nothing when none
 * is near. */
void names_suggest(const struct name_pairs_all *all, struct span name, unsigned tables,
                   unsigned sides, struct buffer *out);

#endif
