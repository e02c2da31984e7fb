/* How the value of each type of field is written. */
#ifndef OU_TRACE_RENDER_VALUES_H
#define OU_TRACE_RENDER_VALUES_H

#include <ouroscope/message.h>

#include "base/buffer.h"
#include "base/span.h"

struct value_form {
    size_t hash_digits; /* of blocks; a transaction's id always has 8 */
    bool legacy;        /* peers as addresses and ports instead of one text */
};

/* Whether data has the value: not what is unknown, except the parent of the first block;
 * not a flag that is down. */
bool value_is_shown(const struct ou_value *value);

/* A member of an object: `text` is ,"key": whose comma is replaced by `separator`. */
void value_member(struct buffer *out, char separator, struct span text,
                  const struct ou_value *value, const struct value_form *form);

/* For people: without quotation marks, hashes whole; what is unknown is a dash. */
void value_bare(struct buffer *out, const struct ou_value *value);

#endif
