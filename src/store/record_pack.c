#include <zstd.h>

#include "store/records.h"

/* The usual level: analysis files become a fifth of their size at some 200 MB/s. */
#define PACK_LEVEL 3

enum ou_status record_pack(struct span bytes, struct buffer *ret, struct ou_error *err)
{
    size_t room = ZSTD_compressBound(bytes.len), len;
    char *into = ZSTD_isError(room) ? NULL : buffer_room(ret, room);

    if (!into)
        return ou_fail(err, buffer_status(ret) ? buffer_status(ret) : OU_TOO_LARGE,
                       "%zu bytes are too many to be packed", bytes.len);
    len = ZSTD_compress(into, room, bytes.at, bytes.len, PACK_LEVEL);
    if (ZSTD_isError(len))
        return ou_fail(err, OU_NO_MEMORY, "no memory to pack %zu bytes", bytes.len);
    buffer_added(ret, len);
    return OU_OK;
}

/* Frames of this database tell their length; what does not, or lies, was not written by record_pack(). */
enum ou_status record_unpack(struct span packed, struct buffer *ret, struct ou_error *err)
{
    unsigned long long length = ZSTD_getFrameContentSize(packed.at, packed.len);
    char *into;
    size_t got;

    if (length == ZSTD_CONTENTSIZE_ERROR || length == ZSTD_CONTENTSIZE_UNKNOWN)
        return ou_fail(err, OU_INVALID, "a blob of the database is damaged: no Zstandard frame");
    if (length > ret->max - ret->len)
        return ou_fail(err, OU_TOO_LARGE, "a blob of the database has %llu bytes, above %zu",
                       length, ret->max - ret->len);
    if (length == 0)
        return OU_OK;
    into = buffer_room(ret, (size_t)length);
    if (!into)
        return ou_fail(err, OU_NO_MEMORY, "no memory to unpack %llu bytes", length);
    got = ZSTD_decompress(into, (size_t)length, packed.at, packed.len);
    if (ZSTD_isError(got) || got != length)
        return ou_fail(err, OU_INVALID, "a blob of the database is damaged: %s",
                       ZSTD_isError(got) ? ZSTD_getErrorName(got) : "it is cut");
    buffer_added(ret, got);
    return OU_OK;
}
