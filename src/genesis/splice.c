#include "genesis/splice.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/interrupt.h"

#define MEMORY_MAX ((size_t)256 << 20)
#define PIECE_BYTES ((size_t)256 << 10)

void splices_init(struct splices *s)
{
    *s = (struct splices){ .at = NULL };
    arena_init(&s->memory, allocator_libc(), MEMORY_MAX);
}

void splices_release(struct splices *s)
{
    arena_release(&s->memory);
    alloc_free(allocator_libc(), s->at, s->cap * sizeof *s->at);
    *s = (struct splices){ .at = NULL };
}

enum ou_status splices_add(struct splices *s, uint64_t from, uint64_t to, struct span text)
{
    void *at = s->at;
    char *copy;

    if (s->count == SPLICES_MAX || !arena_has_room(&s->memory, text.len + 1, 1))
        return OU_TOO_LARGE;
    if (!array_reserve(allocator_libc(), &at, &s->cap, s->count + 1, sizeof *s->at, SPLICES_MAX))
        return OU_NO_MEMORY;
    s->at = at;
    copy = arena_copy(&s->memory, text.at ? text.at : "", text.len);
    if (!copy)
        return OU_NO_MEMORY;
    s->at[s->count++] = (struct splice){ from, to, { copy, text.len } };
    return OU_OK;
}

/* ---- writing ---- */

struct copy {
    int fd;
    const char *path;
    char *room; /* PIECE_BYTES */
    struct out_file out;
    struct ou_error *err;
};

/* Bytes from..to as they are, up to the end of the file where to is UINT64_MAX. */
static enum ou_status copy_bytes(struct copy *c, uint64_t from, uint64_t to)
{
    while (from < to) {
        const size_t wanted = to - from < PIECE_BYTES ? (size_t)(to - from) : PIECE_BYTES;
        const ssize_t got = pread(c->fd, c->room, wanted, (off_t)from);

        if (interrupt_pending())
            return ou_fail(c->err, OU_INTERRUPTED, "read %s: interrupted", c->path);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ou_fail(c->err, OU_IO, "read %s: %s", c->path, strerror(errno));
        if (got == 0 && to == UINT64_MAX)
            return OU_OK;
        if (got == 0)
            return ou_fail(c->err, OU_IO, "read %s: it became shorter meanwhile", c->path);
        out_write(&c->out, c->room, (size_t)got);
        from += (uint64_t)got;
    }
    return OU_OK;
}

static enum ou_status copy_all(struct copy *c, const struct splices *s)
{
    uint64_t from = 0;
    enum ou_status status = OU_OK;

    for (size_t i = 0; i < s->count && !status; i++) {
        status = copy_bytes(c, from, s->at[i].from);
        if (s->at[i].text.len)
            out_write(&c->out, s->at[i].text.at, s->at[i].text.len);
        from = s->at[i].to;
    }
    return status ? status : copy_bytes(c, from, UINT64_MAX);
}

enum ou_status splices_write(const struct splices *s, int fd, const char *path, const char *to,
                             struct ou_error *err)
{
    struct copy c = { .fd = fd, .path = path, .err = err, .out = { .fd = -1 } };
    enum ou_status status = out_open(&c.out, to, err);

    if (status)
        return status;
    c.room = malloc(PIECE_BYTES);
    status = c.room ? copy_all(&c, s) : ou_fail(err, OU_NO_MEMORY, "write %s: no memory", to);
    if (!status)
        status = out_commit(&c.out, err);
    out_release(&c.out);
    free(c.room);
    return status;
}
