/* A statement with a condition for each filter that is given: few shapes, each with the index that fits. */
#ifndef OU_PAGES_STATEMENT_H
#define OU_PAGES_STATEMENT_H

#include "api/request.h"
#include "base/buffer.h"
#include "store/sql.h"

enum { STATEMENT_ARGUMENTS = 16 };

struct page_statement {
    struct buffer text;
    struct sql_value args[STATEMENT_ARGUMENTS];
    size_t count;
};

/* select: up to its WHERE, without it. */
void statement_begin(struct page_statement *s, const char *select);
/* " condition $N end". */
void statement_add(struct page_statement *s, const char *condition, struct sql_value value,
                   const char *end);
/* Nothing for NULL. */
void statement_name(struct page_statement *s, const char *condition, const char *name,
                    const char *end);
/* Where the caller may see one project only: condition, that project, end. */
void statement_only(struct page_statement *s, const struct api_request *r, const char *condition,
                    const char *end);
/* The rows; releases s. */
enum ou_status statement_query(struct page_statement *s, struct sql *db, struct sql_rows **ret,
                               struct ou_error *err);

#endif
