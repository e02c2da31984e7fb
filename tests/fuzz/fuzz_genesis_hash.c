/* Any bytes as a Byron file. What has a canonical form is JSON and means the same as its canonical form, which is its own
 * canonical form. */
#include <jansson.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/buffer.h"
#include "genesis/canonical.h"
#include "memory_file.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void gather(void *context, struct bytes piece)
{
    buffer_append(context, piece.at, piece.count);
}

/* False for what has none. */
static int canonical_of(const struct memory_file *file, const void *bytes, size_t len,
                        struct buffer *ret)
{
    struct ou_error err = { 0 };
    enum ou_status status;

    buffer_init(ret, allocator_libc(), 4 << 20);
    memory_file_fill(file, bytes, len);
    status = genesis_canonical(file->path, gather, ret, &err);
    MUST(status == OU_OK || status == OU_INVALID);
    MUST(status == OU_OK || err.text[0]);
    return status == OU_OK;
}

static void compare_meaning(const uint8_t *data, size_t size, const struct buffer *canonical)
{
    json_t *before = json_loadb((const char *)data, size, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    json_t *after = json_loadb(buffer_string(canonical), canonical->len,
                               JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);

    MUST(before && after && json_equal(before, after));
    json_decref(before);
    json_decref(after);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct memory_file file;
    struct buffer once, twice;

    if (size > (1 << 20))
        return 0;
    if (!file.path[0])
        file = memory_file_new("byron");
    if (canonical_of(&file, data, size, &once)) {
        compare_meaning(data, size, &once);
        MUST(canonical_of(&file, buffer_string(&once), once.len, &twice));
        MUST(once.len == twice.len && memcmp(once.at, twice.at, once.len) == 0);
        buffer_release(&twice);
    }
    buffer_release(&once);
    return 0;
}
