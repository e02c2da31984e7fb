#include "support/files.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/test.h"

void temp_dir_make(struct temp_dir *dir)
{
    const char *base = getenv("TMPDIR");

    *dir = (struct temp_dir){ 0 };
    assert_true(asprintf(&dir->path, "%s/ouroscope-test-XXXXXX", base ? base : "/tmp") > 0);
    assert_non_null(mkdtemp(dir->path));
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *where)
{
    (void)st;
    (void)kind;
    (void)where;
    return remove(path);
}

void temp_dir_remove(struct temp_dir *dir)
{
    assert_int_equal(nftw(dir->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    for (size_t i = 0; i < dir->name_count; i++)
        free(dir->names[i]);
    free(dir->path);
    *dir = (struct temp_dir){ 0 };
}

const char *temp_path(struct temp_dir *dir, const char *name)
{
    char **path = &dir->names[dir->name_count];

    assert_true(dir->name_count < sizeof dir->names / sizeof *dir->names);
    assert_true(asprintf(path, "%s/%s", dir->path, name) > 0);
    dir->name_count++;
    return *path;
}

void write_file(const char *path, const void *bytes, size_t len)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    assert_int_equal(fclose(file), 0);
}

const char *temp_file(struct temp_dir *dir, const char *name, const char *text)
{
    const char *path = temp_path(dir, name);

    write_file(path, text, strlen(text));
    return path;
}

int lines_with(const char *path, const char *what)
{
    FILE *f = fopen(path, "r");
    char line[32768];
    int found = 0;

    if (!f)
        return 0;
    while (fgets(line, sizeof(line), f))
        found += strstr(line, what) != NULL;
    fclose(f);
    return found;
}

const char *shared_data(const char *name)
{
    static char path[PATH_MAX];
    const char *base = getenv("OUROSCOPE_SHARED_DATA");

    snprintf(path, sizeof path, "%s/%s", base ? base : "../shared/data", name);
    if (access(path, R_OK) < 0) {
        print_message("# skipped: no shared data at %s\n", path);
        skip();
    }
    return path;
}
