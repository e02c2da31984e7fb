/* Writes JSON into a buffer: commas, indentation and escapes are its business.
 *
 * Numbers are written in the shortest decimal form that reads back to the same
 * bits. Text that is not UTF-8 is written with U+FFFD in place of the bad
 * bytes. A NaN or infinity becomes null (JSON has none). Misuse (a value
 * without key inside an object, say) is caught by assertions. One thread. */
#ifndef OU_JSON_WRITE_H
#define OU_JSON_WRITE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

#define JSON_WRITE_DEPTH_MAX 32

struct json_writer {
    struct buffer *out; /* not owned; ask it for failures */
    bool indented;      /* two blanks a level, as json_writer_init says */
    int depth;
    bool in_object[JSON_WRITE_DEPTH_MAX], has_items[JSON_WRITE_DEPTH_MAX];
    bool inline_level[JSON_WRITE_DEPTH_MAX]; /* this container is written on one line */
    bool after_key;
};

void json_writer_init(struct json_writer *w, struct buffer *out, bool indented);

void json_begin_object(struct json_writer *w);
void json_begin_array(struct json_writer *w);
/* The same, but with everything inside on one line, whatever `indented` says. */
void json_begin_object_inline(struct json_writer *w);
void json_begin_array_inline(struct json_writer *w);
void json_end(struct json_writer *w); /* the innermost open object or array */

void json_key(struct json_writer *w, const char *key);

/* No name here may be one of jansson's: a program's own json_null() would be
 * called by that library in place of its own. Hence json_none, json_cstring. */
void json_none(struct json_writer *w); /* null */
void json_bool(struct json_writer *w, bool value);
void json_int(struct json_writer *w, int64_t value);
void json_uint(struct json_writer *w, uint64_t value);
void json_double(struct json_writer *w, double value);
void json_text(struct json_writer *w, struct span text);
void json_cstring(struct json_writer *w, const char *text); /* NULL writes null */
/* A value that is JSON already, as it is: nobody looks whether it is. */
void json_raw(struct json_writer *w, struct span json);
void json_instant(struct json_writer *w, int64_t ns); /* ISO 8601; TIME_NONE writes null */
void json_seconds(struct json_writer *w, int64_t ns); /* a number; TIME_NONE writes null */

/* The shortest decimal that reads back to value, as JSON and CSV both use it:
 * 0.1, 12, 1e+300. Returns the length. value must be finite. */
#define JSON_DOUBLE_ROOM 32
size_t json_format_double(double value, char out[JSON_DOUBLE_ROOM]);

#endif
