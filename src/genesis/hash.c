#include "genesis/hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "genesis/canonical.h"

#define READ_BYTES 65536

static enum ou_status hash_stream(int fd, const char *path, uint8_t ret[HASH_BYTES],
                                  struct ou_error *err)
{
    crypto_generichash_state state;
    uint8_t piece[READ_BYTES];
    ssize_t got;

    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    while ((got = read(fd, piece, sizeof piece)) != 0) {
        if (got > 0)
            crypto_generichash_update(&state, piece, (size_t)got);
        else if (errno != EINTR)
            return ou_fail(err, OU_IO, "read %s: %s", path, strerror(errno));
    }
    crypto_generichash_final(&state, ret, HASH_BYTES);
    return OU_OK;
}

enum ou_status genesis_hash_file(const char *path, uint8_t ret[HASH_BYTES], struct ou_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum ou_status status;

    if (fd < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "open %s: %s", path,
                       strerror(errno));
    status = hash_stream(fd, path, ret, err);
    close(fd);
    return status;
}

/* Pieces of canonical JSON are short: they are gathered. The state stands apart, because it would align all of this to 64 bytes, which
 * the stack of gcc's address sanitizer does not keep. */
struct gathered {
    crypto_generichash_state *state;
    uint8_t piece[4096];
    size_t len;
};

static void gather(void *context, struct bytes piece)
{
    struct gathered *g = context;

    if (piece.count > sizeof g->piece - g->len) {
        crypto_generichash_update(g->state, g->piece, g->len);
        g->len = 0;
    }
    if (piece.count > sizeof g->piece) {
        crypto_generichash_update(g->state, piece.at, piece.count);
    } else {
        memcpy(g->piece + g->len, piece.at, piece.count);
        g->len += piece.count;
    }
}

enum ou_status genesis_hash_byron(const char *path, uint8_t ret[HASH_BYTES], struct ou_error *err)
{
    crypto_generichash_state state;
    struct gathered g = { .state = &state };
    enum ou_status status;

    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    status = genesis_canonical(path, gather, &g, err);
    if (status)
        return status;
    crypto_generichash_update(&state, g.piece, g.len);
    crypto_generichash_final(&state, ret, HASH_BYTES);
    return OU_OK;
}
