#include "node/ledger_snapshot.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"

/* A file: MAGIC, the block's hash, b256 of what follows, the ledger as ledger_snapshot_write()
 * has it. */
enum { MAGIC_BYTES = 8, HEAD_BYTES = MAGIC_BYTES + 2 * HASH_BYTES };

static const char magic[MAGIC_BYTES + 1] = "OULEDGR1";

static enum ou_status snapshot_path(const char *directory, uint64_t number, char ret[PATH_MAX],
                                    struct ou_error *err)
{
    int len = snprintf(ret, PATH_MAX, "%s/ledger-%llu", directory, (unsigned long long)number);

    if (len < 0 || len >= PATH_MAX)
        return ou_fail(err, OU_IO, "%.80s...: %s", directory, strerror(ENAMETOOLONG));
    return OU_OK;
}

/* --- The list --------------------------------------------------------------------------------- */

static bool number_of_name(const char *name, uint64_t *ret)
{
    char *end;

    if (strncmp(name, "ledger-", 7) != 0 || name[7] < '0' || name[7] > '9')
        return false;
    errno = 0;
    *ret = strtoull(name + 7, &end, 10);
    return errno == 0 && *end == '\0';
}

static bool head_is_proper(const char *path, uint8_t ret_block[HASH_BYTES])
{
    uint8_t head[HEAD_BYTES];
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    bool proper = fd >= 0 && read(fd, head, sizeof head) == (ssize_t)sizeof head &&
                  memcmp(head, magic, MAGIC_BYTES) == 0;

    if (proper)
        memcpy(ret_block, head + MAGIC_BYTES, HASH_BYTES);
    if (fd >= 0)
        close(fd);
    return proper;
}

/* Puts it where it belongs, from the newest down. */
static void list_add(struct snapshot_list *list, const struct snapshot *s)
{
    size_t at = 0;

    while (at < list->count && list->at[at].number > s->number)
        at++;
    if (at == SNAPSHOTS_MAX)
        return;
    if (list->count < SNAPSHOTS_MAX)
        list->count++;
    memmove(&list->at[at + 1], &list->at[at], (list->count - 1 - at) * sizeof *list->at);
    list->at[at] = *s;
}

enum ou_status snapshot_list(const char *directory, struct snapshot_list *ret, struct ou_error *err)
{
    struct snapshot_list list = { .count = 0 };
    const struct dirent *entry;
    char path[PATH_MAX];
    DIR *dir = opendir(directory);

    if (!dir)
        return ou_fail(err, OU_IO, "open %s: %s", directory, strerror(errno));
    while ((entry = readdir(dir))) {
        struct snapshot s;

        if (strncmp(entry->d_name, ".ledger-", 8) == 0) /* out_open()'s name of an unfinished one */
            unlinkat(dirfd(dir), entry->d_name, 0);
        else if (number_of_name(entry->d_name, &s.number) &&
                 snapshot_path(directory, s.number, path, NULL) == OU_OK &&
                 head_is_proper(path, s.block))
            list_add(&list, &s);
    }
    closedir(dir);
    *ret = list;
    return OU_OK;
}

/* --- One of them ------------------------------------------------------------------------------ */

enum ou_status snapshot_save(const char *directory, const struct snapshot *as,
                             const struct ledger *ledger, struct ou_error *err)
{
    char path[PATH_MAX];
    struct buffer b;
    struct out_file out;
    uint8_t hash[HASH_BYTES];
    enum ou_status status = snapshot_path(directory, as->number, path, err);

    if (status)
        return status;
    buffer_init(&b, allocator_libc(), SNAPSHOT_MAX_BYTES);
    ledger_snapshot_write(ledger, &b);
    status = buffer_status(&b);
    if (status) {
        status = ou_fail(err, status, "snapshot of the ledger: %s", ou_status_name(status));
        goto out;
    }
    hash256(bytes_of(&b), hash);
    status = out_open(&out, path, err);
    if (status)
        goto out;
    out_write(&out, magic, MAGIC_BYTES);
    out_write(&out, as->block, HASH_BYTES);
    out_write(&out, hash, HASH_BYTES);
    out_write(&out, b.at, b.len);
    status = out_commit(&out, err);
    out_release(&out);
out:
    buffer_release(&b);
    return status;
}

static enum ou_status read_checked(struct bytes file, const struct snapshot *which,
                                   const struct genesis_ledger *genesis, struct ledger **ret,
                                   struct ou_error *err)
{
    uint8_t hash[HASH_BYTES];
    struct bytes state;

    if (file.count < HEAD_BYTES || memcmp(file.at, magic, MAGIC_BYTES) != 0 ||
        memcmp(file.at + MAGIC_BYTES, which->block, HASH_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "it is no snapshot of that block");
    state = (struct bytes){ file.at + HEAD_BYTES, file.count - HEAD_BYTES };
    hash256(state, hash);
    if (memcmp(file.at + MAGIC_BYTES + HASH_BYTES, hash, HASH_BYTES) != 0)
        return ou_fail(err, OU_INVALID, "it does not fit its checksum");
    return ledger_snapshot_read(state, genesis, ret, err);
}

enum ou_status snapshot_load(const char *directory, const struct snapshot *which,
                             const struct genesis_ledger *genesis, struct ledger **ret,
                             struct ou_error *err)
{
    char path[PATH_MAX];
    struct ou_error why = { "" };
    struct buffer b;
    enum ou_status status = snapshot_path(directory, which->number, path, err);

    if (status)
        return status;
    buffer_init(&b, allocator_libc(), HEAD_BYTES + SNAPSHOT_MAX_BYTES);
    status = file_read(path, &b, err);
    if (!status) {
        status = read_checked(bytes_of(&b), which, genesis, ret, &why);
        if (status)
            status = ou_fail(err, status, "read %s: %s", path, why.text);
    }
    buffer_release(&b);
    return status;
}

void snapshot_remove(const char *directory, uint64_t number)
{
    char path[PATH_MAX];

    if (snapshot_path(directory, number, path, NULL) == OU_OK)
        unlink(path);
}
