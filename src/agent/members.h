/* Members of a document that a stranger may have written: each with its kind and its limits. The first fault sticks, so that
 * a reader asks for all that it wants and looks once, at reading.status. One thread. */
#ifndef OU_AGENT_MEMBERS_H
#define OU_AGENT_MEMBERS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/status.h"

#define MEMBERS_NAME_MAX 64 /* bytes of names of services, hosts */

struct reading {
    struct arena *memory; /* where texts are copied to */
    const char *what;     /* "orders": what messages begin with */
    struct ou_error *err;
    enum ou_status status; /* the first fault: OU_INVALID, OU_TOO_LARGE or OU_NO_MEMORY */
};

/* An object of the document. */
struct members {
    struct reading *reading;
    const json_t *object;
    const char *at; /* "services[2]." */
};

/* The document itself. */
struct members members_of(struct reading *reading, const json_t *document);

/* Notes a fault of a member, unless there was one. */
void members_fault(const struct members *m, const char *name, const char *what);

/* A fault for the first member that is none of these: of documents that a person may have misspelt. */
void members_only(const struct members *m, const char *const *names, size_t count);

/* Each reads one member. One that is not there, or null, gives `none` where there is such a parameter, and is a fault where there is
 * none. */

/* Of at most `most` bytes, copied. */
const char *members_text(const struct members *m, const char *name, size_t most);
const char *members_text_or(const struct members *m, const char *name, size_t most,
                            const char *none);
/* The same, with what could be an order to a terminal, or turn the line around, as blanks; line feeds stay. NULL after a fault. */
const char *members_clean_text_or(const struct members *m, const char *name, size_t most,
                                  const char *none);
/* Letters, digits, ".", "_" and "-"; no leading dot, at most MEMBERS_NAME_MAX bytes: a part of a path, an argument. */
const char *members_name(const struct members *m, const char *name);
/* 64 hex digits in lower case. */
const char *members_sha256_or(const struct members *m, const char *name, const char *none);
/* http:// or https://, without control characters and blanks; at most 8 KiB. */
const char *members_url_or(const struct members *m, const char *name, const char *none);
/* Below a folder, whatever that is: members_is_below(). */
const char *members_below_or(const struct members *m, const char *name, const char *none);
/* An absolute path with no "..", no control characters. */
const char *members_absolute_or(const struct members *m, const char *name, const char *none);
uint64_t members_count(const struct members *m, const char *name, uint64_t most);
uint64_t members_count_or(const struct members *m, const char *name, uint64_t most, uint64_t none);
int64_t members_integer_or(const struct members *m, const char *name, int64_t least, int64_t most,
                           int64_t none);
double members_real_or(const struct members *m, const char *name, double least, double most,
                       double none);
bool members_flag_or(const struct members *m, const char *name, bool none);
/* The place of the text in `words` (count of them). */
size_t members_word(const struct members *m, const char *name, const char *const *words,
                    size_t count);
/* An object; *ret has none after a fault, or where there is no such member (which is a fault, too). */
struct members members_object(const struct members *m, const char *name);

/* An array of at most `most`; none is an empty one. Its items are read by the next two. */
size_t members_items(const struct members *m, const char *name, size_t most);
struct members members_item(const struct members *m, const char *name, size_t i);
/* An array of texts, NULL behind the last; NULL after a fault. `check` says whether it may stay (NULL: all may). */
const char **members_texts(const struct members *m, const char *name, size_t most,
                           size_t most_bytes, bool (*check)(const char *text), size_t *ret_count);

/* Zeroed room for `count` items; NULL after a fault. */
void *members_room(const struct members *m, size_t count, size_t item_bytes);

/* Whether a path stays below the folder where it begins: relative, no "..", no empty part, no control characters. "." is the folder. */
bool members_is_below(const char *path);

/* Writing: a text as a JSON string, cleaned as above, and what is no UTF-8 as U+FFFD; NULL is "". NULL: no memory. */
json_t *members_clean_string(const char *text);
/* A number; null where it is not finite. */
json_t *members_number(double value);
/* An array of `count` texts; NULL: no memory, or a text that is no UTF-8. */
json_t *members_array_of(const char *const *texts, size_t count);
/* The array with one more item, which is its own from now on; NULL when either could not be made. */
json_t *members_with(json_t *array, json_t *item);

#endif
