#include "collect/query_regex.h"

#include <string.h>

#include "base/utf8.h"

enum {
    DEPTH_MAX = 64,
    COUNT_MAX = 1000, /* of x{n}, as RE2 has it */
    NONE = -1,
};

enum state_kind { STATE_SET, STATE_SPLIT, STATE_START, STATE_END, STATE_MATCH };

struct range {
    uint32_t from, to;
};

/* A set takes one character that is in one of its ranges (or in none) and goes to next; a split goes to next and
 * other without taking any; start and end hold where the text begins and ends. */
struct state {
    enum state_kind kind;
    bool negated;
    uint32_t range_count;
    const struct range *ranges;
    int32_t next, other;
};

struct query_regex {
    struct state *states;
    int32_t count, first;
    int32_t *now, *then, *stack; /* sets of states, while matching */
    uint32_t *seen;              /* by state: the position at which it was entered last, + 1 */
};

struct compiler {
    struct arena *memory;
    struct span rest;
    struct query_regex *regex;
    bool folds, dot_takes_newline;
    unsigned depth;
    enum ou_status status;
    struct ou_error *err;
};

/* A piece of the machine: it goes on to whatever comes behind. Pieces are built from the end of the expression to its front,
 * so that what is behind is known. Hence parse into a tree first. */
enum tree_kind { TREE_EMPTY, TREE_SET, TREE_JOIN, TREE_EITHER, TREE_REPEAT, TREE_START, TREE_END };

struct tree {
    enum tree_kind kind;
    bool negated;
    uint32_t range_count;
    struct range *ranges;
    struct tree *left, *right;
    int min, max; /* of TREE_REPEAT; max NONE: no limit */
};

static void *fail(struct compiler *c, enum ou_status status, const char *what)
{
    if (c->status == OU_OK)
        c->status = ou_fail(c->err, status, "%s", what);
    return NULL;
}

static void *take(struct compiler *c, size_t bytes)
{
    void *at = c->status ? NULL : arena_take(c->memory, bytes, 8);

    return at || c->status ? at : fail(c, OU_NO_MEMORY, "no memory");
}

static struct tree *tree(struct compiler *c, enum tree_kind kind, struct tree *left,
                         struct tree *right)
{
    struct tree *t = take(c, sizeof(*t));

    if (t)
        *t = (struct tree){ .kind = kind, .left = left, .right = right };
    return t;
}

/* --- Reading ------------------------------------------------------------------------------ */

static bool taken(struct compiler *c, const char *what)
{
    if (!span_starts(c->rest, what))
        return false;
    c->rest.at += strlen(what);
    c->rest.len -= strlen(what);
    return true;
}

static bool at_char(const struct compiler *c, char what)
{
    return c->rest.len > 0 && *c->rest.at == what;
}

static uint32_t next_character(struct compiler *c)
{
    uint32_t character = 0;

    if (c->rest.len > 0)
        utf8_next(&c->rest, &character);
    return character;
}

static void add_range(struct compiler *c, struct tree *t, uint32_t from, uint32_t to)
{
    struct range *ranges;

    if (!t || c->status)
        return;
    if ((t->range_count & (t->range_count - 1)) == 0) { /* full at powers of two */
        ranges = take(c, sizeof(*ranges) * (t->range_count ? t->range_count * 2 : 1));
        if (!ranges)
            return;
        if (t->range_count)
            memcpy(ranges, t->ranges, t->range_count * sizeof(*ranges));
        t->ranges = ranges;
    }
    t->ranges[t->range_count++] = (struct range){ from, to };
}

/* A range, and in expressions that fold case the letters' other forms (of ASCII). */
static void add_folded(struct compiler *c, struct tree *t, uint32_t from, uint32_t to)
{
    add_range(c, t, from, to);
    if (!c->folds)
        return;
    for (uint32_t l = 'a'; l <= 'z'; l++) {
        if (from <= l && l <= to)
            add_range(c, t, l - 32, l - 32);
        if (from <= l - 32 && l - 32 <= to)
            add_range(c, t, l, l);
    }
}

/* Classes by name: pairs of characters. */
static const struct class
{
    const char *name, *ranges;
} classes[] = {
    { "d", "09" },           { "w", "09AZ__az" },   { "s", "\t\n\f\r  " }, { "alnum", "09AZaz" },
    { "alpha", "AZaz" },     { "blank", "\t\t  " }, { "digit", "09" },     { "lower", "az" },
    { "punct", "!/:@[`{~" }, { "space", "\t\r  " }, { "upper", "AZ" },     { "word", "09AZ__az" },
    { "xdigit", "09AFaf" },
};

static const char *class_ranges(struct span name)
{
    for (size_t i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
        if (span_is(name, classes[i].name))
            return classes[i].ranges;
    return NULL;
}

static void add_class(struct compiler *c, struct tree *t, const char *ranges)
{
    for (; *ranges; ranges += 2)
        add_range(c, t, (uint32_t)ranges[0], (uint32_t)ranges[1]);
}

/* All characters that are in no pair; pairs stand in order. */
static void add_outside(struct compiler *c, struct tree *t, const char *ranges)
{
    uint32_t from = 0;

    for (; *ranges; ranges += 2) {
        if (from < (uint32_t)ranges[0])
            add_range(c, t, from, (uint32_t)ranges[0] - 1);
        from = (uint32_t)ranges[1] + 1;
    }
    add_range(c, t, from, UINT32_MAX);
}

/* \d and the like, behind the backslash. False: it is none. */
static bool add_perl_class(struct compiler *c, struct tree *t)
{
    char letter = c->rest.len > 0 ? *c->rest.at : '\0';
    char lower = (char)(letter | 0x20);
    const char *ranges =
        strchr("dDwWsS", letter) && letter ? class_ranges((struct span){ &lower, 1 }) : NULL;

    if (!ranges)
        return false;
    next_character(c);
    if (letter == lower)
        add_class(c, t, ranges);
    else
        add_outside(c, t, ranges);
    return true;
}

static int hex_digit(uint32_t character)
{
    if (character >= '0' && character <= '9')
        return (int)character - '0';
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? (int)character - 'a' + 10 : NONE;
}

/* \x41 */
static uint32_t hex_escape(struct compiler *c)
{
    int high = hex_digit(next_character(c)), low = hex_digit(next_character(c));

    if (high == NONE || low == NONE)
        fail(c, OU_INVALID, "\\x wants two hexadecimal digits");
    return (uint32_t)(high * 16 + low);
}

/* The character that an escape stands for, behind the backslash. */
static uint32_t escaped(struct compiler *c)
{
    static const char from[] = "afnrtv", to[] = "\a\f\n\r\t\v";
    uint32_t character;
    const char *found;

    if (c->rest.len == 0) {
        fail(c, OU_INVALID, "trailing backslash at end of expression");
        return 0;
    }
    character = next_character(c);
    if (character == 'x')
        return hex_escape(c);
    found = character < 128 ? strchr(from, (int)character) : NULL;
    if (found && *found)
        return (uint32_t)to[found - from];
    if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
        (character >= '0' && character <= '9'))
        fail(c, OU_INVALID, "invalid escape sequence");
    return character;
}

static uint32_t bracket_character(struct compiler *c)
{
    return taken(c, "\\") ? escaped(c) : next_character(c);
}

static void parse_bracket_item(struct compiler *c, struct tree *t)
{
    uint32_t from, to;

    if (taken(c, "[:")) {
        const char *end = memmem(c->rest.at, c->rest.len, ":]", 2);
        const char *ranges =
            end ? class_ranges((struct span){ c->rest.at, (size_t)(end - c->rest.at) }) : NULL;

        if (!ranges) {
            fail(c, OU_INVALID, "invalid character class range");
            return;
        }
        c->rest.len -= (size_t)(end + 2 - c->rest.at);
        c->rest.at = end + 2;
        add_class(c, t, ranges);
        return;
    }
    if (at_char(c, '\\')) {
        taken(c, "\\");
        if (add_perl_class(c, t))
            return;
        from = escaped(c);
    } else {
        from = next_character(c);
    }
    to = from;
    if (at_char(c, '-') && c->rest.len > 1 && c->rest.at[1] != ']') {
        taken(c, "-");
        to = bracket_character(c);
    }
    if (to < from)
        fail(c, OU_INVALID, "invalid character class range");
    add_folded(c, t, from, to);
}

/* Behind the bracket. */
static struct tree *parse_bracket(struct compiler *c)
{
    struct tree *t = tree(c, TREE_SET, NULL, NULL);

    if (!t)
        return NULL;
    t->negated = taken(c, "^");
    if (at_char(c, ']'))
        parse_bracket_item(c, t); /* in front it is itself */
    while (c->status == OU_OK && c->rest.len > 0 && !at_char(c, ']'))
        parse_bracket_item(c, t);
    if (c->status == OU_OK && !taken(c, "]"))
        fail(c, OU_INVALID, "missing closing ]");
    return t;
}

static struct tree *parse_either(struct compiler *c);

/* Flags between "(?" and ":" or ")"; true when a group follows. */
static bool parse_flags(struct compiler *c)
{
    bool value = true;

    for (; c->rest.len > 0; next_character(c)) {
        if (taken(c, ":"))
            return true;
        if (taken(c, ")"))
            return false;
        if (at_char(c, '-'))
            value = false;
        else if (at_char(c, 'i'))
            c->folds = value;
        else if (at_char(c, 's'))
            c->dot_takes_newline = value;
        else if (!at_char(c, 'm') && !at_char(c, 'U'))
            break;
    }
    fail(c, OU_INVALID, "invalid or unsupported (?...) syntax");
    return false;
}

/* Behind the parenthesis. Flags hold until the group ends, and those of "(?i)" until the group around it does. */
static struct tree *parse_group(struct compiler *c)
{
    bool folds = c->folds, dot = c->dot_takes_newline;
    struct tree *t;

    if (taken(c, "?P<")) {
        while (c->rest.len > 0 && !at_char(c, '>'))
            next_character(c);
        taken(c, ">");
    } else if (taken(c, "?") && !parse_flags(c)) {
        return tree(c, TREE_EMPTY, NULL, NULL);
    }
    t = parse_either(c);
    if (!taken(c, ")"))
        fail(c, OU_INVALID, "missing closing )");
    c->folds = folds;
    c->dot_takes_newline = dot;
    return t;
}

static struct tree *parse_atom(struct compiler *c)
{
    struct tree *t;
    uint32_t character;

    if (taken(c, "("))
        return parse_group(c);
    if (taken(c, "["))
        return parse_bracket(c);
    if (taken(c, "^") || taken(c, "\\A"))
        return tree(c, TREE_START, NULL, NULL);
    if (taken(c, "$") || taken(c, "\\z"))
        return tree(c, TREE_END, NULL, NULL);
    t = tree(c, TREE_SET, NULL, NULL);
    if (taken(c, ".")) {
        if (!c->dot_takes_newline)
            add_range(c, t, '\n', '\n');
        if (t)
            t->negated = true;
        return t;
    }
    if (at_char(c, '*') || at_char(c, '+') || at_char(c, '?'))
        return fail(c, OU_INVALID, "missing argument to repetition operator");
    if (taken(c, "\\")) {
        if (add_perl_class(c, t))
            return t;
        character = escaped(c);
    } else {
        character = next_character(c);
    }
    add_folded(c, t, character, character);
    return t;
}

static bool parse_number(struct span *rest, int *ret)
{
    bool any = false;

    *ret = 0;
    for (; rest->len > 0 && *rest->at >= '0' && *rest->at <= '9'; rest->at++, rest->len--) {
        any = true;
        if (*ret <= COUNT_MAX)
            *ret = *ret * 10 + (*rest->at - '0');
    }
    return any;
}

/* "{2}", "{2,}" or "{2,5}"; what looks otherwise is text. */
static bool parse_counts(struct compiler *c, int *ret_min, int *ret_max)
{
    struct span rest = c->rest;

    if (!at_char(c, '{'))
        return false;
    rest.at++;
    rest.len--;
    if (!parse_number(&rest, ret_min))
        return false;
    *ret_max = *ret_min;
    if (rest.len > 0 && *rest.at == ',') {
        rest.at++;
        rest.len--;
        if (!parse_number(&rest, ret_max))
            *ret_max = NONE;
    }
    if (rest.len == 0 || *rest.at != '}')
        return false;
    rest.at++;
    rest.len--;
    c->rest = rest;
    if (*ret_min > COUNT_MAX || *ret_max > COUNT_MAX || (*ret_max != NONE && *ret_max < *ret_min))
        fail(c, OU_INVALID, "invalid repeat count");
    return true;
}

static struct tree *parse_repeated(struct compiler *c)
{
    struct tree *t = parse_atom(c);
    int min, max;

    for (unsigned times = 0; c->status == OU_OK; times++) {
        if (taken(c, "*"))
            min = 0, max = NONE;
        else if (taken(c, "+"))
            min = 1, max = NONE;
        else if (taken(c, "?"))
            min = 0, max = 1;
        else if (!parse_counts(c, &min, &max))
            return t;
        taken(c, "?"); /* lazy: the same texts match */
        if (times > 0)
            return fail(c, OU_INVALID, "invalid nested repetition operator");
        t = tree(c, TREE_REPEAT, t, NULL);
        if (t) {
            t->min = min;
            t->max = max;
        }
    }
    return NULL;
}

static struct tree *parse_join(struct compiler *c)
{
    struct tree *t = tree(c, TREE_EMPTY, NULL, NULL);

    while (c->status == OU_OK && c->rest.len > 0 && !at_char(c, '|') && !at_char(c, ')'))
        t = tree(c, TREE_JOIN, t, parse_repeated(c));
    return t;
}

static struct tree *parse_either(struct compiler *c)
{
    struct tree *t;

    if (++c->depth > DEPTH_MAX)
        return fail(c, OU_TOO_LARGE, "expression nests too deeply");
    t = parse_join(c);
    while (c->status == OU_OK && taken(c, "|"))
        t = tree(c, TREE_EITHER, t, parse_join(c));
    c->depth--;
    return t;
}

/* --- Building ----------------------------------------------------------------------------- */

static int32_t add_state(struct compiler *c, struct state state)
{
    struct query_regex *r = c->regex;

    if (r->count == QUERY_REGEX_STATES_MAX) {
        fail(c, OU_TOO_LARGE, "expression is too large");
        return 0;
    }
    r->states[r->count] = state;
    return r->count++;
}

static int32_t split(struct compiler *c, int32_t next, int32_t other)
{
    return add_state(c, (struct state){ .kind = STATE_SPLIT, .next = next, .other = other });
}

static int32_t build(struct compiler *c, const struct tree *t, int32_t behind);

/* x{2,4} is xx(x(x)?)?, x{2,} is xxx*. */
static int32_t build_repeat(struct compiler *c, const struct tree *t, int32_t behind)
{
    int32_t at = behind;

    if (t->max == NONE) {
        at = split(c, 0, behind);
        if (c->status == OU_OK) {
            /* Building may not move states: they have their full room. */
            int32_t body = build(c, t->left, at);

            c->regex->states[at].next = body;
        }
    }
    for (int i = t->min; i < t->max && c->status == OU_OK; i++)
        at = split(c, build(c, t->left, at), behind);
    for (int i = 0; i < t->min && c->status == OU_OK; i++)
        at = build(c, t->left, at);
    return at;
}

/* Long joins and alternatives lean to the left: walked in a loop, so that depth is that of groups. */
static int32_t build(struct compiler *c, const struct tree *t, int32_t behind)
{
    int32_t either = NONE;

    while (c->status == OU_OK && (t->kind == TREE_JOIN || t->kind == TREE_EITHER)) {
        int32_t right = build(c, t->right, behind);

        if (t->kind == TREE_JOIN) {
            behind = right;
            t = t->left;
            continue;
        }
        either = either == NONE ? right : split(c, right, either);
        if (t->left->kind != TREE_EITHER)
            return split(c, build(c, t->left, behind), either);
        t = t->left;
    }
    if (c->status)
        return 0;
    switch (t->kind) {
    case TREE_SET:
        return add_state(c, (struct state){ .kind = STATE_SET,
                                            .negated = t->negated,
                                            .range_count = t->range_count,
                                            .ranges = t->ranges,
                                            .next = behind });
    case TREE_REPEAT: return build_repeat(c, t, behind);
    case TREE_START:
    case TREE_END:
        return add_state(c, (struct state){ .kind = t->kind == TREE_START ? STATE_START : STATE_END,
                                            .next = behind });
    default: return behind;
    }
}

static bool take_rooms(struct compiler *c)
{
    struct query_regex *r = c->regex;
    struct state *states = take(c, sizeof(*states) * ((size_t)r->count + 1));

    if (!states)
        return false;
    r->states = memcpy(states, r->states, sizeof(*states) * (size_t)r->count);
    r->now = take(c, sizeof(int32_t) * (size_t)r->count);
    r->then = take(c, sizeof(int32_t) * (size_t)r->count);
    r->stack = take(c, sizeof(int32_t) * (2 * (size_t)r->count + 2));
    r->seen = take(c, sizeof(uint32_t) * (size_t)r->count);
    return c->status == OU_OK;
}

enum ou_status query_regex_compile(struct arena *memory, struct span text, struct query_regex **ret,
                                   struct ou_error *err)
{
    struct compiler c = { .memory = memory, .rest = text, .err = err };
    struct arena scratch;
    struct tree *t = parse_either(&c);

    if (c.status == OU_OK && c.rest.len > 0)
        fail(&c, OU_INVALID, "unexpected )");
    c.regex = take(&c, sizeof(*c.regex));
    if (c.status)
        return c.status;
    /* While it is not known how many states there will be, they have all the room there can be. */
    arena_init(&scratch, memory->from, SIZE_MAX);
    c.regex->states = arena_take(&scratch, sizeof(struct state) * QUERY_REGEX_STATES_MAX, 8);
    if (!c.regex->states)
        return ou_fail(err, OU_NO_MEMORY, "no memory");
    c.regex->first = build(&c, t, add_state(&c, (struct state){ .kind = STATE_MATCH }));
    if (c.status == OU_OK && take_rooms(&c))
        *ret = c.regex;
    arena_release(&scratch);
    return c.status;
}

/* --- Matching ----------------------------------------------------------------------------- */

static bool has(const struct state *s, uint32_t character)
{
    for (uint32_t i = 0; i < s->range_count; i++)
        if (s->ranges[i].from <= character && character <= s->ranges[i].to)
            return !s->negated;
    return s->negated;
}

/* Adds a state and all that can be reached from it without taking a character. mark is new for every position. Returns
 * whether the end of the machine is among them. */
static bool enter(struct query_regex *r, int32_t first, uint32_t mark, bool at_start, bool at_end,
                  int32_t *set, size_t *count)
{
    size_t depth = 0;
    bool matched = false;

    r->stack[depth++] = first;
    while (depth > 0) {
        int32_t at = r->stack[--depth];
        const struct state *s = &r->states[at];

        if (r->seen[at] == mark)
            continue;
        r->seen[at] = mark;
        if (s->kind == STATE_SET)
            set[(*count)++] = at;
        else if (s->kind == STATE_MATCH)
            matched = true;
        else if (s->kind == STATE_SPLIT || (s->kind == STATE_START && at_start) ||
                 (s->kind == STATE_END && at_end))
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
    matched = enter(r, r->first, mark, true, rest.len == 0, r->now, &count);
    while (rest.len > 0 && count > 0) {
        size_t then_count = 0;
        int32_t *swap = r->now;
        uint32_t character;

        utf8_next(&rest, &character);
        matched = false;
        mark++;
        for (size_t i = 0; i < count; i++)
            if (has(&r->states[r->now[i]], character) &&
                enter(r, r->states[r->now[i]].next, mark, false, rest.len == 0, r->then,
                      &then_count))
                matched = true;
        *work += count;
        r->now = r->then;
        r->then = swap;
        count = then_count;
    }
    *work += 1;
    return matched && rest.len == 0;
}
