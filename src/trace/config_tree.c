#include "trace/config_tree.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buffer.h"
#include "base/utf8.h"

/* --- Building ------------------------------------------------------------------ */

/* A list or map whose end has not come yet. */
struct open {
    struct config_node *node;
    struct config_item *last;
    const struct config_node *key; /* whose value is awaited */
    const char *anchor;
};

/* `&name`; the one defined last comes first. */
struct anchor {
    const char *name;
    const struct config_node *node;
    struct anchor *next;
};

struct builder {
    yaml_parser_t parser;
    const char *name; /* of the document, for messages */
    int lines_before; /* not shown to the parser */
    struct config_tree *tree;
    struct open open[CONFIG_DEPTH_MAX];
    int depth;
    struct anchor *anchors;
    size_t anchor_count, node_count;
    struct ou_error *err;
};

static int line_of(const struct builder *b, yaml_mark_t mark)
{
    return b->lines_before + (int)mark.line + 1;
}

static enum ou_status fail_memory(const struct builder *b)
{
    return ou_fail(b->err, OU_NO_MEMORY, "read %s: no memory", b->name);
}

static void *take(struct builder *b, size_t size)
{
    return arena_take(&b->tree->arena, size, _Alignof(max_align_t));
}

static enum ou_status count_nodes(struct builder *b, int line, size_t more)
{
    b->node_count += more;
    if (b->node_count > CONFIG_NODES_MAX)
        return ou_fail(b->err, OU_TOO_LARGE, "%s:%d: more than %d keys and values", b->name, line,
                       CONFIG_NODES_MAX);
    return OU_OK;
}

static enum ou_status new_node(struct builder *b, enum config_kind kind, yaml_mark_t mark,
                               struct config_node **ret)
{
    enum ou_status status = count_nodes(b, line_of(b, mark), 1);
    struct config_node *node = status ? NULL : take(b, sizeof(*node));

    if (!node)
        return status ? status : fail_memory(b);
    *node = (struct config_node){ .kind = kind, .line = line_of(b, mark), .weight = 1 };
    *ret = node;
    return OU_OK;
}

/* --- Maps ------------------------------------------------------------------------- */

/* A member of a map on its way through two sorts. */
struct ranked {
    struct config_item *item;
    size_t rank; /* 0: the map's own; n: of the nth map merged into it */
    size_t place;
};

static int compare_keys(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;
    int order = strcmp(x->item->key->text.at, y->item->key->text.at);

    if (order == 0)
        order = (x->rank > y->rank) - (x->rank < y->rank);
    return order ? order : (x->place > y->place) - (x->place < y->place);
}

static int compare_places(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    return (x->place > y->place) - (x->place < y->place);
}

/* Drops the members that an earlier rank has, too; a key may be there once in a rank. */
static enum ou_status drop_shadowed(const struct builder *b, struct ranked *all, size_t *count)
{
    size_t kept = 0;

    qsort(all, *count, sizeof(*all), compare_keys);
    for (size_t i = 0; i < *count; i++) {
        const struct config_node *key = all[i].item->key;
        const struct ranked *before = kept ? &all[kept - 1] : NULL;

        if (!before || !span_equal(before->item->key->text, key->text)) {
            all[kept++] = all[i];
        } else if (before->rank == all[i].rank) {
            return ou_fail(b->err, OU_INVALID, "%s:%d: the key \"%.80s\" is in line %d, too",
                           b->name, key->line, key->text.at, before->item->key->line);
        }
    }
    *count = kept;
    qsort(all, kept, sizeof(*all), compare_places);
    return OU_OK;
}

static void relink(struct config_node *map, const struct ranked *all, size_t count)
{
    struct config_item **link = &map->items;

    for (size_t i = 0; i < count; i++) {
        *link = all[i].item;
        link = &all[i].item->next;
    }
    *link = NULL;
    map->count = count;
}

static bool is_merge(const struct config_item *item)
{
    return item->key->plain && span_is(item->key->text, "<<");
}

/* Copies the members of a map that another one merges. */
static enum ou_status append_merged(struct builder *b, const struct config_node *from, int line,
                                    size_t rank, struct ranked *all, size_t *count)
{
    if (from->kind != CONFIG_MAP)
        return ou_fail(b->err, OU_INVALID, "%s:%d: \"<<\" wants an object, or a list of objects",
                       b->name, line);
    for (const struct config_item *i = from->items; i; i = i->next) {
        struct config_item *copy = take(b, sizeof(*copy));

        if (!copy)
            return fail_memory(b);
        *copy = *i;
        all[*count] = (struct ranked){ copy, rank, *count };
        (*count)++;
    }
    return OU_OK;
}

/* What "<<" names: the items of a list, or one. */
static const struct config_item *merged_maps(const struct config_node *value,
                                             struct config_item *single)
{
    if (value->kind == CONFIG_LIST)
        return value->items;
    *single = (struct config_item){ .value = value };
    return single;
}

static size_t merged_count(const struct config_node *map)
{
    struct config_item single;
    size_t n = 0;

    for (const struct config_item *i = map->items; i; i = i->next)
        if (is_merge(i))
            for (const struct config_item *m = merged_maps(i->value, &single); m; m = m->next)
                n += m->value->count;
    return n;
}

/* All members, own and merged; "<<" itself is none. */
static enum ou_status gather(struct builder *b, const struct config_node *map, struct ranked *all,
                             size_t *ret_count)
{
    struct config_item single;
    size_t count = 0, rank = 0;
    enum ou_status status = OU_OK;

    for (struct config_item *i = map->items; i && !status; i = i->next) {
        const struct config_item *m = is_merge(i) ? merged_maps(i->value, &single) : NULL;

        for (; m && !status; m = m->next)
            status = append_merged(b, m->value, i->key->line, ++rank, all, &count);
        if (is_merge(i))
            continue;
        all[count] = (struct ranked){ i, 0, count };
        count++;
    }
    *ret_count = count;
    return status;
}

static enum ou_status end_map(struct builder *b, struct config_node *map)
{
    size_t merged = merged_count(map), count = map->count + merged;
    enum ou_status status = count_nodes(b, map->line, merged);
    struct ranked *all;

    if (status || count == 0)
        return status;
    all = calloc(count, sizeof(*all));
    if (!all)
        return fail_memory(b);
    status = gather(b, map, all, &count);
    if (!status)
        status = drop_shadowed(b, all, &count);
    if (!status)
        relink(map, all, count);
    free(all);
    return status;
}

/* --- Events ------------------------------------------------------------------------- */

static enum ou_status copy_text(struct builder *b, const char *text, size_t len, int line,
                                struct span *ret)
{
    char *copy;

    if (memchr(text, 0, len))
        return ou_fail(b->err, OU_INVALID, "%s:%d: a text with a NUL character", b->name, line);
    copy = arena_copy(&b->tree->arena, text, len);
    if (!copy)
        return fail_memory(b);
    *ret = (struct span){ copy, len };
    return OU_OK;
}

/* Puts a node where the document is: as a key, a value, an item, or the root. */
static enum ou_status place(struct builder *b, const struct config_node *node, int line)
{
    struct open *in = b->depth ? &b->open[b->depth - 1] : NULL;
    struct config_item *item;

    if (!in) {
        b->tree->root = node;
        return OU_OK;
    }
    if (in->node->kind == CONFIG_MAP && !in->key) {
        if (node->kind != CONFIG_SCALAR)
            return ou_fail(b->err, OU_INVALID, "%s:%d: a key must be a text", b->name, line);
        in->key = node;
        return OU_OK;
    }
    item = take(b, sizeof(*item));
    if (!item)
        return fail_memory(b);
    *item = (struct config_item){ in->key, node, NULL };
    *(in->last ? &in->last->next : &in->node->items) = item;
    in->last = item;
    in->key = NULL;
    in->node->count++;
    return OU_OK;
}

/* name NULL: the node has no anchor. */
static enum ou_status remember(struct builder *b, const char *name, const struct config_node *node)
{
    struct anchor *anchor;

    if (!name)
        return OU_OK;
    if (++b->anchor_count > CONFIG_ANCHORS_MAX)
        return ou_fail(b->err, OU_TOO_LARGE, "%s:%d: more than %d anchors", b->name, node->line,
                       CONFIG_ANCHORS_MAX);
    anchor = take(b, sizeof(*anchor));
    if (!anchor)
        return fail_memory(b);
    *anchor = (struct anchor){ name, node, b->anchors };
    b->anchors = anchor;
    return OU_OK;
}

static enum ou_status copy_anchor(struct builder *b, const yaml_char_t *anchor, int line,
                                  const char **ret)
{
    struct span copy;
    enum ou_status status;

    *ret = NULL;
    if (!anchor)
        return OU_OK;
    status = copy_text(b, (const char *)anchor, strlen((const char *)anchor), line, &copy);
    if (!status)
        *ret = copy.at;
    return status;
}

static enum ou_status on_scalar(struct builder *b, const yaml_event_t *e)
{
    struct config_node *node;
    const char *anchor;
    enum ou_status status = new_node(b, CONFIG_SCALAR, e->start_mark, &node);

    if (status)
        return status;
    /* A tag (`!!str 1`) says that it is a text. */
    node->plain = e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE && e->data.scalar.plain_implicit;
    status = copy_text(b, (const char *)e->data.scalar.value, e->data.scalar.length, node->line,
                       &node->text);
    if (!status)
        status = copy_anchor(b, e->data.scalar.anchor, node->line, &anchor);
    if (!status)
        status = remember(b, anchor, node);
    return status ? status : place(b, node, node->line);
}

static enum ou_status on_start(struct builder *b, const yaml_event_t *e)
{
    bool map = e->type == YAML_MAPPING_START_EVENT;
    struct open *in = &b->open[b->depth];
    struct config_node *node;
    enum ou_status status;

    if (b->depth == CONFIG_DEPTH_MAX)
        return ou_fail(b->err, OU_TOO_LARGE, "%s:%d: more than %d levels", b->name,
                       line_of(b, e->start_mark), CONFIG_DEPTH_MAX);
    status = new_node(b, map ? CONFIG_MAP : CONFIG_LIST, e->start_mark, &node);
    if (status)
        return status;
    *in = (struct open){ .node = node };
    b->depth++;
    return copy_anchor(b, map ? e->data.mapping_start.anchor : e->data.sequence_start.anchor,
                       node->line, &in->anchor);
}

static enum ou_status on_end(struct builder *b)
{
    struct open *in = &b->open[b->depth - 1];
    struct config_node *node = in->node;
    enum ou_status status = node->kind == CONFIG_MAP ? end_map(b, node) : OU_OK;

    for (const struct config_item *i = node->items; i; i = i->next)
        node->weight += 1 + i->value->weight; /* at most NODES_MAX times NODES_MAX */
    if (!status && node->weight > CONFIG_NODES_MAX)
        status = ou_fail(b->err, OU_TOO_LARGE, "%s:%d: aliases make more than %d keys and values",
                         b->name, node->line, CONFIG_NODES_MAX);
    if (!status)
        status = remember(b, in->anchor, node);
    b->depth--;
    return status ? status : place(b, node, node->line);
}

/* An anchor is known from its node's end on, so that nothing contains itself. */
static enum ou_status on_alias(struct builder *b, const yaml_event_t *e)
{
    const char *name = (const char *)e->data.alias.anchor;
    int line = line_of(b, e->start_mark);
    const struct anchor *a = b->anchors;

    while (a && strcmp(a->name, name) != 0)
        a = a->next;
    if (!a)
        return ou_fail(b->err, OU_INVALID, "%s:%d: there is no anchor &%.80s before its alias",
                       b->name, line, name);
    return place(b, a->node, line);
}

static enum ou_status on_event(struct builder *b, const yaml_event_t *e)
{
    switch (e->type) {
    case YAML_SCALAR_EVENT: return on_scalar(b, e);
    case YAML_MAPPING_START_EVENT:
    case YAML_SEQUENCE_START_EVENT: return on_start(b, e);
    case YAML_MAPPING_END_EVENT:
    case YAML_SEQUENCE_END_EVENT: return on_end(b);
    case YAML_ALIAS_EVENT: return on_alias(b, e);
    case YAML_DOCUMENT_START_EVENT:
        if (b->tree->root)
            return ou_fail(b->err, OU_INVALID, "%s:%d: a second document begins here", b->name,
                           line_of(b, e->start_mark));
        return OU_OK;
    default: return OU_OK;
    }
}

/* Errors of characters come with their place in the text only. */
static enum ou_status fail_syntax(const struct builder *b, struct span text)
{
    const yaml_parser_t *p = &b->parser;
    int line = line_of(b, p->problem_mark);

    if (p->error == YAML_MEMORY_ERROR)
        return fail_memory(b);
    if (p->error == YAML_READER_ERROR)
        for (size_t i = 0; i < p->problem_offset && i < text.len; i++)
            line += text.at[i] == '\n';
    return ou_fail(b->err, OU_INVALID, "%s:%d: %s%s%s", b->name, line,
                   p->problem ? p->problem : "this is neither YAML nor JSON", p->context ? " " : "",
                   p->context ? p->context : "");
}

static enum ou_status build(struct builder *b, struct span text)
{
    enum ou_status status = OU_OK;
    bool end = false;

    yaml_parser_set_input_string(&b->parser, (const unsigned char *)text.at, text.len);
    while (!status && !end) {
        yaml_event_t e;

        if (!yaml_parser_parse(&b->parser, &e))
            return fail_syntax(b, text);
        end = e.type == YAML_STREAM_END_EVENT;
        status = on_event(b, &e);
        yaml_event_delete(&e);
    }
    return status;
}

/* --- JSON ------------------------------------------------------------------------------ */

static int hex4(const char *at)
{
    int value = 0;

    for (int i = 0; i < 4; i++) {
        if (!isxdigit((unsigned char)at[i]))
            return -1;
        value =
            value * 16 + (isdigit((unsigned char)at[i]) ? at[i] - '0' : (at[i] | 0x20) - 'a' + 10);
    }
    return value;
}

/* The code of the character that twelve bytes "\ud83d\ude00" mean; 0: they do not. */
static int surrogates(const char *at, size_t len)
{
    int high, low;

    if (len < 12 || at[1] != 'u' || at[6] != '\\' || at[7] != 'u')
        return 0;
    high = hex4(at + 2);
    low = hex4(at + 8);
    if (high < 0xd800 || high > 0xdbff || low < 0xdc00 || low > 0xdfff)
        return 0;
    return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* Characters that JSON texts may have and YAML does not take, or takes as line breaks. */
static bool is_foreign(uint32_t c)
{
    return (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 || c == 0xfeff || c == 0xfffe ||
           c == 0xffff;
}

/* JSON as YAML. It writes a character beyond 16 bits as two escapes, YAML as one. */
static void translate(struct span json, struct buffer *out)
{
    while (json.len) {
        int code = *json.at == '\\' ? surrogates(json.at, json.len) : 0;
        bool escape = *json.at == '\\' && json.len > 1;
        size_t taken = code ? 12 : escape ? 2 : 0;
        struct span rest = { json.at + taken, json.len - taken };
        uint32_t c = 0;
        bool foreign = !taken && utf8_next(&rest, &c) && is_foreign(c);

        if (code)
            buffer_printf(out, "\\U%08X", (unsigned)code);
        else if (foreign)
            buffer_printf(out, "\\u%04X", (unsigned)c);
        else
            buffer_append(out, json.at, (size_t)(rest.at - json.at));
        json = rest;
    }
}

/* YAML wants no tab in front of the first brace. */
static struct span skip_blanks(struct span text, int *ret_lines)
{
    static const char blanks[] = { ' ', '\t', '\r', '\n' };
    const char *bom = "\xef\xbb\xbf";
    size_t i = span_starts(text, bom) ? strlen(bom) : 0;

    *ret_lines = 0;
    while (i < text.len && memchr(blanks, text.at[i], sizeof(blanks)))
        i++;
    if (i == text.len || (text.at[i] != '{' && text.at[i] != '['))
        return text;
    for (size_t j = 0; j < i; j++)
        *ret_lines += text.at[j] == '\n';
    return (struct span){ text.at + i, text.len - i };
}

enum ou_status config_tree_parse(struct span text, const char *name, struct config_tree *ret,
                                 struct ou_error *err)
{
    struct config_tree tree = { .root = NULL };
    struct builder b = { .name = name, .tree = &tree, .err = err };
    struct buffer yaml;
    enum ou_status status;

    if (text.len > CONFIG_BYTES_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%s: larger than %zu bytes", name, CONFIG_BYTES_MAX);
    buffer_init(&yaml, allocator_libc(), 6 * CONFIG_BYTES_MAX);
    text = skip_blanks(text, &b.lines_before);
    if (text.len && (text.at[0] == '{' || text.at[0] == '[')) {
        translate(text, &yaml);
        text = (struct span){ yaml.at, yaml.len };
    }
    /* Above what CONFIG_NODES_MAX nodes and CONFIG_BYTES_MAX of text take. */
    arena_init(&tree.arena, allocator_libc(), (size_t)64 << 20);
    if (buffer_status(&yaml) || !yaml_parser_initialize(&b.parser)) {
        buffer_release(&yaml);
        return fail_memory(&b);
    }
    status = build(&b, text);
    yaml_parser_delete(&b.parser);
    buffer_release(&yaml);
    if (status)
        config_tree_release(&tree);
    else
        *ret = tree;
    return status;
}

void config_tree_release(struct config_tree *tree)
{
    arena_release(&tree->arena);
}

/* --- Looking ------------------------------------------------------------------------------ */

const struct config_item *config_item(const struct config_node *map, const char *key)
{
    const struct config_item *i = map && map->kind == CONFIG_MAP ? map->items : NULL;

    while (i && (!span_is(i->key->text, key) || config_is_null(i->value)))
        i = i->next;
    return i;
}

const struct config_node *config_member(const struct config_node *map, const char *key)
{
    const struct config_item *i = config_item(map, key);

    return i ? i->value : NULL;
}
