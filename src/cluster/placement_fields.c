/* The members of a placement plan that have one value each, as a table. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/suggest.h"
#include "cluster/placement_read.h"

#define TEXT_BYTES_MAX 1024
#define PATH_ROOM 128

enum field_kind {
    FIELD_TEXT,    /* const char *; null is NULL */
    FIELD_FLAG,    /* bool */
    FIELD_COUNT,   /* unsigned */
    FIELD_SECONDS, /* double */
    FIELD_WHOLE_S, /* uint32_t: whole seconds */
    FIELD_MB,      /* uint64_t bytes; MiB in the file */
    FIELD_SOURCE,  /* enum credentials_source */
};

static const struct field {
    const char *path;
    enum field_kind kind;
    size_t offset;
    double standard, low, high; /* of numbers and flags */
    const char *text;           /* of texts: what they are by default */
} fields[] = {
#define AT(member) offsetof(struct placement, member)
    { "name", FIELD_TEXT, AT(name), 0, 0, 0, NULL },
    { "keep_job", FIELD_FLAG, AT(keep_job), 0, 0, 0, NULL },
    { "minimum_free_mb", FIELD_MB, AT(minimum_free_bytes), 0, 0, 1e9, NULL },

    { "nomad.address", FIELD_TEXT, AT(nomad.address), 0, 0, 0, NULL },
    { "nomad.region", FIELD_TEXT, AT(nomad.region), 0, 0, 0, NULL },
    { "nomad.namespace", FIELD_TEXT, AT(nomad.namespace_), 0, 0, 0, NULL },
    { "nomad.token_file", FIELD_TEXT, AT(nomad.token_file), 0, 0, 0, NULL },
    { "nomad.ca_file", FIELD_TEXT, AT(nomad.identity.ca_file), 0, 0, 0, NULL },
    { "nomad.certificate_file", FIELD_TEXT, AT(nomad.identity.certificate_file), 0, 0, 0, NULL },
    { "nomad.key_file", FIELD_TEXT, AT(nomad.identity.key_file), 0, 0, 0, NULL },
    { "nomad.server_name", FIELD_TEXT, AT(nomad.identity.server_name), 0, 0, 0, NULL },
    { "nomad.driver", FIELD_TEXT, AT(driver), 0, 0, 0, "exec" },
    { "nomad.image", FIELD_TEXT, AT(image), 0, 0, 0, NULL },
    { "nomad.user", FIELD_TEXT, AT(user), 0, 0, 0, NULL },
    { "nomad.priority", FIELD_COUNT, AT(priority), 50, 1, 100, NULL },
    { "nomad.distinct_hosts", FIELD_FLAG, AT(distinct_hosts), 1, 0, 0, NULL },
    { "nomad.services", FIELD_FLAG, AT(services), 0, 0, 0, NULL },

    { "storage.endpoint", FIELD_TEXT, AT(storage.endpoint), 0, 0, 0, NULL },
    { "storage.region", FIELD_TEXT, AT(storage.region), 0, 0, 0, NULL },
    { "storage.bucket", FIELD_TEXT, AT(storage.bucket), 0, 0, 0, NULL },
    { "storage.prefix", FIELD_TEXT, AT(prefix), 0, 0, 0, "ouroscope/" },
    { "storage.keep", FIELD_FLAG, AT(keep_objects), 0, 0, 0, NULL },
    { "storage.path_style", FIELD_FLAG, AT(storage.path_style), 0, 0, 0, NULL },
    { "storage.virtual_host", FIELD_FLAG, AT(storage.virtual_host), 0, 0, 0, NULL },
    { "storage.allow_http", FIELD_FLAG, AT(storage.allow_http), 0, 0, 0, NULL },
    { "storage.ca_file", FIELD_TEXT, AT(storage.identity.ca_file), 0, 0, 0, NULL },
    { "storage.url_expires_s", FIELD_WHOLE_S, AT(url_expires_s), 86400, 600, S3_PRESIGN_S_MAX,
      NULL },
    { "storage.credentials.source", FIELD_SOURCE, AT(storage.credentials.source), 0, 0, 0, "any" },
    { "storage.credentials.file", FIELD_TEXT, AT(storage.credentials.file), 0, 0, 0, NULL },
    { "storage.credentials.profile", FIELD_TEXT, AT(storage.credentials.profile), 0, 0, 0, NULL },

    { "agent.program", FIELD_TEXT, AT(program), 0, 0, 0, "/usr/bin/ouroscope" },
    { "agent.artifact", FIELD_TEXT, AT(artifact), 0, 0, 0, NULL },
    { "agent.sha256", FIELD_TEXT, AT(artifact_sha256), 0, 0, 0, NULL },
    { "agent.poll_s", FIELD_SECONDS, AT(poll_s), 1, 0.1, 60, NULL },
    { "agent.part_mb", FIELD_MB, AT(part_bytes), 16, 5, 5120, NULL },

    { "network.address", FIELD_TEXT, AT(address), 0, 0, 0, NULL },
    { "network.listen", FIELD_TEXT, AT(listen), 0, 0, 0, NULL },

    { "timing.deploy_timeout_s", FIELD_SECONDS, AT(deploy_timeout_s), 600, 1, 86400, NULL },
    { "timing.deploy_attempts", FIELD_COUNT, AT(deploy_attempts), 3, 1, 100, NULL },
    { "timing.margin_s", FIELD_SECONDS, AT(margin_s), 5, 0, 3600, NULL },
    { "timing.lead_s", FIELD_SECONDS, AT(lead_s), 5, 0, 3600, NULL },
    { "timing.start_attempts", FIELD_COUNT, AT(start_attempts), 3, 1, 100, NULL },
#undef AT
};
#define FIELD_COUNT_ALL (sizeof fields / sizeof *fields)

/* ---- names ---- */

bool placement_is_field(const char *path, bool *ret_is_object)
{
    size_t len = strlen(path);

    for (size_t i = 0; i < FIELD_COUNT_ALL; i++) {
        if (strncmp(fields[i].path, path, len) != 0)
            continue;
        *ret_is_object = fields[i].path[len] == '.';
        if (!fields[i].path[len] || *ret_is_object)
            return true;
    }
    return false;
}

void placement_offer_fields(const char *path, struct suggestion *s)
{
    size_t len = strlen(path);
    char name[PATH_ROOM];

    for (size_t i = 0; i < FIELD_COUNT_ALL; i++) {
        const char *rest = fields[i].path + len;

        if (strncmp(fields[i].path, path, len) != 0 || (len && *rest++ != '.'))
            continue;
        snprintf(name, sizeof name, "%.*s", (int)strcspn(rest, "."), rest);
        if (strlen(name) == strlen(rest))
            suggest_consider(s, rest); /* one that lasts */
    }
}

/* ---- values ---- */

static const json_t *value_at(const json_t *object, const char *path)
{
    char name[PATH_ROOM];
    const char *dot;

    for (; (dot = strchr(path, '.')); path = dot + 1) {
        snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
        object = json_object_get(object, name);
    }
    return json_object_get(object, path);
}

/* Into the completed document, in the order of the table. */
static void set_at(json_t *object, const char *path, json_t *value)
{
    char name[PATH_ROOM];
    const char *dot;

    for (; (dot = strchr(path, '.')); path = dot + 1) {
        snprintf(name, sizeof name, "%.*s", (int)(dot - path), path);
        if (!json_object_get(object, name))
            json_object_set_new(object, name, json_object());
        object = json_object_get(object, name);
    }
    json_object_set_new(object, path, value);
}

static bool is_text(const json_t *value)
{
    const char *text = json_string_value(value);

    if (!text || !*text || json_string_length(value) > TEXT_BYTES_MAX)
        return false;
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static const char *read_text(struct placement_reading *r, const struct field *f,
                             const json_t *value)
{
    const char *text = f->text;

    if (value && !json_is_null(value)) {
        if (is_text(value))
            text = json_string_value(value);
        else
            placement_fault(r, f->path, "a text of 1 to %d bytes is wanted, or null",
                            TEXT_BYTES_MAX);
    }
    return text ? arena_copy(&r->plan->memory, text, strlen(text)) : NULL;
}

static double read_number(struct placement_reading *r, const struct field *f, const json_t *value)
{
    double number = json_number_value(value);
    bool whole = f->kind != FIELD_SECONDS;

    if (!value || json_is_null(value))
        return f->standard;
    if (json_is_number(value) && number >= f->low && number <= f->high &&
        (!whole || number == floor(number)))
        return number;
    placement_fault(r, f->path, "a %snumber from %g to %g is wanted", whole ? "whole " : "", f->low,
                    f->high);
    return f->standard;
}

static bool read_flag(struct placement_reading *r, const struct field *f, const json_t *value)
{
    if (!value || json_is_null(value))
        return f->standard != 0;
    if (!json_is_boolean(value))
        placement_fault(r, f->path, "true or false is wanted");
    return json_is_true(value);
}

static const char *const sources[] = { [CREDENTIALS_ANY] = "any",
                                       [CREDENTIALS_ENVIRONMENT] = "environment",
                                       [CREDENTIALS_FILE] = "file",
                                       [CREDENTIALS_INSTANCE] = "instance" };

static enum credentials_source read_source(struct placement_reading *r, const struct field *f,
                                           const json_t *value)
{
    const char *text = value && !json_is_null(value) ? json_string_value(value) : f->text;

    for (size_t i = 0; text && i < sizeof sources / sizeof *sources; i++)
        if (strcmp(text, sources[i]) == 0)
            return (enum credentials_source)i;
    placement_fault(r, f->path, "one of any, environment, file, instance is wanted");
    return CREDENTIALS_ANY;
}

static json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

/* Whole numbers stay such in the completed plan. */
static json_t *number_document(double number)
{
    return number == floor(number) ? json_integer((json_int_t)number) : json_real(number);
}

static json_t *read_field(struct placement_reading *r, const struct field *f, const json_t *value)
{
    void *at = (char *)r->plan + f->offset;

    switch (f->kind) {
    case FIELD_TEXT:
        *(const char **)at = read_text(r, f, value);
        return text_or_null(*(const char **)at);
    case FIELD_FLAG: *(bool *)at = read_flag(r, f, value); return json_boolean(*(bool *)at);
    case FIELD_COUNT:
        *(unsigned *)at = (unsigned)read_number(r, f, value);
        return json_integer(*(unsigned *)at);
    case FIELD_SECONDS:
        *(double *)at = read_number(r, f, value);
        return number_document(*(double *)at);
    case FIELD_WHOLE_S:
        *(uint32_t *)at = (uint32_t)read_number(r, f, value);
        return json_integer(*(uint32_t *)at);
    case FIELD_MB:
        *(uint64_t *)at = (uint64_t)read_number(r, f, value) << 20;
        return json_integer((json_int_t)(*(uint64_t *)at >> 20));
    case FIELD_SOURCE:
        *(enum credentials_source *)at = read_source(r, f, value);
        return json_string(sources[*(enum credentials_source *)at]);
    }
    return NULL;
}

void placement_read_fields(struct placement_reading *r)
{
    for (size_t i = 0; i < FIELD_COUNT_ALL; i++)
        set_at(r->plan->document, fields[i].path,
               read_field(r, &fields[i], value_at(r->file, fields[i].path)));
}
