/* A Shelley genesis without its large members: what asks for parameters need not hold millions of funds. */
#ifndef OU_CHAIN_GENESIS_TRIM_H
#define OU_CHAIN_GENESIS_TRIM_H

#include "base/buffer.h"

/* Appends the file to *ret with initialFunds and staking, where they are objects, empty but for their line breaks (so that
 * messages name the right lines). Files of any size; what is left out is not looked at, but for its brackets and
 * quotation marks. As file_read() otherwise, whose failures it has. */
enum ou_status genesis_read_trimmed(const char *path, struct buffer *ret, struct ou_error *err);

#endif
