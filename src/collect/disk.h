/* What the sinks do to files, as a table of functions, so that tests can give them a disk that fills up, tears writes and
 * forgets what was not synced. Results and errno as those of the system calls. Any thread. */
#ifndef OU_COLLECT_DISK_H
#define OU_COLLECT_DISK_H

#include <stdint.h>
#include <sys/stat.h>
#include <sys/types.h>

struct disk {
    int (*open)(struct disk *d, const char *path, int flags, mode_t mode);
    ssize_t (*write)(struct disk *d, int fd, const void *bytes, size_t count);
    int (*truncate)(struct disk *d, int fd, off_t size);
    int (*sync)(struct disk *d, int fd);                  /* fdatasync */
    int (*sync_folder)(struct disk *d, const char *path); /* its entries */
    int (*close)(struct disk *d, int fd);
    int (*stat_fd)(struct disk *d, int fd, struct stat *ret);
    int (*stat_path)(struct disk *d, const char *path, struct stat *ret); /* links are followed */
    int (*make_folder)(struct disk *d, const char *path); /* with its parents; one is there: 0 */
    int (*link_to)(struct disk *d, const char *target,
                   const char *path); /* a symbolic link; replaced atomically */
    int (*remove)(struct disk *d, const char *path);
    /* Calls each for every name in the folder. */
    int (*list)(struct disk *d, const char *path, void (*each)(void *context, const char *name),
                void *context);
    ssize_t (*read_end)(struct disk *d, const char *path, void *ret,
                        size_t room);   /* the last bytes of a file */
    int64_t (*wall_ns)(struct disk *d); /* what files are named by */
};

struct disk *disk_real(void);

#endif
