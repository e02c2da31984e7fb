/* A variance result as a file: what was computed, and of each run what it takes
 * to stand on a side of a comparison. docs/formats/variance.md describes it;
 * run_set_add() reads the runs back. */
#ifndef OU_STUDY_VARIANCE_FILE_H
#define OU_STUDY_VARIANCE_FILE_H

#include "base/buffer.h"
#include "study/variance.h"

#define VARIANCE_SCHEMA 1

/* Appends the file. Failures stick to the buffer. */
void variance_file(const struct variance *v, struct buffer *out);

#endif
