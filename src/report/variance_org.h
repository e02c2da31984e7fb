/* Multi-run tables for documents and formulas that were made for those of the
 * field's existing tool. */
#ifndef OU_REPORT_VARIANCE_ORG_H
#define OU_REPORT_VARIANCE_ORG_H

#include "base/buffer.h"
#include "study/variance.h"

/* Appends a heading and a table for each section, of the aspect that v asks for. */
void variance_org(const struct variance *v, struct buffer *out);

#endif
