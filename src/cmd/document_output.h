/* Where a document goes, and in which form: what the DOCUMENT_OPTIONS rows of a
 * command's option table (commands.h) say. */
#ifndef OU_CMD_DOCUMENT_OUTPUT_H
#define OU_CMD_DOCUMENT_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/commands.h"
#include "report/document.h"
#include "report/document_writers.h"

/* Zero-initialise, or fill in by hand what a command decides by itself. Owns nothing. */
struct document_output {
    const struct command *command; /* for remarks */
    bool structured;               /* --json: the command's own result file is wanted */
    enum document_format format;   /* of a document */
    bool format_told;              /* by --format, or by the ending of path */
    const char *path;              /* NULL: standard output */
    bool quiet;
    struct text_style style;
};

/* Appends the command's result file (variance.json, comparison.json, ...). */
typedef void structured_writer(const void *result, struct buffer *out);

/* What the options ask for; first: the row of DOCUMENT_OPTION_FORMAT. OU_USAGE when they contradict
 * each other, when --width is no number of its range, or when an ending of --out says nothing and
 * --format is not given. Touches nothing. A --format that no document has (see more_formats in
 * commands.c) is the command's to handle: format stays text, format_told is true. */
enum ou_status document_output_plan(const struct parsed_options *options, size_t first,
                                    struct document_output *ret, struct ou_error *err);

/* Writes the document, or with --json what `structured` makes of `result` (NULL: the document as
 * JSON). A file is there complete or not at all, with a remark on standard error. A document that
 * has failed is not written. */
enum ou_status document_output_write(const struct document_output *o, const struct document *d,
                                     structured_writer *structured, const void *result,
                                     struct ou_error *err);

/* A page without the pictures it should have is worth a word. */
void document_output_warn(const struct document_output *o, const struct document *d,
                          enum document_format format);

/* Writes text of another form to where the options say; fails as the text has. */
enum ou_status document_output_put(const struct document_output *o, const struct buffer *text,
                                   struct ou_error *err);

/* The end of a command: its exit code, and the message on standard error. */
enum exit_code document_output_end(const struct command *command, enum ou_status status,
                                   const struct ou_error *err);

#endif
