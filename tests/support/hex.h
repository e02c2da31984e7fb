/* Binary test data as hex digits, and the rows of the shared table of protocol vectors. What they return
 * is kept until the program ends. What goes wrong here fails the running test. */
#ifndef OU_SUPPORT_HEX_H
#define OU_SUPPORT_HEX_H

#include "base/bytes.h"

/* Blanks between the digits are skipped. */
struct bytes from_hex(const char *hex);

/* `count` times the same byte, as the seeds of worked examples are. */
struct bytes repeated(uint8_t byte, size_t count);

/* The bytes of a row of n2n-vectors.tsv; the running test is skipped where the shared data is absent. */
struct bytes shared_vector(const char *name);

/* What the row says of it ("VRF proof; seed 00...; alpha 72"). */
const char *shared_vector_meaning(const char *name);

void assert_bytes(struct bytes got, struct bytes want);

#endif
