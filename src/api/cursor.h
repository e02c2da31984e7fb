/* Where the next page of a list begins, as an opaque text that only this database's servers make: the sort value and number
 * of the last row, and a hash of what was asked for, signed with the server's key. Pure; any thread. */
#ifndef OU_API_CURSOR_H
#define OU_API_CURSOR_H

#include "base/arena.h"
#include "base/buffer.h"
#include "store/access.h"
#include "store/sql.h"

#define CURSOR_BINDING_BYTES 16
struct cursor {
    unsigned char binding[CURSOR_BINDING_BYTES]; /* of resource, filters and sort */
    struct sql_value after;                      /* a text may be long; then the cursor is */
    int64_t after_no;
};

void cursor_write(const struct cursor *cursor, const unsigned char key[SERVER_KEY_BYTES],
                  struct buffer *ret);
/* False: it is none, or of another key. The value is in `memory`. */
bool cursor_read(const char *text, const unsigned char key[SERVER_KEY_BYTES], struct arena *memory,
                 struct cursor *ret);

#endif
