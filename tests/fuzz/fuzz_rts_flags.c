/* Any lines as RTS flags. What is accepted has a normal form, that form is accepted, and is its own. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "profile/rts_flags.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 4096 };

static void check(int holds)
{
    if (!holds)
        abort();
}

/* The parts of a text between separators, in place. */
static size_t split(char *text, const char *separator, const char *flags[RTS_FLAGS_MAX])
{
    size_t count = 0;

    for (char *part; count < RTS_FLAGS_MAX && (part = strsep(&text, separator));)
        flags[count++] = part;
    return count;
}

static void check_normal(const struct buffer *once)
{
    char text[TEXT_MAX * 4];
    const char *flags[RTS_FLAGS_MAX];
    struct buffer twice;
    size_t count;

    check(once->len < sizeof text);
    memcpy(text, buffer_string(once), once->len + 1);
    count = once->len ? split(text, " ", flags) : 0;
    buffer_init(&twice, allocator_libc(), sizeof text);
    check(rts_flags_normal(flags, count, &twice, NULL) == OU_OK);
    check(strcmp(buffer_string(once), buffer_string(&twice)) == 0);
    buffer_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX];
    const char *flags[RTS_FLAGS_MAX];
    struct ou_error err = { 0 };
    struct buffer once;
    size_t count;

    if (size >= TEXT_MAX)
        return 0;
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    count = split(text, "\n", flags);
    buffer_init(&once, allocator_libc(), TEXT_MAX * 4);
    if (rts_flags_normal(flags, count, &once, &err) == OU_OK)
        check_normal(&once);
    else
        check(err.text[0] != '\0');
    buffer_release(&once);
    return 0;
}
