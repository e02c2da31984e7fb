/* Any bytes as the records of a file of blocks. What is handed over lies in a row from the
 * file's start to where the damage is told, and a file cut there has the same records and no
 * damage. */
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "node/block_store.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MUST(property)   \
    do {                 \
        if (!(property)) \
            abort();     \
    } while (0)

struct seen {
    uint64_t count, next, sum;
};

static enum ou_status see(void *context, enum record_kind kind, uint64_t offset,
                          struct bytes payload, struct ou_error *err)
{
    struct seen *seen = context;

    (void)err;
    MUST(kind >= RECORD_BLOCK && kind <= RECORD_INVALID);
    MUST(offset == seen->next && payload.count <= BLOCK_MAX_BYTES);
    for (size_t i = 0; i < payload.count; i++)
        seen->sum = seen->sum * 31 + payload.at[i];
    seen->next = offset + 16 + payload.count;
    seen->count++;
    return OU_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    struct seen first = { 0 }, again = { 0 };
    struct block_store_damage damage = { 0 };
    struct ou_error err = { "" };

    if (fd < 0) {
        fd = memfd_create("blocks", MFD_CLOEXEC);
        MUST(fd >= 0 && chain_crypto_start(&err) == OU_OK);
    }
    MUST(ftruncate(fd, 0) == 0 && pwrite(fd, data, size, 0) == (ssize_t)size);
    MUST(block_store_scan(fd, 0, see, &first, &damage, &err) == OU_OK);
    MUST(damage.at == first.next && damage.at + damage.cut_bytes == size);
    MUST((damage.what != NULL) == (damage.cut_bytes > 0));
    MUST(damage.records_behind * 16 <= damage.cut_bytes);
    MUST(ftruncate(fd, (off_t)damage.at) == 0);
    MUST(block_store_scan(fd, 0, see, &again, &damage, &err) == OU_OK);
    MUST(!damage.what && again.count == first.count && again.sum == first.sum);
    return 0;
}
