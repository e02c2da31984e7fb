/* What a plan holds: the inside of render.h, for the files that make it and use it.
 * Immutable once made; any thread. */
#ifndef OU_TRACE_PLAN_H
#define OU_TRACE_PLAN_H

#include <ouroscope/message.h>

#include "base/arena.h"
#include "base/span.h"

enum plan_kind {
    PLAN_FIELD,
    PLAN_CONSTANT,
    PLAN_OBJECT, /* its members are the next `inner` ones */
};

struct plan_member {
    struct span text; /* ,"key": and, of a constant, its value */
    enum plan_kind kind;
    uint16_t inner;   /* PLAN_OBJECT */
    uint8_t field;    /* PLAN_FIELD: its number in the declaration */
    bool has_fields;  /* PLAN_OBJECT: some of its members are fields */
    bool alternative; /* its key is that of the member before in the same object: the first of
                         them that has something to show is written */
};

/* The members of data in the order of their lines. */
struct plan_data {
    struct plan_member *members;
    size_t count;
};

/* A text of the human form, and the value that follows it; -1: none does. */
struct plan_piece {
    struct span text;
    int field;
};

struct plan {
    const struct ou_point *point;
    struct arena arena; /* has all that follows */
    struct plan_data data, legacy_data;
    struct plan_piece *pieces; /* NULL: no human form */
    size_t piece_count;

    /* What stands between the parts of a line that change. */
    struct span machine_ns;     /* ","ns":"NS","data": */
    struct span severity;       /* ,"sev":"Info","thread":" */
    struct span human_ns;       /* :NS] */
    struct span human_severity; /* (Info, */
    struct span colour;         /* the sequence that begins it, empty for none; a literal */
    struct span legacy_ns;      /* ,"loc":null,"msg":"","ns":["cardano.node.X"],"pid": */
    bool legacy_wrapped;        /* data, in credentials and val */
};

#endif
