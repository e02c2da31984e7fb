#include "query/regex_tree.h"

#include <string.h>

#include "base/utf8.h"

enum {
    DEPTH_MAX = 64,
    COUNT_MAX = 1000, /* of x{n}, as RE2 has it */
};

struct reader {
    struct arena *memory;
    struct span rest;
    bool folds, dot_takes_newline;
    unsigned depth;
    struct regex_tree *last_group;
    enum ou_status status; /* the first failure; all ends then */
    struct ou_error *err;
};

static void *fail(struct reader *r, enum ou_status status, const char *what)
{
    if (r->status == OU_OK)
        r->status = ou_fail(r->err, status, "%s", what);
    return NULL;
}

static void *take(struct reader *r, size_t bytes)
{
    void *at = r->status ? NULL : arena_take(r->memory, bytes, 8);

    return at || r->status ? at : fail(r, OU_NO_MEMORY, "no memory");
}

static struct regex_tree *tree(struct reader *r, enum regex_tree_kind kind, struct regex_tree *left,
                               struct regex_tree *right)
{
    struct regex_tree *t = take(r, sizeof(*t));

    if (t)
        *t = (struct regex_tree){ .kind = kind, .left = left, .right = right };
    return t;
}

static bool taken(struct reader *r, const char *what)
{
    if (!span_starts(r->rest, what))
        return false;
    r->rest.at += strlen(what);
    r->rest.len -= strlen(what);
    return true;
}

static bool at_char(const struct reader *r, char what)
{
    return r->rest.len > 0 && *r->rest.at == what;
}

static uint32_t next_character(struct reader *r)
{
    uint32_t character = 0;

    if (r->rest.len > 0)
        utf8_next(&r->rest, &character);
    return character;
}

static void add_range(struct reader *r, struct regex_tree *t, uint32_t from, uint32_t to)
{
    struct regex_range *ranges;

    if (!t || r->status)
        return;
    if ((t->range_count & (t->range_count - 1)) == 0) { /* full at powers of two */
        ranges = take(r, sizeof(*ranges) * (t->range_count ? t->range_count * 2 : 1));
        if (!ranges)
            return;
        if (t->range_count)
            memcpy(ranges, t->ranges, t->range_count * sizeof(*ranges));
        t->ranges = ranges;
    }
    t->ranges[t->range_count++] = (struct regex_range){ from, to };
}

/* A range, and in expressions that fold case the letters' other forms (of ASCII). */
static void add_folded(struct reader *r, struct regex_tree *t, uint32_t from, uint32_t to)
{
    add_range(r, t, from, to);
    if (!r->folds)
        return;
    for (uint32_t l = 'a'; l <= 'z'; l++) {
        if (from <= l && l <= to)
            add_range(r, t, l - 32, l - 32);
        if (from <= l - 32 && l - 32 <= to)
            add_range(r, t, l, l);
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

static void add_class(struct reader *r, struct regex_tree *t, const char *ranges)
{
    for (; *ranges; ranges += 2)
        add_range(r, t, (uint32_t)ranges[0], (uint32_t)ranges[1]);
}

/* All characters that are in no pair; pairs stand in order. */
static void add_outside(struct reader *r, struct regex_tree *t, const char *ranges)
{
    uint32_t from = 0;

    for (; *ranges; ranges += 2) {
        if (from < (uint32_t)ranges[0])
            add_range(r, t, from, (uint32_t)ranges[0] - 1);
        from = (uint32_t)ranges[1] + 1;
    }
    add_range(r, t, from, UINT32_MAX);
}

/* \d and the like, behind the backslash. False: it is none. */
static bool add_perl_class(struct reader *r, struct regex_tree *t)
{
    char letter = r->rest.len > 0 ? *r->rest.at : '\0';
    char lower = (char)(letter | 0x20);
    const char *ranges =
        strchr("dDwWsS", letter) && letter ? class_ranges((struct span){ &lower, 1 }) : NULL;

    if (!ranges)
        return false;
    next_character(r);
    if (letter == lower)
        add_class(r, t, ranges);
    else
        add_outside(r, t, ranges);
    return true;
}

static int hex_digit(uint32_t character)
{
    if (character >= '0' && character <= '9')
        return (int)character - '0';
    character |= 0x20;
    return character >= 'a' && character <= 'f' ? (int)character - 'a' + 10 : -1;
}

/* \x41 */
static uint32_t hex_escape(struct reader *r)
{
    int high = hex_digit(next_character(r)), low = hex_digit(next_character(r));

    if (high < 0 || low < 0)
        fail(r, OU_INVALID, "\\x wants two hexadecimal digits");
    return (uint32_t)(high * 16 + low);
}

/* The character that an escape stands for, behind the backslash. */
static uint32_t escaped(struct reader *r)
{
    static const char from[] = "afnrtv", to[] = "\a\f\n\r\t\v";
    uint32_t character;
    const char *found;

    if (r->rest.len == 0) {
        fail(r, OU_INVALID, "trailing backslash at end of expression");
        return 0;
    }
    character = next_character(r);
    if (character == 'x')
        return hex_escape(r);
    found = character < 128 ? strchr(from, (int)character) : NULL;
    if (found && *found)
        return (uint32_t)to[found - from];
    if ((character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
        (character >= '0' && character <= '9'))
        fail(r, OU_INVALID, "invalid escape sequence");
    return character;
}

static uint32_t bracket_character(struct reader *r)
{
    return taken(r, "\\") ? escaped(r) : next_character(r);
}

static void parse_bracket_item(struct reader *r, struct regex_tree *t)
{
    uint32_t from, to;

    if (taken(r, "[:")) {
        const char *end = memmem(r->rest.at, r->rest.len, ":]", 2);
        const char *ranges =
            end ? class_ranges((struct span){ r->rest.at, (size_t)(end - r->rest.at) }) : NULL;

        if (!ranges) {
            fail(r, OU_INVALID, "invalid character class range");
            return;
        }
        r->rest.len -= (size_t)(end + 2 - r->rest.at);
        r->rest.at = end + 2;
        add_class(r, t, ranges);
        return;
    }
    if (at_char(r, '\\')) {
        taken(r, "\\");
        if (add_perl_class(r, t))
            return;
        from = escaped(r);
    } else {
        from = next_character(r);
    }
    to = from;
    if (at_char(r, '-') && r->rest.len > 1 && r->rest.at[1] != ']') {
        taken(r, "-");
        to = bracket_character(r);
    }
    if (to < from)
        fail(r, OU_INVALID, "invalid character class range");
    add_folded(r, t, from, to);
}

/* Behind the bracket. */
static struct regex_tree *parse_bracket(struct reader *r)
{
    struct regex_tree *t = tree(r, TREE_SET, NULL, NULL);

    if (!t)
        return NULL;
    t->negated = taken(r, "^");
    if (at_char(r, ']'))
        parse_bracket_item(r, t); /* in front it is itself */
    while (r->status == OU_OK && r->rest.len > 0 && !at_char(r, ']'))
        parse_bracket_item(r, t);
    if (r->status == OU_OK && !taken(r, "]"))
        fail(r, OU_INVALID, "missing closing ]");
    return t;
}

static struct regex_tree *parse_either(struct reader *r);

/* Flags between "(?" and ":" or ")"; true when a group follows. */
static bool parse_flags(struct reader *r)
{
    bool value = true;

    for (; r->rest.len > 0; next_character(r)) {
        if (taken(r, ":"))
            return true;
        if (taken(r, ")"))
            return false;
        if (at_char(r, '-'))
            value = false;
        else if (at_char(r, 'i'))
            r->folds = value;
        else if (at_char(r, 's'))
            r->dot_takes_newline = value;
        else if (!at_char(r, 'm') && !at_char(r, 'U'))
            break;
    }
    fail(r, OU_INVALID, "invalid or unsupported (?...) syntax");
    return false;
}

/* Numbers count opening parentheses. */
static struct regex_tree *new_group(struct reader *r, struct span name)
{
    struct regex_tree *t = tree(r, TREE_GROUP, NULL, NULL);

    if (t) {
        t->name = name;
        t->group = r->last_group ? r->last_group->group + 1 : 1;
        t->before = r->last_group;
        r->last_group = t;
    }
    return t;
}

/* NAME>, behind "(?P<". */
static struct span group_name(struct reader *r)
{
    struct span name = { r->rest.at, 0 };

    while (r->rest.len > 0 && !at_char(r, '>'))
        next_character(r);
    name.len = (size_t)(r->rest.at - name.at);
    if (!taken(r, ">") || name.len == 0)
        fail(r, OU_INVALID, "invalid named capture");
    return name;
}

/* Behind the parenthesis. Flags hold until the group ends, and those of "(?i)" until the group
 * around it does. */
static struct regex_tree *parse_group(struct reader *r)
{
    bool folds = r->folds, dot = r->dot_takes_newline;
    struct regex_tree *t, *group = NULL;

    if (taken(r, "?P<"))
        group = new_group(r, group_name(r));
    else if (!taken(r, "?"))
        group = new_group(r, (struct span){ 0 });
    else if (!parse_flags(r))
        return tree(r, TREE_EMPTY, NULL, NULL);
    t = parse_either(r);
    if (!taken(r, ")"))
        fail(r, OU_INVALID, "missing closing )");
    r->folds = folds;
    r->dot_takes_newline = dot;
    if (!group)
        return t;
    group->left = t;
    return group;
}

static struct regex_tree *parse_atom(struct reader *r)
{
    struct regex_tree *t;
    uint32_t character;

    if (taken(r, "("))
        return parse_group(r);
    if (taken(r, "["))
        return parse_bracket(r);
    if (taken(r, "^") || taken(r, "\\A"))
        return tree(r, TREE_START, NULL, NULL);
    if (taken(r, "$") || taken(r, "\\z"))
        return tree(r, TREE_END, NULL, NULL);
    t = tree(r, TREE_SET, NULL, NULL);
    if (taken(r, ".")) {
        if (!r->dot_takes_newline)
            add_range(r, t, '\n', '\n');
        if (t)
            t->negated = true;
        return t;
    }
    if (at_char(r, '*') || at_char(r, '+') || at_char(r, '?'))
        return fail(r, OU_INVALID, "missing argument to repetition operator");
    if (taken(r, "\\")) {
        if (add_perl_class(r, t))
            return t;
        character = escaped(r);
    } else {
        character = next_character(r);
    }
    add_folded(r, t, character, character);
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
static bool parse_counts(struct reader *r, int *ret_min, int *ret_max)
{
    struct span rest = r->rest;

    if (!at_char(r, '{'))
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
            *ret_max = REGEX_NO_LIMIT;
    }
    if (rest.len == 0 || *rest.at != '}')
        return false;
    rest.at++;
    rest.len--;
    r->rest = rest;
    if (*ret_min > COUNT_MAX || *ret_max > COUNT_MAX ||
        (*ret_max != REGEX_NO_LIMIT && *ret_max < *ret_min))
        fail(r, OU_INVALID, "invalid repeat count");
    return true;
}

static struct regex_tree *parse_repeated(struct reader *r)
{
    struct regex_tree *t = parse_atom(r);
    int min, max;
    bool is_lazy;

    for (unsigned times = 0; r->status == OU_OK; times++) {
        if (taken(r, "*"))
            min = 0, max = REGEX_NO_LIMIT;
        else if (taken(r, "+"))
            min = 1, max = REGEX_NO_LIMIT;
        else if (taken(r, "?"))
            min = 0, max = 1;
        else if (!parse_counts(r, &min, &max))
            return t;
        is_lazy = taken(r, "?");
        if (times > 0)
            return fail(r, OU_INVALID, "invalid nested repetition operator");
        t = tree(r, TREE_REPEAT, t, NULL);
        if (t) {
            t->min = min;
            t->max = max;
            t->is_lazy = is_lazy;
        }
    }
    return NULL;
}

static struct regex_tree *parse_join(struct reader *r)
{
    struct regex_tree *t = tree(r, TREE_EMPTY, NULL, NULL);

    while (r->status == OU_OK && r->rest.len > 0 && !at_char(r, '|') && !at_char(r, ')'))
        t = tree(r, TREE_JOIN, t, parse_repeated(r));
    return t;
}

static struct regex_tree *parse_either(struct reader *r)
{
    struct regex_tree *t;

    if (++r->depth > DEPTH_MAX)
        return fail(r, OU_TOO_LARGE, "expression nests too deeply");
    t = parse_join(r);
    while (r->status == OU_OK && taken(r, "|"))
        t = tree(r, TREE_EITHER, t, parse_join(r));
    r->depth--;
    return t;
}

enum ou_status query_regex_read(struct arena *memory, struct span text, struct regex_tree **ret,
                                struct regex_tree **ret_last, struct ou_error *err)
{
    struct reader r = { .memory = memory, .rest = text, .err = err };
    struct regex_tree *t = parse_either(&r);

    if (r.status == OU_OK && r.rest.len > 0)
        fail(&r, OU_INVALID, "unexpected )");
    if (r.status == OU_OK) {
        *ret = t;
        *ret_last = r.last_group;
    }
    return r.status;
}
