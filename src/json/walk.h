/* A JSON file as a walk over its values, in the order of the file. It takes the same memory for files of any
 * size, reads pipes as well, and is strict: the grammar of RFC 8259, UTF-8, one document and nothing behind it. What
 * it does not see is a name that stands twice in an object: whoever walks may look for that.
 *
 * Offsets count bytes from the start of the file; lines and columns are counted from 1, columns in bytes. */
#ifndef OU_JSON_WALK_H
#define OU_JSON_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/span.h"
#include "base/status.h"
#include "json/check.h"

#define WALK_NAME_MAX 4096                /* bytes of a member's name */
#define WALK_TEXT_MAX ((size_t)512 << 10) /* of a text or number */

enum walk_kind {
    WALK_OBJECT, /* it begins; its members follow, then WALK_CLOSE */
    WALK_ARRAY,  /* likewise, with items */
    WALK_CLOSE,  /* the end of the innermost of them */
    WALK_TEXT,
    WALK_NUMBER,
    WALK_TRUE,
    WALK_FALSE,
    WALK_NULL,
    WALK_END, /* of the document */
};

/* Views are valid until the next step. */
struct walk_value {
    enum walk_kind kind;
    bool is_member;       /* of an object: the next three are set */
    struct span name;     /* with escapes resolved */
    struct span raw_name; /* as it stands between the quotation marks */
    uint64_t name_at;     /* of its quotation mark */
    struct span text;     /* of a text, with escapes resolved; of a number, as it stands */
    struct span raw;      /* of a text: as it stands between the quotation marks */
    uint64_t at, end; /* from the first byte to behind the last; of containers, of the bracket */
    uint64_t line, column; /* of the first byte */
};

/* Fields are private but these. */
struct json_walk {
    const char *problem; /* what is no JSON, when a step was OU_INVALID: "a comma is missing" */
    uint64_t problem_line, problem_column;
    unsigned depth; /* brackets that are open */

    const char *path; /* the caller's */
    int fd;           /* -1: the rest of a text in memory is read instead */
    struct span rest; /* of it */
    void (*tap)(void *context, const char *bytes, size_t count);
    void *tap_context;
    char *window, *plain, *name_room; /* bytes of the file; texts, names without escapes; owned */
    char *at, *end;                   /* in the window: what is not read yet */
    uint64_t window_offset;           /* of the window's first byte */
    uint64_t line, line_offset;
    uint64_t objects[JSON_CHECK_DEPTH_MAX / 64]; /* a bit a level: it is an object */
    bool first, ended, at_eof;
    enum ou_status status; /* of reading; sticky */
    int os_error;
};

/* OU_NOT_FOUND, OU_IO (a directory, say), OU_NO_MEMORY, OU_INTERRUPTED while waiting for a pipe. */
enum ou_status json_walk_open(struct json_walk *w, const char *path, struct ou_error *err);
/* The same of a text in memory, which must stay; name is what messages say. */
enum ou_status json_walk_open_text(struct json_walk *w, struct span text, const char *name,
                                   struct ou_error *err);
/* From now on tap is given all bytes in their order, some of them before the steps that they belong to. Behind WALK_END it
 * has had the whole file: for hashes. */
void json_walk_tap(struct json_walk *w, void (*tap)(void *context, const char *bytes, size_t count),
                   void *context);
void json_walk_close(struct json_walk *w); /* a zeroed one is fine */

/* OU_INVALID: no JSON from here on ("FILE:LINE:COLUMN: reason"); no step may follow a failure, or WALK_END. */
enum ou_status json_walk_next(struct json_walk *w, struct walk_value *ret, struct ou_error *err);

/* Behind the end of a container whose beginning was the last step. *ret_end, which may be NULL: the offset there. */
enum ou_status json_walk_skip(struct json_walk *w, uint64_t *ret_end, struct ou_error *err);

#endif
