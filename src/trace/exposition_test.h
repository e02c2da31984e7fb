/* Checks a page of metrics line by line against the grammar of the text format, written
 * down anew as regular expressions. What is wrong fails the running test. */
#ifndef OU_TRACE_EXPOSITION_TEST_H
#define OU_TRACE_EXPOSITION_TEST_H

#include <regex.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "support/test.h"

#define EXPOSITION_NAME "[a-zA-Z_][a-zA-Z0-9_]*"
#define EXPOSITION_LABEL EXPOSITION_NAME "=\"([^\"\\\n]|\\\\[\\n\"])*\""
#define EXPOSITION_NUMBER "(-?[0-9]+(\\.[0-9]+)?(e[-+][0-9]+)?|NaN|[-+]Inf)"

static inline bool exposition_matches(const char *line, const char *pattern)
{
    regex_t regex;
    bool matches;

    assert_int_equal(regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB), 0);
    matches = regexec(&regex, line, 0, NULL, 0) == 0;
    regfree(&regex);
    return matches;
}

static inline bool exposition_is_line(const char *line)
{
    return exposition_matches(line, "^# TYPE " EXPOSITION_NAME " (gauge|counter|info)$") ||
           exposition_matches(line, "^# HELP " EXPOSITION_NAME " ([^\"\\]|\\\\[\\n])*$") ||
           exposition_matches(line, "^" EXPOSITION_NAME "(\\{" EXPOSITION_LABEL
                                    "(," EXPOSITION_LABEL ")*\\})? " EXPOSITION_NUMBER "$");
}

/* The name that a line is about, in room. */
static inline const char *exposition_name(const char *line, char *room)
{
    const char *at = *line == '#' ? line + strlen("# TYPE ") : line;
    size_t len = strcspn(at, " {");

    memcpy(room, at, len);
    room[len] = '\0';
    return room;
}

/* Returns the number of samples. Lines about one metric stand together and its sample
 * ends them; no name is sampled twice. */
static inline unsigned exposition_check(const char *page)
{
    size_t room = strlen(page) + 3;
    char *copy = strdup(page), *names = calloc(1, room);
    char *name = calloc(1, room), *pending = calloc(1, room);
    unsigned samples = 0;

    assert_true(copy && names && name && pending);
    assert_true(strlen(page) >= 6 && strcmp(page + strlen(page) - 6, "# EOF\n") == 0);
    copy[strlen(page) - 6] = '\0';
    strcpy(names, "\n");
    for (char *line = copy, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        if (!exposition_is_line(line))
            fail_msg("not in the grammar: %s", line);
        exposition_name(line, name);
        assert_true(!*pending || strcmp(pending, name) == 0);
        strcpy(pending, name);
        if (*line == '#')
            continue;
        snprintf(name, room, "\n%s\n", pending); /* as it stands among the names so far */
        assert_null(strstr(names, name));
        strcat(names, name + 1);
        *pending = '\0';
        samples++;
    }
    assert_true(!*pending);
    free(copy);
    free(names);
    free(name);
    free(pending);
    return samples;
}

#endif
