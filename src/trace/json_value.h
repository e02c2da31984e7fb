/* JSON that a program hands over ready-made, as the value of a field. */
#ifndef OU_TRACE_JSON_VALUE_H
#define OU_TRACE_JSON_VALUE_H

#include "base/buffer.h"
#include "base/span.h"

#define JSON_VALUE_DEPTH_MAX 32

/* Whether text is one value by the grammar of RFC 8259, blanks around it allowed, of at
 * most JSON_VALUE_DEPTH_MAX arrays and objects inside each other. Encoding
 * is not looked at: json_value_append() mends it. Any thread. */
bool json_value_is(struct span text);

/* Appends such a value without the blanks outside its strings, so that it is on one line. */
void json_value_append(struct buffer *out, struct span text);

#endif
