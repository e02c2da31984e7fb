/* Whether a foreign text may stand as it is where readers expect JSON. Pure. */
#ifndef OU_JSON_CHECK_H
#define OU_JSON_CHECK_H

#include <stdbool.h>

#include "base/span.h"

/* Of brackets inside one another: readers give up at some depth, the first at a thousand or so. */
#define JSON_CHECK_DEPTH_MAX 512

/* Whether the text is one object by the grammar of RFC 8259, from its first byte to its last, without a byte
 * below a blank (so it is one line, and no order to a terminal). It is not looked whether strings are UTF-8, or keys
 * repeat. */
bool json_is_object_line(struct span text);

#endif
