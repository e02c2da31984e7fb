/* The end of a run on hosts far away: what their services wrote comes to where it would be if they had been here. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cluster/backend_nomad_inside.h"
#include "cluster/deployment_orders.h"
#include "deploy/folders.h"

/* Who has not been fetched, and has had something to do. */
static bool is_wanted(const struct deployed_host *h)
{
    return !h->is_fetched && h->orders.service_count > 0;
}

/* Collectors of several hosts work in folders of the same name: here each has one of its own. */
static bool is_shared(const struct deployment *d, const struct deployed_host *h, const char *path)
{
    for (size_t i = 0; i < d->host_count; i++)
        for (size_t k = 0; d->hosts[i].name != h->name && k < d->hosts[i].orders.service_count; k++)
            if (strcmp(d->hosts[i].services[k].command.directory, path) == 0)
                return true;
    return false;
}

/* A folder of the bundle, where we asked for it; nothing else that a host may have put into it is looked at. Configurations that we wrote stay as
 * we wrote them, logs are the host's. */
static enum ou_status take_folder(const struct deployment *d, const struct deployed_host *h,
                                  const char *unpacked, const char *path, struct ou_error *err)
{
    bool shared = is_shared(d, h, path);
    char from[PATH_MAX], to[PATH_MAX];

    if (snprintf(from, sizeof from, "%s/%s", unpacked, path) >= PATH_MAX ||
        snprintf(to, sizeof to, "%s/%s%s%s", d->run_directory, path, shared ? "/" : "",
                 shared ? h->name : "") >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", path);
    return folder_merge(from, to, strncmp(path, "logs/", 5) == 0, err);
}

static enum ou_status on_arrival(struct deployment *d, struct deployed_host *h, const char *folder,
                                 struct ou_error *err)
{
    char(*paths)[PATH_MAX] = calloc(HOST_FOLDERS_MAX, sizeof *paths);
    size_t count = paths ? host_orders_folders(h, paths) : 0;
    enum ou_status status = paths ? OU_OK : ou_fail(err, OU_NO_MEMORY, "no memory for paths");

    for (size_t i = 0; !status && i < count; i++)
        status = take_folder(d, h, folder, paths[i], err);
    free(paths);
    if (!status)
        status = folder_remove(folder, err);
    h->is_fetched = !status;
    return status ? status : deployment_save(d, err);
}

enum ou_status deployment_fetch(struct nomad_backend *n, struct ou_error *err)
{
    char folder[PATH_MAX];
    const struct haul haul = { .kind = JOB_PACK,
                               .what = "logs",
                               .folder = folder,
                               .is_wanted = is_wanted,
                               .arrived = on_arrival };
    enum ou_status status = deployment_path(&n->d, "fetched", folder, err);

    if (!status)
        status = folder_make_new(folder, err);
    if (!status)
        status = deployment_haul(&n->d, &haul, err);
    if (!status)
        status = folder_remove(folder, err);
    return status;
}
