#include "genesis/fields.h"

#include <stdio.h>
#include <stdlib.h>

extern char genesis_fields_tsv[];

#define TABLE_MEMORY_MAX ((size_t)1 << 20)

enum column { ERA, PATH, TYPE, NEED, INSTEAD_OF, NODES, ROLE, MEANING, COLUMNS };

struct loader {
    struct genesis_fields *fields;
    struct span row[COLUMNS];
    struct ou_error *err;
    unsigned line;
};

static enum ou_status fail(const struct loader *l, const char *what, struct span text)
{
    return ou_fail(l->err, OU_INVALID, "genesis/fields.tsv:%u: %s: %.*s", l->line, what,
                   (int)text.len, text.at);
}

/* What stands before the separator, which is moved over; all of it where there is none. */
static struct span take_until(struct span *text, char separator)
{
    const char *found = memchr(text->at, separator, text->len);
    struct span head = { text->at, found ? (size_t)(found - text->at) : text->len };

    text->at += head.len + (found != NULL);
    text->len -= head.len + (found != NULL);
    return head;
}

/* ---- one cell ---- */

static bool find_word(const char *const *words, size_t count, struct span word, unsigned *ret)
{
    for (unsigned i = 0; i < count; i++) {
        if (span_is(word, words[i])) {
            *ret = i;
            return true;
        }
    }
    return false;
}

#define FIND(words, word, ret) find_word(words, sizeof(words) / sizeof *(words), word, ret)

/* "65535", "-2^63", "2^64-1" */
static bool read_limit(struct span text, struct genesis_number *ret)
{
    const bool negative = span_starts(text, "-");
    char digits[24];
    const char *power = memchr(text.at, '^', text.len);
    genesis_wide value;

    if (text.len >= sizeof digits)
        return false;
    memcpy(digits, text.at, text.len);
    digits[text.len] = '\0';
    if (!power)
        return genesis_number_read(text, ret);
    value = (genesis_wide)1 << strtoul(digits + (power - text.at) + 1, NULL, 10);
    value -= span_ends(text, "-1");
    *ret = genesis_whole(negative ? -value : value);
    return true;
}

/* "0..", "0..2^32-1", "0<..1" */
static bool read_range(struct span text, struct genesis_field *f)
{
    const char *dots = memmem(text.at, text.len, "..", 2);
    struct span low, high;

    if (!dots)
        return text.len == 0;
    low = (struct span){ text.at, (size_t)(dots - text.at) };
    high = (struct span){ dots + 2, text.len - low.len - 2 };
    f->above_low = span_ends(low, "<");
    low.len -= f->above_low;
    f->has_low = low.len > 0;
    f->has_high = high.len > 0;
    return (!f->has_low || read_limit(low, &f->low)) &&
           (!f->has_high || read_limit(high, &f->high));
}

static unsigned read_count(struct span digits)
{
    struct genesis_number n;

    return genesis_number_read(digits, &n) ? (unsigned)n.above : 0;
}

static enum ou_status read_type(struct loader *l, struct genesis_field *f)
{
    static const char *const names[] = { "object",  "map",      "list",   "any",
                                         "integer", "rational", "digits", "text",
                                         "hex",     "base64",   "time",   "one-of",
                                         "drep",    "ipv4",     "ipv6",   "cost-model" };
    struct span rest = l->row[TYPE], word = take_until(&rest, ' ');
    unsigned type;

    f->nullable = span_ends(word, "?");
    word.len -= f->nullable;
    if (!FIND(names, word, &type))
        return fail(l, "no type", word);
    f->type = (enum genesis_type)type;
    f->range = arena_copy(&l->fields->memory, rest.at, rest.len);
    if (!f->range)
        return OU_NO_MEMORY;
    if (f->type == TYPE_HEX || f->type == TYPE_BASE64)
        f->bytes = read_count(rest);
    else if ((f->type == TYPE_INTEGER || f->type == TYPE_RATIONAL || f->type == TYPE_DIGITS) &&
             !read_range(rest, f))
        return fail(l, "no range", rest);
    return OU_OK;
}

/* Of an entry: "<hex 28>" */
static enum ou_status read_key(struct loader *l, struct genesis_field *f)
{
    static const char *const names[] = { "", "hex", "address", "credential", "base58", "avvm" };
    struct span rest = span_of(f->name), word;
    unsigned key;

    if (!span_starts(rest, "<"))
        return OU_OK;
    rest = (struct span){ rest.at + 1, rest.len - 2 };
    word = take_until(&rest, ' ');
    if (!FIND(names, word, &key))
        return fail(l, "no kind of name", word);
    f->key = (enum genesis_key)key;
    f->key_bytes = read_count(rest);
    return OU_OK;
}

static enum ou_status read_words(struct loader *l, struct genesis_field *f)
{
    static const char *const needs[] = { "required", "since", "optional", "older", "other" };
    static const char *const roles[] = { "",
#define X(name) #name,
                                         GENESIS_ROLES_LIST(X)
#undef X
    };
    unsigned need, role;

    if (!FIND(needs, l->row[NEED], &need))
        return fail(l, "no such need", l->row[NEED]);
    if (!FIND(roles, l->row[ROLE], &role))
        return fail(l, "no such role", l->row[ROLE]);
    f->need = (enum genesis_need)need;
    f->role = (enum genesis_role)role;
    f->nodes = arena_copy(&l->fields->memory, l->row[NODES].at, l->row[NODES].len);
    return f->nodes ? OU_OK : OU_NO_MEMORY;
}

/* ---- the tree ---- */

const struct genesis_field *genesis_field_find(const struct genesis_field *object, struct span name)
{
    for (const struct genesis_field *f = object->children; f; f = f->next)
        if (span_is(name, f->name))
            return f;
    return NULL;
}

static struct genesis_field *add_child(struct loader *l, struct genesis_field *parent,
                                       struct span name)
{
    struct arena *memory = &l->fields->memory;
    struct genesis_field *f = arena_take(memory, sizeof *f, _Alignof(struct genesis_field));

    if (!f || !(f->name = arena_copy(memory, name.at, name.len)))
        return NULL;
    f->number = parent->child_count++;
    if (parent->last_child)
        parent->last_child->next = f;
    else
        parent->children = f;
    parent->last_child = f;
    return f;
}

/* Everything but the last part of the path must be there; that is taken off it. */
static enum ou_status find_parent(struct loader *l, struct span *path, struct genesis_field *root,
                                  struct genesis_field **ret)
{
    struct genesis_field *parent = root;

    for (;;) {
        const struct span part = take_until(path, '.');

        if (path->len == 0) {
            *path = part;
            break;
        }
        parent = (struct genesis_field *)genesis_field_find(parent, part);
        if (!parent)
            return fail(l, "its parent has no row", l->row[PATH]);
    }
    if (parent->child_count == GENESIS_MEMBERS_MAX)
        return fail(l, "too many members", *path);
    *ret = parent;
    return OU_OK;
}

static enum ou_status add_row(struct loader *l)
{
    struct genesis_field *parent = NULL, *f;
    struct span path = l->row[PATH];
    unsigned era = 0;
    enum ou_status status;

    while (era < GENESIS_ERAS && !span_is(l->row[ERA], genesis_era_name((enum genesis_era)era)))
        era++;
    if (era == GENESIS_ERAS)
        return fail(l, "no era", l->row[ERA]);
    status = find_parent(l, &path, l->fields->roots[era], &parent);
    if (status)
        return status;
    f = add_child(l, parent, path);
    if (!f)
        return OU_NO_MEMORY;
    if (l->row[INSTEAD_OF].len && !(f->instead_of = genesis_field_find(parent, l->row[INSTEAD_OF])))
        return fail(l, "it stands for what is not there", l->row[INSTEAD_OF]);
    status = read_type(l, f);
    if (!status)
        status = read_key(l, f);
    return status ? status : read_words(l, f);
}

static enum ou_status read_table(struct loader *l)
{
    struct span table = span_of(genesis_fields_tsv);
    enum ou_status status = OU_OK;

    take_until(&table, '\n'); /* the head */
    for (l->line = 2; table.len && !status; l->line++) {
        struct span row = take_until(&table, '\n');

        for (int i = 0; i < COLUMNS; i++)
            l->row[i] = take_until(&row, '\t');
        status = add_row(l);
    }
    return status;
}

enum ou_status genesis_fields_load(struct genesis_fields *ret, struct ou_error *err)
{
    struct loader l = { .fields = ret, .err = err };
    enum ou_status status = OU_OK;

    arena_init(&ret->memory, allocator_libc(), TABLE_MEMORY_MAX);
    for (unsigned era = 0; era < GENESIS_ERAS && !status; era++) {
        ret->roots[era] =
            arena_take(&ret->memory, sizeof *ret->roots[era], _Alignof(struct genesis_field));
        if (ret->roots[era])
            ret->roots[era]->name = "";
        else
            status = OU_NO_MEMORY;
    }
    if (!status)
        status = read_table(&l);
    if (status == OU_NO_MEMORY)
        ou_fail(err, OU_NO_MEMORY, "no memory for the table of genesis files");
    if (status)
        genesis_fields_release(ret);
    return status;
}

void genesis_fields_release(struct genesis_fields *fields)
{
    arena_release(&fields->memory);
}
