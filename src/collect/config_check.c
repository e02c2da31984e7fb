#include "collect/config_check.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "collect/log_writer.h"

/* --- Files that are read ------------------------------------------------------------------------ */

static enum ou_status check_file(const char *name, const char *member, const char *path,
                                 struct ou_error *err)
{
    const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;

    if (path && fd < 0)
        return ou_fail(err, OU_IO, "%s: %s: open %s: %s", name, member, path, strerror(errno));
    if (fd >= 0)
        close(fd);
    return OU_OK;
}

static enum ou_status check_certificate(const struct collector_config *c, const char *name,
                                        struct ou_error *err)
{
    enum ou_status status = check_file(name, "certificateFile", c->certificate_file, err);

    if (!status)
        status = check_file(name, "certificateKeyFile", c->key_file, err);
    for (size_t i = 0; i < c->chain_count && !status; i++)
        status = check_file(name, "certificateChain", c->chain_files[i], err);
    return status;
}

/* --- Folders that are written to ---------------------------------------------------------------- */

/* From a path to the folder it is in: "a/b" to "a", "a" to ".", "/a" to "/". */
static void step_up(char path[PATH_MAX])
{
    size_t len = strlen(path);

    while (len > 1 && path[len - 1] == '/')
        len--;
    while (len > 0 && path[len - 1] != '/')
        len--;
    while (len > 1 && path[len - 1] == '/')
        len--;
    snprintf(path, PATH_MAX, "%.*s", len ? (int)len : 1, len ? path : ".");
}

/* The folder, or the nearest one above it that is there: in it the others would be made. */
static bool find_folder(char path[PATH_MAX], struct stat *ret)
{
    while (stat(path, ret) < 0) {
        if ((errno != ENOENT && errno != ENOTDIR) || strcmp(path, "/") == 0 ||
            strcmp(path, ".") == 0)
            return false;
        step_up(path);
    }
    return true;
}

static void check_root(const char *root, const char *name, struct buffer *warnings)
{
    char path[PATH_MAX];
    struct stat st;

    snprintf(path, sizeof(path), "%s", root);
    if (!find_folder(path, &st))
        buffer_printf(warnings, "%s: logRoot %s: %s\n", name, root, strerror(errno));
    else if (!S_ISDIR(st.st_mode))
        buffer_printf(warnings, "%s: logRoot %s: %s is no folder\n", name, root, path);
    else if (access(path, W_OK | X_OK) < 0)
        buffer_printf(warnings, "%s: logRoot %s: cannot write to %s: %s\n", name, root, path,
                      strerror(errno));
}

enum ou_status collector_config_check(const struct collector_config *c, const char *name,
                                      struct buffer *warnings, struct ou_error *err)
{
    struct ou_error why = { "" };
    bool has_journal = false;

    for (size_t i = 0; i < c->log_count; i++) {
        if (c->logs[i].mode == LOG_FILES)
            check_root(c->logs[i].root, name, warnings);
        has_journal |= c->logs[i].mode == LOG_JOURNAL;
    }
    if (has_journal && !log_journal_is_there(&why))
        buffer_printf(warnings, "%s: %s\n", name, why.text);
    return check_certificate(c, name, err);
}
