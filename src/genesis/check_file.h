/* One genesis file against the table: every member, and what it holds is noted for further checks. */
#ifndef OU_GENESIS_CHECK_FILE_H
#define OU_GENESIS_CHECK_FILE_H

#include "genesis/facts.h"

/* Names of entries that are looked at for doubles: some 300 MB. Beyond, a remark says that they were not. */
#define GENESIS_NAMES_MAX ((size_t)12 << 20)

/* Tells findings of the file; facts are initialised by the caller. What is no JSON is a finding as well, and leaves
 * facts->given false. OU_IO, OU_NOT_FOUND, OU_NO_MEMORY, OU_INTERRUPTED. */
enum ou_status genesis_check_file(const char *path, enum genesis_era era,
                                  const struct genesis_fields *fields,
                                  struct genesis_teller *teller, struct genesis_facts *facts,
                                  struct ou_error *err);

#endif
