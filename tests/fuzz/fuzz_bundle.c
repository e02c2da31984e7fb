/* Any bytes as a bundle that is unpacked. The first byte says whether the rest is the file as it stands, or a tar that is put into
 * blocks of Zstandard that compress nothing, so that headers can be reached. Nothing is ever written beside the folder, nothing
 * in it is a link, and no limit is passed. */
#include <ftw.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "memory_file.h"
#include "storage/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define FRAME_BLOCK_BYTES ((size_t)128 << 10) /* RFC 8878: a block has no more */

static const struct bundle_limits LIMITS = { .content_bytes = 65536,
                                             .files = 16,
                                             .file_bytes = 40000 };
static uint64_t found_bytes, found;

static int count_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)path;
    if (at->level == 0)
        return 0;
    MUST(kind == FTW_F || kind == FTW_D);
    MUST((st->st_mode & 077) == 0);
    found++;
    found_bytes += kind == FTW_F ? (uint64_t)st->st_size : 0;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at)
{
    (void)st;
    (void)kind;
    return at->level == 0 ? 0 : remove(path);
}

/* WORLD/out, and nothing else in WORLD. */
static void check_and_empty(const char *world, const char *out)
{
    struct stat st;

    found = found_bytes = 0;
    MUST(nftw(out, count_one, 16, FTW_PHYS) == 0);
    MUST(found <= LIMITS.files && found_bytes <= LIMITS.content_bytes);
    MUST(nftw(out, remove_one, 16, FTW_PHYS | FTW_DEPTH) == 0);
    MUST(stat(world, &st) == 0 && st.st_nlink == 3);
}

static uint8_t *put(uint8_t *at, uint32_t value, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++)
        *at++ = (uint8_t)(value >> (8 * i));
    return at;
}

/* A frame of raw blocks (RFC 8878, 3.1.1): magic, a window of 128 KiB, blocks with their sizes. */
static size_t frame(const uint8_t *tar, size_t size, uint8_t *ret)
{
    uint8_t *at = put(ret, 0xfd2fb528, 4);

    at = put(at, 0x3800, 2); /* no checksum, no size told; exponent 7 */
    do {
        const size_t len = size < FRAME_BLOCK_BYTES ? size : FRAME_BLOCK_BYTES;

        at = put(at, (uint32_t)len << 3 | (len == size), 3);
        memcpy(at, tar, len);
        at += len;
        tar += len;
        size -= len;
    } while (size > 0);
    return (size_t)(at - ret);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t framed[GUARDED_MAX + 1024];
    static struct memory_file file;
    static char world[] = "/tmp/ouroscope-fuzz-XXXXXX", out[64];

    if (!*out) {
        file = memory_file_new("bundle");
        MUST(mkdtemp(world));
        (void)snprintf(out, sizeof out, "%s/out", world);
    }
    if (size < 2 || size > GUARDED_MAX)
        return 0;
    MUST(mkdir(world, 0700) == 0 || access(world, F_OK) == 0);
    MUST(mkdir(out, 0700) == 0);
    if (*data & 1)
        memory_file_fill(&file, data + 1, size - 1);
    else
        memory_file_fill(&file, framed, frame(data + 1, size - 1, framed));
    (void)bundle_unpack(file.path, out, &LIMITS, NULL, NULL);
    check_and_empty(world, out);
    MUST(rmdir(out) == 0 && rmdir(world) == 0);
    return 0;
}
