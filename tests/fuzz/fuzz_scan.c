/* The log scanner on arbitrary bytes, against two judges: a walk over the same
 * bytes one by one, and jansson wherever that takes the text for one value. */
#include <jansson.h>
#include <math.h>
#include <stdint.h>

#include "guarded.h"
#include "json/scan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const implementations[] = { "portable", "sse2", "avx2" };

#define IMPLEMENTATIONS (sizeof(implementations) / sizeof(*implementations))
#define STARTS_MAX 512 /* of a long input, starts are left out */

/* --- The walk over brackets ---------------------------------------------- */

/* From inside a container to behind its end, byte by byte; NULL when it has none. */
static const char *plain_walk(const char *at, const char *end)
{
    bool in_string = false, escaped = false;
    size_t depth = 1;

    for (; at < end; at++) {
        bool was_escaped = escaped;

        escaped = *at == '\\' && !was_escaped;
        if (*at == '"' && !was_escaped)
            in_string = !in_string;
        if (in_string)
            continue;
        depth += *at == '{' || *at == '[';
        if ((*at == '}' || *at == ']') && --depth == 0)
            return at + 1;
    }
    return NULL;
}

/* What any function of the scanner owes: it moves forward within the text, and
 * says why when it fails. */
static void check_cursor(const char *start, bool done, struct scan s)
{
    MUST(s.at >= start && s.at <= s.end);
    MUST(done == (s.problem == SCAN_FINE));
}

static void check_start(const char *at, const char *end)
{
    const char *behind = plain_walk(at, end);
    struct scan first = { 0 };
    bool first_done = false, seen = false;

    for (size_t i = 0; i < IMPLEMENTATIONS; i++) {
        struct scan rest = { at, end, SCAN_FINE }, any = rest;
        bool done;

        if (!scan_use(implementations[i]))
            continue;
        done = scan_skip_rest(&rest);
        check_cursor(at, done, rest);
        MUST(done == (behind != NULL));
        MUST(rest.at == (behind ? behind : end));
        done = scan_skip(&any);
        check_cursor(at, done, any);
        MUST(!seen || (done == first_done && any.at == first.at && any.problem == first.problem));
        first = any;
        first_done = done;
        seen = true;
    }
    scan_use(NULL);
}

/* --- Values, as jansson reads them ---------------------------------------- */

static void compare_value(struct scan *s, const json_t *tree);

static void compare_text(struct scan_text text, const char *wanted, size_t wanted_len)
{
    char *out = malloc(text.raw.len + !text.raw.len); /* not a byte more than is promised */
    size_t len;

    MUST(out);
    len = scan_unescape(text.raw, out);
    MUST(len == wanted_len && memcmp(out, wanted, len) == 0);
    MUST(text.escaped == (memchr(text.raw.at, '\\', text.raw.len) != NULL));
    free(out);
}

static void compare_string(struct scan *s, const json_t *tree)
{
    struct scan_text text;

    MUST(scan_string(s, &text));
    compare_text(text, json_string_value(tree), json_string_length(tree));
}

static void compare_number(struct scan *s, const json_t *tree)
{
    struct scan as_int = *s;
    int64_t whole;
    double real;

    if (json_is_integer(tree)) {
        MUST(scan_int(&as_int, &whole) && whole == json_integer_value(tree));
    } else {
        MUST(!scan_int(&as_int, &whole) && as_int.problem == SCAN_RANGE);
    }
    MUST(scan_double(s, &real) && as_int.at == s->at);
    MUST(real == json_number_value(tree));
}

static void compare_word(struct scan *s, const json_t *tree)
{
    struct scan as_bool = *s;
    bool value;

    if (json_is_boolean(tree)) {
        MUST(scan_bool(&as_bool, &value) && value == json_is_true(tree));
    } else {
        MUST(!scan_bool(&as_bool, &value) && as_bool.problem == SCAN_TYPE);
    }
    MUST(scan_skip(s) && as_bool.at == s->at);
}

static void compare_array(struct scan *s, const json_t *tree)
{
    MUST(scan_char(s, '['));
    for (size_t i = 0; i < json_array_size(tree); i++) {
        MUST(i == 0 || scan_char(s, ','));
        compare_value(s, json_array_get(tree, i));
    }
    MUST(scan_char(s, ']'));
}

static void compare_object(struct scan *s, json_t *tree)
{
    void *member = json_object_iter(tree); /* in the order of the text */
    struct scan_text key;
    bool first = true;

    MUST(scan_enter_object(s));
    while (scan_member(s, &first, &key)) {
        MUST(member);
        compare_text(key, json_object_iter_key(member), strlen(json_object_iter_key(member)));
        compare_value(s, json_object_iter_value(member));
        member = json_object_iter_next(tree, member);
    }
    MUST(s->problem == SCAN_FINE && !member);
}

static void compare_value(struct scan *s, const json_t *tree)
{
    struct scan skipping = *s;

    MUST(scan_skip(&skipping));
    if (json_is_object(tree))
        compare_object(s, (json_t *)tree);
    else if (json_is_array(tree))
        compare_array(s, tree);
    else if (json_is_string(tree))
        compare_string(s, tree);
    else if (json_is_number(tree))
        compare_number(s, tree);
    else
        compare_word(s, tree);
    MUST(s->at == skipping.at);
}

static void compare_with_jansson(struct guarded_room room, const uint8_t *data, size_t size)
{
    size_t flags = JSON_DECODE_ANY | JSON_ALLOW_NUL | JSON_REJECT_DUPLICATES;
    json_t *tree = NULL;
    struct scan s;
    char *text;

    if (size && !memchr(data, '\0', size)) /* jansson overlooks a NUL between tokens */
        tree = json_loadb((const char *)data, size, flags, NULL);
    if (!tree)
        return;
    text = guarded_place(room, NULL, size + 1, '"');
    memcpy(text, data, size);
    text[size] = '}'; /* a value always has something behind it */
    s = scan_of(text, size + 1);
    compare_value(&s, tree);
    MUST(scan_peek(&s) == '}' && s.at == text + size);
    json_decref(tree);
}

/* --- Any bytes -------------------------------------------------------------- */

/* The typed readers on whatever stands there; what follows the text is not their
 * business. */
static void read_typed(struct guarded_room room, const uint8_t *data, size_t size)
{
    static const char paddings[] = { '"', '}', '1' };
    struct scan results[sizeof(paddings)][5];

    for (size_t i = 0; i < sizeof(paddings); i++) {
        char *text = guarded_place(room, data, size, paddings[i]);
        struct scan_text string;
        int64_t whole;
        double real;
        bool value;

        for (int k = 0; k < 5; k++)
            results[i][k] = scan_of(text, size);
        if (scan_string(&results[i][0], &string)) {
            char *out = malloc(string.raw.len + !string.raw.len);
            size_t len = scan_unescape(string.raw, out);

            MUST(len == SIZE_MAX || len <= string.raw.len);
            free(out);
        }
        if (scan_int(&results[i][1], &whole) && scan_double(&results[i][4], &real))
            MUST((double)whole == real);
        else if (scan_double(&results[i][2], &real))
            MUST(isfinite(real));
        scan_bool(&results[i][3], &value);
        for (int k = 0; k < 5; k++)
            MUST(results[i][k].at == results[0][k].at &&
                 results[i][k].problem == results[0][k].problem);
    }
}

/* An object's members, each skipped: it comes to an end. */
static void walk_members(const char *text, size_t size)
{
    struct scan s = scan_of(text, size);
    struct scan_text key;
    bool first = true;

    if (!scan_enter_object(&s))
        return;
    while (scan_member(&s, &first, &key)) {
        const char *before = s.at;

        MUST(key.raw.at > text && key.raw.at + key.raw.len < s.at);
        if (!scan_skip(&s))
            break;
        MUST(s.at > before);
    }
    MUST(s.at <= text + size);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct guarded_room room;
    size_t stride = size / STARTS_MAX + 1;
    char *text;

    if (!room.edge)
        room = guarded_room_new();
    if (size >= GUARDED_MAX)
        return 0;
    text = guarded_place(room, data, size, '}');
    for (size_t i = 0; i <= size; i += stride)
        check_start(text + i, text + size);
    walk_members(text, size);
    read_typed(room, data, size);
    compare_with_jansson(room, data, size);
    return 0;
}
