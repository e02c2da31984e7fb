/* Statements of lists, being put together: the text, and the values that go beside it. */
#ifndef OU_STORE_LIST_STATEMENT_H
#define OU_STORE_LIST_STATEMENT_H

#include "json/write.h"
#include "store/list.h"

/* All values of all filters, where the page begins, and an id. */
#define STATEMENT_ARGS_MAX (LIST_FILTERS_MAX * LIST_IN_MAX + 4)

struct list_text {
    struct buffer *out;
    struct sql_value args[STATEMENT_ARGS_MAX];
    size_t count;
};

/* SELECT of the shown fields, then of the sort value and the number; limit + 1 rows, so that it is known whether there are more. */
void statement_of_page(const struct list_query *query, struct list_text *ret);
/* SELECT of the shown fields of the row with this id. */
void statement_of_item(const struct list_query *query, const char *id, struct list_text *ret);
void statement_of_count(const struct list_query *query, struct list_text *ret);

/* --- Values of rows (list_values.c) ----------------------------------------------------------------- */

void value_to_json(const struct list_field *field, const struct sql_rows *rows, int column,
                   struct json_writer *w);
void value_to_csv(const struct list_field *field, const struct sql_rows *rows, int column,
                  struct buffer *out);

#endif
