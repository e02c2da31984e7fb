/* Any bytes as a text that a program traces, and as JSON of its own. What comes
 * out is one printable line of valid JSON; what another parser takes for JSON is
 * put in as JSON, and putting it in again changes nothing. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "trace/json_value.h"
#include "trace/render_text.h"

static void check(int holds)
{
    if (!holds)
        abort();
}

static void check_printable(const struct buffer *text)
{
    check(buffer_status(text) == OU_OK);
    for (size_t i = 0; i < text->len; i++)
        check((unsigned char)text->at[i] >= 0x20 && text->at[i] != 0x7f);
}

static int is_json(const char *text, size_t len)
{
    json_t *tree = json_loadb(text, len, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    json_decref(tree);
    return tree != NULL;
}

static void check_text(struct span text)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 8 * text.len + 2);
    text_quoted(&out, text);
    check_printable(&out);
    check(is_json(out.at, out.len));
    buffer_clear(&out);
    text_bare(&out, text);
    check_printable(&out);
    buffer_release(&out);
}

static void check_json(struct span text)
{
    struct buffer once, twice;

    buffer_init(&once, allocator_libc(), 8 * text.len);
    buffer_init(&twice, allocator_libc(), 8 * text.len);
    json_value_append(&once, text);
    check_printable(&once);
    check(json_value_is((struct span){ once.at, once.len }));
    json_value_append(&twice, (struct span){ once.at, once.len });
    check(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
    buffer_release(&once);
    buffer_release(&twice);
}

/* Deeper JSON is a text to us, and jansson takes a NUL for the end. */
static int is_comparable(struct span text)
{
    int open = 0;

    for (size_t i = 0; i < text.len; i++) {
        open += text.at[i] == '[' || text.at[i] == '{';
        if (text.at[i] == '\0')
            return false;
    }
    return open <= JSON_VALUE_DEPTH_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct span text = { (const char *)data, size };

    check_text(text);
    if (json_value_is(text))
        check_json(text);
    else
        check(!is_comparable(text) || !is_json(text.at, text.len));
    return 0;
}
