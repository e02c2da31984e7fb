/* Whether this program can draw. */
#ifndef OU_REPORT_CHARTS_H
#define OU_REPORT_CHARTS_H

#include "report/document.h"

/* Why pages made by this build have tables in place of pictures, a clause without a full stop; NULL
 * when they have pictures. Any thread. */
const char *charts_missing(void);
/* The same of a document's page; NULL also when it has no figures. */
const char *charts_missing_in(const struct document *d);

#endif
