/* How readers write filters: "gt.3", "in.(a,b)", or a value alone. */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store/list.h"

static const struct {
    const char *word;
    enum list_op op;
} words[] = {
    { "eq.", LIST_EQ }, { "ne.", LIST_NE }, { "lt.", LIST_LT },         { "le.", LIST_LE },
    { "gt.", LIST_GT }, { "ge.", LIST_GE }, { "prefix.", LIST_PREFIX }, { "in.(", LIST_IN },
};

struct reading {
    const struct list_field *field;
    const char *text; /* all of it */
    struct arena *memory;
    struct list_filter *filter;
    size_t *ret_position;
    struct ou_error *err;
};

static enum ou_status wrong(struct reading *r, const char *at, const char *what)
{
    *r->ret_position = (size_t)(at - r->text) + 1;
    return ou_fail(r->err, OU_USAGE, "%s: %s", r->field->name, what);
}

static bool whole_number(const char *text, int64_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoll(text, &end, 10);
    return errno == 0 && end != text && *end == '\0' &&
           (*text == '-' || (*text >= '0' && *text <= '9'));
}

/* A number as JSON has it, but with any zeros. */
static bool number(const char *text, double *ret)
{
    char *end;

    if (text[strspn(text, "+-.0123456789eE")] != '\0')
        return false;
    *ret = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*ret);
}

static bool instant(const char *text, int64_t *ret)
{
    char whole[sizeof "2026-11-23T00:00:00Z"];
    size_t len = strlen(text);

    if (len != sizeof "2026-11-23" - 1)
        return time_parse_iso(text, len, ret);
    snprintf(whole, sizeof whole, "%sT00:00:00Z", text);
    return time_parse_iso(whole, strlen(whole), ret);
}

static const char *const expected[] = {
    [FIELD_INT] = "a whole number is wanted",
    [FIELD_REAL] = "a number is wanted",
    [FIELD_TIME] = "an instant is wanted: 2026-11-23 or 2026-11-23T10:00:00.5Z",
    [FIELD_BOOL] = "true or false is wanted",
};

/* text: the value, NUL-terminated; at: where it stands. */
static enum ou_status add_value(struct reading *r, const char *text, const char *at)
{
    struct sql_value *value = &r->filter->values[r->filter->count];
    int64_t integer = 0;
    double real = 0;
    bool fits = true;

    if (r->filter->count == LIST_IN_MAX)
        return wrong(r, at, "too many values; 100 are taken");
    switch (r->field->type) {
    case FIELD_INT:
        fits = whole_number(text, &integer);
        *value = sql_int(integer);
        break;
    case FIELD_TIME:
        fits = instant(text, &integer);
        *value = sql_int(integer);
        break;
    case FIELD_REAL:
        fits = number(text, &real);
        *value = sql_real(real);
        break;
    case FIELD_BOOL:
        fits = strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
        *value = sql_int(*text == 't');
        break;
    default: *value = sql_text(text);
    }
    if (!fits)
        return wrong(r, at, expected[r->field->type]);
    r->filter->count++;
    return OU_OK;
}

/* Copies an item of a list to out: in quotes, with backslashes in front of quotes and backslashes, or up to a comma or the
 * bracket. Returns what stands behind it; NULL: the quotes stay open. */
static const char *take_item(const char *at, char *out)
{
    if (*at != '"') {
        while (*at && *at != ',' && *at != ')')
            *out++ = *at++;
        *out = '\0';
        return at;
    }
    for (at++; *at && *at != '"'; at++) {
        if (*at == '\\' && at[1])
            at++;
        *out++ = *at;
    }
    *out = '\0';
    return *at ? at + 1 : NULL;
}

static enum ou_status read_items(struct reading *r, const char *at)
{
    char *item = arena_take(r->memory, 2 * strlen(at) + LIST_IN_MAX + 1, 1);

    if (!item)
        return ou_fail(r->err, OU_NO_MEMORY, "%s: no memory for the filter", r->field->name);
    for (;; at++) {
        const char *begin = at;
        enum ou_status status;

        at = take_item(at, item);
        if (!at)
            return wrong(r, begin, "the quotation mark is not closed");
        if ((status = add_value(r, item, begin)))
            return status;
        item += strlen(item) + 1;
        if (*at == ')')
            return at[1] ? wrong(r, at + 1, "something stands behind the list") : OU_OK;
        if (*at != ',')
            return wrong(r, at,
                         *at ? "a comma or the bracket is missing" : "the bracket is not closed");
    }
}

enum ou_status list_filter_parse(const struct list_field *field, const char *text,
                                 struct arena *memory, struct list_filter *ret,
                                 size_t *ret_position, struct ou_error *err)
{
    struct reading r = { field, text, memory, ret, ret_position, err };
    const char *value = text;

    ret->field = field;
    ret->op = LIST_EQ;
    ret->count = 0;
    if (strcmp(text, "is.null") == 0 || strcmp(text, "not.null") == 0) {
        ret->op = *text == 'i' ? LIST_NULL : LIST_NOT_NULL;
        return OU_OK;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        size_t len = strlen(words[i].word);

        if (strncmp(text, words[i].word, len) == 0) {
            ret->op = words[i].op;
            value = text + len;
            break;
        }
    }
    if (ret->op == LIST_IN)
        return read_items(&r, value);
    if (ret->op == LIST_PREFIX && field->type != FIELD_TEXT)
        return wrong(&r, text, "prefix. is for texts");
    return add_value(&r, value, value);
}
