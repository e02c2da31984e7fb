/* The columns of tables.h that speak of a block, or of a host that saw it. */
#ifndef OU_REPORT_BLOCK_COLUMNS_H
#define OU_REPORT_BLOCK_COLUMNS_H

#include "report/tables.h"

struct table_columns block_columns(void);
struct table_columns observation_columns(void);

#endif
