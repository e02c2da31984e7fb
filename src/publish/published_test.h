/* Runs and a database for tests of publishing. */
#ifndef OU_PUBLISH_PUBLISHED_TEST_H
#define OU_PUBLISH_PUBLISHED_TEST_H

#include <stdio.h>
#include <string.h>

#include "base/time.h"
#include "publish/publication.h"
#include "publish/stored_runs.h"
#include "publish/takein.h"
#include "store/store.h"
#include "support/databases.h"
#include "support/test.h"

#define REPEATED "tests/data/repeated/"
#define NOON (INT64_C(1795435200) * NS_PER_SECOND)

#define assert_good(status, err)                                   \
    do {                                                           \
        if (status)                                                \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, (err).text); \
    } while (0)

static inline void open_store(const char *place, struct store **ret_store, struct sql **ret)
{
    struct store_options options = { .migrate = true };
    struct ou_error err = { "" };

    assert_good(store_open(place, &options, ret_store, &err), err);
    assert_good(store_take(*ret_store, ret, &err), err);
}

static inline void close_store(struct store *store, struct sql *db)
{
    store_give(store, db);
    store_close(store);
}

static inline void make_publication(const char *operand, const char *project, struct buffer *ret)
{
    struct publication_options options = { .project = project };
    struct ou_error err = { "" };

    buffer_init(ret, allocator_libc(), PUBLICATION_MAX);
    assert_good(publication_make(operand, &options, ret, &err), err);
}

static inline struct span span_of_buffer(const struct buffer *b)
{
    return (struct span){ buffer_string(b), b->len };
}

static inline struct takein take_document(struct sql *db, struct span document, bool replace)
{
    struct put_options options = { .actor = "local", .replace = replace, .now_ns = NOON };
    struct ou_error err = { "" };
    struct takein result;

    assert_good(take_in(db, document, "the test's", &options, &result, &err), err);
    return result;
}

static inline struct takein take_run(struct sql *db, const char *operand, const char *project)
{
    struct buffer document;
    struct takein result;

    make_publication(operand, project, &document);
    result = take_document(db, span_of_buffer(&document), false);
    buffer_release(&document);
    return result;
}

/* The first column of the first row, a number. */
static inline int64_t ask(struct sql *db, const char *statement)
{
    struct ou_error err = { "" };
    struct sql_rows *rows;
    int64_t number;

    assert_good(sql_query(db, statement, SQL_NO_ARGS, &rows, &err), err);
    assert_true(sql_next(rows));
    number = sql_get_int(rows, 0);
    assert_good(sql_rows_end(rows, &err), err);
    return number;
}

#endif
