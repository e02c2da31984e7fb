/* deployment.json: see docs/formats/deployment.md. It has keys, so it is private from its first byte on. */
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "cluster/deployment.h"
#include "json/tree.h"

#define SCHEMA 1
#define FILE_BYTES_MAX ((size_t)16 << 20)
#define DOCUMENT_BYTES_MAX ((size_t)64 << 20)
#define FILE_NAME "deployment.json"

/* ---- private files ---- */

static enum ou_status write_whole(const char *part, const struct buffer *text, struct ou_error *err)
{
    int fd;
    enum ou_status status;

    unlink(part);
    fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return ou_fail(err, OU_IO, "open %s: %s", part, strerror(errno));
    status = fd_write_all(fd, text->at, text->len, err);
    /* What it speaks of may cost money: it is to be there also after a power cut. */
    if (!status && fsync(fd) < 0)
        status = ou_fail(err, OU_IO, "write %s: %s", part, strerror(errno));
    close(fd);
    return status;
}

static enum ou_status put_in_place(const char *part, const char *path, struct ou_error *err)
{
    return rename(part, path) == 0 ? OU_OK
                                   : ou_fail(err, OU_IO, "rename to %s: %s", path, strerror(errno));
}

static enum ou_status save_text(const struct deployment *d, const char *name,
                                const struct buffer *text, struct ou_error *err)
{
    char path[PATH_MAX], part[PATH_MAX + 8];
    enum ou_status status = deployment_path(d, name, path, err);

    if (status)
        return status;
    snprintf(part, sizeof part, "%s.part", path);
    status = write_whole(part, text, err);
    if (!status)
        status = put_in_place(part, path, err);
    if (status)
        unlink(part);
    return status;
}

enum ou_status deployment_save_document(const struct deployment *d, const char *name,
                                        const json_t *document, struct ou_error *err)
{
    struct buffer text;
    enum ou_status status;

    buffer_init(&text, allocator_libc(), DOCUMENT_BYTES_MAX);
    json_tree_append(&text, document);
    buffer_char(&text, '\n');
    status = buffer_status(&text) ? ou_fail(err, buffer_status(&text), "%s/%s: %s", d->folder, name,
                                            "the document is too large")
                                  : save_text(d, name, &text, err);
    if (text.at)
        sodium_memzero(text.at, text.len);
    buffer_release(&text);
    return status;
}

/* ---- writing ---- */

static json_t *seed_text(const struct deployment *d, const unsigned char seed[ENVELOPE_SEED_BYTES])
{
    char hex[2 * ENVELOPE_SEED_BYTES + 1] = "";
    json_t *text;

    if (!d->has_left) /* nobody is there any more who would listen to it */
        sodium_bin2hex(hex, sizeof hex, seed, ENVELOPE_SEED_BYTES);
    text = json_string(hex);
    sodium_memzero(hex, sizeof hex);
    return text;
}

static json_t *site_document(const struct host_site *site)
{
    return json_pack("{s:s, s:s, s:i, s:s, s:s}", "allocation", site->allocation, "address",
                     site->address, "port", (int)site->port, "directory",
                     site->directory ? site->directory : "", "program",
                     site->program ? site->program : "");
}

static json_t *hosts_document(const struct deployment *d)
{
    json_t *hosts = json_array();

    for (size_t i = 0; i < d->host_count; i++) {
        const struct deployed_host *h = &d->hosts[i];

        json_array_append_new(hosts,
                              json_pack("{s:s, s:o, s:i, s:b, s:o}", "name", h->name, "seed",
                                        seed_text(d, h->seed), "attempt", (int)h->attempt,
                                        "fetched", h->is_fetched, "site", site_document(&h->site)));
    }
    return hosts;
}

enum ou_status deployment_save(const struct deployment *d, struct ou_error *err)
{
    json_t *document =
        json_pack("{s:i, s:s, s:s, s:o, s:b, s:b, s:b, s:b, s:f, s:o}", "schema", SCHEMA, "run",
                  d->run, "job", d->job, "seed", seed_text(d, d->seed), "registered",
                  d->is_registered, "delivered", d->is_delivered, "started", d->is_started, "left",
                  d->has_left, "probe_put_s", d->probe_put_s, "hosts", hosts_document(d));
    enum ou_status status = document ? deployment_save_document(d, FILE_NAME, document, err)
                                     : ou_fail(err, OU_NO_MEMORY, "no memory for %s", FILE_NAME);

    json_decref(document);
    return status;
}

/* ---- reading ---- */

static enum ou_status fail_broken(const struct deployment *d, const char *what,
                                  struct ou_error *err)
{
    return ou_fail(err, OU_INVALID, "%s/" FILE_NAME ": %s", d->folder, what);
}

static bool read_seed(const json_t *object, unsigned char ret[ENVELOPE_SEED_BYTES])
{
    const char *hex = json_string_value(json_object_get(object, "seed"));
    size_t len = 0;

    if (hex && !*hex)
        return true; /* of one that has been left */
    return hex &&
           sodium_hex2bin(ret, ENVELOPE_SEED_BYTES, hex, strlen(hex), NULL, &len, NULL) == 0 &&
           len == ENVELOPE_SEED_BYTES;
}

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

static void read_site(struct deployment *d, const json_t *document, struct host_site *ret)
{
    const char *directory = text_of(document, "directory"), *program = text_of(document, "program");

    snprintf(ret->allocation, sizeof ret->allocation, "%s", text_of(document, "allocation"));
    snprintf(ret->address, sizeof ret->address, "%s", text_of(document, "address"));
    ret->port = (uint16_t)json_integer_value(json_object_get(document, "port"));
    ret->directory = arena_copy(&d->memory, directory, strlen(directory));
    ret->program = arena_copy(&d->memory, program, strlen(program));
}

static enum ou_status read_host(struct deployment *d, const json_t *document, struct ou_error *err)
{
    struct deployed_host *h = &d->hosts[d->host_count];
    const char *name = json_string_value(json_object_get(document, "name"));

    if (!name || !read_seed(document, h->seed))
        return fail_broken(d, "a host without name or seed", err);
    h->name = arena_copy(&d->memory, name, strlen(name));
    if (!h->name)
        return ou_fail(err, OU_NO_MEMORY, "no memory for hosts");
    h->attempt = (unsigned)json_integer_value(json_object_get(document, "attempt"));
    h->is_fetched = json_is_true(json_object_get(document, "fetched"));
    read_site(d, json_object_get(document, "site"), &h->site);
    d->host_count++;
    return OU_OK;
}

static enum ou_status read_hosts(struct deployment *d, const json_t *hosts, struct ou_error *err)
{
    enum ou_status status = OU_OK;
    const json_t *host;
    size_t i, count = json_array_size(hosts);

    if (!json_is_array(hosts) || count > DEPLOYMENT_HOSTS_MAX)
        return fail_broken(d, "hosts: no such list", err);
    d->hosts = calloc(count ? count : 1, sizeof *d->hosts);
    if (!d->hosts)
        return ou_fail(err, OU_NO_MEMORY, "no memory for %zu hosts", count);
    json_array_foreach(hosts, i, host)
    {
        if (!status)
            status = read_host(d, host, err);
    }
    return status;
}

static enum ou_status read_document(struct deployment *d, const json_t *document,
                                    struct ou_error *err)
{
    const char *run = json_string_value(json_object_get(document, "run"));
    const char *job = json_string_value(json_object_get(document, "job"));

    if (json_integer_value(json_object_get(document, "schema")) != SCHEMA)
        return fail_broken(d, "of another version of ouroscope", err);
    if (!run || strlen(run) >= sizeof d->run || !job || strlen(job) >= sizeof d->job ||
        !read_seed(document, d->seed))
        return fail_broken(d, "run, job or seed is missing or broken", err);
    /* Not what would be made of the folder's name: that may have been changed since. */
    snprintf(d->run, sizeof d->run, "%s", run);
    snprintf(d->job, sizeof d->job, "%s", job);
    d->is_registered = json_is_true(json_object_get(document, "registered"));
    d->is_delivered = json_is_true(json_object_get(document, "delivered"));
    d->is_started = json_is_true(json_object_get(document, "started"));
    d->has_left = json_is_true(json_object_get(document, "left"));
    d->probe_put_s = json_number_value(json_object_get(document, "probe_put_s"));
    return read_hosts(d, json_object_get(document, "hosts"), err);
}

/* Keys that others could read are no keys: they could have given orders in our name. */
static enum ou_status check_private(const struct deployment *d, const char *path,
                                    struct ou_error *err)
{
    struct stat st;

    if (stat(path, &st) == 0 && (st.st_mode & 077))
        return fail_broken(d, "others may read it, and it has the keys of the run: chmod 600", err);
    return OU_OK;
}

enum ou_status deployment_load(struct deployment *d, struct ou_error *err)
{
    char path[PATH_MAX];
    json_t *document = NULL;
    enum ou_status status = deployment_path(d, FILE_NAME, path, err);

    if (!status)
        status = check_private(d, path, err);
    if (!status)
        status = json_tree_load(path, FILE_BYTES_MAX, &document, err);
    if (!status)
        status = read_document(d, document, err);
    json_decref(document);
    return status;
}

bool deployment_is_there(const char *run_directory)
{
    char path[PATH_MAX];
    json_t *document = NULL;
    bool there;

    if (snprintf(path, sizeof path, "%s/deploy/" FILE_NAME, run_directory) >= (int)sizeof path)
        return false;
    there = !json_tree_load(path, FILE_BYTES_MAX, &document, NULL) &&
            !json_is_true(json_object_get(document, "left"));
    json_decref(document);
    return there;
}
