#include "json/tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "base/file.h"
#include "json/tree_memory.h"

/* True when the number at text is an integer that 64 bits cannot hold. */
static bool is_big_integer(struct span number)
{
    char digits[32];

    if (number.len == 0 || memchr(number.at, '.', number.len) ||
        memchr(number.at, 'e', number.len) || memchr(number.at, 'E', number.len))
        return false;
    if (number.len >= sizeof digits)
        return true;
    memcpy(digits, number.at, number.len);
    digits[number.len] = '\0';
    errno = 0;
    strtoll(digits, NULL, 10);
    return errno == ERANGE;
}

/* The string that starts at `at` (a quote), up to and with its closing quote. */
static size_t string_len(const char *at, const char *end)
{
    const char *p = at + 1;

    while (p < end && *p != '"')
        p += *p == '\\' && p + 1 < end ? 2 : 1;
    return (size_t)((p < end ? p + 1 : end) - at);
}

static size_t number_len(const char *at, const char *end)
{
    const char *p = at;

    while (p < end && *p && strchr("+-.0123456789eE", *p))
        p++;
    return (size_t)(p - at);
}

/* Copies a document, with ".0" behind each integer above 64 bits: jansson
 * refuses those, but reads them as reals when they look like reals. */
static void copy_with_big_integers_as_reals(struct span text, struct buffer *ret)
{
    const char *at = text.at, *end = at + text.len;

    while (at < end && !buffer_status(ret)) {
        size_t number = number_len(at, end);
        size_t len = number > 0 ? number : *at == '"' ? string_len(at, end) : 1;

        buffer_append(ret, at, len);
        if (is_big_integer((struct span){ at, number }))
            buffer_text(ret, ".0");
        at += len;
    }
}

static enum ou_status parse(struct span text, const char *name, json_t **ret,
                            json_error_t *ret_error, struct ou_error *err)
{
    bool was_failed = json_tree_memory_failed(), no_memory;
    json_t *tree = json_loadb(text.at ? text.at : "", text.len, JSON_REJECT_DUPLICATES, ret_error);

    no_memory = json_tree_memory_failed();
    json_tree_memory_set(was_failed);
    if (tree) {
        *ret = tree;
        return OU_OK;
    }
    /* Out of memory, jansson mostly says nothing, and now and then blames the text at the place where it happened. */
    if (no_memory)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", name);
    return ou_fail(err, OU_INVALID, "%s:%d: %s", name, ret_error->line, ret_error->text);
}

/* Most documents hold no integer above 64 bits, so they are looked for only
 * after jansson has met one; integers that fit stay exact integers. */
enum ou_status json_tree_parse(struct span text, const char *name, json_t **ret,
                               struct ou_error *err)
{
    struct buffer copy;
    json_error_t error;
    enum ou_status status = parse(text, name, ret, &error, err);

    if (status != OU_INVALID || json_error_code(&error) != json_error_numeric_overflow)
        return status;
    /* Two bytes for at least nineteen: an eighth more is enough. */
    buffer_init(&copy, allocator_libc(), text.len + text.len / 8 + 2);
    copy_with_big_integers_as_reals(text, &copy);
    status = buffer_status(&copy);
    if (status)
        ou_fail(err, status, "%s: %s", name, ou_status_name(status));
    else
        status = parse((struct span){ copy.at, copy.len }, name, ret, &error, err);
    buffer_release(&copy);
    return status;
}

enum ou_status json_tree_load(const char *path, size_t max_bytes, json_t **ret,
                              struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), max_bytes);
    status = file_read(path, &text, err);
    if (!status)
        status = json_tree_parse((struct span){ text.at, text.len }, path, ret, err);
    buffer_release(&text);
    return status;
}

#define SAVED_BYTES_MAX ((size_t)1 << 30)

enum ou_status json_tree_save(const json_t *tree, const char *path, struct ou_error *err)
{
    struct out_file file = { 0 };
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), SAVED_BYTES_MAX);
    json_tree_append(&text, tree);
    buffer_char(&text, '\n');
    status = buffer_status(&text);
    if (status) {
        ou_fail(err, status, "write %s: %s", path, ou_status_name(status));
    } else if (!(status = out_open(&file, path, err))) {
        out_write(&file, text.at, text.len);
        status = out_commit(&file, err);
    }
    out_release(&file);
    buffer_release(&text);
    return status;
}

const char *json_tree_key_at(const json_t *object, size_t i)
{
    void *at = json_object_iter((json_t *)object);

    while (at && i-- > 0)
        at = json_object_iter_next((json_t *)object, at);
    return at ? json_object_iter_key(at) : NULL;
}
