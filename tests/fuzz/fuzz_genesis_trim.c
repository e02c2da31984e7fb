/* Any bytes as a genesis file that is read without its funds. Where it is a JSON object, the rest is what it was, and on the lines
 * that it was on. */
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

#include "chain/genesis_trim.h"
#include "guarded.h"
#include "json/tree.h"

#define TEXT_BYTES_MAX ((size_t)4 << 20)

static size_t lines_of(const char *text, size_t len)
{
    size_t lines = 0;

    for (size_t i = 0; i < len; i++)
        lines += text[i] == '\n';
    return lines;
}

/* A member whose name has escapes is not known to be large, and stays. */
static void empty_large(json_t *tree)
{
    static const char *const large[] = { "initialFunds", "staking" };

    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        if (json_is_object(json_object_get(tree, large[i])))
            json_object_set_new(tree, large[i], json_object());
}

static void check(struct span whole, struct span trimmed)
{
    struct ou_error err;
    json_t *before = NULL, *after = NULL;

    MUST(trimmed.len <= whole.len);
    MUST(lines_of(whole.at, whole.len) == lines_of(trimmed.at, trimmed.len));
    if (json_tree_parse(whole, "fuzz", &before, &err))
        return;
    MUST(json_tree_parse(trimmed, "fuzz", &after, &err) == OU_OK);
    if (json_is_object(before)) {
        empty_large(before);
        empty_large(after);
    }
    MUST(json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64];
    struct buffer text;
    const int fd = memfd_create("fuzz", MFD_CLOEXEC);

    MUST(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    buffer_init(&text, allocator_libc(), TEXT_BYTES_MAX);
    if (size < TEXT_BYTES_MAX) {
        MUST(genesis_read_trimmed(path, &text, NULL) == OU_OK);
        check((struct span){ (const char *)data, size },
              (struct span){ buffer_string(&text), text.len });
    }
    buffer_release(&text);
    close(fd);
    return 0;
}
