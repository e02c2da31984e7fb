/* An allocator that counts, checks and, on request, fails.
 *
 * It asserts that each block is moved and given back with the size it was taken
 * with, which the C library's free() would never notice. */
#ifndef OU_SUPPORT_FAILING_ALLOCATOR_H
#define OU_SUPPORT_FAILING_ALLOCATOR_H

#include <stdbool.h>
#include <stddef.h>

#include "base/alloc.h"

struct failing_allocator {
    struct allocator base; /* first: what code under test is handed */
    size_t calls;          /* for memory; giving back does not count */
    size_t fail_at;        /* the call that fails, from 1; 0 for none */
    size_t live_blocks, live_bytes, peak_bytes;
};

void failing_allocator_init(struct failing_allocator *a, size_t fail_at);

/* Runs body with the first allocation failing, then the second ..., until it
 * runs through without one. body says whether it succeeded: asserted are false
 * after each failed allocation, true in the end, and that every run gives all
 * its memory back. */
void fail_each_allocation(bool (*body)(struct allocator *from, void *argument), void *argument);

#endif
