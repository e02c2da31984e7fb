/* A foreign publication, taken apart. It may be large, so it is walked over and not made a tree of: only its files are kept. */
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "json/scan.h"
#include "json/tree.h"
#include "publish/publication_files.h"
#include "publish/publication_inside.h"

#define INFO_MAX ((size_t)16 << 10)
#define NAME_ROOM 64
#define RUN_NAME_MAX 255

/* A tree takes some 80 bytes for each value, so much more memory than its text if that is made for it. The analysis of 52
 * hosts and 2,600 blocks has some 300,000 values. */
#define VALUES_MAX 2000000

bool publication_project_is_good(const char *name)
{
    static const char good[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-";
    size_t len = strlen(name);

    return len > 0 && len <= PUBLICATION_PROJECT_MAX && strspn(name, good) == len && name[0] != '.';
}

/* --- Memory ----------------------------------------------------------------------------------- */

void *publication_take(struct opened *o, size_t count, size_t item_bytes, enum ou_status *status)
{
    void *taken = NULL;

    if (*status || count == 0)
        return NULL;
    if (count <= SIZE_MAX / 2 / item_bytes)
        taken = arena_take(o->memory, count * item_bytes, sizeof(double));
    if (!taken)
        *status = ou_fail(o->err, OU_NO_MEMORY, "%s: no memory for what is in it", o->name);
    return taken;
}

const char *publication_printf(struct opened *o, enum ou_status *status, const char *format, ...)
{
    va_list args;
    char *text, *kept = NULL;
    int len;

    if (*status)
        return NULL;
    va_start(args, format);
    len = vasprintf(&text, format, args);
    va_end(args);
    if (len >= 0) {
        kept = arena_copy(o->memory, text, (size_t)len);
        free(text);
    }
    if (!kept)
        *status = ou_fail(o->err, OU_NO_MEMORY, "%s: no memory for what is in it", o->name);
    return kept;
}

/* --- Texts ------------------------------------------------------------------------------------ */

static enum ou_status bad(const struct opened *o, const char *what)
{
    return ou_fail(o->err, OU_INVALID, "%s: %s", o->name, what);
}

/* A text without its escapes, in memory; characters, and no NUL. */
static enum ou_status take_text(struct opened *o, struct scan *s, const char *what,
                                struct span *ret)
{
    struct scan_text text;
    enum ou_status status = OU_OK;
    char *plain;
    size_t len;

    if (!scan_string(s, &text))
        return ou_fail(o->err, OU_INVALID, "%s: %s is no text", o->name, what);
    plain = publication_take(o, text.raw.len + 1 + SCAN_PADDING, 1, &status);
    if (!plain)
        return status;
    len = scan_unescape(text.raw, plain);
    if (len == SIZE_MAX)
        return ou_fail(o->err, OU_INVALID, "%s: %s has an escape that JSON does not know", o->name,
                       what);
    *ret = (struct span){ plain, len };
    if (!utf8_is_valid(*ret) || memchr(plain, '\0', len))
        return ou_fail(o->err, OU_INVALID, "%s: %s is no text in UTF-8", o->name, what);
    return OU_OK;
}

/* Bytes that came as base64: of the usual alphabet, with their padding, and nothing else in between. */
static enum ou_status decode(struct opened *o, struct span *text)
{
    enum ou_status status = OU_OK;
    const size_t room = text->len / 4 * 3 + 1;
    unsigned char *bytes = publication_take(o, room, 1, &status);
    size_t len;

    if (!bytes)
        return status;
    if (sodium_base642bin(bytes, room, text->at, text->len, NULL, &len, NULL,
                          sodium_base64_VARIANT_ORIGINAL))
        return bad(o, "base64 of a file is damaged");
    *text = (struct span){ (const char *)bytes, len };
    if (!utf8_is_valid(*text) || (len > 0 && memchr(bytes, '\0', len)))
        return bad(o, "a file is no text in UTF-8");
    return OU_OK;
}

/* --- Files ------------------------------------------------------------------------------------ */

/* What members a file has had so far. */
struct file_seen {
    struct span name, type, bytes;
    bool base64;
};

static enum ou_status take_file_member(struct opened *o, struct scan *s, struct span key,
                                       struct file_seen *f)
{
    struct span *into = NULL;

    if (span_is(key, "name"))
        into = &f->name;
    else if (span_is(key, "type"))
        into = &f->type;
    else if (span_is(key, "text") || span_is(key, "base64"))
        into = &f->bytes;
    if (!into)
        return ou_fail(o->err, OU_INVALID, "%s: files[%zu] has a member that is not known: %.*s",
                       o->name, o->count, (int)(key.len < 40 ? key.len : 40), key.at);
    if (into->at)
        return ou_fail(o->err, OU_INVALID, "%s: files[%zu] has a member twice", o->name, o->count);
    f->base64 = f->base64 || span_is(key, "base64");
    return take_text(o, s, "a member of files[]", into);
}

static enum ou_status add_file(struct opened *o, struct file_seen *f)
{
    const struct publication_kind *kind;

    if (!f->name.at || !f->type.at || !f->bytes.at)
        return ou_fail(o->err, OU_INVALID, "%s: files[%zu] lacks its name, type or text", o->name,
                       o->count);
    kind = publication_kind_find(f->name);
    if (!kind)
        return ou_fail(o->err, OU_INVALID, "%s: files[%zu] has a name that is not known", o->name,
                       o->count);
    if (!span_is(f->type, kind->type))
        return ou_fail(o->err, OU_INVALID, "%s: %s is not of the type %s", o->name, kind->name,
                       kind->type);
    if (publication_file(o, kind->name))
        return ou_fail(o->err, OU_INVALID, "%s: %s is there twice", o->name, kind->name);
    if (f->base64) {
        enum ou_status status = decode(o, &f->bytes);

        if (status)
            return status;
    }
    if (f->bytes.len > kind->max)
        return ou_fail(o->err, OU_TOO_LARGE, "%s: %s has more than %zu MB", o->name, kind->name,
                       kind->max >> 20);
    o->files[o->count++] = (struct artifact_record){ kind->name, kind->type, f->bytes };
    return OU_OK;
}

static enum ou_status take_file(struct opened *o, struct scan *s)
{
    struct file_seen f = { 0 };
    struct scan_text key;
    bool first = true;
    enum ou_status status = OU_OK;

    if (!scan_enter_object(s))
        return bad(o, "files[] holds something that is no object");
    while (!status && scan_member(s, &first, &key))
        status = take_file_member(o, s, key.raw, &f);
    if (!status && s->problem)
        status = bad(o, "a file is cut or no JSON");
    return status ? status : add_file(o, &f);
}

static enum ou_status take_files(struct opened *o, struct scan *s)
{
    enum ou_status status = OU_OK;

    if (!scan_char(s, '['))
        return bad(o, "files is no array");
    if (scan_peek(s) == ']') {
        s->at++;
        return OU_OK;
    }
    do {
        if (o->count == PUBLICATION_FILES_MAX)
            return bad(o, "there are too many files");
        status = take_file(o, s);
    } while (!status && scan_peek(s) == ',' && scan_char(s, ','));
    if (status)
        return status;
    return scan_char(s, ']') ? OU_OK : bad(o, "files is cut or no JSON");
}

/* --- The document ----------------------------------------------------------------------------- */

enum member {
    MEMBER_PUBLICATION,
    MEMBER_PROJECT,
    MEMBER_FILES,
    MEMBERS_WANTED,
    MEMBER_NAME = MEMBERS_WANTED,
    MEMBER_INFO,
    MEMBERS,
};
static const char *const members[MEMBERS] = { "publication", "project", "files", "name", "info" };

/* Sorted, so that the same labels are the same text. */
static enum ou_status take_info(struct opened *o, struct scan *s)
{
    const char *from = (scan_peek(s), s->at);
    json_t *tree = NULL;
    struct span text;
    enum ou_status status;
    char *sorted;

    if (scan_peek(s) != '{' || !scan_skip(s))
        return bad(o, "info is no object");
    text = (struct span){ from, (size_t)(s->at - from) };
    if (text.len > INFO_MAX)
        return ou_fail(o->err, OU_TOO_LARGE, "%s: info has more than %zu KB", o->name,
                       INFO_MAX >> 10);
    status = json_tree_parse(text, o->name, &tree, o->err);
    if (status)
        return status;
    sorted = json_dumps(tree, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(tree);
    o->info = sorted ? publication_printf(o, &status, "%s", sorted) : NULL;
    free(sorted);
    return sorted || status ? status : ou_fail(o->err, OU_NO_MEMORY, "no memory for info");
}

static enum ou_status take_project(struct opened *o, struct scan *s)
{
    struct span text = { 0 };
    enum ou_status status = take_text(o, s, "project", &text);

    if (status)
        return status;
    o->project = publication_printf(o, &status, "%.*s", (int)text.len, text.at);
    if (!status && !publication_project_is_good(o->project))
        return ou_fail(
            o->err, OU_INVALID,
            "%s: a project is called by at most %d of the characters A-Z a-z 0-9 . _ -, and "
            "no dot in front",
            o->name, PUBLICATION_PROJECT_MAX);
    return status;
}

static enum ou_status take_name(struct opened *o, struct scan *s)
{
    struct span text = { 0 };
    enum ou_status status = take_text(o, s, "name", &text);

    if (!status && (text.len == 0 || text.len > RUN_NAME_MAX))
        return ou_fail(o->err, OU_INVALID, "%s: name has 1 to %d bytes", o->name, RUN_NAME_MAX);
    if (!status)
        o->run_name = publication_printf(o, &status, "%.*s", (int)text.len, text.at);
    return status;
}

static enum ou_status take_member(struct opened *o, struct scan *s, struct span key,
                                  bool seen[MEMBERS])
{
    int64_t version;
    size_t i = 0;

    while (i < MEMBERS && !span_is(key, members[i]))
        i++;
    if (i == MEMBERS)
        return ou_fail(o->err, OU_INVALID, "%s: a member that is not known: %.*s", o->name,
                       (int)(key.len < 40 ? key.len : 40), key.at);
    if (seen[i])
        return ou_fail(o->err, OU_INVALID, "%s: %s is there twice", o->name, members[i]);
    seen[i] = true;
    switch (i) {
    case MEMBER_PUBLICATION:
        if (scan_peek(s) == '"' || !scan_int(s, &version) || version != 1)
            return bad(o, "publication is not 1, the version that is known here");
        return OU_OK;
    case MEMBER_PROJECT: return take_project(o, s);
    case MEMBER_NAME: return take_name(o, s);
    case MEMBER_INFO: return take_info(o, s);
    default: return take_files(o, s);
    }
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct artifact_record *)a)->name,
                  ((const struct artifact_record *)b)->name);
}

static enum ou_status walk(struct opened *o, struct scan *s)
{
    bool first = true, seen[MEMBERS] = { false };
    struct scan_text key;
    enum ou_status status = OU_OK;

    if (!scan_enter_object(s))
        return bad(o, "it is no JSON object");
    while (!status && scan_member(s, &first, &key))
        status = take_member(o, s, key.raw, seen);
    if (status)
        return status;
    if (s->problem || scan_peek(s) || s->at < s->end)
        return bad(o, "it is cut, or no JSON");
    for (size_t i = 0; i < MEMBERS_WANTED; i++)
        if (!seen[i])
            return ou_fail(o->err, OU_INVALID, "%s: %s is missing", o->name, members[i]);
    qsort(o->files, o->count, sizeof *o->files, by_name);
    return OU_OK;
}

enum ou_status publication_open(struct span document, struct opened *o)
{
    enum ou_status status = OU_OK;
    struct scan scan;
    char *padded;

    if (document.len > PUBLICATION_MAX)
        return ou_fail(o->err, OU_TOO_LARGE, "%s: more than %zu MB", o->name,
                       PUBLICATION_MAX >> 20);
    if (!utf8_is_valid(document))
        return bad(o, "it is no text in UTF-8");
    o->count = 0;
    o->info = "{}";
    padded = publication_take(o, document.len + SCAN_PADDING, 1, &status);
    if (!padded)
        return status;
    memcpy(padded, document.at, document.len);
    scan = scan_of(padded, document.len);
    return walk(o, &scan);
}

const struct artifact_record *publication_file(const struct opened *o, const char *name)
{
    for (size_t i = 0; i < o->count; i++)
        if (strcmp(o->files[i].name, name) == 0)
            return &o->files[i];
    return NULL;
}

static size_t count_values(struct span text)
{
    size_t count = 0;

    for (size_t i = 0; i < text.len; i++)
        count += text.at[i] == ',' || text.at[i] == ':' || text.at[i] == '[' || text.at[i] == '{';
    return count;
}

enum ou_status publication_check_size(const struct opened *o, const struct artifact_record *file)
{
    return count_values(file->bytes) <= VALUES_MAX
               ? OU_OK
               : ou_fail(o->err, OU_TOO_LARGE, "%s: %s has more than %d values", o->name,
                         file->name, VALUES_MAX);
}

enum ou_status publication_tree(const struct opened *o, const char *file, json_t **ret)
{
    const struct artifact_record *f = publication_file(o, file);
    char name[NAME_ROOM + 256];
    enum ou_status status = f ? publication_check_size(o, f) : OU_OK;

    *ret = NULL;
    if (status || !f)
        return status;
    snprintf(name, sizeof name, "%.255s: %s", o->name, file);
    return json_tree_parse(f->bytes, name, ret, o->err);
}
