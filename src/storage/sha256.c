#include <errno.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/digits.h"
#include "storage/sigv4.h"

#define PIECE_BYTES ((size_t)256 << 10)

static void to_hex(const unsigned char hash[SHA256_BYTES], char ret[SHA256_HEX])
{
    ret[digits_hex(hash, 2 * (size_t)SHA256_BYTES, ret)] = '\0';
}

void sha256_hex(struct span bytes, char ret[SHA256_HEX])
{
    unsigned char hash[SHA256_BYTES];

    crypto_hash_sha256(hash, (const unsigned char *)(bytes.at ? bytes.at : ""), bytes.len);
    to_hex(hash, ret);
}

/* The next piece, at most `room` bytes; 0: the file has ended. */
static enum ou_status read_piece(int fd, uint64_t offset, unsigned char *out, size_t room,
                                 const char *name, size_t *ret, struct ou_error *err)
{
    ssize_t got;

    do
        got = pread(fd, out, room, (off_t)offset);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return ou_fail(err, OU_IO, "%s: %s", name, strerror(errno));
    if (got == 0)
        return ou_fail(err, OU_IO, "%s: it became shorter while it was read", name);
    *ret = (size_t)got;
    return OU_OK;
}

enum ou_status sha256_of_file(int fd, uint64_t offset, uint64_t bytes, const char *name,
                              char ret[SHA256_HEX], struct ou_error *err)
{
    crypto_hash_sha256_state state;
    unsigned char hash[SHA256_BYTES];
    unsigned char *piece = malloc(PIECE_BYTES);
    enum ou_status status = OU_OK;

    if (!piece)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory to read it", name);
    crypto_hash_sha256_init(&state);
    for (uint64_t done = 0; !status && done < bytes;) {
        uint64_t left = bytes - done;
        size_t got = 0;

        status = read_piece(fd, offset + done, piece,
                            left < PIECE_BYTES ? (size_t)left : PIECE_BYTES, name, &got, err);
        crypto_hash_sha256_update(&state, piece, got);
        done += got;
    }
    free(piece);
    crypto_hash_sha256_final(&state, hash);
    to_hex(hash, ret);
    return status;
}
