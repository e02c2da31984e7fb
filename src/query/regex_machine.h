/* A compiled expression: regex.c builds it and matches texts, regex_find.c finds groups. */
#ifndef OU_QUERY_REGEX_MACHINE_H
#define OU_QUERY_REGEX_MACHINE_H

#include "query/regex.h"
#include "query/regex_tree.h"

enum {
    REGEX_RANGES_A_STEP = 8, /* take as long as one state */
    REGEX_STEPS_A_WORK = 8,  /* as one sample of a series */
};

enum regex_state_kind { STATE_SET, STATE_SPLIT, STATE_START, STATE_END, STATE_SAVE, STATE_MATCH };

/* A set takes one character that is in one of its ranges (or in none) and goes to next; a split goes to next, rather than to
 * other, without taking any; start and end hold where the text begins and ends; save notes the place. */
struct regex_state {
    enum regex_state_kind kind;
    bool negated;
    uint32_t range_count;
    const struct regex_range *ranges;
    int32_t next, other;
    uint32_t place; /* of a save: 2 * group, + 1 at its end */
};

/* What is still to be entered; or, without a state, what a place was before. */
struct regex_visit {
    int32_t state; /* -1: restore */
    uint32_t place;
    const char *old;
};

struct query_regex {
    struct regex_state *states;
    int32_t count, first;
    int32_t *now, *then, *stack; /* sets of states, while matching */
    uint32_t *seen;              /* by state: the position at which it was entered last, + 1 */
    uint64_t steps;              /* of the match under way: states looked at, and ranges */
    const struct regex_tree *last_group;
    bool keeps_groups; /* and only then there is what follows */
    struct regex_visit *visits;
    const char **places, **then_places; /* of each state in now and then: those of all groups */
    const char **current, **matched;    /* of the state that is entered, and of the match */
};

/* Whether a set takes a character; counts its steps. */
bool query_regex_has(struct query_regex *r, const struct regex_state *s, uint32_t character);

#endif
