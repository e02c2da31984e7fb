#include "workbench/genesis_hash.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <unistd.h>

#include "json/tree.h"

#define READ_BYTES 65536
#define BYRON_MAX_BYTES ((size_t)64 << 20) /* mainnet's has 1 MB */

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

enum ou_status genesis_hash_byron(const char *path, uint8_t ret[HASH_BYTES], struct ou_error *err)
{
    json_t *tree;
    char *text;
    enum ou_status status = json_tree_load(path, BYRON_MAX_BYTES, &tree, err);

    if (status)
        return status;
    text = json_dumps(tree, JSON_SORT_KEYS | JSON_COMPACT);
    json_decref(tree);
    if (!text)
        return ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    hash256(bytes_of_span(span_of(text)), ret);
    free(text);
    return OU_OK;
}
