/* Trees as text. jansson's own writer would tell 0.05 as 0.050000000000000003, which readers with exact arithmetic (the
 * ledger's) take at its word. */
#include <stdlib.h>

#include "base/digits.h"
#include "json/tree.h"
#include "json/tree_memory.h"
#include "json/write.h"

static void append_value(struct buffer *out, const json_t *value, size_t level);

static void new_line(struct buffer *out, size_t level)
{
    buffer_char(out, '\n');
    for (size_t i = 0; i < level; i++)
        buffer_text(out, "  ");
}

static void append_string(struct buffer *out, const json_t *value)
{
    char *text = json_dumps(value, JSON_ENCODE_ANY);

    if (text)
        buffer_text(out, text);
    else
        out->status = OU_NO_MEMORY;
    free(text);
}

static void append_key(struct buffer *out, const char *key)
{
    json_t *text = json_string(key);

    append_string(out, text); /* without memory there is no text of it either */
    buffer_text(out, ": ");
    json_decref(text);
}

static void append_object(struct buffer *out, const json_t *object, size_t level)
{
    const char *key;
    json_t *value;
    size_t left = json_object_size(object);

    if (left == 0) {
        buffer_text(out, "{}");
        return;
    }
    buffer_char(out, '{');
    json_object_foreach((json_t *)object, key, value)
    {
        new_line(out, level + 1);
        append_key(out, key);
        append_value(out, value, level + 1);
        if (--left)
            buffer_char(out, ',');
    }
    new_line(out, level);
    buffer_char(out, '}');
}

static void append_array(struct buffer *out, const json_t *array, size_t level)
{
    size_t count = json_array_size(array);

    if (count == 0) {
        buffer_text(out, "[]");
        return;
    }
    buffer_char(out, '[');
    for (size_t i = 0; i < count; i++) {
        new_line(out, level + 1);
        append_value(out, json_array_get(array, i), level + 1);
        if (i + 1 < count)
            buffer_char(out, ',');
    }
    new_line(out, level);
    buffer_char(out, ']');
}

static void append_real(struct buffer *out, double value)
{
    char text[JSON_DOUBLE_ROOM];

    buffer_append(out, text, json_format_double(value, text));
}

static void append_integer(struct buffer *out, json_int_t value)
{
    char text[DIGITS_ROOM];

    buffer_append(out, text, digits_i64(value, text));
}

static void append_value(struct buffer *out, const json_t *value, size_t level)
{
    switch (json_typeof(value)) {
    case JSON_OBJECT: append_object(out, value, level); break;
    case JSON_ARRAY: append_array(out, value, level); break;
    case JSON_STRING: append_string(out, value); break;
    case JSON_INTEGER: append_integer(out, json_integer_value(value)); break;
    case JSON_REAL: append_real(out, json_real_value(value)); break;
    case JSON_TRUE: buffer_text(out, "true"); break;
    case JSON_FALSE: buffer_text(out, "false"); break;
    case JSON_NULL: buffer_text(out, "null"); break;
    }
}

void json_tree_append(struct buffer *out, const json_t *tree)
{
    if (json_tree_memory_failed())
        out->status = OU_NO_MEMORY;
    else
        append_value(out, tree, 0);
}

char *json_tree_text(const json_t *tree, size_t flags)
{
    return json_tree_memory_failed() ? NULL : json_dumps(tree, flags);
}
