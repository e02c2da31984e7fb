/* From a record back to values. */
#ifndef OU_TRACE_VALUES_H
#define OU_TRACE_VALUES_H

#include <ouroscope/message.h>

/* The values of a record's fields, in the order of declaration, read from the
 * bytes behind its head. They point into the record. The record is our own
 * process's and is trusted to be whole; sizes are asserted. */
void values_read(const struct ou_point *point, const char *body, size_t bytes,
                 struct ou_value ret[OU_FIELDS_MAX]);

/* Item i of a list of hashes (or txids), and of headers. */
const uint8_t *value_hash(const struct ou_value *list, uint32_t i);
struct ou_header value_header(const struct ou_value *list, uint32_t i);

#endif
