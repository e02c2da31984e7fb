#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/time.h"
#include "json/scan.h"
#include "logs/inputs.h"
#include "logs/line.h"
#include "logs/source.h"

#define PEEK_BYTES (64 * 1024)

/* The stamp of the first trace in the first bytes of a file. */
static int64_t first_stamp(const char *text, size_t len, struct arena *scratch)
{
    const char *end = text + len;

    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        struct line line;

        if (!newline)
            newline = end;
        line_read((struct span){ text, (size_t)(newline - text) }, scratch, &line);
        if (line.at_ns != TIME_NONE)
            return line.at_ns;
        text = newline + 1;
    }
    return TIME_NONE;
}

static int64_t peek_first_stamp(const char *path)
{
    char *text = calloc(1, PEEK_BYTES + SCAN_PADDING);
    struct source *source = NULL;
    struct arena scratch;
    int64_t stamp = TIME_NONE;
    size_t len = 0, got;

    arena_init(&scratch, allocator_libc(), 4 * PEEK_BYTES);
    if (text && source_open(path, &source, NULL) == OU_OK) {
        while (len < PEEK_BYTES &&
               source_read(source, text + len, PEEK_BYTES - len, &got, NULL) == OU_OK && got)
            len += got;
        stamp = first_stamp(text, len, &scratch);
    }
    source_close(source);
    arena_release(&scratch);
    free(text);
    return stamp;
}

int log_inputs_order(const void *a_input, const void *b_input)
{
    const struct log_input *a = a_input, *b = b_input;

    if (!a->host != !b->host)
        return a->host ? 1 : -1;
    if (a->host && strcmp(a->host, b->host) != 0)
        return strcmp(a->host, b->host);
    if (a->first_ns != b->first_ns)
        return a->first_ns < b->first_ns ? -1 : 1;
    return strcmp(a->path, b->path);
}

/* Is there a second file whose lines could go before or after this one's? */
static bool needs_order(const struct log_inputs *inputs, size_t i)
{
    const struct log_input *mine = &inputs->items[i];

    for (size_t k = 0; k < inputs->count; k++) {
        const struct log_input *other = &inputs->items[k];

        if (k != i && !mine->host == !other->host &&
            (!mine->host || strcmp(mine->host, other->host) == 0))
            return true;
    }
    return false;
}

static bool is_regular(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISREG(st.st_mode);
}

void log_inputs_sort(struct log_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        struct log_input *input = &inputs->items[i];

        if (needs_order(inputs, i) && is_regular(input->path))
            input->first_ns = peek_first_stamp(input->path);
    }
    if (inputs->count)
        qsort(inputs->items, inputs->count, sizeof(*inputs->items), log_inputs_order);
}

void log_inputs_look(struct log_inputs *inputs)
{
    for (size_t i = 0; i < inputs->count; i++) {
        struct log_input *input = &inputs->items[i];

        if (input->first_ns == TIME_NONE && is_regular(input->path))
            input->first_ns = peek_first_stamp(input->path);
    }
}

int64_t log_inputs_first_ns(const struct log_inputs *inputs)
{
    int64_t first_ns = TIME_NONE;

    for (size_t i = 0; i < inputs->count; i++) {
        const struct log_input *input = &inputs->items[i];
        int64_t at_ns = input->first_ns;

        if (at_ns == TIME_NONE && is_regular(input->path))
            at_ns = peek_first_stamp(input->path);
        if (at_ns != TIME_NONE && (first_ns == TIME_NONE || at_ns < first_ns))
            first_ns = at_ns;
    }
    return first_ns;
}
