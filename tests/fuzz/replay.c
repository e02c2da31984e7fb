/* Stands in for libFuzzer: runs a harness once on every file of a corpus, and
 * on the empty input, and says so in TAP. A finding ends the process, as it
 * does under libFuzzer; the plan, printed first, then shows what is missing. */
#include <dirent.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* Exactly as much memory as the file is long, so that a sanitizer sees the
 * first byte that is read beyond it. NULL, with errno, on failure. */
static uint8_t *read_input(const char *path, size_t *ret_size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *data = NULL;
    long size;

    if (!file)
        return NULL;
    if (fseek(file, 0, SEEK_END) == 0 && (size = ftell(file)) >= 0) {
        rewind(file);
        data = malloc((size_t)size);
        *ret_size = (size_t)size;
        if (size > 0 && data && fread(data, 1, (size_t)size, file) != (size_t)size) {
            free(data);
            data = NULL;
        }
    }
    fclose(file);
    return data;
}

static bool replay(const char *folder, const char *name)
{
    char path[4096];
    uint8_t *data;
    size_t size;

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    data = read_input(path, &size);
    if (!data) {
        printf("# %s: %s\n", path, strerror(errno));
        return false;
    }
    LLVMFuzzerTestOneInput(data, size);
    free(data);
    return true;
}

int main(int argc, char **argv)
{
    struct dirent **entries = NULL;
    int count, failures = 0;

    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
        return 2;
    }
    count = scandir(argv[1], &entries, is_visible, alphasort);
    if (count < 0) {
        printf("Bail out! %s: %s\n", argv[1], strerror(errno));
        return 1;
    }
    printf("1..%d\n", count + 1);
    LLVMFuzzerTestOneInput((const uint8_t *)"", 0);
    puts("ok 1 - empty input");
    for (int i = 0; i < count; i++) {
        bool done = replay(argv[1], entries[i]->d_name);

        printf("%sok %d - %s\n", done ? "" : "not ", i + 2, entries[i]->d_name);
        fflush(stdout); /* so that it is clear which input ended the process */
        failures += !done;
        free(entries[i]);
    }
    free(entries);
    return failures > 0;
}
