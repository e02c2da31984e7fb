#include "cluster/deployment_orders.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json/tree.h"

/* ---- texts ---- */

static enum ou_status fail_memory(struct ou_error *err)
{
    return ou_fail(err, OU_NO_MEMORY, "no memory for orders");
}

/* NULL stays NULL. */
static bool copy(struct deployment *d, const char **text)
{
    if (*text)
        *text = arena_copy(&d->memory, *text, strlen(*text));
    return *text != NULL;
}

static const char **copy_list(struct deployment *d, const char *const *list, size_t count)
{
    const char **ret = arena_take(&d->memory, (count + 1) * sizeof *ret, _Alignof(char *));

    for (size_t i = 0; ret && i < count; i++) {
        ret[i] = list[i];
        if (!copy(d, &ret[i]))
            return NULL;
    }
    return ret;
}

static size_t list_length(const char *const *list)
{
    size_t count = 0;

    while (list && list[count])
        count++;
    return count;
}

static void changed(struct deployed_host *h)
{
    h->orders.number++;
}

/* ---- the beginning ---- */

static void file_name(const char *host, char ret[PATH_MAX])
{
    snprintf(ret, PATH_MAX, "orders-%s.json", host);
}

/* Of an earlier process; none is fine. */
static enum ou_status read_past(struct deployment *d, struct deployed_host *h, struct ou_error *err)
{
    char name[PATH_MAX], path[PATH_MAX];
    json_t *document = NULL;
    enum ou_status status;

    file_name(h->name, name);
    status = deployment_path(d, name, path, err);
    if (!status)
        status = json_tree_load(path, ENVELOPE_BYTES_MAX, &document, err);
    if (!status)
        status = orders_read(document, &h->past, err);
    json_decref(document);
    return status == OU_NOT_FOUND ? OU_OK : status;
}

static void take_past(struct deployed_host *h)
{
    const struct orders *past = &h->past;

    for (size_t i = 0; i < past->service_count; i++)
        h->services[i] = past->services[i];
    h->orders.number = past->number;
    h->orders.start_ns = past->start_ns;
    h->orders.end_ns = past->end_ns;
    h->orders.service_count = past->service_count;
}

enum ou_status host_orders_renew(struct deployed_host *h, const struct bucket *bucket,
                                 struct ou_error *err)
{
    char *orders_url = NULL, *state_url = NULL;
    enum ou_status status = bucket_url(bucket, "GET", h->name, "orders.json", &orders_url, err);

    if (!status)
        status = bucket_url(bucket, "PUT", h->name, "state.json", &state_url, err);
    if (status) {
        free(orders_url);
        return status;
    }
    free(h->orders_url);
    free(h->state_url);
    h->orders.orders_url = h->orders_url = orders_url;
    h->orders.state_url = h->state_url = state_url;
    changed(h);
    return OU_OK;
}

enum ou_status host_orders_begin(struct deployment *d, struct deployed_host *h,
                                 const struct bucket *bucket, struct ou_error *err)
{
    enum ou_status status = d->was_there ? read_past(d, h, err) : OU_OK;

    if (status)
        return status;
    h->orders = (struct orders){ .run = d->run,
                                 .host = h->name,
                                 .bundles = h->bundles,
                                 .services = h->services,
                                 .jobs = h->jobs,
                                 .poll_s = d->placement->poll_s };
    take_past(h);
    return host_orders_renew(h, bucket, err);
}

/* ---- services ---- */

/* Here a folder of the run, there the same below the site's. */
static const char *below_run(const struct deployment *d, const char *directory)
{
    size_t len = strlen(d->run_directory);

    if (strncmp(directory, d->run_directory, len) == 0 && directory[len] == '/')
        return directory + len + 1;
    return directory;
}

static bool copy_command(struct deployment *d, const struct start_command *command,
                         struct start_command *ret)
{
    *ret = *command;
    ret->argv = copy_list(d, (const char *const *)command->argv,
                          list_length((const char *const *)command->argv));
    ret->environment = copy_list(d, (const char *const *)command->environment,
                                 list_length((const char *const *)command->environment));
    ret->directory = below_run(d, command->directory);
    ret->cores = command->cores ? command->cores : "";
    copy(d, &ret->ready.text);
    return ret->argv && ret->environment && copy(d, &ret->directory) && copy(d, &ret->cores);
}

static size_t find_service(const struct deployed_host *h, const char *name)
{
    size_t i = 0;

    while (i < h->orders.service_count && strcmp(h->services[i].name, name) != 0)
        i++;
    return i;
}

enum ou_status host_orders_service(struct deployment *d, struct deployed_host *h,
                                   const struct service_options *options, size_t *ret,
                                   struct ou_error *err)
{
    size_t i = find_service(h, options->name);
    struct order_service service = { .name = options->name, .log = options->log };

    if (i == ORDERS_SERVICES_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%s: more than %d services at a host", h->name,
                       ORDERS_SERVICES_MAX);
    if (i < h->orders.service_count) {
        service.starts = h->services[i].starts;
        service.stopped = h->services[i].stopped;
        service.grace_ms = h->services[i].grace_ms;
        service.not_before_ns = h->services[i].not_before_ns;
    }
    copy(d, &service.log);
    if (!copy(d, &service.name) || !copy_command(d, options->command, &service.command))
        return fail_memory(err);
    h->services[i] = service;
    if (i == h->orders.service_count)
        h->orders.service_count++;
    changed(h);
    *ret = i;
    return OU_OK;
}

void host_orders_start(struct deployed_host *h, size_t service, int64_t not_before_ns)
{
    h->services[service].starts++;
    h->services[service].stopped = false;
    h->services[service].not_before_ns = not_before_ns;
    changed(h);
}

void host_orders_stop(struct deployed_host *h, size_t service, uint64_t grace_ms)
{
    struct order_service *s = &h->services[service];

    if (s->stopped && s->grace_ms == grace_ms)
        return;
    s->stopped = true;
    s->grace_ms = grace_ms;
    changed(h);
}

/* ---- folders ---- */

static void add_folder(char list[HOST_FOLDERS_MAX][PATH_MAX], size_t *count, const char *path)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(list[i], path) == 0)
            return;
    if (*path)
        snprintf(list[(*count)++], PATH_MAX, "%s", path);
}

static void add_folder_of_log(char list[HOST_FOLDERS_MAX][PATH_MAX], size_t *count, const char *log)
{
    const char *slash = strrchr(log, '/');
    char path[PATH_MAX];

    snprintf(path, sizeof path, "%.*s", slash ? (int)(slash - log) : 0, log);
    add_folder(list, count, path);
}

/* A host's own logs are there whoever writes them: a collector is no service with a log. */
size_t host_orders_folders(const struct deployed_host *h, char ret[HOST_FOLDERS_MAX][PATH_MAX])
{
    char path[PATH_MAX];
    size_t count = 0;

    for (size_t i = 0; i < h->orders.service_count; i++) {
        add_folder(ret, &count, h->services[i].command.directory);
        if (h->services[i].log)
            add_folder_of_log(ret, &count, h->services[i].log);
    }
    snprintf(path, sizeof path, "logs/%s", h->name);
    add_folder(ret, &count, path);
    return count;
}

/* ---- bundles and jobs ---- */

enum ou_status host_orders_bundles(struct deployment *d, struct deployed_host *h,
                                   const struct order_bundle *bundles, size_t count,
                                   int64_t start_ns, struct ou_error *err)
{
    for (size_t i = 0; i < count; i++) {
        h->bundles[i] = bundles[i];
        if (!copy(d, &h->bundles[i].url) || !copy(d, &h->bundles[i].sha256) ||
            !copy(d, &h->bundles[i].name))
            return fail_memory(err);
    }
    h->orders.bundle_count = count;
    h->orders.start_ns = start_ns;
    changed(h);
    return OU_OK;
}

void host_orders_end(struct deployed_host *h, int64_t end_ns)
{
    if (h->orders.end_ns == end_ns)
        return;
    h->orders.end_ns = end_ns;
    changed(h);
}

enum ou_status host_orders_job(struct deployment *d, struct deployed_host *h,
                               const struct order_job *job, uint32_t *ret_id, struct ou_error *err)
{
    struct order_job made = *job;

    made.id = (uint32_t)(h->orders.number + 1); /* numbers rise, whatever process makes them */
    made.paths = copy_list(d, job->paths, job->path_count);
    made.urls = copy_list(d, job->urls, job->url_count);
    made.arguments = copy_list(d, job->arguments, job->argument_count);
    if (!made.paths || !made.urls || !made.arguments)
        return fail_memory(err);
    if (h->orders.job_count == ORDERS_JOBS_MAX) { /* the oldest was done long ago */
        memmove(&h->jobs[0], &h->jobs[1], (ORDERS_JOBS_MAX - 1) * sizeof *h->jobs);
        h->orders.job_count--;
    }
    h->jobs[h->orders.job_count++] = made;
    changed(h);
    *ret_id = made.id;
    return OU_OK;
}

void host_orders_leave(struct deployed_host *h)
{
    if (h->orders.leave)
        return;
    h->orders.leave = true;
    changed(h);
}

/* ---- out ---- */

void host_orders_forget(struct deployed_host *h)
{
    h->orders.bundle_count = 0;
    h->orders.service_count = 0;
    h->orders.job_count = 0;
    changed(h);
}

/* Before there is a site there is nothing that another task of the host could do twice. */
json_t *host_orders_document(const struct deployed_host *h)
{
    struct orders orders = h->orders;

    orders.allocation = h->site.allocation;
    return orders_document(&orders);
}

/* What a later process goes on from. URLs are as good as keys, and are made anew; what they are of goes with them. */
static json_t *without_urls(const json_t *document)
{
    static const char *const OF_URLS[] = { "bundles", "jobs" };
    json_t *copy = json_copy((json_t *)document);

    for (size_t i = 0; copy && i < sizeof OF_URLS / sizeof *OF_URLS; i++)
        json_object_set_new(copy, OF_URLS[i], json_array());
    if (copy) {
        json_object_del(copy, "orders_url");
        json_object_del(copy, "state_url");
    }
    return copy;
}

static enum ou_status keep(const struct deployment *d, const char *host, const json_t *document,
                           struct ou_error *err)
{
    json_t *kept = without_urls(document);
    char name[PATH_MAX];
    enum ou_status status;

    file_name(host, name);
    status = kept ? deployment_save_document(d, name, kept, err) : fail_memory(err);
    json_decref(kept);
    return status;
}

enum ou_status host_orders_seal(const struct deployment *d, const char *host,
                                const json_t *document, struct buffer *ret, struct ou_error *err)
{
    enum ou_status status = keep(d, host, document, err);

    return status ? status : envelope_seal(ENVELOPE_ORDERS, document, d->secret, ret, err);
}
