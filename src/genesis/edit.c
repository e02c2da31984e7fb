#include "genesis/edit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "genesis/number.h"
#include "genesis/splice.h"
#include "json/tree.h"
#include "json/walk.h"
#include "json/write.h"

#define VALUE_BYTES_MAX ((size_t)256 << 20)
#define PATH_BYTES_MAX ((size_t)1 << 20)
#define SEPARATOR_MAX 4096 /* bytes between members; longer ones are not imitated */

struct edit {
    const char *path;
    int fd; /* the same file, to look back */
    struct json_walk walk;
    struct splices splices;
    struct buffer text; /* of the splice that is being made */
    struct buffer at;   /* the path of the object that the walk is in */
    void (*absent)(void *context, const char *path); /* or NULL */
    void *context;
    struct ou_error *err;
};

/* What is known of an object while its members go by. */
struct level {
    const json_t *changes;
    json_t *left;       /* changes whose members were not there yet; owned */
    bool any, any_kept; /* members; such that stay */
    uint64_t last_end;  /* of the last member's value; before the first, behind the bracket */
    uint64_t separator, name_at; /* of the last member: what stands before its name */
    bool removing;               /* the first members go: from name_at on, up to the next one */
};

static enum ou_status fail(const struct edit *e, enum ou_status status)
{
    return ou_fail(e->err, status, "edit %s: %s", e->path,
                   status == OU_NO_MEMORY ? "no memory" : "too many changes");
}

static enum ou_status add_splice(struct edit *e, uint64_t from, uint64_t to, struct span text)
{
    const enum ou_status status = splices_add(&e->splices, from, to, text);

    return status ? fail(e, status) : OU_OK;
}

/* ---- how new text looks ---- */

/* The bytes between two members, or the bracket and the first: blanks, and perhaps a comma. Empty where they are too
 * many. */
static enum ou_status read_separator(const struct edit *e, const struct level *l,
                                     char room[SEPARATOR_MAX], struct span *ret)
{
    const uint64_t len = l->name_at - l->separator;
    ssize_t got;

    *ret = (struct span){ room, 0 };
    if (len > SEPARATOR_MAX)
        return OU_OK;
    got = pread(e->fd, room, (size_t)len, (off_t)l->separator);
    if (got < 0 || (uint64_t)got != len)
        return ou_fail(e->err, OU_IO, "read %s: %s", e->path,
                       got < 0 ? strerror(errno) : "it became shorter meanwhile");
    ret->len = (size_t)len;
    return OU_OK;
}

/* How far a member is from the left; *ret_lines: whether members stand on lines of their own. A comma before a name counts
 * as a blank. */
static size_t indent_of(struct span separator, bool *ret_lines)
{
    const char *line = memrchr(separator.at, '\n', separator.len);

    *ret_lines = line != NULL;
    return line ? (size_t)(separator.at + separator.len - line) - 1 : 0;
}

/* A value, with its lines as far from the left as the member is; or on one line, as its neighbours are. */
static void append_value(struct buffer *out, const json_t *value, struct span separator)
{
    struct buffer plain;
    bool lines;
    const size_t indent = indent_of(separator, &lines);

    buffer_init(&plain, allocator_libc(), VALUE_BYTES_MAX);
    json_tree_append(&plain, value);
    for (const char *at = buffer_string(&plain); *at; at++) {
        if (*at != '\n' || lines)
            buffer_char(out, *at);
        if (*at != '\n')
            continue;
        for (size_t i = 0; lines && i < indent; i++)
            buffer_char(out, ' ');
        while (!lines && at[1] == ' ')
            at++;
        if (!lines)
            buffer_char(out, ' ');
    }
    if (buffer_status(&plain))
        out->status = buffer_status(&plain);
    buffer_release(&plain);
}

bool genesis_only_removes(const json_t *value)
{
    const char *name;
    json_t *member;

    if (!json_is_object(value))
        return json_is_null(value);
    json_object_foreach((json_t *)value, name, member)
    {
        if (!genesis_only_removes(member))
            return false;
    }
    return json_object_size(value) > 0;
}

/* A value that is laid over nothing: what would be removed is not there. NULL: no memory. */
static json_t *without_nulls(const json_t *value)
{
    json_t *copy, *member;
    const char *name;

    if (!json_is_object(value))
        return json_incref((json_t *)value);
    copy = json_object();
    json_object_foreach((json_t *)value, name, member)
    {
        if (copy && !genesis_only_removes(member) &&
            json_object_set_new(copy, name, without_nulls(member)) != 0) {
            json_decref(copy);
            copy = NULL;
        }
    }
    return copy;
}

static void append_new_value(struct buffer *out, const json_t *value, struct span separator)
{
    json_t *whole = without_nulls(value);

    if (whole)
        append_value(out, whole, separator);
    else
        out->status = OU_NO_MEMORY;
    json_decref(whole);
}

static void append_name(struct buffer *out, const char *name)
{
    struct json_writer w;

    json_writer_init(&w, out, false);
    json_cstring(&w, name);
    buffer_text(out, ": ");
}

/* ---- members that are there ---- */

/* Whether the file says the same already, however it spells it. */
static bool is_same(const struct walk_value *v, const json_t *value)
{
    struct genesis_number a, b;
    struct buffer text;
    bool same;

    switch (v->kind) {
    case WALK_TEXT:
        return json_is_string(value) &&
               span_equal(v->text,
                          (struct span){ json_string_value(value), json_string_length(value) });
    case WALK_TRUE: return json_is_true(value);
    case WALK_FALSE: return json_is_false(value);
    case WALK_NUMBER: break;
    default: return false;
    }
    if (!json_is_number(value))
        return false;
    buffer_init(&text, allocator_libc(), JSON_DOUBLE_ROOM);
    json_tree_append(&text, value);
    same = genesis_number_read(v->text, &a) &&
           genesis_number_read((struct span){ buffer_string(&text), text.len }, &b) &&
           genesis_number_compare(a, b) == 0;
    buffer_release(&text);
    return same;
}

static enum ou_status replace(struct edit *e, const struct level *l, uint64_t from, uint64_t to,
                              const json_t *value)
{
    char room[SEPARATOR_MAX];
    struct span separator;
    enum ou_status status = read_separator(e, l, room, &separator);

    if (status)
        return status;
    buffer_clear(&e->text);
    append_new_value(&e->text, value, separator);
    if (buffer_status(&e->text))
        return fail(e, buffer_status(&e->text));
    return add_splice(e, from, to, (struct span){ buffer_string(&e->text), e->text.len });
}

static enum ou_status edit_object(struct edit *e, const json_t *changes, uint64_t open_end,
                                  uint64_t *ret_end);

/* The end of a value, whose beginning was the last step. */
static enum ou_status find_end(struct edit *e, const struct walk_value *v, uint64_t *ret_end)
{
    *ret_end = v->end;
    return v->kind == WALK_OBJECT || v->kind == WALK_ARRAY
               ? json_walk_skip(&e->walk, ret_end, e->err)
               : OU_OK;
}

/* The path goes along while it is in there. */
static enum ou_status edit_inner(struct edit *e, const json_t *changes, const struct walk_value *v,
                                 uint64_t *ret_end)
{
    const size_t len = e->at.len;
    enum ou_status status;

    if (len)
        buffer_char(&e->at, '.');
    buffer_append(&e->at, v->name.at, v->name.len);
    status = edit_object(e, changes, v->end, ret_end);
    buffer_cut(&e->at, len);
    return status;
}

static enum ou_status change_member(struct edit *e, const struct level *l,
                                    const struct walk_value *v, const json_t *change,
                                    uint64_t *ret_end)
{
    const uint64_t from = v->at;
    const bool same = is_same(v, change);
    enum ou_status status;

    if (v->kind == WALK_OBJECT && json_is_object(change))
        return edit_inner(e, change, v, ret_end);
    status = find_end(e, v, ret_end);
    return status || same ? status : replace(e, l, from, *ret_end, change);
}

/* A member goes with what separates it from the one before; with none before that stays, with what separates it from
 * the next. */
static enum ou_status remove_member(struct edit *e, struct level *l, const struct walk_value *v,
                                    uint64_t *ret_end)
{
    const enum ou_status status = find_end(e, v, ret_end);

    if (status)
        return status;
    if (l->any_kept)
        return add_splice(e, l->last_end, *ret_end, span_of(""));
    l->removing = true;
    return OU_OK;
}

/* The first members went, up to here. */
static enum ou_status end_removal(struct edit *e, struct level *l, uint64_t to)
{
    if (!l->removing)
        return OU_OK;
    l->removing = false;
    return add_splice(e, l->name_at, to, span_of(""));
}

static enum ou_status visit_member(struct edit *e, struct level *l, const struct walk_value *v)
{
    char name[WALK_NAME_MAX + 1];
    const json_t *change;
    uint64_t end;
    enum ou_status status = end_removal(e, l, v->name_at);

    if (status)
        return status;
    memcpy(name, v->name.at, v->name.len);
    name[v->name.len] = '\0';
    l->separator = l->last_end;
    l->name_at = v->name_at;
    l->any = true;
    change = strlen(name) == v->name.len ? json_object_get(l->changes, name) : NULL;
    if (!change)
        status = find_end(e, v, &end);
    else if (json_is_null(change))
        status = remove_member(e, l, v, &end);
    else
        status = change_member(e, l, v, change, &end);
    if (status)
        return status;
    l->any_kept |= !json_is_null(change);
    l->last_end = end;
    if (change)
        json_object_del(l->left, name);
    return OU_OK;
}

/* ---- members that are new ---- */

/* Behind the last one, separated as that is; the only ones in "{}" stand on its line. */
static void append_members(struct buffer *out, const struct level *l, struct span separator)
{
    const bool comma = memchr(separator.at, ',', separator.len) != NULL;
    bool first = !l->any_kept;
    const char *name;
    json_t *value;

    json_object_foreach(l->left, name, value)
    {
        if (genesis_only_removes(value))
            continue;
        if (!first && (!comma || separator.len == 0))
            buffer_char(out, ',');
        for (size_t i = 0; i < separator.len; i++)
            if (separator.at[i] != ',' || !first)
                buffer_char(out, separator.at[i]);
        if (separator.len == 0)
            buffer_char(out, ' ');
        append_name(out, name);
        append_new_value(out, value, separator);
        first = false;
    }
}

static void tell_absent(struct edit *e, const struct level *l)
{
    const size_t len = e->at.len;
    const char *name;
    json_t *value;

    json_object_foreach(l->left, name, value)
    {
        if (!e->absent || !genesis_only_removes(value))
            continue;
        buffer_printf(&e->at, "%s%s", len ? "." : "", name);
        e->absent(e->context, buffer_string(&e->at));
        buffer_cut(&e->at, len);
    }
}

static enum ou_status add_members(struct edit *e, const struct level *l)
{
    char room[SEPARATOR_MAX];
    struct span separator = { room, 0 };
    enum ou_status status = l->any ? read_separator(e, l, room, &separator) : OU_OK;

    if (status)
        return status;
    buffer_clear(&e->text);
    append_members(&e->text, l, separator);
    if (!l->any && e->text.len)
        buffer_char(&e->text, ' ');
    if (buffer_status(&e->text))
        return fail(e, buffer_status(&e->text));
    if (e->text.len == 0)
        return OU_OK;
    return add_splice(e, l->last_end, l->last_end,
                      (struct span){ buffer_string(&e->text), e->text.len });
}

/* ---- an object ---- */

/* From behind its opening bracket to behind the closing one; as deep as the changes are. */
static enum ou_status edit_object(struct edit *e, const json_t *changes, uint64_t open_end,
                                  uint64_t *ret_end)
{
    struct level l = { .changes = changes,
                       .left = json_copy((json_t *)changes),
                       .last_end = open_end };
    struct walk_value v;
    enum ou_status status = l.left ? OU_OK : fail(e, OU_NO_MEMORY);

    while (!status) {
        status = json_walk_next(&e->walk, &v, e->err);
        if (status || v.kind == WALK_CLOSE)
            break;
        status = visit_member(e, &l, &v);
    }
    if (!status) {
        *ret_end = v.end;
        status = end_removal(e, &l, l.last_end);
    }
    if (!status) {
        tell_absent(e, &l);
        status = add_members(e, &l);
    }
    json_decref(l.left);
    return status;
}

static enum ou_status edit_document(struct edit *e, const json_t *changes)
{
    struct walk_value v;
    uint64_t end;
    enum ou_status status = json_walk_next(&e->walk, &v, e->err);

    if (status)
        return status;
    if (v.kind != WALK_OBJECT)
        return ou_fail(e->err, OU_INVALID, "%s: a genesis is an object", e->path);
    status = edit_object(e, changes, v.end, &end);
    return status ? status : json_walk_next(&e->walk, &v, e->err); /* nothing behind it */
}

/* It is read twice, and in between at places: no pipe. */
static enum ou_status open_again(struct edit *e)
{
    struct stat st;

    e->fd = open(e->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    if (e->fd < 0)
        return ou_fail(e->err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", e->path,
                       strerror(errno));
    if (fstat(e->fd, &st) < 0 || !S_ISREG(st.st_mode))
        return ou_fail(e->err, OU_IO, "read %s: a file on a disk is needed", e->path);
    return OU_OK;
}

enum ou_status genesis_edit_telling(const char *from, const char *to, const json_t *changes,
                                    void (*absent)(void *context, const char *path), void *context,
                                    struct ou_error *err)
{
    struct edit e = { .path = from, .fd = -1, .absent = absent, .context = context, .err = err };
    enum ou_status status = open_again(&e);

    splices_init(&e.splices);
    buffer_init(&e.text, allocator_libc(), VALUE_BYTES_MAX);
    buffer_init(&e.at, allocator_libc(), PATH_BYTES_MAX);
    if (!status)
        status = json_walk_open(&e.walk, from, err);
    if (!status)
        status = edit_document(&e, changes);
    if (!status)
        status = splices_write(&e.splices, e.fd, from, to, err);
    json_walk_close(&e.walk);
    buffer_release(&e.text);
    buffer_release(&e.at);
    splices_release(&e.splices);
    if (e.fd >= 0)
        close(e.fd);
    return status;
}

enum ou_status genesis_edit(const char *from, const char *to, const json_t *changes,
                            struct ou_error *err)
{
    return genesis_edit_telling(from, to, changes, NULL, NULL, err);
}
