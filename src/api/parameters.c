#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/answering.h"
#include "api/schema.h"
#include "base/suggest.h"
#include "base/utf8.h"
#include "http/params.h"

/* Of what all faults together are told with: those are 16 at most. */
#define DETAIL_BYTES_MAX ((size_t)16384)

/* What is wrong with a request, all of it, up to a limit. */
struct checking {
    struct api_request *r;
    struct problem_place at[SCHEMA_FAULTS_MAX];
    size_t count;
};

static void wrong(struct checking *c, const char *name, const char *what)
{
    const char *detail;

    if (c->count == SCHEMA_FAULTS_MAX)
        return;
    detail = arena_copy(&c->r->memory, what, strlen(what));
    c->at[c->count++] =
        (struct problem_place){ .parameter = name, .detail = detail ? detail : "it does not fit" };
}

/* Of one that is given several times the first fault is enough. */
static bool is_told(const struct checking *c, const char *name)
{
    for (size_t i = 0; i < c->count; i++)
        if (strcmp(c->at[i].parameter, name) == 0)
            return true;
    return false;
}

/* Also where a parameter is a member of a form. */
static bool is_form_member(const struct api_request *r, const char *name)
{
    return r->described->form_schema &&
           json_object_get(json_object_get(r->described->form_schema, "properties"), name);
}

static void unknown(struct checking *c, const char *name)
{
    const struct described *d = c->r->described;
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
    wrong(c, name, detail);
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

static void check_value(struct checking *c, const struct described_parameter *p, const char *text)
{
    struct schema_faults faults = { .memory = &c->r->memory };
    json_t *value;

    if (!utf8_is_valid(span_of(text))) {
        wrong(c, p->name, "it is not UTF-8");
        return;
    }
    value = value_of(p, text);
    if (!value)
        wrong(c, p->name, type_words[p->type]);
    else if (!schema_check(api_description(c->r->api), p->schema, value, &faults))
        wrong(c, p->name, faults.count ? faults.at[0].detail : "it does not fit");
    json_decref(value);
}

static void check_argument(struct checking *c, const struct http_field *arg)
{
    const struct described_parameter *p = described_parameter_find(c->r->described, arg->name);

    if (p && !p->repeats && http_argument_at(c->r->call, arg->name, 1) != NULL)
        wrong(c, p->name, "it may be given once only");
    else if (p)
        check_value(c, p, arg->value);
    else if (!is_form_member(c->r, arg->name))
        unknown(c, arg->name);
    else if (!utf8_is_valid(span_of(arg->value)))
        wrong(c, arg->name, "it is not UTF-8");
}

/* All of it at once: who mends a request sees every place. */
static bool answer_faults(const struct checking *c)
{
    struct buffer all;

    if (c->count == 0)
        return true;
    buffer_init(&all, allocator_libc(), DETAIL_BYTES_MAX);
    for (size_t i = 0; i < c->count; i++)
        buffer_printf(&all, "%s%.80s: %s", i ? "; " : "", c->at[i].parameter, c->at[i].detail);
    api_problem_at(c->r, PROBLEM_INVALID_PARAMETER, c->at, c->count, "%s", buffer_string(&all));
    buffer_release(&all);
    return false;
}

/* What is there; and what must be. */
bool parameters_check(struct api_request *r)
{
    const struct described *d = r->described;
    const struct http_fields *args = &r->call->args->args;
    struct checking c = { .r = r };

    for (size_t i = 0; i < d->parameter_count; i++) {
        const struct described_parameter *p = &d->parameters[i];

        if (p->in_path)
            check_value(&c, p, api_path_value(r, p->name));
        else if (p->required && !http_argument(r->call, p->name))
            wrong(&c, p->name, "it must be given");
    }
    for (size_t i = 0; i < args->count && c.count < SCHEMA_FAULTS_MAX; i++)
        if (!is_told(&c, args->at[i].name))
            check_argument(&c, &args->at[i]);
    return answer_faults(&c);
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
