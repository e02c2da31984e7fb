/* Values of a file as a tree, and a tree as YAML. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "cmd/rewrite_inside.h"
#include "json/write.h"

/* --- From the file ----------------------------------------------------------------------- */

static bool is_integer(const char *text, json_int_t *ret)
{
    char *end;

    errno = 0;
    *ret = strtoll(text, &end, 10);
    return *end == 0 && end != text && errno == 0;
}

static json_t *copy_scalar(const struct config_node *node)
{
    json_int_t integer;
    double number;
    bool truth;

    if (config_is_null(node))
        return json_null();
    if (config_is_bool(node, &truth))
        return json_boolean(truth);
    if (config_is_number(node, &number))
        return is_integer(node->text.at, &integer) ? json_integer(integer) : json_real(number);
    return json_stringn(node->text.at, node->text.len);
}

/* Whether item was put into the tree; it is given away in any case. */
static bool put(json_t *tree, const struct config_item *item)
{
    json_t *value = rewrite_copy(item->value);

    return item->key ? json_object_set_new(tree, item->key->text.at, value) == 0
                     : json_array_append_new(tree, value) == 0;
}

json_t *rewrite_copy(const struct config_node *node) /* NOLINT(misc-no-recursion) */
{
    json_t *tree;

    if (node->kind == CONFIG_SCALAR)
        return copy_scalar(node);
    tree = node->kind == CONFIG_MAP ? json_object() : json_array();
    for (const struct config_item *i = node->items; tree && i; i = i->next)
        if (!put(tree, i)) {
            json_decref(tree);
            return NULL;
        }
    return tree;
}

/* --- YAML -------------------------------------------------------------------------------- */

static int append(void *out, unsigned char *text, size_t len)
{
    buffer_append(out, text, len);
    return buffer_status(out) == OU_OK;
}

static bool emit_scalar(yaml_emitter_t *e, const char *text, size_t len, yaml_scalar_style_t style)
{
    yaml_event_t event;

    return yaml_scalar_event_initialize(&event, NULL, NULL, (const yaml_char_t *)text, (int)len, 1,
                                        1, style) &&
           yaml_emitter_emit(e, &event);
}

/* Whether a reader could take the bare text for something else: a number, a date, a truth value, as
 * one version of YAML or another has them. */
static bool needs_quotes(const char *text)
{
    static const char *const words[] = { "true", "false", "yes", "no",   "on",
                                         "off",  "y",     "n",   "null", "~" };

    if (strchr("+-.0123456789", *text)) /* the empty text, too */
        return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (strcasecmp(text, words[i]) == 0)
            return true;
    return false;
}

static bool emit_string(yaml_emitter_t *e, const char *text)
{
    return emit_scalar(e, text, strlen(text),
                       needs_quotes(text) ? YAML_DOUBLE_QUOTED_SCALAR_STYLE
                                          : YAML_ANY_SCALAR_STYLE);
}

static bool emit_number(yaml_emitter_t *e, const json_t *number)
{
    struct buffer text;
    bool ok;

    buffer_init(&text, allocator_libc(), 64);
    json_tree_append(&text, number);
    ok = !buffer_status(&text) &&
         emit_scalar(e, buffer_string(&text), text.len, YAML_PLAIN_SCALAR_STYLE);
    buffer_release(&text);
    return ok;
}

static bool emit(yaml_emitter_t *e, const json_t *tree);

static bool emit_object(yaml_emitter_t *e, const json_t *object) /* NOLINT(misc-no-recursion) */
{
    yaml_event_t event;
    const char *key;
    json_t *value;

    if (!yaml_mapping_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_MAPPING_STYLE) ||
        !yaml_emitter_emit(e, &event))
        return false;
    json_object_foreach((json_t *)object, key, value)
    {
        if (!emit_string(e, key) || !emit(e, value))
            return false;
    }
    return yaml_mapping_end_event_initialize(&event) && yaml_emitter_emit(e, &event);
}

static bool emit_array(yaml_emitter_t *e, const json_t *array) /* NOLINT(misc-no-recursion) */
{
    yaml_event_t event;
    json_t *value;
    size_t i;

    if (!yaml_sequence_start_event_initialize(&event, NULL, NULL, 1, YAML_BLOCK_SEQUENCE_STYLE) ||
        !yaml_emitter_emit(e, &event))
        return false;
    json_array_foreach(array, i, value)
    {
        if (!emit(e, value))
            return false;
    }
    return yaml_sequence_end_event_initialize(&event) && yaml_emitter_emit(e, &event);
}

static bool emit(yaml_emitter_t *e, const json_t *tree) /* NOLINT(misc-no-recursion) */
{
    switch (json_typeof(tree)) {
    case JSON_OBJECT: return emit_object(e, tree);
    case JSON_ARRAY: return emit_array(e, tree);
    case JSON_STRING: return emit_string(e, json_string_value(tree));
    case JSON_INTEGER:
    case JSON_REAL: return emit_number(e, tree);
    case JSON_TRUE: return emit_scalar(e, "true", 4, YAML_PLAIN_SCALAR_STYLE);
    case JSON_FALSE: return emit_scalar(e, "false", 5, YAML_PLAIN_SCALAR_STYLE);
    case JSON_NULL: return emit_scalar(e, "null", 4, YAML_PLAIN_SCALAR_STYLE);
    }
    return false;
}

static bool emit_document(yaml_emitter_t *e, const json_t *tree)
{
    yaml_event_t event;

    return yaml_stream_start_event_initialize(&event, YAML_UTF8_ENCODING) &&
           yaml_emitter_emit(e, &event) &&
           yaml_document_start_event_initialize(&event, NULL, NULL, NULL, 1) &&
           yaml_emitter_emit(e, &event) && emit(e, tree) &&
           yaml_document_end_event_initialize(&event, 1) && yaml_emitter_emit(e, &event) &&
           yaml_stream_end_event_initialize(&event) && yaml_emitter_emit(e, &event);
}

enum ou_status yaml_append(struct buffer *out, const json_t *tree, struct ou_error *err)
{
    yaml_emitter_t e;
    bool ok;

    if (!yaml_emitter_initialize(&e))
        return ou_fail(err, OU_NO_MEMORY, "no memory for YAML");
    yaml_emitter_set_unicode(&e, 1);
    yaml_emitter_set_width(&e, -1); /* lines are not folded */
    yaml_emitter_set_output(&e, append, out);
    ok = emit_document(&e, tree);
    yaml_emitter_delete(&e);
    return ok ? OU_OK : ou_fail(err, OU_NO_MEMORY, "the document cannot be written as YAML");
}
