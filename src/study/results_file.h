/* The files that finished runs are read from: which one is meant, and its bytes. */
#ifndef OU_STUDY_RESULTS_FILE_H
#define OU_STUDY_RESULTS_FILE_H

#include <limits.h>

#include "base/buffer.h"
#include "base/span.h"
#include "base/status.h"
#include "logs/checksum.h"

/* The file that an operand of run_set_add() means: the analysis of a run directory, as it was written or packed later; a
 * file; of TABLE.tsv#RUN, where the whole is no file, what is in front of the #, and in *ret_selector what is behind it
 * (else NULL). OU_NOT_FOUND with the next step. */
enum ou_status results_file_find(const char *operand, char ret[PATH_MAX], const char **ret_selector,
                                 struct ou_error *err);

/* Appends all of a file, decompressed, and tells its checksum as it is then. OU_TOO_LARGE above ret->max. */
enum ou_status results_file_load(const char *path, struct buffer *ret,
                                 char checksum[CHECKSUM_HEX_ROOM], struct ou_error *err);
/* The same of a text in memory. */
enum ou_status results_text_checksum(struct span text, char ret[CHECKSUM_HEX_ROOM],
                                     struct ou_error *err);

#endif
