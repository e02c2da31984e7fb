/* Groups of a match: all states are followed at once, in the order in which RE2 and Perl would try them (R. Pike's machine; R.
 * Cox, "Regular Expression Matching: the Virtual Machine Approach", 2009). */
#include <string.h>

#include "base/utf8.h"
#include "query/regex_machine.h"

/* States in the order of preference, each with the places of its groups. */
struct threads {
    int32_t *states;
    const char **places;
    size_t count;
};

struct finder {
    struct query_regex *regex;
    size_t slots;  /* places of a state */
    uint32_t mark; /* new for every position */
    const char *start, *end;
    bool matched;
};

int query_regex_group(const struct query_regex *r, struct span name)
{
    int found = -1;

    for (const struct regex_tree *t = r->last_group; t; t = t->before)
        if (t->name.len > 0 && span_equal(t->name, name))
            found = (int)t->group;
    return found;
}

/* What a state leads to without taking a character. */
static size_t follow(struct finder *f, int32_t state, const char *at, size_t depth)
{
    const struct regex_state *s = &f->regex->states[state];
    struct regex_visit *visits = f->regex->visits;

    if (s->kind == STATE_SPLIT) /* the preferred one is taken from the stack first */
        visits[depth++] = (struct regex_visit){ .state = s->other };
    if (s->kind == STATE_SAVE) {
        visits[depth++] = (struct regex_visit){ -1, s->place, f->regex->current[s->place] };
        f->regex->current[s->place] = at;
    }
    if (s->kind == STATE_SPLIT || s->kind == STATE_SAVE ||
        (s->kind == STATE_START && at == f->start) || (s->kind == STATE_END && at == f->end))
        visits[depth++] = (struct regex_visit){ .state = s->next };
    return depth;
}

/* Adds a state, and what can be reached from it without taking a character, with the places in `current`. */
static void enter(struct finder *f, int32_t first, const char *at, struct threads *to)
{
    struct query_regex *r = f->regex;
    size_t depth = 0;

    r->visits[depth++] = (struct regex_visit){ .state = first };
    while (depth > 0) {
        struct regex_visit v = r->visits[--depth];

        r->steps++;
        if (v.state < 0) {
            r->current[v.place] = v.old;
            continue;
        }
        if (r->seen[v.state] == f->mark)
            continue;
        r->seen[v.state] = f->mark;
        if (r->states[v.state].kind == STATE_SET) {
            memcpy(to->places + to->count * f->slots, r->current, f->slots * sizeof(*r->current));
            to->states[to->count++] = v.state;
        } else if (r->states[v.state].kind == STATE_MATCH && at == f->end && !f->matched) {
            memcpy(r->matched, r->current, f->slots * sizeof(*r->current));
            f->matched = true;
        }
        depth = follow(f, v.state, at, depth);
    }
}

/* All that take a character go on. */
static void step(struct finder *f, const struct threads *now, uint32_t character, const char *at,
                 struct threads *then)
{
    struct query_regex *r = f->regex;

    f->mark++;
    then->count = 0;
    for (size_t i = 0; i < now->count; i++) {
        const struct regex_state *s = &r->states[now->states[i]];

        if (!query_regex_has(r, s, character))
            continue;
        memcpy(r->current, now->places + i * f->slots, f->slots * sizeof(*r->current));
        r->steps += f->slots / REGEX_RANGES_A_STEP;
        enter(f, s->next, at, then);
    }
}

static void tell(const struct finder *f, struct span *ret)
{
    const char **places = f->regex->matched;

    ret[0] = (struct span){ f->start, (size_t)(f->end - f->start) };
    for (size_t i = 1; i < f->slots / 2; i++)
        ret[i] = places[2 * i] && places[2 * i + 1]
                     ? (struct span){ places[2 * i], (size_t)(places[2 * i + 1] - places[2 * i]) }
                     : (struct span){ 0 };
}

bool query_regex_find(struct query_regex *r, const char *text, struct span *ret, uint64_t *work)
{
    struct span rest = span_of(text);
    struct finder f = { .regex = r,
                        .slots = 2 * query_regex_groups(r),
                        .mark = 1,
                        .start = text,
                        .end = text + rest.len };
    struct threads now = { r->now, r->places, 0 }, then = { r->then, r->then_places, 0 };

    memset(r->seen, 0, sizeof(*r->seen) * (size_t)r->count);
    memset(r->current, 0, sizeof(*r->current) * f.slots);
    r->steps = (uint64_t)r->count / REGEX_RANGES_A_STEP;
    enter(&f, r->first, text, &now);
    while (rest.len > 0 && now.count > 0) {
        struct threads swap = now;
        uint32_t character;

        utf8_next(&rest, &character);
        step(&f, &now, character, rest.at, &then);
        now = then;
        then = swap;
    }
    *work += 1 + r->steps / REGEX_STEPS_A_WORK;
    if (f.matched)
        tell(&f, ret);
    return f.matched;
}
