/* Hashes of genesis files, as a node's configuration names them: BLAKE2b-256. */
#ifndef OU_GENESIS_HASH_H
#define OU_GENESIS_HASH_H

#include "chain/hash.h"

/* Of the file's bytes: Shelley and later. A file of any size, in little memory. */
enum ou_status genesis_hash_file(const char *path, uint8_t ret[HASH_BYTES], struct ou_error *err);

/* Of a Byron file: of its canonical form, with sorted keys and without blanks. */
enum ou_status genesis_hash_byron(const char *path, uint8_t ret[HASH_BYTES], struct ou_error *err);

#endif
