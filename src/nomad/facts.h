/* Members of foreign documents, whatever their shape, and foreign text made fit for a message. Pure. */
#ifndef OU_NOMAD_FACTS_H
#define OU_NOMAD_FACTS_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"
#include "base/span.h"

/* A member's text; "" when there is none. Views of the document. */
const char *facts_text(const json_t *document, const char *name);
int64_t facts_integer(const json_t *document, const char *name, int64_t otherwise);
bool facts_is_true(const json_t *document, const char *name);

/* At most so many bytes of one foreign text go into a message. */
#define FACTS_CLEAN_MAX 600

/* Appends foreign text on one line, without control characters, cut at FACTS_CLEAN_MAX: lists of errors as Nomad prints them
 * ("2 errors occurred:\n\t* a\n\t* b") become "a; b"; a URL loses user, query and fragment, which may be secrets (of a presigned one, say). */
void facts_append_clean(struct buffer *out, struct span text);

/* Likewise of NULL-terminated text. */
void facts_append(struct buffer *out, const char *text);

/* The first characters of an ID, by which Nomad's own program knows it, too. */
void facts_append_id(struct buffer *out, const char *id);

/* "1 machine", "2 machines". */
void facts_append_count(struct buffer *out, int64_t count, const char *what);

#endif
