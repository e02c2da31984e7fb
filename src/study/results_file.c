#include "study/results_file.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/suggest.h"
#include "logs/source.h"

/* --- Bytes of a file ------------------------------------------------------------- */

enum ou_status results_file_load(const char *path, struct buffer *ret,
                                 char checksum[CHECKSUM_HEX_ROOM], struct ou_error *err)
{
    struct checksum *sum = checksum_new();
    struct source *source = NULL;
    size_t got = 1;
    enum ou_status status = sum ? source_open(path, &source, err)
                                : ou_fail(err, OU_NO_MEMORY, "no memory to read %s", path);

    while (!status && got > 0) {
        char piece[1 << 16];

        status = source_read(source, piece, sizeof piece, &got, err);
        if (status)
            break;
        buffer_append(ret, piece, got);
        checksum_add(sum, piece, got);
        status = buffer_status(ret);
        if (status == OU_TOO_LARGE)
            ou_fail(err, status, "%s: more than %zu MB: that is no results file", path,
                    ret->max >> 20);
        else if (status)
            ou_fail(err, status, "no memory to read %s", path);
    }
    if (!status)
        checksum_hex(sum, checksum);
    source_close(source);
    checksum_free(sum);
    return status;
}

enum ou_status results_text_checksum(struct span text, char ret[CHECKSUM_HEX_ROOM],
                                     struct ou_error *err)
{
    struct checksum *sum = checksum_new();

    if (!sum)
        return ou_fail(err, OU_NO_MEMORY, "no memory for a checksum");
    checksum_add(sum, text.at, text.len);
    checksum_hex(sum, ret);
    checksum_free(sum);
    return OU_OK;
}

/* --- Which file -------------------------------------------------------------------- */

static bool is_directory(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

static bool is_there(const char *path)
{
    struct stat about;

    return stat(path, &about) == 0;
}

/* The analysis in a run directory, as it was written or packed later. */
static enum ou_status find_analysis(const char *run, char ret[PATH_MAX], struct ou_error *err)
{
    static const char *const names[] = { "analysis/analysis.json", "analysis/analysis.json.zst",
                                         "analysis/analysis.json.gz" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (snprintf(ret, PATH_MAX, "%s/%s", run, names[i]) < PATH_MAX && is_there(ret))
            return OU_OK;
    return ou_fail(err, OU_NOT_FOUND,
                   "%s has no analysis/analysis.json; if it is a run or a directory of logs, "
                   "`ouroscope analyse %s` makes one",
                   run, run);
}

/* The name in a directory that is nearest to `name`; "" when none is near. Of names equally near the first in order,
 * because directories have none. */
static void find_near_name(const char *directory, const char *name, char ret[NAME_MAX + 1])
{
    DIR *dir = opendir(directory);
    struct dirent *entry;
    size_t least = SIZE_MAX;

    *ret = '\0';
    while (dir && (entry = readdir(dir))) {
        struct suggestion s;

        suggest_for(&s, span_of(name));
        suggest_consider(&s, entry->d_name);
        if (!s.best || s.distance > least ||
            (s.distance == least && strcmp(entry->d_name, ret) > 0))
            continue;
        least = s.distance;
        snprintf(ret, NAME_MAX + 1, "%s", entry->d_name);
    }
    if (dir)
        closedir(dir);
}

static enum ou_status fail_for_no_such_file(const char *path, struct ou_error *err)
{
    const char *slash = strrchr(path, '/');
    int parent_len = slash ? (int)(slash - path) + 1 : 0;
    char parent[PATH_MAX], near[NAME_MAX + 1];

    snprintf(parent, sizeof parent, "%.*s", slash ? parent_len : 1, slash ? path : ".");
    find_near_name(parent, path + parent_len, near);
    if (*near)
        return ou_fail(err, OU_NOT_FOUND, "there is no %s; is %.*s%s meant?", path, parent_len,
                       path, near);
    return ou_fail(err, OU_NOT_FOUND,
                   "there is no %s; wanted is a run directory, an analysis or variance file, or "
                   "TABLE.tsv#RUN",
                   path);
}

enum ou_status results_file_find(const char *operand, char ret[PATH_MAX], const char **ret_selector,
                                 struct ou_error *err)
{
    const char *hash = strchr(operand, '#');

    *ret_selector = NULL;
    if (strlen(operand) >= PATH_MAX)
        return ou_fail(err, OU_NOT_FOUND, "a path of %zu bytes is too long", strlen(operand));
    if (is_directory(operand))
        return find_analysis(operand, ret, err);
    snprintf(ret, PATH_MAX, "%s", operand);
    if (is_there(ret))
        return OU_OK;
    if (hash) {
        ret[hash - operand] = '\0';
        *ret_selector = hash + 1;
    }
    return is_there(ret) ? OU_OK : fail_for_no_such_file(ret, err);
}
