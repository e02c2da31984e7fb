#include <string.h>

#include "base/utf8.h"
#include "query/regex_machine.h"

enum {
    NONE = -1,
    BUILDS_MAX = 16 * QUERY_REGEX_STATES_MAX,
};

/* Pieces of the machine go on to what comes behind them: they are built from the end of the
 * expression to its front. */
struct builder {
    struct arena *memory;
    struct query_regex *regex;
    unsigned builds;
    enum ou_status status; /* the first failure; all ends then */
    struct ou_error *err;
};

static void *fail(struct builder *b, enum ou_status status, const char *what)
{
    if (b->status == OU_OK)
        b->status = ou_fail(b->err, status, "%s", what);
    return NULL;
}

static void *take(struct builder *b, size_t bytes)
{
    void *at = b->status ? NULL : arena_take(b->memory, bytes, 8);

    return at || b->status ? at : fail(b, OU_NO_MEMORY, "no memory");
}

/* --- Building ----------------------------------------------------------------------------- */

static int32_t add_state(struct builder *b, struct regex_state state)
{
    struct query_regex *r = b->regex;

    if (r->count == QUERY_REGEX_STATES_MAX) {
        fail(b, OU_TOO_LARGE, "expression is too large");
        return 0;
    }
    r->states[r->count] = state;
    return r->count++;
}

static int32_t split(struct builder *b, int32_t next, int32_t other)
{
    return add_state(b, (struct regex_state){ .kind = STATE_SPLIT, .next = next, .other = other });
}

static int32_t build(struct builder *b, const struct regex_tree *t, int32_t behind);

/* Once more, or on: the lazy go on. */
static int32_t choose(struct builder *b, const struct regex_tree *t, int32_t more, int32_t behind)
{
    return t->is_lazy ? split(b, behind, more) : split(b, more, behind);
}

static int32_t save(struct builder *b, uint32_t place, int32_t next)
{
    return add_state(b, (struct regex_state){ .kind = STATE_SAVE, .place = place, .next = next });
}

static int32_t build_group(struct builder *b, const struct regex_tree *t, int32_t behind)
{
    if (!b->regex->keeps_groups)
        return build(b, t->left, behind);
    return save(b, 2 * t->group, build(b, t->left, save(b, 2 * t->group + 1, behind)));
}

/* x{2,4} is xx(x(x)?)?, x{2,} is xxx*. */
static int32_t build_repeat(struct builder *b, const struct regex_tree *t, int32_t behind)
{
    int32_t at = behind;

    if (t->max == REGEX_NO_LIMIT) {
        at = choose(b, t, 0, behind);
        if (b->status == OU_OK) {
            /* Building may not move states: they have their full room. */
            int32_t body = build(b, t->left, at);

            *(t->is_lazy ? &b->regex->states[at].other : &b->regex->states[at].next) = body;
        }
    }
    for (int i = t->min; i < t->max && b->status == OU_OK; i++)
        at = choose(b, t, build(b, t->left, at), behind);
    for (int i = 0; i < t->min && b->status == OU_OK; i++)
        at = build(b, t->left, at);
    return at;
}

/* Long joins and alternatives lean to the left: walked in a loop, so that depth is that of
 * groups. */
static int32_t build(struct builder *b, const struct regex_tree *t, int32_t behind)
{
    int32_t either = NONE;

    /* What is empty makes no states, but may be repeated again and again. */
    if (++b->builds > BUILDS_MAX)
        fail(b, OU_TOO_LARGE, "expression is too large");
    while (b->status == OU_OK && (t->kind == TREE_JOIN || t->kind == TREE_EITHER)) {
        int32_t right = build(b, t->right, behind);

        if (t->kind == TREE_JOIN) {
            behind = right;
            t = t->left;
            continue;
        }
        either = either == NONE ? right : split(b, right, either);
        if (t->left->kind != TREE_EITHER)
            return split(b, build(b, t->left, behind), either);
        t = t->left;
    }
    if (b->status)
        return 0;
    switch (t->kind) {
    case TREE_SET:
        return add_state(b, (struct regex_state){ .kind = STATE_SET,
                                                  .negated = t->negated,
                                                  .range_count = t->range_count,
                                                  .ranges = t->ranges,
                                                  .next = behind });
    case TREE_REPEAT: return build_repeat(b, t, behind);
    case TREE_GROUP: return build_group(b, t, behind);
    case TREE_START:
    case TREE_END:
        return add_state(
            b, (struct regex_state){ .kind = t->kind == TREE_START ? STATE_START : STATE_END,
                                     .next = behind });
    default: return behind;
    }
}

static void take_group_rooms(struct builder *b)
{
    struct query_regex *r = b->regex;
    size_t slots = 2 * query_regex_groups(r);

    r->visits = take(b, sizeof(*r->visits) * (2 * (size_t)r->count + 2));
    r->places = take(b, sizeof(*r->places) * slots * (size_t)r->count);
    r->then_places = take(b, sizeof(*r->places) * slots * (size_t)r->count);
    r->current = take(b, sizeof(*r->places) * slots);
    r->matched = take(b, sizeof(*r->places) * slots);
}

static bool take_rooms(struct builder *b)
{
    struct query_regex *r = b->regex;
    struct regex_state *states = take(b, sizeof(*states) * ((size_t)r->count + 1));

    if (!states)
        return false;
    r->states = memcpy(states, r->states, sizeof(*states) * (size_t)r->count);
    r->now = take(b, sizeof(int32_t) * (size_t)r->count);
    r->then = take(b, sizeof(int32_t) * (size_t)r->count);
    r->stack = take(b, sizeof(int32_t) * (2 * (size_t)r->count + 2));
    r->seen = take(b, sizeof(uint32_t) * (size_t)r->count);
    if (r->keeps_groups)
        take_group_rooms(b);
    return b->status == OU_OK;
}

static enum ou_status compile(struct arena *memory, struct span text, bool keeps_groups,
                              struct query_regex **ret, struct ou_error *err)
{
    struct builder b = { .memory = memory, .err = err };
    struct arena scratch;
    struct regex_tree *t, *last_group;

    b.status = query_regex_read(memory, text, &t, &last_group, err);
    b.regex = take(&b, sizeof(*b.regex));
    if (b.status)
        return b.status;
    b.regex->keeps_groups = keeps_groups;
    b.regex->last_group = last_group;
    /* While it is not known how many states there will be, they have all the room there can be. */
    arena_init(&scratch, memory->from, SIZE_MAX);
    b.regex->states = arena_take(&scratch, sizeof(struct regex_state) * QUERY_REGEX_STATES_MAX, 8);
    if (!b.regex->states)
        return ou_fail(err, OU_NO_MEMORY, "no memory");
    b.regex->first = build(&b, t, add_state(&b, (struct regex_state){ .kind = STATE_MATCH }));
    if (b.status == OU_OK && take_rooms(&b))
        *ret = b.regex;
    arena_release(&scratch);
    return b.status;
}

enum ou_status query_regex_compile(struct arena *memory, struct span text, struct query_regex **ret,
                                   struct ou_error *err)
{
    return compile(memory, text, false, ret, err);
}

enum ou_status query_regex_compile_groups(struct arena *memory, struct span text,
                                          struct query_regex **ret, struct ou_error *err)
{
    return compile(memory, text, true, ret, err);
}

size_t query_regex_groups(const struct query_regex *r)
{
    return r->last_group ? r->last_group->group + (size_t)1 : 1;
}

/* --- Matching ----------------------------------------------------------------------------- */

bool query_regex_has(struct query_regex *r, const struct regex_state *s, uint32_t character)
{
    r->steps += 1 + s->range_count / REGEX_RANGES_A_STEP;
    for (uint32_t i = 0; i < s->range_count; i++)
        if (s->ranges[i].from <= character && character <= s->ranges[i].to)
            return !s->negated;
    return s->negated;
}

/* Adds a state and all that can be reached from it without taking a character. mark is new for
 * every position. Returns whether the end of the machine is among them. */
static bool enter(struct query_regex *r, int32_t first, uint32_t mark, bool at_start, bool at_end,
                  int32_t *set, size_t *count)
{
    size_t depth = 0;
    bool matched = false;

    r->stack[depth++] = first;
    while (depth > 0) {
        int32_t at = r->stack[--depth];
        const struct regex_state *s = &r->states[at];

        r->steps++;
        if (r->seen[at] == mark)
            continue;
        r->seen[at] = mark;
        if (s->kind == STATE_SET)
            set[(*count)++] = at;
        else if (s->kind == STATE_MATCH)
            matched = true;
        else if (s->kind == STATE_SPLIT || s->kind == STATE_SAVE ||
                 (s->kind == STATE_START && at_start) || (s->kind == STATE_END && at_end))
            r->stack[depth++] = s->next;
        if (s->kind == STATE_SPLIT)
            r->stack[depth++] = s->other;
    }
    return matched;
}

bool query_regex_matches(struct query_regex *r, const char *text, uint64_t *work)
{
    struct span rest = span_of(text);
    size_t count = 0;
    uint32_t mark = 1;
    bool matched;

    memset(r->seen, 0, sizeof(*r->seen) * (size_t)r->count);
    r->steps = (uint64_t)r->count / REGEX_RANGES_A_STEP;
    matched = enter(r, r->first, mark, true, rest.len == 0, r->now, &count);
    while (rest.len > 0 && count > 0) {
        size_t then_count = 0;
        int32_t *swap = r->now;
        uint32_t character;

        utf8_next(&rest, &character);
        matched = false;
        mark++;
        for (size_t i = 0; i < count; i++)
            if (query_regex_has(r, &r->states[r->now[i]], character) &&
                enter(r, r->states[r->now[i]].next, mark, false, rest.len == 0, r->then,
                      &then_count))
                matched = true;
        r->now = r->then;
        r->then = swap;
        count = then_count;
    }
    *work += 1 + r->steps / REGEX_STEPS_A_WORK;
    return matched && rest.len == 0;
}
