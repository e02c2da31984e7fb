/* Columns that have the same in all rows, and are therefore said once below the
 * table ("In each row: size 10.") in the forms for people. Any thread. */
#ifndef OU_REPORT_SAID_ONCE_H
#define OU_REPORT_SAID_ONCE_H

#include <stdbool.h>

#include "base/buffer.h"
#include "report/document.h"

/* Only columns that ask for it (doc_column.said_once), in tables of which people see two rows at
 * least. Without memory to tell, `out` fails, for which it is asked. */
bool is_said_once(const struct doc_table *t, size_t column, struct buffer *out);

/* Appends the note of a table: its own, and what is said once; nothing where there is neither. */
void table_note(struct buffer *out, const struct doc_table *t);

#endif
