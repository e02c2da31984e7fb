#include "genesis/canonical.h"

#include <assert.h>
#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "json/walk.h"

#define MEMORY_MAX ((size_t)512 << 20)
#define NUMBER_DIGITS_MAX 15

/* A value of the document, in the arena. */
struct item {
    enum walk_kind kind;
    size_t place;           /* among its siblings, in the order of the file */
    struct span name, text; /* as they stand in the file */
    struct item *parent, *first, *last, *next;
    size_t count; /* of a container: what is in it */
};

struct reader {
    const char *path;
    struct json_walk walk;
    struct arena memory;
    struct item *open; /* the innermost container; NULL outside */
    struct ou_error *err;
};

struct writer {
    void (*take)(void *context, struct bytes piece);
    void *context;
    struct arena *memory;
    enum ou_status status;
};

/* ---- reading ---- */

static enum ou_status fail_at(const struct reader *r, const struct walk_value *v, const char *why)
{
    return ou_fail(r->err, OU_INVALID, "%s:%" PRIu64 ":%" PRIu64 ": %s", r->path, v->line,
                   v->column, why);
}

/* Every backslash stands before a quotation mark or another one. */
static bool has_canonical_escapes(struct span raw)
{
    for (size_t i = 0; i < raw.len; i++) {
        if (raw.at[i] != '\\')
            continue;
        i++;
        if (raw.at[i] != '"' && raw.at[i] != '\\')
            return false;
    }
    return true;
}

/* "0", or up to 15 digits with no zero in front: the grammar of JSON has seen to the zero. */
static bool is_canonical_number(struct span text)
{
    const size_t sign = text.at[0] == '-';

    for (size_t i = sign; i < text.len; i++)
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
    return text.len - sign <= NUMBER_DIGITS_MAX && !(sign && text.at[1] == '0');
}

static enum ou_status check(const struct reader *r, const struct walk_value *v)
{
    if (v->kind == WALK_NUMBER && !is_canonical_number(v->text))
        return fail_at(r, v, "a Byron genesis has whole numbers of up to 15 digits only");
    if (!has_canonical_escapes(v->raw_name) || !has_canonical_escapes(v->raw))
        return fail_at(r, v, "a Byron genesis has no escapes in texts but \\\" and \\\\");
    return OU_OK;
}

static enum ou_status fail_without_room(struct reader *r)
{
    if (arena_has_room(&r->memory, sizeof(struct item), _Alignof(struct item)))
        return ou_fail(r->err, OU_NO_MEMORY, "%s: no memory", r->path);
    return ou_fail(r->err, OU_TOO_LARGE, "%s: larger than any Byron genesis", r->path);
}

static bool keep(struct reader *r, struct span text, struct span *ret)
{
    *ret = (struct span){ arena_copy(&r->memory, text.at ? text.at : "", text.len), text.len };
    return ret->at != NULL;
}

static enum ou_status add(struct reader *r, const struct walk_value *v, struct item **ret)
{
    struct item *item = arena_take(&r->memory, sizeof *item, _Alignof(struct item));

    if (!item || !keep(r, v->raw_name, &item->name) ||
        !keep(r, v->kind == WALK_TEXT ? v->raw : v->text, &item->text))
        return fail_without_room(r);
    item->kind = v->kind;
    item->parent = r->open;
    if (r->open) {
        item->place = r->open->count++;
        if (r->open->last)
            r->open->last->next = item;
        else
            r->open->first = item;
        r->open->last = item;
    }
    if (v->kind == WALK_OBJECT || v->kind == WALK_ARRAY)
        r->open = item;
    *ret = item;
    return OU_OK;
}

static enum ou_status read_document(struct reader *r, struct item **ret_root)
{
    struct walk_value v;
    struct item *item = NULL, *root = NULL;
    enum ou_status status;

    for (;;) {
        status = json_walk_next(&r->walk, &v, r->err);
        if (status || v.kind == WALK_END)
            break;
        if (v.kind == WALK_CLOSE) {
            r->open = r->open->parent;
            continue;
        }
        status = check(r, &v);
        if (!status)
            status = add(r, &v, &item);
        if (status)
            break;
        if (!root)
            root = item;
    }
    *ret_root = root;
    return status;
}

/* ---- writing ---- */

static void put(const struct writer *w, struct span text)
{
    if (text.len)
        w->take(w->context, bytes_of_span(text));
}

/* The next byte that a name stands for, which is moved over; -1 at its end. */
static int next_byte(struct span *raw)
{
    const size_t escape = raw->len && *raw->at == '\\';
    int byte;

    if (raw->len == 0)
        return -1;
    byte = (unsigned char)raw->at[escape];
    raw->at += 1 + escape;
    raw->len -= 1 + escape;
    return byte;
}

/* Members of one name, which no tool writes, stay in the order of the file. */
static int compare_members(const void *left, const void *right)
{
    const struct item *a = *(const struct item *const *)left;
    const struct item *b = *(const struct item *const *)right;
    struct span a_name = a->name, b_name = b->name;
    int a_byte, b_byte;

    do {
        a_byte = next_byte(&a_name);
        b_byte = next_byte(&b_name);
    } while (a_byte == b_byte && a_byte >= 0);
    if (a_byte != b_byte)
        return a_byte < b_byte ? -1 : 1;
    return a->place < b->place ? -1 : a->place > b->place;
}

static void write_item(struct writer *w, const struct item *item);

static void write_array(struct writer *w, const struct item *array)
{
    put(w, span_of("["));
    for (const struct item *item = array->first; item; item = item->next) {
        if (item->place > 0)
            put(w, span_of(","));
        write_item(w, item);
    }
    put(w, span_of("]"));
}

static void write_text(const struct writer *w, struct span raw)
{
    put(w, span_of("\""));
    put(w, raw);
    put(w, span_of("\""));
}

static void write_object(struct writer *w, const struct item *object)
{
    struct item **sorted =
        arena_take(w->memory, (object->count + 1) * sizeof(void *), sizeof(void *));
    size_t count = 0;

    if (!sorted) {
        w->status = OU_NO_MEMORY;
        return;
    }
    for (struct item *item = object->first; item; item = item->next)
        sorted[count++] = item;
    qsort(sorted, count, sizeof(void *), compare_members);
    put(w, span_of("{"));
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            put(w, span_of(","));
        write_text(w, sorted[i]->name);
        put(w, span_of(":"));
        write_item(w, sorted[i]);
    }
    put(w, span_of("}"));
}

/* As deep as the document, which the walk keeps to JSON_CHECK_DEPTH_MAX. */
static void write_item(struct writer *w, const struct item *item)
{
    if (w->status)
        return;
    switch (item->kind) {
    case WALK_OBJECT: write_object(w, item); break;
    case WALK_ARRAY: write_array(w, item); break;
    case WALK_TEXT: write_text(w, item->text); break;
    default: put(w, item->text);
    }
}

enum ou_status genesis_canonical(const char *path, void (*take)(void *context, struct bytes piece),
                                 void *context, struct ou_error *err)
{
    struct reader r = { .path = path, .err = err };
    struct writer w = { .take = take, .context = context, .memory = &r.memory };
    struct item *root = NULL;
    enum ou_status status = json_walk_open(&r.walk, path, err);

    if (status)
        return status;
    arena_init(&r.memory, allocator_libc(), MEMORY_MAX);
    status = read_document(&r, &root);
    assert(status || root); /* a document has a value */
    if (!status) {
        write_item(&w, root);
        if (w.status)
            status = fail_without_room(&r);
    }
    arena_release(&r.memory);
    json_walk_close(&r.walk);
    return status;
}
