#include "support/guard.h"

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "support/test.h"

struct guarded guard_copy(const void *bytes, size_t len)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t readable = (len / page + 1) * page;
    char *map =
        mmap(NULL, readable + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    struct guarded g = { .len = len, .map = map, .map_bytes = readable + page };

    assert_true(map != MAP_FAILED);
    assert_int_equal(mprotect(map + readable, page, PROT_NONE), 0);
    g.at = map + readable - len;
    if (len > 0)
        memcpy(g.at, bytes, len);
    return g;
}

void guard_release(struct guarded *g)
{
    assert_int_equal(munmap(g->map, g->map_bytes), 0);
    *g = (struct guarded){ 0 };
}
