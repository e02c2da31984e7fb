#include "chain/genesis_trim.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/interrupt.h"

#define READ_BYTES 65536
#define NAME_ROOM 16 /* no name that is looked for is as long */

/* Where the walk over the text is. */
struct trimming {
    struct buffer *out;
    uint64_t depth; /* of brackets */
    bool in_string, escaped;
    bool skipping;        /* inside of a large member */
    char name[NAME_ROOM]; /* the last text at depth 1: the name of the member whose value follows */
    size_t name_len;      /* may exceed the room */
    bool named;           /* it was a name: a colon followed */
};

static bool is_large(const struct trimming *t)
{
    static const char *const large[] = { "initialFunds", "staking" };

    for (size_t i = 0; i < sizeof large / sizeof *large; i++)
        if (t->name_len == strlen(large[i]) && memcmp(t->name, large[i], t->name_len) == 0)
            return true;
    return false;
}

static void in_string(struct trimming *t, char c)
{
    if (t->escaped) {
        t->escaped = false;
    } else if (c == '\\') {
        t->escaped = true;
    } else if (c == '"') {
        t->in_string = false;
        return;
    }
    if (t->depth == 1 && t->name_len < NAME_ROOM)
        t->name[t->name_len] = c;
    t->name_len++;
}

/* Brackets and quotation marks; true for the one that ends what is skipped. */
static bool outside_strings(struct trimming *t, char c)
{
    if (c == '"') {
        t->in_string = true;
        t->named = false;
        t->name_len = 0;
    } else if (c == ':') {
        t->named = true;
    } else if (c == '{' || c == '[') {
        t->depth++;
    } else if ((c == '}' || c == ']') && t->depth > 0) {
        t->depth--;
    }
    return t->skipping && t->depth == 1;
}

static void take(struct trimming *t, char c)
{
    const bool begins =
        !t->in_string && !t->skipping && c == '{' && t->depth == 1 && t->named && is_large(t);
    bool ends = false;

    if (t->in_string)
        in_string(t, c);
    else
        ends = outside_strings(t, c);
    if (!t->skipping || ends || c == '\n')
        buffer_char(t->out, c);
    if (begins)
        t->skipping = true;
    if (ends)
        t->skipping = false;
}

static enum ou_status read_all(int fd, const char *path, struct trimming *t, struct ou_error *err)
{
    char piece[READ_BYTES];
    ssize_t got;

    while (!buffer_status(t->out) && (got = read(fd, piece, sizeof piece)) != 0) {
        if (interrupt_pending())
            return ou_fail(err, OU_INTERRUPTED, "read %s: interrupted", path);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return ou_fail(err, OU_IO, "read %s: %s", path, strerror(errno));
        for (ssize_t i = 0; i < got; i++)
            take(t, piece[i]);
    }
    if (buffer_status(t->out))
        return ou_fail(err, buffer_status(t->out),
                       "read %s: without its funds it is larger than the limit of %zu bytes", path,
                       t->out->max);
    return OU_OK;
}

enum ou_status genesis_read_trimmed(const char *path, struct buffer *ret, struct ou_error *err)
{
    struct trimming t = { .out = ret };
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    enum ou_status status;

    if (fd < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", path,
                       strerror(errno));
    status = read_all(fd, path, &t, err);
    close(fd);
    return status;
}
