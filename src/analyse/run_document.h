/* Reading the JSON documents of a run directory, member by member: the first
 * failure sticks, so that the members can be read one after the other and the
 * question asked once. A member that is null is as one that is not there; one of
 * the wrong type is OU_INVALID and named in the message. One thread. */
#ifndef OU_ANALYSE_RUN_DOCUMENT_H
#define OU_ANALYSE_RUN_DOCUMENT_H

#include <jansson.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/status.h"

/* One document being read. */
struct run_document {
    const char *path;
    struct arena *memory; /* of all that is kept of it */
    struct ou_error *err;
    enum ou_status status;
};

/* An object of the document and its name for messages: "meta.profile_content".
 * NULL when the document has none; then it has no members. */
struct place {
    const json_t *object;
    char name[96];
};

/* Loads a document, which must be an object, into *ret for the caller to
 * json_decref(); path NULL leaves *ret alone. */
enum ou_status run_document_load(const char *path, json_t **ret, struct ou_error *err);

/* wanted: "a number". */
void run_document_fail_type(struct run_document *d, const struct place *in, const char *key,
                            const char *wanted);
void run_document_fail_memory(struct run_document *d);

const json_t *run_document_member(const struct place *in, const char *key);
struct place run_document_place(const struct place *in, const char *key, const json_t *object);
struct place run_document_section(struct run_document *d, const struct place *in, const char *key);
const json_t *run_document_list(struct run_document *d, const struct place *in, const char *key);
/* Item i of the list that is the member `key`, which must be an object. */
struct place run_document_item(struct run_document *d, const struct place *in, const char *key,
                               size_t i);

char *run_document_keep(struct run_document *d, const char *text, size_t len);
/* Room for count items; one more, so that an empty list is not NULL. */
void *run_document_items(struct run_document *d, size_t count, size_t item_bytes);

/* These leave *ret alone when the document has no such member. */
void run_document_text(struct run_document *d, const struct place *in, const char *key,
                       const char **ret);
void run_document_number(struct run_document *d, const struct place *in, const char *key,
                         double *ret);
/* A list of texts. */
void run_document_texts(struct run_document *d, const struct place *in, const char *key,
                        const char ***ret, size_t *ret_count);

#endif
