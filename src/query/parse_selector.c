/* Selectors: names, matchers, ranges, offsets. */
#include <string.h>

#include "query/parser.h"

static bool compile(struct parser *p, struct query_matcher *m, size_t at)
{
    struct ou_error why = { 0 };
    enum ou_status status =
        query_regex_compile(p->lexer.memory, span_of(m->value), &m->regex, &why);

    if (status == OU_NO_MEMORY)
        parser_no_memory(p);
    else if (status)
        parser_refuse(p, at, "error parsing regexp: %s", why.text);
    return status == OU_OK;
}

static struct query_matcher *new_matcher(struct parser *p, const char *label,
                                         enum query_match match, const char *value)
{
    struct query_matcher *m =
        arena_take(p->lexer.memory, sizeof(*m), _Alignof(struct query_matcher));

    if (!m)
        return parser_no_memory(p);
    *m = (struct query_matcher){ .label = label, .match = match, .value = value };
    return m;
}

/* node_name=~"a|b" */
static struct query_matcher *parse_matcher(struct parser *p)
{
    static const char *const signs[] = { "=", "!=", "=~", "!~" };
    struct span name = p->token.text;
    struct query_matcher *m;
    char *label;
    size_t at;
    int match = 0;

    if (p->token.kind != TOKEN_WORD || memchr(name.at, ':', name.len))
        return parser_unexpected(p, "label matching", "identifier or \"}\"");
    label = arena_copy(p->lexer.memory, name.at, name.len);
    if (!label)
        return parser_no_memory(p);
    parser_advance(p);
    while (match < 4 && !parser_at_sign(p, signs[match]))
        match++;
    if (match == 4)
        return parser_unexpected(p, "label matching", "one of \"=\", \"!=\", \"=~\" or \"!~\"");
    parser_advance(p);
    if (p->token.kind != TOKEN_STRING)
        return parser_unexpected(p, "label matching", "string");
    at = parser_place(p);
    m = new_matcher(p, label, (enum query_match)match, p->token.string);
    if (!m || (match >= MATCH_REGEX && !compile(p, m, at)))
        return NULL;
    parser_advance(p);
    return m;
}

static bool matches_empty(const struct query_matcher *m)
{
    uint64_t work = 0;

    switch (m->match) {
    case MATCH_EQUAL: return *m->value == '\0';
    case MATCH_UNEQUAL: return *m->value != '\0';
    case MATCH_REGEX: return query_regex_matches(m->regex, "", &work);
    default: return !query_regex_matches(m->regex, "", &work);
    }
}

/* A question for everything is a mistake, says Prometheus. */
static void check_matchers(struct parser *p, const struct query_selector *s, const char *name,
                           size_t at)
{
    const char *second = NULL;
    bool any = false;

    for (const struct query_matcher *m = s->matchers; m; m = m->next) {
        any = any || !matches_empty(m);
        if (name && m->next && strcmp(m->label, QUERY_NAME_LABEL) == 0)
            second = m->value;
    }
    if (second)
        parser_refuse(p, at, "metric name must not be set twice: \"%s\" or \"%s\"", name, second);
    else if (!any)
        parser_refuse(p, at, "vector selector must contain at least one non-empty matcher");
}

/* {a="b", c=~"d"} behind the brace; the name's matcher, if there is one, comes last. */
static void parse_matchers(struct parser *p, struct query_selector *s)
{
    while (!p->fault && !parser_at_sign(p, "}")) {
        struct query_matcher *m = parse_matcher(p);

        if (!m)
            return;
        m->next = (struct query_matcher *)s->matchers;
        s->matchers = m;
        if (!parser_at_sign(p, "}") && !parser_want_sign(p, ",", "label matching"))
            return;
    }
    parser_take_sign(p, "}");
}

struct query_node *parser_selector(struct parser *p)
{
    size_t at = parser_place(p);
    struct query_node *n = parser_new_node(p, QUERY_SELECTOR, QUERY_VECTOR, at);
    struct query_matcher *named = NULL;
    char *name = NULL;

    if (!n)
        return NULL;
    if (p->token.kind == TOKEN_WORD) {
        name = arena_copy(p->lexer.memory, p->token.text.at, p->token.text.len);
        named = name ? new_matcher(p, QUERY_NAME_LABEL, MATCH_EQUAL, name) : parser_no_memory(p);
        parser_advance(p);
    }
    n->selector.matchers = named;
    if (parser_take_sign(p, "{"))
        parse_matchers(p, &n->selector);
    if (!p->fault)
        check_matchers(p, &n->selector, name, at);
    return p->fault ? NULL : n;
}

static bool parse_duration(struct parser *p, const char *context, int64_t *ret_ms)
{
    if (p->token.kind != TOKEN_DURATION) {
        parser_unexpected(p, context, "duration");
        return false;
    }
    *ret_ms = p->token.duration_ms;
    /* Sums with instants stay far from overflowing. */
    if (*ret_ms > INT64_MAX / 8) {
        parser_refuse(p, parser_place(p), "duration out of range");
        return false;
    }
    parser_advance(p);
    return true;
}

/* [5m] behind the bracket. */
static void parse_range(struct parser *p, struct query_node *n)
{
    size_t at = parser_place(p);

    if (n->kind != QUERY_SELECTOR || n->is_enclosed || n->type != QUERY_VECTOR) {
        parser_refuse(p, n->at, "ranges only allowed for vector selectors");
        return;
    }
    if (n->selector.offset_ms != 0) {
        parser_refuse(p, at, "no offset modifiers allowed before range");
        return;
    }
    if (!parse_duration(p, "range specification", &n->selector.range_ms))
        return;
    if (parser_at_sign(p, ":"))
        parser_refuse(p, parser_place(p),
                      "subqueries are not supported: ranges are of selectors only");
    else if (n->selector.range_ms == 0)
        parser_refuse(p, at, "duration must be greater than 0");
    n->type = QUERY_MATRIX;
    parser_want_sign(p, "]", "range specification");
}

static void parse_offset(struct parser *p, struct query_node *n)
{
    bool back;

    if (n->kind != QUERY_SELECTOR || n->is_enclosed) {
        parser_refuse(
            p, n->at,
            "offset modifier must be preceded by an instant vector selector or range vector selector");
        return;
    }
    if (n->selector.offset_ms != 0) {
        parser_refuse(p, n->at, "offset may not be set multiple times");
        return;
    }
    back = parser_take_sign(p, "-");
    if (parse_duration(p, "offset", &n->selector.offset_ms) && back)
        n->selector.offset_ms = -n->selector.offset_ms;
}

struct query_node *parser_suffixes(struct parser *p, struct query_node *n)
{
    while (n && !p->fault) {
        if (parser_take_sign(p, "["))
            parse_range(p, n);
        else if (parser_take_word(p, "offset"))
            parse_offset(p, n);
        else if (parser_at_sign(p, "@"))
            return parser_refuse(p, parser_place(p), "the @ modifier is not supported");
        else
            return n;
    }
    return NULL;
}
