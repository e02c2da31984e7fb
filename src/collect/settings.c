#include "collect/settings.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "base/suggest.h"

/* --- Messages ----------------------------------------------------------------------------- */

void settings_refuse(struct settings *s, const struct config_node *at, const char *format, ...)
{
    struct ou_error what = { { 0 } };
    va_list args;

    if (s->status)
        return;
    va_start(args, format);
    vsnprintf(what.text, sizeof(what.text), format, args);
    va_end(args);
    s->status = at ? ou_fail(s->err, OU_INVALID, "%s:%d: %s", s->name, at->line, what.text)
                   : ou_fail(s->err, OU_INVALID, "%s: %s", s->name, what.text);
}

void settings_warn(struct settings *s, const struct config_node *at, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    config_warning_add(&s->warnings, s->name, at->line, format, args);
    va_end(args);
}

void settings_warn_rest(struct settings *s)
{
    config_warning_rest(&s->warnings, s->name);
}

/* What a value is, for messages. */
static const char *describe(const struct config_node *value, char out[100])
{
    double number;
    bool truth;

    if (value->kind == CONFIG_MAP)
        return "an object";
    if (value->kind == CONFIG_LIST)
        return "a list";
    if (config_is_null(value))
        return "nothing";
    if (config_is_number(value, &number))
        snprintf(out, 100, "the number %.60s", value->text.at);
    else if (config_is_bool(value, &truth))
        snprintf(out, 100, "%.60s", value->text.at);
    else
        snprintf(out, 100, "\"%.60s\"", value->text.at);
    return out;
}

static void refuse_kind(struct settings *s, const struct config_node *value, const char *what,
                        const char *wanted)
{
    char given[100];

    settings_refuse(s, value, "\"%.80s\" must be %.300s, not %s", what, wanted,
                    describe(value, given));
}

/* --- Memory ------------------------------------------------------------------------------- */

void *settings_take(struct settings *s, size_t count, size_t item_bytes)
{
    void *at = arena_take(s->memory, (count ? count : 1) * item_bytes, _Alignof(max_align_t));

    if (!at && !s->status)
        s->status = ou_fail(s->err, OU_NO_MEMORY, "%s: no memory for the configuration", s->name);
    return at;
}

const char *settings_keep(struct settings *s, struct span text)
{
    char *copy = settings_take(s, text.len + 1, 1);

    if (copy && text.len)
        memcpy(copy, text.at, text.len);
    return copy;
}

/* --- Objects ------------------------------------------------------------------------------- */

static bool is_one_of(struct span name, const char *const *names)
{
    while (*names && !span_is(name, *names))
        names++;
    return *names != NULL;
}

static void warn_of_unknown(struct settings *s, const struct config_node *key, const char *what,
                            const char *const *names)
{
    struct suggestion near;

    suggest_for(&near, key->text);
    for (const char *const *name = names; *name; name++)
        suggest_consider(&near, *name);
    settings_warn(s, key, "%s has no member \"%.80s\"%s%s%s", what, key->text.at,
                  near.best ? "; did you mean \"" : "", near.best ? near.best : "",
                  near.best ? "\"?" : "");
}

void settings_expect_or(struct settings *s, const struct config_node *map, const char *what,
                        const char *const *names, const char *const *others, const char *where)
{
    for (const struct config_item *i = map->items; i; i = i->next) {
        if (is_one_of(i->key->text, names))
            continue;
        if (is_one_of(i->key->text, others))
            settings_warn(s, i->key, "\"%s\" has no effect here: it belongs in \"%s\"",
                          i->key->text.at, where);
        else
            warn_of_unknown(s, i->key, what, names);
    }
}

void settings_expect(struct settings *s, const struct config_node *map, const char *what,
                     const char *const *names)
{
    static const char *const none[] = { NULL };

    settings_expect_or(s, map, what, names, none, "");
}

const struct config_node *settings_required(struct settings *s, const struct config_node *map,
                                            const char *key)
{
    const struct config_node *value = config_member(map, key);

    if (!value)
        settings_refuse(s, map, "\"%s\" is not given", key);
    return value;
}

bool settings_is_object(struct settings *s, const struct config_node *value, const char *what)
{
    if (value->kind != CONFIG_MAP)
        refuse_kind(s, value, what, "an object");
    return value->kind == CONFIG_MAP;
}

bool settings_is_list(struct settings *s, const struct config_node *value, const char *what)
{
    if (value->kind != CONFIG_LIST)
        refuse_kind(s, value, what, "a list");
    return value->kind == CONFIG_LIST;
}

const struct config_node *settings_object(struct settings *s, const struct config_node *map,
                                          const char *key)
{
    const struct config_node *value = config_member(map, key);

    return value && settings_is_object(s, value, key) ? value : NULL;
}

const struct config_node *settings_list(struct settings *s, const struct config_node *map,
                                        const char *key)
{
    const struct config_node *value = config_member(map, key);

    return value && settings_is_list(s, value, key) ? value : NULL;
}

/* --- Values ------------------------------------------------------------------------------- */

/* Counts that matter are below 2^53, where doubles are exact. */
uint64_t settings_count(struct settings *s, const struct config_node *map, const char *key,
                        uint64_t least, uint64_t most, uint64_t otherwise)
{
    const struct config_node *value = config_member(map, key);
    char wanted[100];
    double number;

    if (!value)
        return otherwise;
    if (config_is_number(value, &number) && number >= (double)least && number <= (double)most &&
        number == floor(number))
        return (uint64_t)number;
    snprintf(wanted, sizeof(wanted), "a whole number from %" PRIu64 " to %" PRIu64, least, most);
    refuse_kind(s, value, key, wanted);
    return otherwise;
}

double settings_real(struct settings *s, const struct config_node *map, const char *key,
                     double least, double most, double otherwise)
{
    const struct config_node *value = config_member(map, key);
    char wanted[100];
    double number;

    if (!value)
        return otherwise;
    if (config_is_number(value, &number) && number >= least && number <= most)
        return number;
    snprintf(wanted, sizeof(wanted), "a number from %g to %g", least, most);
    refuse_kind(s, value, key, wanted);
    return otherwise;
}

bool settings_bool(struct settings *s, const struct config_node *map, const char *key,
                   bool otherwise)
{
    const struct config_node *value = config_member(map, key);
    bool truth = otherwise;

    if (value && !config_is_bool(value, &truth))
        refuse_kind(s, value, key, "true or false");
    return truth;
}

const char *settings_text_of(struct settings *s, const struct config_node *value, const char *what)
{
    double number;
    bool truth;

    if (value->kind == CONFIG_SCALAR && !config_is_number(value, &number) &&
        !config_is_bool(value, &truth) && !config_is_null(value))
        return settings_keep(s, value->text);
    refuse_kind(s, value, what, "a text");
    return NULL;
}

const char *settings_text(struct settings *s, const struct config_node *map, const char *key)
{
    const struct config_node *value = config_member(map, key);

    return value ? settings_text_of(s, value, key) : NULL;
}

size_t settings_word(struct settings *s, const struct config_node *map, const char *key,
                     const char *const *words, size_t otherwise)
{
    const struct config_node *value = config_member(map, key);
    char list[300] = "one of";
    size_t len = strlen(list);

    if (!value)
        return otherwise;
    for (size_t i = 0; words[i]; i++) {
        if (value->kind == CONFIG_SCALAR && span_is(value->text, words[i]))
            return i;
        len += (size_t)snprintf(list + len, sizeof(list) - len, "%s %s", i ? "," : "", words[i]);
    }
    refuse_kind(s, value, key, list);
    return otherwise;
}
