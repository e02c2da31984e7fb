#include <strings.h>
#include <zlib.h>
#include <zstd.h>
#include <zstd_errors.h>

#include "http/coding.h"
#include "http/params.h"

/* What is unpacked between two looks at the limit. */
#define PIECE_BYTES ((size_t)32 << 10)
/* Zstandard's of HTTP (RFC 9659): a window of 8 MiB. */
enum { WINDOW_LOG_MAX = 23, GZIP_FORMAT = 16 };

static enum ou_status put(struct buffer *ret, const char *piece, size_t count, struct ou_error *err)
{
    if (count > ret->max - ret->len)
        return ou_fail(err, OU_TOO_LARGE, "the body is larger than %zu bytes when it is unpacked",
                       ret->max);
    buffer_append(ret, piece, count);
    return buffer_status(ret) ? ou_fail(err, buffer_status(ret), "the body: no memory") : OU_OK;
}

static enum ou_status broken(const char *coding, const char *how, struct ou_error *err)
{
    return ou_fail(err, OU_INVALID, "the body is not %s: %s", coding, how);
}

/* --- gzip --------------------------------------------------------------------------------------------- */

/* A file is one member, or several behind one another (RFC 1952, 2.2). */
static enum ou_status inflate_members(z_stream *z, struct buffer *ret, struct ou_error *err)
{
    char piece[PIECE_BYTES];
    enum ou_status status;

    for (;;) {
        int result;

        z->next_out = (Bytef *)piece;
        z->avail_out = PIECE_BYTES;
        result = inflate(z, Z_NO_FLUSH);
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            return broken("gzip", z->msg ? z->msg : "it cannot be read", err);
        status = put(ret, piece, PIECE_BYTES - z->avail_out, err);
        if (status)
            return status;
        if (result == Z_STREAM_END && z->avail_in == 0)
            return OU_OK;
        if (result == Z_STREAM_END)
            inflateReset(z);
        else if (z->avail_out == PIECE_BYTES && z->avail_in == 0)
            return broken("gzip", "its end is missing", err);
    }
}

static enum ou_status unpack_gzip(struct span body, struct buffer *ret, struct ou_error *err)
{
    z_stream z = { .next_in = (Bytef *)body.at, .avail_in = (uInt)body.len };
    enum ou_status status;

    if (body.len > UINT32_MAX)
        return ou_fail(err, OU_TOO_LARGE, "the body has 4 GiB and more");
    if (inflateInit2(&z, MAX_WBITS + GZIP_FORMAT) != Z_OK)
        return ou_fail(err, OU_NO_MEMORY, "the body: no memory");
    status = inflate_members(&z, ret, err);
    inflateEnd(&z);
    return status;
}

/* --- Zstandard ---------------------------------------------------------------------------------------- */

static enum ou_status failed_zstd(size_t result, struct ou_error *err)
{
    switch (ZSTD_getErrorCode(result)) {
    case ZSTD_error_memory_allocation: return ou_fail(err, OU_NO_MEMORY, "the body: no memory");
    case ZSTD_error_frameParameter_windowTooLarge:
        return ou_fail(err, OU_TOO_LARGE, "the body is zstd with a window of more than 8 MiB");
    default: return broken("zstd", ZSTD_getErrorName(result), err);
    }
}

/* Frames behind one another are one text. */
static enum ou_status decompress_frames(ZSTD_DCtx *context, struct span body, struct buffer *ret,
                                        struct ou_error *err)
{
    ZSTD_inBuffer in = { body.at, body.len, 0 };
    char piece[PIECE_BYTES];
    size_t result;
    bool full;

    do {
        ZSTD_outBuffer out = { piece, PIECE_BYTES, 0 };
        enum ou_status status;

        result = ZSTD_decompressStream(context, &out, &in);
        if (ZSTD_isError(result))
            return failed_zstd(result, err);
        status = put(ret, piece, out.pos, err);
        if (status)
            return status;
        full = out.pos == PIECE_BYTES && result > 0;
    } while (in.pos < in.size || full);
    return result ? broken("zstd", "its end is missing", err) : OU_OK;
}

static enum ou_status unpack_zstd(struct span body, struct buffer *ret, struct ou_error *err)
{
    ZSTD_DCtx *context = ZSTD_createDCtx();
    enum ou_status status;

    if (!context)
        return ou_fail(err, OU_NO_MEMORY, "the body: no memory");
    ZSTD_DCtx_setParameter(context, ZSTD_d_windowLogMax, WINDOW_LOG_MAX);
    status = decompress_frames(context, body, ret, err);
    ZSTD_freeDCtx(context);
    return status;
}

/* ------------------------------------------------------------------------------------------------------- */

/* The one coding that is not "identity"; NULL: none. False: several, one in another. */
static bool coding_of(const struct http_call *call, const char **ret)
{
    const struct http_fields *headers = &call->args->headers;

    *ret = NULL;
    for (size_t i = 0; i < headers->count; i++) {
        const struct http_field *h = &headers->at[i];

        if (strcasecmp(h->name, "Content-Encoding") != 0 || strcasecmp(h->value, "identity") == 0 ||
            *h->value == '\0')
            continue;
        if (*ret)
            return false;
        *ret = h->value;
    }
    return true;
}

enum ou_status coding_unpack(const struct http_call *call, struct buffer *ret, struct ou_error *err)
{
    const char *coding;

    if (!coding_of(call, &coding))
        return ou_fail(err, OU_USAGE, "the body is packed several times; pack it once");
    if (!coding)
        return call->body.len ? put(ret, call->body.at, call->body.len, err) : OU_OK;
    if (strcasecmp(coding, "gzip") == 0 || strcasecmp(coding, "x-gzip") == 0)
        return unpack_gzip(call->body, ret, err);
    if (strcasecmp(coding, "zstd") == 0)
        return unpack_zstd(call->body, ret, err);
    return ou_fail(err, OU_USAGE,
                   "Content-Encoding \"%s\" is not known; send the body as gzip, zstd or as it is",
                   coding);
}
