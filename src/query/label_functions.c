/* label_replace() and label_join(). */
#include <string.h>

#include "base/buffer.h"
#include "query/inside.h"

enum { LABEL_BYTES_MAX = 1 << 16 }; /* of a value that is made */

static bool is_label_name(const char *name)
{
    if (*name >= '0' && *name <= '9')
        return false;
    for (const char *c = name; *c; c++)
        if (!((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') || (*c >= '0' && *c <= '9') ||
              *c == '_'))
            return false;
    return *name != '\0';
}

/* A copy in the arena of what was put together; NULL: failed. */
static const char *keep_text(struct query_run *r, struct buffer *text)
{
    char *kept = NULL;

    if (text->status == OU_NO_MEMORY)
        query_fail(r, QUERY_NO_MEMORY, "no memory");
    else if (text->status)
        query_fail_large(r);
    else if (query_work(r, text->len / 8 + 1) && (kept = query_take(r, text->len + 1, 1)))
        memcpy(kept, buffer_string(text), text->len);
    buffer_release(text);
    return kept;
}

/* --- Templates ---------------------------------------------------------------------------- */

static bool is_word(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/* The group that "1", "name" or "{name}" behind a dollar names; *template moves behind it. False: none stands there. */
static bool take_name(const char **template, struct span *ret)
{
    bool braced = **template == '{';
    const char *start = *template + braced, *end = start;

    while (is_word(*end))
        end++;
    if (end == start || (braced && *end != '}'))
        return false;
    *ret = (struct span){ start, (size_t)(end - start) };
    *template = end + braced;
    return true;
}

/* -1: there is no such group, and nothing stands for it. */
static int group_of(const struct query_regex *regex, struct span name)
{
    unsigned number = 0;

    for (size_t i = 0; i < name.len; i++) {
        if (name.at[i] < '0' || name.at[i] > '9')
            return query_regex_group(regex, name);
        number = number < 100000 ? number * 10 + (unsigned)(name.at[i] - '0') : number;
    }
    return number < query_regex_groups(regex) ? (int)number : -1;
}

/* "$1-${name}", "$$" is a dollar; a dollar before anything else stands for itself. */
static void expand(const char *template, const struct query_regex *regex, const struct span *groups,
                   struct buffer *out)
{
    while (*template) {
        const char *dollar = strchr(template, '$');
        struct span name;

        if (!dollar) {
            buffer_append(out, template, strlen(template));
            return;
        }
        buffer_append(out, template, (size_t)(dollar - template));
        template = dollar + 1;
        if (take_name(&template, &name)) {
            int group = group_of(regex, name);

            if (group >= 0 && groups[group].at)
                buffer_append(out, groups[group].at, groups[group].len);
        } else {
            buffer_char(out, '$');
            template += *template == '$';
        }
    }
}

/* --- label_replace ------------------------------------------------------------------------ */

static struct query_regex *compile(struct query_run *r, const char *text)
{
    struct query_regex *regex = NULL;
    enum ou_status status = query_regex_compile_groups(r->memory, span_of(text), &regex, NULL);

    if (status == OU_NO_MEMORY)
        query_fail(r, QUERY_NO_MEMORY, "no memory");
    else if (status)
        query_fail(r, QUERY_EXECUTION, "invalid regular expression in label_replace(): %.100s",
                   text);
    return regex;
}

static bool replace(struct query_run *r, struct query_regex *regex, struct span *groups,
                    const struct query_node *call, struct query_labels *labels)
{
    const char *to = call->arguments[1]->string, *template = call->arguments[2]->string;
    const char *from = query_label_value(*labels, call->arguments[3]->string), *value;
    struct buffer text;

    if (!query_regex_find(regex, from, groups, &r->work))
        return query_work(r, 1);
    buffer_init(&text, r->memory->from, LABEL_BYTES_MAX);
    expand(template, regex, groups, &text);
    value = keep_text(r, &text);
    return value && query_labels_set(r, labels, to, value);
}

bool query_eval_replace(struct query_run *r, const struct query_node *call, struct query_value *ret)
{
    struct query_regex *regex;
    struct span *groups;

    if (!query_eval(r, call->arguments[0], ret) ||
        !(regex = compile(r, call->arguments[4]->string)))
        return false;
    if (!is_label_name(call->arguments[1]->string))
        return query_fail(r, QUERY_EXECUTION,
                          "invalid destination label name in label_replace(): %.100s",
                          call->arguments[1]->string);
    groups = query_take(r, query_regex_groups(regex), sizeof(*groups));
    for (size_t i = 0; groups && i < ret->count; i++)
        if (!replace(r, regex, groups, call, &ret->lines[i].labels))
            return false;
    return groups && query_merge(r, ret, false);
}

/* --- label_join --------------------------------------------------------------------------- */

static bool check_names(struct query_run *r, const struct query_node *call)
{
    if (!is_label_name(call->arguments[1]->string))
        return query_fail(r, QUERY_EXECUTION,
                          "invalid destination label name in label_join(): %.100s",
                          call->arguments[1]->string);
    for (unsigned i = 3; i < call->argument_count; i++)
        if (!is_label_name(call->arguments[i]->string))
            return query_fail(r, QUERY_EXECUTION,
                              "invalid source label name in label_join(): %.100s",
                              call->arguments[i]->string);
    return true;
}

static bool join(struct query_run *r, const struct query_node *call, struct query_labels *labels)
{
    const char *separator = call->arguments[2]->string, *value;
    struct buffer text;

    buffer_init(&text, r->memory->from, LABEL_BYTES_MAX);
    for (unsigned i = 3; i < call->argument_count; i++) {
        value = query_label_value(*labels, call->arguments[i]->string);
        if (i > 3)
            buffer_append(&text, separator, strlen(separator));
        buffer_append(&text, value, strlen(value));
    }
    value = keep_text(r, &text);
    return value && query_labels_set(r, labels, call->arguments[1]->string, value);
}

bool query_eval_join(struct query_run *r, const struct query_node *call, struct query_value *ret)
{
    if (!query_eval(r, call->arguments[0], ret) || !check_names(r, call))
        return false;
    for (size_t i = 0; i < ret->count; i++)
        if (!join(r, call, &ret->lines[i].labels))
            return false;
    return query_merge(r, ret, false);
}
