/* Names of log files, and which of them go. A name is node-YYYY-MM-DDTHH-MM-SS.EXTENSION, its stamp the
 * second of the creation in UTC; names and stamps sort alike. */
#ifndef OU_COLLECT_ROTATION_H
#define OU_COLLECT_ROTATION_H

#include "base/status.h"
#include "collect/config.h"
#include "collect/disk.h"

#define LOG_NAME_ROOM 40 /* with the longest extension */

void log_file_name(int64_t second, const char *extension, char ret[LOG_NAME_ROOM]);
/* False when it is no such name, or of another extension. */
bool log_file_stamp(const char *name, const char *extension, int64_t *ret_second);

/* The stamps of a folder's files of one extension, ascending. */
struct log_stamps {
    int64_t *at; /* owned */
    size_t count, cap;
};

void log_stamps_release(struct log_stamps *s);
/* OU_IO: the folder cannot be read. A missing one has no files. *ret is to be released in any case. */
enum ou_status log_stamps_list(struct disk *disk, const char *folder, const char *extension,
                               struct log_stamps *ret, struct ou_error *err);

/* The newest file that a collector can have written: stamps more than a day ahead of the clock are of a clock that was wrong,
 * and do not count. An index; SIZE_MAX when there is none. */
size_t log_stamps_newest(const struct log_stamps *s, int64_t now_s);

/* The stamp of a new file: now, or the second behind the newest one: so no file is ever taken twice, and the
 * newest has the greatest name, when two are made within a second and when the clock was set back. */
int64_t log_stamps_next(const struct log_stamps *s, int64_t now_s);

/* Of the files but the current one the keep_files newest stay; of the rest the oldest are removed, one after the other, until
 * one is younger than max_age_min. Goes on after a file that cannot be removed; the first failure is returned. */
enum ou_status rotation_remove_old(struct disk *disk, const char *folder, const char *extension,
                                   int64_t current_s, const struct log_rotation *rules,
                                   int64_t now_s, struct ou_error *err);

#endif
