#include "cmd/document_output.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "cmd/help.h"
#include "cmd/say.h"
#include "cmd/terminal.h"
#include "report/charts.h"

enum { FILE_WIDTH = 100, WIDTH_MIN = 40, WIDTH_MAX = 400 };

/* --- What is asked for -------------------------------------------------------- */

static enum ou_status format_of_ending(const char *path, struct document_output *ret,
                                       struct ou_error *err)
{
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *dot = strrchr(name, '.');

    if (dot && strcmp(dot, ".txt") == 0)
        ret->format = DOCUMENT_TEXT;
    else if (!dot || !document_format_find(dot + 1, &ret->format))
        return ou_fail(err, OU_USAGE,
                       "--out: the name %s says no form (.html .md .org .csv .json .txt); "
                       "--format does",
                       path);
    ret->format_told = true;
    return OU_OK;
}

/* A name that promises a page must not hold anything else. Endings that are no form promise nothing. */
static enum ou_status check_ending(const struct document_output *o, const char *form,
                                   struct ou_error *err)
{
    struct document_output named = { 0 };
    struct ou_error untold = { 0 };
    enum document_format asked;

    if (!o->path || format_of_ending(o->path, &named, &untold) ||
        !document_format_find(form, &asked) || named.format == asked)
        return OU_OK;
    return ou_fail(err, OU_USAGE, "--out: the name %s says another form than %s", o->path, form);
}

static enum ou_status read_form(const struct parsed_options *options, size_t first,
                                struct document_output *ret, struct ou_error *err)
{
    const char *name = option_value(options, first + DOCUMENT_OPTION_FORMAT);

    ret->structured = option_given(options, first + DOCUMENT_OPTION_JSON);
    ret->path = option_value(options, first + DOCUMENT_OPTION_OUT);
    if (ret->path && !*ret->path)
        return ou_fail(err, OU_USAGE, "--out: the name of the file is empty");
    if (name && ret->structured)
        return ou_fail(err, OU_USAGE, "--json and --format contradict each other");
    if (name) {
        ret->format_told = true;
        document_format_find(name, &ret->format);
        return check_ending(ret, name, err);
    }
    if (ret->path && ret->structured)
        return check_ending(ret, "json", err);
    return ret->path ? format_of_ending(ret->path, ret, err) : OU_OK;
}

static enum ou_status read_width(const char *text, int *ret, struct ou_error *err)
{
    char *end;
    long width = strtol(text, &end, 10);

    if (end == text || *end || width < WIDTH_MIN || width > WIDTH_MAX)
        return ou_fail(err, OU_USAGE, "--width: '%s' is no number from %d to %d", text, WIDTH_MIN,
                       WIDTH_MAX);
    *ret = (int)width;
    return OU_OK;
}

/* A file is the same wherever it is written: only options have a say in its looks. */
static enum ou_status read_style(const struct parsed_options *options, size_t first,
                                 struct document_output *ret, struct ou_error *err)
{
    enum when colour = when_of(option_value(options, first + DOCUMENT_OPTION_COLOR));
    const char *width = option_value(options, first + DOCUMENT_OPTION_WIDTH);
    bool full = option_given(options, first + DOCUMENT_OPTION_FULL);
    bool ascii = option_given(options, first + DOCUMENT_OPTION_ASCII);

    if (ret->path)
        ret->style = (struct text_style){ FILE_WIDTH, colour == WHEN_ALWAYS, !ascii, full };
    else
        ret->style = (struct text_style){ terminal_width(STDOUT_FILENO),
                                          terminal_colour(STDOUT_FILENO, colour),
                                          !ascii && terminal_utf8(), full };
    return width ? read_width(width, &ret->style.width, err) : OU_OK;
}

enum ou_status document_output_plan(const struct parsed_options *options, size_t first,
                                    struct document_output *ret, struct ou_error *err)
{
    enum ou_status status;

    *ret = (struct document_output){ .command = options->command };
    ret->quiet = option_given(options, first + DOCUMENT_OPTION_QUIET);
    status = read_form(options, first, ret, err);
    return status ? status : read_style(options, first, ret, err);
}

/* --- Writing ------------------------------------------------------------------ */

static enum ou_status put_in_file(const struct document_output *o, const struct buffer *text,
                                  struct ou_error *err)
{
    struct out_file file = { 0 };
    enum ou_status status = out_open(&file, o->path, err);
    struct ou_error told = { 0 };

    if (status)
        return status;
    out_write_text(&file, text);
    status = out_commit(&file, err);
    out_release(&file);
    if (!status && !o->quiet) {
        ou_fail(&told, OU_OK, "wrote %s", o->path);
        say(o->command, told.text);
    }
    return status;
}

enum ou_status document_output_put(const struct document_output *o, const struct buffer *text,
                                   struct ou_error *err)
{
    struct ou_error why = { 0 };
    enum ou_status status = buffer_status(text);

    if (status)
        return ou_fail(err, status, "the report: %s", ou_status_name(status));
    if (o->path)
        return put_in_file(o, text, err);
    status = fd_write_text(STDOUT_FILENO, text, &why);
    return status ? ou_fail(err, status, "standard output: %s", why.text) : OU_OK;
}

void document_output_warn(const struct document_output *o, const struct document *d,
                          enum document_format format)
{
    const char *missing = format == DOCUMENT_HTML && !o->quiet ? charts_missing_in(d) : NULL;
    struct ou_error told = { 0 };

    if (!missing)
        return;
    ou_fail(&told, OU_OK, "the page has tables in place of pictures: %s", missing);
    say_warning(o->command, told.text);
}

enum ou_status document_output_write(const struct document_output *o, const struct document *d,
                                     structured_writer *structured, const void *result,
                                     struct ou_error *err)
{
    enum ou_status status = document_status(d, err);
    struct buffer text;

    if (status)
        return status;
    buffer_init(&text, allocator_libc(), DOCUMENT_BYTES_MAX);
    if (o->structured && structured)
        structured(result, &text);
    else
        document_write(d, o->structured ? DOCUMENT_JSON : o->format, &o->style, &text);
    status = document_output_put(o, &text, err);
    if (!status && !o->structured)
        document_output_warn(o, d, o->format);
    buffer_release(&text);
    return status;
}

enum exit_code document_output_end(const struct command *command, enum ou_status status,
                                   const struct ou_error *err)
{
    if (status == OU_OK)
        return EXIT_DONE;
    if (status == OU_USAGE)
        return say_usage_error(command, err);
    say(command, status == OU_INTERRUPTED ? "interrupted" : err->text);
    return EXIT_FAILED;
}
