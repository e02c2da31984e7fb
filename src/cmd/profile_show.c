/* ouroscope profile show: a profile with every default filled in, and where each value comes from. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/suggest.h"
#include "cmd/columns.h"
#include "cmd/profile.h"
#include "cmd/terminal.h"
#include "json/tree.h"
#include "profile/explain.h"

#define OUT_BYTES_MAX ((size_t)64 << 20)
#define KEY_ROOM 256
#define VALUE_COLUMNS 32     /* lists of a ledger's parameters are longer than any line */
#define PATH_COLUMNS 60      /* hashes are names of members in some places */
#define FOLDED "costModels." /* hundreds of costs are told as one, unless they are asked for */

/* Members of one language that wait to be told as one row. */
struct folding {
    char path[KEY_ROOM]; /* of what they are in */
    const char *origin;  /* "several" where they differ */
    size_t count;
};

struct showing {
    const char *member; /* "genesis.shelley", or "" for all */
    bool derived_only;
    struct folding folding;
    json_t *list;           /* of {"path", "value", "from"} */
    struct columns columns; /* or the same as text */
};

/* ---- members ---- */

static enum ou_status no_member(const char *path, const char *end, const json_t *inside,
                                struct ou_error *err)
{
    struct suggestion near;
    const char *key;
    json_t *value;
    const char *last = end;

    while (last > path && last[-1] != '.')
        last--;
    suggest_for(&near, (struct span){ last, (size_t)(end - last) });
    json_object_foreach((json_t *)inside, key, value)
    {
        suggest_consider(&near, key);
    }
    if (near.best)
        return ou_fail(err, OU_USAGE, "--member: the profile has no %.*s; did you mean %.*s%s?",
                       (int)(end - path), path, (int)(last - path), path, near.best);
    return ou_fail(err, OU_USAGE, "--member: the profile has no %.*s", (int)(end - path), path);
}

/* genesis.shelley.protocolParams: a value of the document. */
static enum ou_status find_member(const json_t *document, const char *path, const json_t **ret,
                                  struct ou_error *err)
{
    const char *at = path;

    *ret = document;
    while (*at) {
        size_t len = strcspn(at, ".");
        const json_t *inside = *ret;
        char key[KEY_ROOM];

        snprintf(key, sizeof key, "%.*s", (int)len, at);
        *ret = len < sizeof key ? json_object_get(inside, key) : NULL;
        if (!*ret)
            return no_member(path, at + len, inside, err);
        at += len + (at[len] == '.');
    }
    return OU_OK;
}

/* Whether a path is the member that was asked for, or inside it. */
static bool is_inside(const char *path, const char *member)
{
    size_t len = strlen(member);

    return len == 0 || (strncmp(path, member, len) == 0 && (path[len] == '\0' || path[len] == '.'));
}

/* ---- values with their origins ---- */

static bool is_wanted(const struct showing *s, const struct profile_value *value)
{
    bool derived =
        span_starts(span_of(value->origin), "derived") || is_inside(value->path, "derived");

    return is_inside(value->path, s->member) && (derived || !s->derived_only);
}

/* How much of a path names the language whose cost it is; 0 of other members. */
static size_t folded_length(const struct showing *s, const char *path)
{
    const char *models = strstr(path, FOLDED);
    const char *cost = models ? strchr(models + strlen(FOLDED), '.') : NULL;

    return cost && !strstr(s->member, "costModels") && (size_t)(cost - path) < KEY_ROOM
               ? (size_t)(cost - path)
               : 0;
}

static void tell_folded(struct showing *s)
{
    struct folding *f = &s->folding;

    if (f->count) {
        columns_add(&s->columns, f->path);
        columns_printf(&s->columns, "{%zu costs}", f->count);
        columns_add(&s->columns, f->origin);
    }
    *f = (struct folding){ .count = 0 };
}

static void fold(struct showing *s, const struct profile_value *value, size_t length)
{
    struct folding *f = &s->folding;

    if (strlen(f->path) != length || strncmp(f->path, value->path, length) != 0) {
        tell_folded(s);
        snprintf(f->path, sizeof f->path, "%.*s", (int)length, value->path);
        f->origin = value->origin;
    }
    if (strcmp(f->origin, value->origin) != 0)
        f->origin = "several: --member genesis.alonzo.costModels";
    f->count++;
}

static void show_value(void *context, const struct profile_value *value)
{
    struct showing *s = context;
    size_t folded = folded_length(s, value->path);
    char *text;

    if (!is_wanted(s, value))
        return;
    if (s->list) {
        json_array_append_new(s->list, json_pack("{s:s, s:O, s:s}", "path", value->path, "value",
                                                 value->value, "from", value->origin));
        return;
    }
    if (folded) {
        fold(s, value, folded);
        return;
    }
    tell_folded(s);
    text = json_dumps(value->value, JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
    columns_printf(&s->columns, "%.*s%s", PATH_COLUMNS, value->path,
                   strlen(value->path) > PATH_COLUMNS ? "..." : "");
    columns_printf(&s->columns, "%.*s%s", VALUE_COLUMNS, text ? text : "?",
                   text && strlen(text) > VALUE_COLUMNS ? "..." : "");
    columns_add(&s->columns, value->origin);
    free(text);
}

static enum ou_status explain(const struct parsed_options *options, const struct profile *p,
                              struct showing *s, struct buffer *out, struct ou_error *err)
{
    enum ou_status status = OU_OK;

    if (option_given(options, PROFILE_SHOW_JSON) && !(s->list = json_array()))
        return ou_fail(err, OU_NO_MEMORY, "no memory for the values");
    columns_init(&s->columns, 3, 0,
                 terminal_is(STDOUT_FILENO) ? (size_t)terminal_width(STDOUT_FILENO) : 0);
    columns_add(&s->columns, "MEMBER");
    columns_add(&s->columns, "VALUE");
    columns_add(&s->columns, "FROM");
    profile_each_value(p, show_value, s);
    tell_folded(s);
    if (s->list) {
        json_tree_append(out, s->list);
        buffer_char(out, '\n');
    } else {
        status = columns_write(&s->columns, out, err);
    }
    columns_release(&s->columns);
    json_decref(s->list);
    return status;
}

/* ---- the command ---- */

/* A number or a text alone, as JSON; documents as those of a run. */
static void append_value(struct buffer *out, const json_t *value)
{
    char *text;

    if (json_is_object(value) || json_is_array(value)) {
        json_tree_append(out, value);
    } else {
        text = json_dumps(value, JSON_ENCODE_ANY | JSON_REAL_PRECISION(15));
        buffer_text(out, text ? text : "");
        free(text);
    }
    buffer_char(out, '\n');
}

static enum ou_status show(const struct parsed_options *options, const struct profile *p,
                           struct buffer *out, struct ou_error *err)
{
    const char *member = option_value(options, PROFILE_SHOW_MEMBER);
    struct showing s = { .member = member ? member : "",
                         .derived_only = option_given(options, PROFILE_SHOW_DERIVED) };
    const json_t *value;
    enum ou_status status = find_member(p->document, s.member, &value, err);

    if (status)
        return status;
    if (option_given(options, PROFILE_SHOW_EXPLAIN) || s.derived_only)
        return explain(options, p, &s, out, err);
    append_value(out, value);
    return OU_OK;
}

enum exit_code cmd_profile_show(const struct parsed_options *options)
{
    struct profile p = { 0 };
    struct ou_error err = { 0 };
    enum ou_status status =
        profile_of_options(options, options->operands[0], PROFILE_SHOW_OVERLAY, &p, &err);
    enum exit_code code;
    struct buffer out;

    buffer_init(&out, allocator_libc(), OUT_BYTES_MAX);
    if (!status)
        status = show(options, &p, &out, &err);
    code = status ? profile_command_failed(options, status, &err) : profile_put(options, &out);
    buffer_release(&out);
    profile_release(&p);
    return code;
}
