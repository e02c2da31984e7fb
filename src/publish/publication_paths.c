#include "publish/publication_paths.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* The quotation mark that begins the text in which `at` stands, if all between them may be the path of a directory; NULL. */
static const char *text_begin(const char *start, const char *at)
{
    const char *c = at;
    bool has_blanks = false;

    if (c == start || (c[-1] != '/' && c[-1] != '"'))
        return NULL;
    while (c > start && at - c < PATH_MAX && c[-1] != '"') {
        if ((unsigned char)c[-1] < ' ' || c[-1] == '\\')
            return NULL;
        has_blanks |= c[-1] == ' ';
        c--;
    }
    /* A sentence does not begin so. */
    if (has_blanks && *c != '/' && *c != '.')
        return NULL;
    /* A mark behind a backslash is a character of the text. */
    return c > start && c[-1] == '"' && (c - 1 == start || c[-2] != '\\') ? c : NULL;
}

void publication_strip_paths(struct span text, const char *name, struct buffer *ret)
{
    const char *copied = text.at, *end = text.at + text.len, *found = text.at;
    char needle[NAME_MAX + 2];
    size_t len = strlen(name);

    if (len == 0 || len > NAME_MAX) {
        buffer_append(ret, text.at, text.len);
        return;
    }
    len = (size_t)snprintf(needle, sizeof needle, "%s/", name);
    while ((found = memmem(found, (size_t)(end - found), needle, len))) {
        const char *begin = text_begin(copied, found);

        if (begin) {
            buffer_append(ret, copied, (size_t)(begin - copied));
            copied = found + len;
        }
        found += len;
    }
    buffer_append(ret, copied, (size_t)(end - copied));
}
