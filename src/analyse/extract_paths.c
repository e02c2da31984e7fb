#include "analyse/extract_paths.h"

#include <stdio.h>
#include <string.h>

/* Nothing reads these paths again, but they are shown. */
#define SHOWN_BYTES_MAX 8192

void put_path(struct buffer *b, const char *path, const char *base)
{
    size_t len = base ? strlen(base) : 0;
    bool is_below = base && strncmp(path, base, len) == 0 && path[len] == '/';

    put_number(b, is_below);
    put_text(b, span_of(is_below ? path + len + 1 : path));
}

static const char *copy(struct extract_reader *r, struct arena *memory, const char *head,
                        const char *between, struct span tail)
{
    char text[SHOWN_BYTES_MAX];
    int len = snprintf(text, sizeof text, "%s%s%.*s", head, between, (int)tail.len, tail.at);
    const char *kept;

    if (len >= (int)sizeof text) {
        extract_fail(r, OU_INVALID, "the extract is damaged: a path is too long");
        return NULL;
    }
    kept = arena_copy(memory, text, (size_t)len);
    if (!kept)
        extract_fail(r, OU_NO_MEMORY, "no memory");
    return kept;
}

const char *take_path(struct extract_reader *r, const char *base, struct arena *memory)
{
    bool is_below = take_flag(r);
    struct span path = take_text(r);

    if (extract_failed(r))
        return NULL;
    return is_below && base ? copy(r, memory, base, "/", path) : copy(r, memory, "", "", path);
}

/* What stands before the path, and behind it. */
void put_problem(struct buffer *b, const char *problem, const char *path)
{
    const char *at = problem && *path ? strstr(problem, path) : NULL;

    put_number(b, at != NULL);
    if (!at) {
        put_optional(b, problem);
        return;
    }
    put_text(b, (struct span){ problem, (size_t)(at - problem) });
    put_text(b, span_of(at + strlen(path)));
}

const char *take_problem(struct extract_reader *r, const char *path, struct arena *memory)
{
    bool has_path = take_flag(r), is_null = false;
    const char *head = "";
    struct span tail;

    if (has_path)
        head = take_copy(r, memory);
    tail = has_path ? take_text(r) : take_optional(r, &is_null);
    if (extract_failed(r) || is_null)
        return NULL;
    return copy(r, memory, head, has_path ? path : "", tail);
}

const char *take_copy(struct extract_reader *r, struct arena *memory)
{
    struct span text = take_text(r);
    const char *kept = extract_failed(r) ? NULL : arena_copy(memory, text.at, text.len);

    if (!kept)
        extract_fail(r, OU_NO_MEMORY, "no memory");
    return kept;
}
