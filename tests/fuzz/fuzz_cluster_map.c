/* Any two texts, with a NUL between them, as topology.json and profile.json of a run. What is accepted is a network that
 * can be searched: every joint goes both ways, and no path is shorter than none. */
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "analyse/cluster_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int holds)
{
    if (!holds)
        abort();
}

/* A file in memory, and its path. */
static int file_of(const uint8_t *data, size_t size, char path[64])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);

    check(fd >= 0 && write(fd, data, size) == (ssize_t)size);
    snprintf(path, 64, "/proc/self/fd/%d", fd);
    return fd;
}

static void check_search(const struct cluster_map *map)
{
    double *times_s = calloc(map->count, sizeof(*times_s));
    struct diffusion_net net;

    check(times_s && diffusion_net_init(&net, map->count, map->links, map->link_count) == OU_OK);
    diffusion_times(&net, 0, 90112, times_s);
    check(times_s[0] == 0);
    for (uint32_t i = 0; i < map->count; i++)
        check(times_s[i] >= 0);
    diffusion_net_release(&net);
    free(times_s);
}

static void check_map(const struct cluster_map *map)
{
    check(map->assumptions && map->link_count % 2 == 0);
    for (size_t i = 0; i < map->link_count; i++) {
        const struct diffusion_link *link = &map->links[i], *back = &map->links[i ^ 1];

        check(link->from < map->count && link->to < map->count && link->from != link->to);
        check(link->from == back->to && link->to == back->from && link->rtt_s == back->rtt_s);
        check(link->rtt_s >= 0 && link->bytes_per_second >= 0);
    }
    for (uint32_t i = 0; i < map->count; i++)
        check(map->names[i] != NULL);
    if (map->count > 0)
        check_search(map);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const uint8_t *nul = size ? memchr(data, 0, size) : NULL;
    size_t first = nul ? (size_t)(nul - data) : size;
    char topology[64], profile[64];
    struct cluster_map map = { .count = 0 };
    struct ou_error err = { { 0 } };
    int a = file_of(data, first, topology);
    int b = nul ? file_of(nul + 1, size - first - 1, profile) : -1;

    if (cluster_map_load(topology, nul ? profile : NULL, true, &map, &err) == OU_OK)
        check_map(&map);
    else
        check(err.text[0] && map.names == NULL);
    cluster_map_release(&map);
    close(a);
    if (b >= 0)
        close(b);
    return 0;
}
