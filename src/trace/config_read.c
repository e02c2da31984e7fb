#include "trace/config_read.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

/* --- Messages ---------------------------------------------------------------------- */

enum ou_status config_refuse(const struct config_reading *r, const struct config_node *at,
                             const char *format, ...)
{
    struct ou_error what = { { 0 } };
    va_list args;

    va_start(args, format);
    vsnprintf(what.text, sizeof(what.text), format, args);
    va_end(args);
    return ou_fail(r->err, OU_INVALID, "%s:%d: %s", r->name, at->line, what.text);
}

void config_warn(struct config_reading *r, const struct config_node *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    config_warning_add(&r->warnings, r->name, at->line, format, args);
    va_end(args);
}

void config_warn_rest(struct config_reading *r)
{
    config_warning_rest(&r->warnings, r->name);
}

char *config_keep(struct config *config, struct span text)
{
    return arena_copy(&config->options->arena, text.at, text.len);
}

/* --- Objects ------------------------------------------------------------------------ */

const struct config_member *config_find_member(const struct config_member *members, size_t count,
                                               struct span name, const char **ret_near)
{
    struct suggestion s;

    *ret_near = NULL;
    for (size_t i = 0; i < count; i++)
        if (span_is(name, members[i].name))
            return &members[i];
    suggest_for(&s, name);
    for (size_t i = 0; i < count; i++)
        suggest_consider(&s, members[i].name);
    *ret_near = s.best;
    return NULL;
}

enum ou_status config_read_object(struct config_reading *r, const struct config_node *object,
                                  const char *what, const struct config_member *members,
                                  size_t count, void *into)
{
    enum ou_status status = OU_OK;

    if (object->kind != CONFIG_MAP)
        return config_refuse(r, object, "%.80s must be an object", what);
    for (const struct config_item *i = object->items; i && !status; i = i->next) {
        const char *near;
        const struct config_member *m = config_find_member(members, count, i->key->text, &near);

        if (!m)
            config_warn(r, i->key, "%.80s has no member \"%.80s\"%s%s%s", what, i->key->text.at,
                        near ? "; did you mean \"" : "", near ? near : "", near ? "\"?" : "");
        else if (!config_is_null(i->value))
            status = m->read(r, m, i->value, into);
    }
    return status;
}

/* --- Values -------------------------------------------------------------------------- */

/* What a value is, for messages. */
static const char *describe(const struct config_node *value, char out[100])
{
    double number;
    bool truth;

    if (value->kind == CONFIG_MAP)
        return "an object";
    if (value->kind == CONFIG_LIST)
        return "a list";
    if (config_is_number(value, &number))
        snprintf(out, 100, "the number %.60s", value->text.at);
    else if (config_is_bool(value, &truth) || config_is_null(value))
        snprintf(out, 100, "%.60s", value->text.len ? value->text.at : "nothing");
    else
        snprintf(out, 100, "\"%.60s\"", value->text.at);
    return out;
}

static void *place_of(const struct config_member *m, void *into)
{
    return (char *)into + m->offset;
}

static enum ou_status refuse_number(const struct config_reading *r, const struct config_member *m,
                                    const struct config_node *value, const char *kind)
{
    char text[100];

    if (m->most == HUGE_VAL)
        return config_refuse(r, value, "%s must be %s, %g or more, and is %s", m->name, kind,
                             m->least, describe(value, text));
    return config_refuse(r, value, "%s must be %s from %.0f to %.0f, and is %s", m->name, kind,
                         m->least, m->most, describe(value, text));
}

static bool in_range(const struct config_member *m, double number)
{
    return number >= m->least && number <= m->most;
}

enum ou_status config_read_int(struct config_reading *r, const struct config_member *m,
                               const struct config_node *value, void *into)
{
    double number;

    if (!config_is_number(value, &number) || !in_range(m, number) || number != floor(number))
        return refuse_number(r, m, value, "a whole number");
    *(int *)place_of(m, into) = (int)number;
    return OU_OK;
}

enum ou_status config_read_real(struct config_reading *r, const struct config_member *m,
                                const struct config_node *value, void *into)
{
    double number;

    if (!config_is_number(value, &number) || !in_range(m, number))
        return refuse_number(r, m, value, "a number");
    *(double *)place_of(m, into) = number;
    return OU_OK;
}

enum ou_status config_read_bool(struct config_reading *r, const struct config_member *m,
                                const struct config_node *value, void *into)
{
    char text[100];

    if (!config_is_bool(value, place_of(m, into)))
        return config_refuse(r, value, "%s must be true or false, and is %s", m->name,
                             describe(value, text));
    return OU_OK;
}

enum ou_status config_want_text(struct config_reading *r, const struct config_node *value,
                                const char *what, struct span *ret)
{
    char text[100];
    double number;
    bool truth;

    if (value->kind != CONFIG_SCALAR)
        return config_refuse(r, value, "%s must be a text, and is %s", what, describe(value, text));
    if (config_is_number(value, &number) || config_is_bool(value, &truth) || config_is_null(value))
        return config_refuse(r, value, "%s must be a text, and is %s; put it in quotes", what,
                             describe(value, text));
    *ret = value->text;
    return OU_OK;
}

enum ou_status config_read_text(struct config_reading *r, const struct config_member *m,
                                const struct config_node *value, void *into)
{
    struct span text = { NULL, 0 };
    enum ou_status status = config_want_text(r, value, m->name, &text);
    char *kept = status ? NULL : config_keep(r->config, text);

    if (status)
        return status;
    if (!kept)
        return ou_fail(r->err, OU_NO_MEMORY, "read %s: no memory", r->name);
    *(char **)place_of(m, into) = kept;
    return OU_OK;
}

/* "; did you mean X?", or all there is. */
static void advise(struct span given, const char *const *words, size_t count, struct buffer *out)
{
    struct suggestion s;

    suggest_for(&s, given);
    for (size_t i = 0; i < count; i++)
        suggest_consider(&s, words[i]);
    if (s.best) {
        buffer_printf(out, "; did you mean \"%s\"?", s.best);
        return;
    }
    buffer_text(out, "; there are: ");
    for (size_t i = 0; i < count; i++)
        buffer_printf(out, "%s\"%s\"", i ? ", " : "", words[i]);
}

enum ou_status config_want_word(struct config_reading *r, const struct config_node *value,
                                const char *what, const char *const *words, size_t count,
                                size_t *ret)
{
    struct span text = { NULL, 0 };
    struct buffer advice;
    enum ou_status status = config_want_text(r, value, what, &text);

    if (status)
        return status;
    for (size_t i = 0; i < count; i++)
        if (span_is(text, words[i])) {
            *ret = i;
            return OU_OK;
        }
    buffer_init(&advice, allocator_libc(), 600);
    advise(text, words, count, &advice);
    status = config_refuse(r, value, "%s is \"%.60s\"%s", what, text.at, buffer_string(&advice));
    buffer_release(&advice);
    return status;
}
