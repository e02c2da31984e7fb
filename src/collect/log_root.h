/* Folders of log files under their several names: "a", "./a/" and "/b/../a" may be one folder, and two sinks there would take
 * each other's files. */
#ifndef OU_COLLECT_LOG_ROOT_H
#define OU_COLLECT_LOG_ROOT_H

#include <stdbool.h>

/* The path without "." and needless slashes; out has room for the path and its NUL. "..", which leads elsewhere
 * behind a symbolic link, stays. */
void log_root_tidy(const char *path, char *out);

/* Whether both lead to one folder, there already or not; symbolic links that are there are followed. May wait for disks. */
bool log_root_is_same(const char *a, const char *b);

#endif
