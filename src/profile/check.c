#include "profile/check.h"

#include <stdio.h>
#include <string.h>

#include "base/suggest.h"

#define PATH_ROOM 256 /* the table's longest path is 60 bytes long; foreign ones are cut */

/* An object of a document under test. */
struct place {
    const char *source;
    const json_t *object;
    const char *rows; /* prefix of its members in the table: "", "genesis", "composition.links[]" */
    const char *shown; /* for messages: "", "genesis", "composition.links[2]" */
    struct ou_error *err;
};

static enum ou_status check_object(const struct place *at);

static void join_path(char ret[PATH_ROOM], const char *prefix, const char *key)
{
    if (snprintf(ret, PATH_ROOM, "%s%s%s", prefix, *prefix ? "." : "", key) >= PATH_ROOM)
        memcpy(ret + PATH_ROOM - 4, "...", 4);
}

/* ---- members that are not known ---- */

/* The last part of a row's path when its parent is `prefix`, else NULL. */
static const char *member_of(const struct profile_member *row, const char *prefix)
{
    size_t len = strlen(prefix);
    const char *rest = row->path + len + (len > 0);

    if (len && (strncmp(row->path, prefix, len) != 0 || row->path[len] != '.'))
        return NULL;
    return strchr(rest, '.') ? NULL : rest;
}

/* Where a member of that name stands in another section, or NULL. */
static const char *elsewhere(const char *key)
{
    for (size_t i = 0; i < profile_member_count; i++) {
        const char *dot = strrchr(profile_members[i].path, '.');

        if (strcmp(dot ? dot + 1 : profile_members[i].path, key) == 0)
            return profile_members[i].path;
    }
    return NULL;
}

static enum ou_status fail_unknown(const struct place *at, const char *key)
{
    struct suggestion s;
    const char *other = elsewhere(key);
    char path[PATH_ROOM], hint[PATH_ROOM] = "";

    suggest_for(&s, span_of(key));
    for (size_t i = 0; i < profile_member_count; i++) {
        const char *name = member_of(&profile_members[i], at->rows);

        if (name)
            suggest_consider(&s, name);
    }
    if (other)
        snprintf(hint, sizeof hint, "; there is %s", other);
    else if (s.best)
        snprintf(hint, sizeof hint, "; did you mean \"%s\"?", s.best);
    join_path(path, at->shown, key);
    return ou_fail(at->err, OU_INVALID, "%s: no member %.200s is known%s", at->source, path, hint);
}

/* ---- values ---- */

static enum ou_status fail_value(const struct place *at, const char *key, const char *wanted)
{
    char path[PATH_ROOM];

    join_path(path, at->shown, key);
    return ou_fail(at->err, OU_INVALID, "%s: %.200s must be %s", at->source, path, wanted);
}

static bool is_within(double value, const struct profile_member *row)
{
    return value >= row->min && value <= row->max;
}

static enum ou_status check_number(const struct place *at, const char *key, const json_t *value,
                                   const struct profile_member *row)
{
    bool whole = row->type != MEMBER_NUMBER;
    char wanted[120];

    if ((whole ? json_is_integer(value) : json_is_number(value)) &&
        is_within(json_number_value(value), row))
        return OU_OK;
    snprintf(wanted, sizeof wanted, "a %snumber from %.16g to %.16g%s", whole ? "whole " : "",
             row->min, row->max, row->may_be_null ? ", or null" : "");
    return fail_value(at, key, wanted);
}

static enum ou_status check_text(const struct place *at, const char *key, const json_t *value,
                                 const struct profile_member *row)
{
    char wanted[80];

    if (json_is_string(value) && is_within((double)json_string_length(value), row))
        return OU_OK;
    snprintf(wanted, sizeof wanted, "a text of %g to %g bytes%s", row->min, row->max,
             row->may_be_null ? ", or null" : "");
    return fail_value(at, key, wanted);
}

/* Whether all items of a list are texts of min to max bytes. */
static bool are_texts(const json_t *list, size_t min, size_t max)
{
    size_t i;
    json_t *text;

    json_array_foreach((json_t *)list, i, text)
    {
        size_t length = json_string_length(text);

        if (!json_is_string(text) || length < min || length > max)
            return false;
    }
    return true;
}

static enum ou_status check_texts(const struct place *at, const char *key, const json_t *value,
                                  const struct profile_member *row)
{
    bool are_arguments = row->type == MEMBER_ARGUMENTS;
    size_t shortest = are_arguments ? 0 : 1, longest = are_arguments ? PROFILE_TEXT_MAX : 64;
    char wanted[80];

    if (json_is_array(value) && is_within((double)json_array_size(value), row) &&
        are_texts(value, shortest, longest))
        return OU_OK;
    snprintf(wanted, sizeof wanted, "a list of %g to %g texts of %zu to %zu bytes", row->min,
             row->max, shortest, longest);
    return fail_value(at, key, wanted);
}

static enum ou_status check_named_texts(const struct place *at, const char *key,
                                        const json_t *value, const struct profile_member *row)
{
    bool good = json_is_object(value) && is_within((double)json_object_size(value), row);
    char wanted[80];
    const char *name;
    json_t *text;

    json_object_foreach((json_t *)value, name, text)
    {
        good = good && json_is_string(text) && json_string_length(text) <= PROFILE_TEXT_MAX;
    }
    if (good)
        return OU_OK;
    snprintf(wanted, sizeof wanted, "an object of at most %g texts of at most %d bytes", row->max,
             PROFILE_TEXT_MAX);
    return fail_value(at, key, wanted);
}

static enum ou_status check_word(const struct place *at, const char *key, const json_t *value,
                                 const struct profile_member *row)
{
    const char *given = json_string_value(value);
    size_t len = json_string_length(value);
    char wanted[160];

    for (const char *word = row->words; given && *word; word += strspn(word, " ")) {
        size_t word_len = strcspn(word, " ");

        if (word_len == len && memcmp(word, given, len) == 0)
            return OU_OK;
        word += word_len;
    }
    snprintf(wanted, sizeof wanted, "one of: %s", row->words);
    return fail_value(at, key, wanted);
}

static enum ou_status check_inside(const struct place *at, const char *key, const json_t *value,
                                   const struct profile_member *row, const char *index)
{
    char shown[PATH_ROOM], rows[PATH_ROOM];
    char item[PATH_ROOM];

    snprintf(item, sizeof item, "%s%s", key, index);
    join_path(shown, at->shown, item);
    snprintf(rows, sizeof rows, "%s%s", row->path, *index ? "[]" : "");
    return check_object(&(struct place){ at->source, value, rows, shown, at->err });
}

static enum ou_status check_objects(const struct place *at, const char *key, const json_t *value,
                                    const struct profile_member *row)
{
    enum ou_status status = OU_OK;

    if (!json_is_array(value) || (double)json_array_size(value) > row->max) {
        char wanted[80];

        snprintf(wanted, sizeof wanted, "a list of at most %g objects", row->max);
        return fail_value(at, key, wanted);
    }
    for (size_t i = 0; !status && i < json_array_size(value); i++) {
        char index[24];

        snprintf(index, sizeof index, "[%zu]", i);
        status = check_inside(at, key, json_array_get(value, i), row, index);
    }
    return status;
}

/* The kinds of hosts that such a condition can be told for apart. */
static enum ou_status check_by_kind(const struct place *at, const char *key, const json_t *value,
                                    const struct profile_member *row)
{
    const char *kind;
    json_t *own;
    char path[PATH_ROOM];

    if (!json_is_object(value))
        return check_number(at, key, value, row);
    join_path(path, at->shown, key);
    json_object_foreach((json_t *)value, kind, own)
    {
        enum ou_status status;

        if (strcmp(kind, "explorer") != 0)
            return fail_value(at, key, "a whole number, or an object with one for explorer");
        status =
            check_number(&(struct place){ at->source, value, "", path, at->err }, kind, own, row);
        if (status)
            return status;
    }
    return OU_OK;
}

static enum ou_status check_value(const struct place *at, const char *key, const json_t *value,
                                  const struct profile_member *row)
{
    if (json_is_null(value) && row->may_be_null)
        return OU_OK;
    switch (row->type) {
    case MEMBER_SECTION: return check_inside(at, key, value, row, "");
    case MEMBER_OBJECTS: return check_objects(at, key, value, row);
    case MEMBER_OBJECT: return json_is_object(value) ? OU_OK : fail_value(at, key, "an object");
    case MEMBER_LIST: return json_is_array(value) ? OU_OK : fail_value(at, key, "a list");
    case MEMBER_TEXTS:
    case MEMBER_ARGUMENTS: return check_texts(at, key, value, row);
    case MEMBER_NAMED_TEXTS: return check_named_texts(at, key, value, row);
    case MEMBER_TEXT: return check_text(at, key, value, row);
    case MEMBER_WORD: return check_word(at, key, value, row);
    case MEMBER_NUMBER:
    case MEMBER_INTEGER: return check_number(at, key, value, row);
    case MEMBER_INTEGER_BY_KIND: return check_by_kind(at, key, value, row);
    case MEMBER_BOOL: return json_is_boolean(value) ? OU_OK : fail_value(at, key, "true or false");
    case MEMBER_ANY: break;
    }
    return OU_OK;
}

const struct profile_member *profile_find_member(const char *path)
{
    for (size_t i = 0; i < profile_member_count; i++)
        if (strcmp(profile_members[i].path, path) == 0)
            return &profile_members[i];
    return NULL;
}

static enum ou_status check_object(const struct place *at)
{
    const char *key;
    json_t *value;

    if (!json_is_object(at->object))
        return ou_fail(at->err, OU_INVALID, "%s: %.200s%smust be an object", at->source, at->shown,
                       *at->shown ? " " : "");
    json_object_foreach((json_t *)at->object, key, value)
    {
        char path[PATH_ROOM];
        const struct profile_member *row;
        enum ou_status status;

        join_path(path, at->rows, key);
        row = profile_find_member(path);
        status = row ? check_value(at, key, value, row) : fail_unknown(at, key);
        if (status)
            return status;
    }
    return OU_OK;
}

enum ou_status profile_check_document(const json_t *document, const char *source,
                                      struct ou_error *err)
{
    return check_object(&(struct place){ source, document, "", "", err });
}

/* ---- completeness ---- */

/* What a complete profile need not have: where it is from, what is derived, spellings of old, and what the ledger's parameters
 * of its epoch may not have yet. */
static bool is_optional(const char *path)
{
    static const char *const optional[] = {
        "base", "with", "derived", "run.node_death_is_fatal", "genesis.alonzo.extraConfig",
    };

    for (size_t i = 0; i < sizeof optional / sizeof *optional; i++)
        if (strcmp(path, optional[i]) == 0)
            return true;
    return strstr(path, "[]");
}

/* Whether there is a value at a path, or nothing can be because a section above it is null. */
static bool has_value(const json_t *document, const char *path)
{
    char copy[PATH_ROOM], *rest = copy, *key;

    snprintf(copy, sizeof copy, "%s", path);
    while (document && !json_is_null(document) && (key = strsep(&rest, ".")))
        document = json_object_get(document, key);
    return document;
}

enum ou_status profile_check_complete(const json_t *document, const char *source,
                                      struct ou_error *err)
{
    for (size_t i = 0; i < profile_member_count; i++) {
        const char *path = profile_members[i].path;

        if (!is_optional(path) && !has_value(document, path))
            return ou_fail(err, OU_INVALID, "%s: %s is missing", source, path);
    }
    return OU_OK;
}
