#include "collect/rotation.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"

enum {
    STAMP_AT = 5,   /* behind "node-" */
    STAMP_LEN = 19, /* 2026-03-22T06-24-52 */
    HOUR_DASH = STAMP_AT + 13,
    MINUTE_DASH = STAMP_AT + 16,
    DAY_S = 24 * 60 * 60,
    STAMPS_MAX = 1 << 20,
};

void log_file_name(int64_t second, const char *extension, char ret[LOG_NAME_ROOM])
{
    char time[TIME_ISO_ROOM];

    time_format_iso(second * NS_PER_SECOND, time);
    snprintf(ret, LOG_NAME_ROOM, "node-%.*s.%s", STAMP_LEN, time, extension);
    ret[HOUR_DASH] = ret[MINUTE_DASH] = '-';
}

bool log_file_stamp(const char *name, const char *extension, int64_t *ret_second)
{
    char time[STAMP_LEN], again[LOG_NAME_ROOM];
    int64_t ns;

    if (strlen(name) < STAMP_AT + STAMP_LEN)
        return false;
    memcpy(time, name + STAMP_AT, STAMP_LEN);
    time[HOUR_DASH - STAMP_AT] = time[MINUTE_DASH - STAMP_AT] = ':';
    if (!time_parse_iso(time, STAMP_LEN, &ns))
        return false;
    log_file_name(ns / NS_PER_SECOND, extension, again);
    if (strcmp(name, again) != 0)
        return false;
    *ret_second = ns / NS_PER_SECOND;
    return true;
}

/* --- The files of a folder -------------------------------------------------------------------- */

struct listing {
    const char *extension;
    struct log_stamps *stamps;
    bool out_of_memory;
};

static void take_name(void *context, const char *name)
{
    struct listing *l = context;
    void *at = l->stamps->at;
    int64_t second;

    if (!log_file_stamp(name, l->extension, &second))
        return;
    if (!array_reserve(allocator_libc(), &at, &l->stamps->cap, l->stamps->count + 1, sizeof(second),
                       STAMPS_MAX)) {
        l->out_of_memory = true;
        return;
    }
    l->stamps->at = (int64_t *)at;
    l->stamps->at[l->stamps->count++] = second;
}

static int compare_stamps(const void *a, const void *b)
{
    const int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return (x > y) - (x < y);
}

void log_stamps_release(struct log_stamps *s)
{
    free(s->at);
    *s = (struct log_stamps){ 0 };
}

enum ou_status log_stamps_list(struct disk *disk, const char *folder, const char *extension,
                               struct log_stamps *ret, struct ou_error *err)
{
    struct listing l = { extension, ret, false };

    *ret = (struct log_stamps){ 0 };
    if (disk->list(disk, folder, take_name, &l) < 0 && errno != ENOENT)
        return ou_fail(err, OU_IO, "list %s: %s", folder, strerror(errno));
    if (l.out_of_memory)
        return ou_fail(err, OU_NO_MEMORY, "list %s: no memory for its names", folder);
    if (ret->count > 1)
        qsort(ret->at, ret->count, sizeof(*ret->at), compare_stamps);
    return OU_OK;
}

size_t log_stamps_newest(const struct log_stamps *s, int64_t now_s)
{
    for (size_t i = s->count; i > 0; i--)
        if (s->at[i - 1] <= now_s + DAY_S)
            return i - 1;
    return SIZE_MAX;
}

int64_t log_stamps_next(const struct log_stamps *s, int64_t now_s)
{
    const size_t newest = log_stamps_newest(s, now_s);

    return newest != SIZE_MAX && s->at[newest] >= now_s ? s->at[newest] + 1 : now_s;
}

/* --- Removal ---------------------------------------------------------------------------------- */

static enum ou_status remove_file(struct disk *disk, const char *folder, const char *name,
                                  struct ou_error *err)
{
    char path[PATH_MAX];

    if ((size_t)snprintf(path, sizeof(path), "%s/%s", folder, name) >= sizeof(path))
        return ou_fail(err, OU_TOO_LARGE, "remove %s/%s: the path is too long", folder, name);
    if (disk->remove(disk, path) < 0 && errno != ENOENT)
        return ou_fail(err, OU_IO, "remove %s: %s", path, strerror(errno));
    return OU_OK;
}

/* Without the current one. */
static void leave_out(struct log_stamps *s, int64_t current_s)
{
    size_t kept = 0;

    for (size_t i = 0; i < s->count; i++)
        if (s->at[i] != current_s)
            s->at[kept++] = s->at[i];
    s->count = kept;
}

enum ou_status rotation_remove_old(struct disk *disk, const char *folder, const char *extension,
                                   int64_t current_s, const struct log_rotation *rules,
                                   int64_t now_s, struct ou_error *err)
{
    struct log_stamps stamps = { 0 };
    enum ou_status status = log_stamps_list(disk, folder, extension, &stamps, err);
    char name[LOG_NAME_ROOM];

    leave_out(&stamps, current_s);
    for (size_t i = 0; i + rules->keep_files < stamps.count; i++) {
        const int64_t age_s = now_s - stamps.at[i];
        enum ou_status removed;

        if (age_s < 0 || (uint64_t)age_s / 60 < rules->max_age_min)
            break;
        log_file_name(stamps.at[i], extension, name);
        removed = remove_file(disk, folder, name, status == OU_OK ? err : NULL);
        if (status == OU_OK)
            status = removed;
    }
    log_stamps_release(&stamps);
    return status;
}
