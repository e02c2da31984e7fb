#include "workbench/start_script.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/buffer.h"
#include "base/file.h"

#define SCRIPT_BYTES_MAX ((size_t)1 << 20)

/* In single quotes: a quote inside ends them, is written by itself, and opens them again. */
static void append_quoted(struct buffer *b, const char *word)
{
    buffer_char(b, '\'');
    for (; *word; word++)
        if (*word == '\'')
            buffer_text(b, "'\\''");
        else
            buffer_char(b, *word);
    buffer_char(b, '\'');
}

static void append_word(struct buffer *b, const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "-_./:=+,@";

    if (*word && word[strspn(word, plain)] == '\0')
        buffer_text(b, word);
    else
        append_quoted(b, word);
}

/* NAME='VALUE' */
static void append_variable(struct buffer *b, const char *entry)
{
    const char *value = strchr(entry, '=') + 1;

    buffer_printf(b, "export %.*s", (int)(value - entry), entry);
    if (*value)
        append_word(b, value);
    buffer_char(b, '\n');
}

/* An option and its value in one line, and so the flags of a run-time system; the program and what it is to do in the first. */
static void append_arguments(struct buffer *b, const char *const *argv)
{
    bool among_flags = false;

    append_word(b, argv[0]);
    for (size_t i = 1; argv[i]; i++) {
        bool is_option = !among_flags && (argv[i][0] == '-' || strcmp(argv[i], "+RTS") == 0);

        buffer_text(b, is_option ? " \\\n    " : " ");
        append_word(b, argv[i]);
        among_flags = strcmp(argv[i], "+RTS") == 0 || (among_flags && strcmp(argv[i], "-RTS") != 0);
    }
    buffer_char(b, '\n');
}

static void append_script(struct buffer *b, const struct start_command *command, const char *name)
{
    buffer_printf(b,
                  "#!/bin/sh\n"
                  "# Starts %s as the run did, with this folder as the current one.\n"
                  "cd \"$(dirname \"$0\")\" || exit 1\n",
                  name);
    for (const char *const *at = command->environment; *at; at++)
        append_variable(b, *at);
    buffer_text(b, "exec ");
    if (*command->cores)
        buffer_printf(b, "taskset -c %s ", command->cores);
    append_arguments(b, command->argv);
}

enum ou_status start_script_write(const struct start_command *command, const char *name,
                                  struct ou_error *err)
{
    struct buffer text;
    struct out_file file = { .fd = -1 };
    char path[PATH_MAX];
    enum ou_status status;

    if (snprintf(path, sizeof path, "%s/start.sh", command->directory) >= PATH_MAX)
        return ou_fail(err, OU_TOO_LARGE, "%.80s...: the path is too long", command->directory);
    buffer_init(&text, allocator_libc(), SCRIPT_BYTES_MAX);
    append_script(&text, command, name);
    status = buffer_status(&text);
    if (status) {
        ou_fail(err, status, "%s: %s", path, ou_status_name(status));
    } else if (!(status = out_open(&file, path, err))) {
        out_write(&file, text.at, text.len);
        status = out_commit(&file, err);
    }
    if (!status && chmod(path, 0755) != 0)
        status = ou_fail(err, OU_IO, "chmod %s: %s", path, strerror(errno));
    out_release(&file);
    buffer_release(&text);
    return status;
}
