#include "genesis/bulk.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "chain/key_file.h"
#include "json/tree.h"

/* Of one pool some 1.8 kB. */
#define POOL_BYTES 4096

static enum ou_status add_file(const char *directory, uint32_t pool, const char *name,
                               json_t *triple, struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *envelope = NULL;
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/keys/pool%u/%s", directory, pool + 1, name) >=
        (int)sizeof path)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    status = json_tree_load(path, KEY_FILE_MAX_BYTES, &envelope, err);
    if (!status && json_array_append_new(triple, envelope) != 0)
        status = ou_fail(err, OU_NO_MEMORY, "%s: no memory", path);
    return status;
}

static enum ou_status add_pool(const char *directory, uint32_t pool, json_t *list,
                               struct ou_error *err)
{
    static const char *const names[] = { "opcert.cert", "vrf.skey", "kes.skey" };
    json_t *triple = json_array();
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < sizeof names / sizeof *names; i++)
        status = add_file(directory, pool, names[i], triple, err);
    if (json_array_append_new(list, triple) != 0 && !status)
        status = ou_fail(err, OU_NO_MEMORY, "%s/keys: no memory", directory);
    return status;
}

/* Secret from its birth on. */
static enum ou_status save_secret(const char *path, const json_t *list, struct ou_error *err)
{
    struct buffer text;
    struct out_file file = { 0 };
    enum ou_status status;

    buffer_init(&text, allocator_libc(), (json_array_size(list) + 1) * POOL_BYTES);
    json_tree_append(&text, list);
    buffer_char(&text, '\n');
    status = buffer_status(&text);
    if (status)
        ou_fail(err, status, "write %s: %s", path, ou_status_name(status));
    else
        status = out_open(&file, path, err);
    if (!status && fchmod(file.fd, S_IRUSR | S_IWUSR) < 0)
        status = ou_fail(err, OU_IO, "write %s: make it secret: %s", path, strerror(errno));
    if (!status) {
        out_write(&file, text.at, text.len);
        status = out_commit(&file, err);
    }
    out_release(&file);
    buffer_release(&text);
    return status;
}

static enum ou_status write_host(const struct node_spec *host, const char *directory,
                                 struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *list;
    enum ou_status status = OU_OK;

    if (snprintf(path, sizeof path, "%s/keys/bulk-%s.creds", directory, host->name) >=
        (int)sizeof path)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", directory);
    list = json_array();
    for (uint32_t i = 0; !status && i < host->pools; i++)
        status = add_pool(directory, host->first_pool + i, list, err);
    if (!status)
        status = save_secret(path, list, err);
    json_decref(list);
    return status;
}

enum ou_status genesis_write_bulk(const struct profile *p, const char *directory,
                                  struct ou_error *err)
{
    enum ou_status status = OU_OK;

    for (size_t i = 0; !status && i < p->spec_count; i++)
        if (p->specs[i].pools > 1)
            status = write_host(&p->specs[i], directory, err);
    return status;
}
