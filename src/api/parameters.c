#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answering.h"
#include "api/schema.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "http/params.h"

static bool wrong(struct api_request *r, const char *name, const char *what)
{
    struct problem_place place = { .parameter = name, .detail = what };

    return api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1, "%.80s: %s", name, what);
}

/* Also where a parameter is a member of a form. */
static bool is_form_member(const struct api_request *r, const char *name)
{
    return r->described->form_schema &&
           json_object_get(json_object_get(r->described->form_schema, "properties"), name);
}

static bool unknown(struct api_request *r, const char *name)
{
    const struct described *d = r->described;
    struct problem_place place = { .parameter = name };
    struct suggestion near;
    char detail[160];

    suggest_for(&near, span_of(name));
    for (size_t i = 0; i < d->parameter_count; i++)
        if (!d->parameters[i].in_path)
            suggest_consider(&near, d->parameters[i].name);
    if (near.best)
        snprintf(detail, sizeof detail, "there is no such parameter; did you mean \"%s\"?",
                 near.best);
    else
        snprintf(detail, sizeof detail, "there is no such parameter");
    place.detail = detail;
    return api_problem_at(r, PROBLEM_INVALID_PARAMETER, &place, 1, "%.80s: %s", name, detail);
}

/* The value as JSON would have it; NULL: it is not of the type. */
static json_t *value_of(const struct described_parameter *p, const char *text)
{
    size_t len = strlen(text);
    char *end;
    double number;

    switch (p->type) {
    case PARAMETER_TEXT: return json_stringn(text, len);
    case PARAMETER_BOOL:
        if (strcmp(text, "true") == 0)
            return json_true();
        return strcmp(text, "false") == 0 ? json_false() : NULL;
    case PARAMETER_INTEGER:
        if (len == 0 || len > 18 ||
            text[(*text == '-') + strspn(text + (*text == '-'), "0123456789")])
            return NULL;
        return json_integer(strtoll(text, NULL, 10));
    case PARAMETER_NUMBER:
        number = strtod(text, &end);
        if (len == 0 || *end || text[strspn(text, "+-.0123456789eE")] || !isfinite(number))
            return NULL;
        return json_real(number);
    }
    return NULL;
}

static const char *const type_words[] = {
    [PARAMETER_TEXT] = "it cannot be read",
    [PARAMETER_INTEGER] = "it must be a whole number",
    [PARAMETER_NUMBER] = "it must be a number",
    [PARAMETER_BOOL] = "it must be true or false",
};

static bool check_value(struct api_request *r, const struct described_parameter *p,
                        const char *text)
{
    struct schema_faults faults = { .memory = &r->memory };
    json_t *value;
    bool fits;

    if (!utf8_is_valid(span_of(text)))
        return wrong(r, p->name, "it is not UTF-8");
    value = value_of(p, text);
    if (!value)
        return wrong(r, p->name, type_words[p->type]);
    fits = schema_check(api_description(r->api), p->schema, value, &faults);
    json_decref(value);
    return fits || wrong(r, p->name, faults.count ? faults.at[0].detail : "it does not fit");
}

static bool check_query(struct api_request *r)
{
    const struct http_fields *args = &r->call->args->args;

    for (size_t i = 0; i < args->count; i++) {
        const struct http_field *arg = &args->at[i];
        const struct described_parameter *p = described_parameter_find(r->described, arg->name);

        if (!p && is_form_member(r, arg->name)) {
            if (!utf8_is_valid(span_of(arg->value)))
                return wrong(r, arg->name, "it is not UTF-8");
            continue;
        }
        if (!p)
            return unknown(r, arg->name);
        if (!p->repeats && http_argument_at(r->call, arg->name, 1))
            return wrong(r, p->name, "it may be given once only");
        if (!check_value(r, p, arg->value))
            return false;
    }
    return true;
}

/* What is there; and what must be. */
bool parameters_check(struct api_request *r)
{
    const struct described *d = r->described;

    for (size_t i = 0; i < d->parameter_count; i++) {
        const struct described_parameter *p = &d->parameters[i];

        if (p->in_path && !check_value(r, p, api_path_value(r, p->name)))
            return false;
        if (!p->in_path && p->required && !http_argument(r->call, p->name))
            return wrong(r, p->name, "it must be given");
    }
    return check_query(r);
}

bool media_check(struct api_request *r)
{
    const struct described *d = r->described;
    struct buffer types;

    for (size_t i = 0; i < d->type_count; i++)
        if (http_accepts(r->call, d->types[i], NULL))
            return true;
    if (d->type_count == 0)
        return true;
    buffer_init(&types, allocator_libc(), 1024);
    for (size_t i = 0; i < d->type_count; i++)
        buffer_printf(&types, "%s%s", i ? ", " : "", d->types[i]);
    api_problem(r, PROBLEM_NOT_ACCEPTABLE, "It can be had as %s.", buffer_string(&types));
    buffer_release(&types);
    return false;
}
