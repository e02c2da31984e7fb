#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"
#include "store/migrate.h"
#include "store/sql_private.h"

/* DIR/.NAME.part-PID beside DIR/NAME. */
static char *part_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    char *part;

    if (asprintf(&part, "%.*s.%s.part-%ld", (int)(name - path), path, name, (long)getpid()) < 0)
        return NULL;
    return part;
}

static void remove_part(const char *part)
{
    static const char *const beside[] = { "", "-wal", "-shm", "-journal" };
    char path[4096];

    for (size_t i = 0; i < sizeof beside / sizeof *beside; i++) {
        (void)snprintf(path, sizeof path, "%s%s", part, beside[i]);
        (void)unlink(path);
    }
}

static enum ou_status check_target(const char *path, bool replace, struct ou_error *err)
{
    char log[4096];
    struct stat st;

    if (lstat(path, &st) < 0)
        return errno == ENOENT ? OU_OK
                               : ou_fail(err, OU_IO, "look at %s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return ou_fail(err, OU_USAGE, "%s: is no file", path);
    if (!replace)
        return ou_fail(err, OU_USAGE, "%s: is there already; --replace writes over it", path);
    /* A log that is left beside another file than its own would be read into it. */
    (void)snprintf(log, sizeof log, "%s-wal", path);
    if (stat(log, &st) == 0 && st.st_size > 0)
        return ou_fail(err, OU_USAGE, "%s: is a database that a program has open, or left open",
                       path);
    return OU_OK;
}

/* Neither the database nor a copy of PostgreSQL's tables writes its last bytes as a whole: this does. */
static enum ou_status sync_path(const char *path, int flags, struct ou_error *err)
{
    int fd = open(path, flags | O_CLOEXEC);
    enum ou_status status = OU_OK;

    if (fd < 0 || fsync(fd) < 0)
        status = ou_fail(err, OU_IO, "write %s: %s", path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return status;
}

static enum ou_status sync_folder_of(const char *path, struct ou_error *err)
{
    const char *slash = strrchr(path, '/');
    char *folder = slash ? strndup(path, slash == path ? 1 : (size_t)(slash - path)) : strdup(".");
    enum ou_status status;

    if (!folder)
        return ou_fail(err, OU_NO_MEMORY, "write %s: no memory", path);
    status = sync_path(folder, O_RDONLY | O_DIRECTORY, err);
    free(folder);
    return status;
}

/* ---- of SQLite ---- */

/* SQLite copies what one reader sees, without holes, while others write. A connection for reading would take that for writing. */
static enum ou_status vacuum_into(struct sql *from, const char *part, struct ou_error *err)
{
    enum ou_status status, after = OU_OK;

    status = sql_script(from, "PRAGMA query_only = OFF", err);
    if (!status)
        status = sql_run(from, "VACUUM INTO $1", SQL_ARGS(sql_text(part)), NULL, err);
    if (status && sql_fault(from) == SQL_FULL) /* it only reads here */
        ou_fail(err, status, "%s: the disk is full", part);
    if (from->options.read_only)
        after = sql_script(from, "PRAGMA query_only = ON", status ? NULL : err);
    return status ? status : after;
}

static enum ou_status copy_file(struct sql *from, const char *part, struct backup_done *ret,
                                struct ou_error *err)
{
    int fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    struct sql_rows *rows;
    enum ou_status status;

    if (fd < 0)
        return ou_fail(err, errno == ENOENT ? OU_NOT_FOUND : OU_IO, "make %s: %s", part,
                       strerror(errno));
    close(fd);
    status = vacuum_into(from, part, err);
    if (!status)
        status = sql_query(from, "SELECT count(*) FROM runs", SQL_NO_ARGS, &rows, err);
    if (status)
        return status;
    *ret = (struct backup_done){ .runs = sql_next(rows) ? (uint64_t)sql_get_int(rows, 0) : 0 };
    return sql_rows_end(rows, err);
}

/* ---- of PostgreSQL, and into it ---- */

static enum ou_status copy_tables(struct sql *from, const char *to, struct backup_done *ret,
                                  struct ou_error *err)
{
    struct sql *copy = NULL;
    enum ou_status status = sql_open(to, NULL, &copy, err);

    if (!status)
        status = migrate(copy, 0, NULL, err);
    if (!status)
        status = store_copy(from, copy, ret, err);
    if (!status)
        (void)snprintf(ret->shown, sizeof ret->shown, "%s", sql_shown(copy));
    sql_close(copy); /* the last to leave an SQLite file puts its log into it */
    return status;
}

static enum ou_status make_part(struct sql *from, const char *part, struct backup_done *ret,
                                struct ou_error *err)
{
    enum ou_status status = migrate_check(from, err);

    if (!status && sql_kind(from) == SQL_SQLITE)
        status = copy_file(from, part, ret, err);
    else if (!status)
        status = copy_tables(from, part, ret, err);
    return status ? status : sync_path(part, O_RDONLY, err);
}

static enum ou_status put_in_place(const char *part, const char *path, struct ou_error *err)
{
    if (rename(part, path) < 0)
        return ou_fail(err, OU_IO, "write %s: %s", path, strerror(errno));
    return sync_folder_of(path, err);
}

enum ou_status store_backup(struct sql *from, const char *to, bool replace, struct backup_done *ret,
                            struct ou_error *err)
{
    enum ou_status status;
    char *part;

    if (sql_is_postgres(to))
        return copy_tables(from, to, ret, err);
    status = check_target(to, replace, err);
    if (status)
        return status;
    part = part_name(to);
    if (!part)
        return ou_fail(err, OU_NO_MEMORY, "write %s: no memory", to);
    remove_part(part); /* of a program of this number that was killed */
    status = make_part(from, part, ret, err);
    if (!status)
        status = put_in_place(part, to, err);
    if (status)
        remove_part(part);
    free(part);
    return status;
}
