#include "support/failing_allocator.h"

#include <stdlib.h>
#include <string.h>

#include "support/test.h"

/* Stands before each block; its size keeps the block aligned for any type. */
union block_header {
    size_t bytes;
    max_align_t align;
};

static void *checked_resize(struct allocator *self, void *at, size_t old_bytes, size_t new_bytes)
{
    struct failing_allocator *a = (struct failing_allocator *)self;
    union block_header *old = at ? (union block_header *)at - 1 : NULL;
    union block_header *block;

    assert_int_equal(old ? old->bytes : 0, old_bytes);
    if (new_bytes > 0 && ++a->calls == a->fail_at)
        return NULL;

    a->live_bytes += new_bytes - old_bytes;
    a->live_blocks += (new_bytes > 0) - (size_t)(old != NULL);
    if (a->live_bytes > a->peak_bytes)
        a->peak_bytes = a->live_bytes;
    if (new_bytes == 0) {
        free(old);
        return NULL;
    }
    block = malloc(sizeof *block + new_bytes); /* always moves: stale pointers show */
    assert_non_null(block);
    block->bytes = new_bytes;
    if (old)
        memcpy(block + 1, at, old_bytes < new_bytes ? old_bytes : new_bytes);
    free(old);
    return block + 1;
}

void failing_allocator_init(struct failing_allocator *a, size_t fail_at)
{
    *a = (struct failing_allocator){ .base = { checked_resize }, .fail_at = fail_at };
}

void fail_each_allocation(bool (*body)(struct allocator *from, void *argument), void *argument)
{
    for (size_t fail_at = 1;; fail_at++) {
        struct failing_allocator a;
        bool done;

        failing_allocator_init(&a, fail_at);
        done = body(&a.base, argument);
        assert_int_equal(a.live_blocks, 0);
        assert_int_equal(a.live_bytes, 0);
        assert_int_equal(done, a.calls < fail_at);
        if (done)
            return;
    }
}
