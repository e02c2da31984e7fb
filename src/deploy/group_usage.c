#include "deploy/group_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define STAT_ROOM 1024
#define NETSTAT_ROOM (16 << 10)

/* A file of /proc/PID is read at once, so that its parts belong together. False when it is not there, or cut. */
static bool read_small(const char *pid, const char *name, char *ret, size_t room)
{
    char path[64];
    int fd, len = snprintf(path, sizeof path, "/proc/%s/%s", pid, name);
    ssize_t got;

    if (len >= (int)sizeof path)
        return false;
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    got = read(fd, ret, room - 1);
    close(fd);
    if (got <= 0 || (size_t)got == room - 1)
        return false;
    ret[got] = '\0';
    return true;
}

struct process_stat {
    int group;
    uint64_t ticks[4]; /* user, system; and of children that were waited for */
    uint32_t threads;
    uint64_t rss_pages, block_io_ticks;
};

/* Fields are those of proc_pid_stat(5). The second one is the program's name in parentheses, and may have any character. */
static bool parse_stat(const char *text, struct process_stat *ret)
{
    const char *rest = strrchr(text, ')');

    return rest &&
           sscanf(rest,
                  ") %*c %*d %d %*d %*d %*d %*u %*u %*u %*u %*u %" SCNu64 " %" SCNu64 " %" SCNu64
                  " %" SCNu64 " %*d %*d %" SCNu32 " %*d %*u %*u %" SCNu64
                  " %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*u %*d %*d %*u %*u %" SCNu64,
                  &ret->group, &ret->ticks[0], &ret->ticks[1], &ret->ticks[2], &ret->ticks[3],
                  &ret->threads, &ret->rss_pages, &ret->block_io_ticks) == 8;
}

/* "read_bytes: 4096" */
static uint64_t value_of(const char *text, const char *name)
{
    const char *at = strstr(text, name);

    return at ? strtoull(at + strlen(name), NULL, 10) : 0;
}

static int by_number(const void *a, const void *b)
{
    int left = ((const struct group_usage *)a)->group,
        right = ((const struct group_usage *)b)->group;

    return (left > right) - (left < right);
}

static void take_process(const char *pid, struct group_usage *groups, size_t count)
{
    char text[STAT_ROOM];
    struct process_stat stat;
    struct group_usage *g;

    if (!read_small(pid, "stat", text, sizeof text) || !parse_stat(text, &stat))
        return;
    g = bsearch(&(struct group_usage){ .group = stat.group }, groups, count, sizeof *groups,
                by_number);
    if (!g)
        return;
    g->processes++;
    g->threads += stat.threads;
    for (int i = 0; i < 4; i++)
        g->cpu_ticks += stat.ticks[i];
    g->rss_pages += stat.rss_pages;
    g->block_io_ticks += stat.block_io_ticks;
    if (read_small(pid, "io", text, sizeof text)) {
        g->read_bytes += value_of(text, "\nread_bytes: ");
        g->written_bytes += value_of(text, "\nwrite_bytes: ");
    }
}

void group_usage_read(struct group_usage *groups, size_t count)
{
    DIR *processes = opendir("/proc");
    const struct dirent *entry;

    for (size_t i = 0; i < count; i++)
        groups[i] = (struct group_usage){ .group = groups[i].group };
    while (processes && (entry = readdir(processes)))
        if (entry->d_name[0] >= '1' && entry->d_name[0] <= '9')
            take_process(entry->d_name, groups, count);
    if (processes)
        closedir(processes);
}

/* Two lines begin with "IpExt:": the names of the columns, and their values. */
void network_usage_read(int pid, int64_t *ret_read_bytes, int64_t *ret_written_bytes)
{
    char text[NETSTAT_ROOM], number[16], *names, *values, *name, *value, *rest_of_names,
        *rest_of_values;

    *ret_read_bytes = *ret_written_bytes = -1;
    snprintf(number, sizeof number, "%d", pid);
    if (!read_small(number, "net/netstat", text, sizeof text))
        return;
    names = strstr(text, "\nIpExt:");
    values = names ? strstr(names + 1, "\nIpExt:") : NULL;
    if (!values)
        return;
    *values++ = '\0';
    name = strtok_r(names, " \n", &rest_of_names);
    value = strtok_r(values, " \n", &rest_of_values);
    while (name && value) {
        if (strcmp(name, "InOctets") == 0)
            *ret_read_bytes = strtoll(value, NULL, 10);
        else if (strcmp(name, "OutOctets") == 0)
            *ret_written_bytes = strtoll(value, NULL, 10);
        name = strtok_r(NULL, " \n", &rest_of_names);
        value = strtok_r(NULL, " \n", &rest_of_values);
    }
}
