#include "study/collector_losses.h"

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/file.h"
#include "json/tree.h"

#define OUTPUT_BYTES_MAX ((size_t)64 << 20)

static const char lines_lost[] = "\"Tracer.LinesLost\"";

/* What the line tells to be lost; NaN: it is damaged. */
static double losses_of(struct span line, const char *path)
{
    json_t *message = NULL;
    const json_t *ns, *lost;
    double count = NAN;

    if (json_tree_parse(line, path, &message, NULL) != OU_OK)
        return NAN;
    ns = json_object_get(message, "ns");
    lost = json_object_get(json_object_get(message, "data"), "lost");
    if (!json_is_string(ns) || strcmp(json_string_value(ns), "Tracer.LinesLost") != 0)
        count = 0;
    else if (json_is_integer(lost) && json_integer_value(lost) >= 0)
        count = (double)json_integer_value(lost);
    json_decref(message);
    return count;
}

static double sum_of(struct span text, const char *path)
{
    double sum = 0;

    while (text.len > 0) {
        const char *end = memchr(text.at, '\n', text.len);
        struct span line = { text.at, end ? (size_t)(end - text.at) : text.len };
        size_t taken = line.len + (end ? 1 : 0);

        if (memmem(line.at, line.len, lines_lost, sizeof lines_lost - 1))
            sum += losses_of(line, path);
        text = (struct span){ text.at + taken, text.len - taken };
    }
    return sum;
}

enum ou_status collector_losses_read(const char *run_directory, double *ret, struct ou_error *err)
{
    char path[PATH_MAX];
    struct buffer text;
    enum ou_status status;

    *ret = NAN;
    if (snprintf(path, sizeof path, "%s/tracer/stdout", run_directory) >= PATH_MAX)
        return OU_OK;
    buffer_init(&text, allocator_libc(), OUTPUT_BYTES_MAX);
    status = file_read(path, &text, NULL);
    if (status == OU_OK)
        *ret = sum_of((struct span){ buffer_string(&text), text.len }, path);
    buffer_release(&text);
    return status == OU_NO_MEMORY ? ou_fail(err, status, "no memory for %s", path) : OU_OK;
}
