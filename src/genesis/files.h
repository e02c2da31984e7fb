/* Genesis files that are made of two halves: the data set in front, which stays, and the parameters behind it. Neither writing
 * nor hashing the second half touches the first. */
#ifndef OU_GENESIS_FILES_H
#define OU_GENESIS_FILES_H

#include <jansson.h>

#include "genesis/dataset.h"

/* Writes the second half of DIRECTORY/NAME, whatever stands behind the first one. */
enum ou_status genesis_write_second_half(const char *directory, const char *name,
                                         const struct genesis_digest *first, const json_t *members,
                                         struct genesis_stamp *ret_stamp,
                                         uint8_t ret_hash[HASH_BYTES], struct ou_error *err);

/* Of a file as it is now; false when there is none. */
bool genesis_stamp_take(const char *directory, const char *name, struct genesis_stamp *ret);
/* Whether a file is as we left it. */
bool genesis_stamp_fits(const char *directory, const char *name, const struct genesis_stamp *stamp);

/* Replaces systemStart in DIRECTORY/shelley.json, the last member of its second half, and tells the file's hash: from `first` where
 * that is not NULL, else from the whole file. */
enum ou_status genesis_set_shelley_start(const char *directory, int64_t system_start_ns,
                                         const struct genesis_digest *first,
                                         struct genesis_stamp *ret_stamp,
                                         uint8_t ret_hash[HASH_BYTES], struct ou_error *err);

#endif
