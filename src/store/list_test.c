/* Lists, on both databases: what a reader sees, and that pages fit together. */
#include "store/list.h"

#include "store/judged_runs_test.h"

#define RUNS 12

static struct judged_store s;
static struct arena memory;
static struct buffer out;
static struct list_filter filters[LIST_FILTERS_MAX];
static const struct list_field *fields[64];

/* Runs on days 0 to 11, the names of which judged_put() gives. */
static void start(void)
{
    struct ou_error err = { "" };

    judged_open(&s);
    arena_init(&memory, allocator_libc(), 1 << 20);
    buffer_init(&out, allocator_libc(), 1 << 20);
    for (int day = 0; day < RUNS; day++) {
        struct summary_record value = judged_value(CPU, day + 0.5);
        struct judged_run run = { .day = day, .summaries = &value, .count = 1 };

        assert_good(sql_write(s.db, judged_put, &run, &err), err);
    }
}

static void stop(void)
{
    buffer_release(&out);
    arena_release(&memory);
    judged_close(&s);
}

/* names: "a,b" */
static struct list_query query_of(const char *resource, const char *names, const char *sort)
{
    struct list_query q = {
        .resource = list_resource_find(resource),
        .filters = filters,
        .fields = fields,
        .limit = 1000,
    };
    char name[64];

    while (*names) {
        size_t len = strcspn(names, ",");

        snprintf(name, sizeof name, "%.*s", (int)len, names);
        fields[q.field_count] = list_field_find(q.resource, name);
        assert_non_null(fields[q.field_count++]);
        names += len + (names[len] == ',');
    }
    q.descending = *sort == '-';
    q.sort = list_field_find(q.resource, sort + q.descending);
    assert_non_null(q.sort);
    return q;
}

static void filter(struct list_query *q, const char *name, const char *text)
{
    struct ou_error err = { "" };
    size_t position;

    assert_good(list_filter_parse(list_field_find(q->resource, name), text, &memory,
                                  &filters[q->filter_count++], &position, &err),
                err);
}

static struct list_page page_of(const struct list_query *q, enum list_format format)
{
    struct list_page page;
    struct ou_error err = { "" };

    buffer_clear(&out);
    assert_good(list_page(s.db, q, format, &memory, &out, &page, &err), err);
    return page;
}

static size_t rows_with(const char *name, const char *text)
{
    struct list_query q = query_of("runs", "id", "-startedAt");
    struct ou_error err = { "" };
    int64_t count;
    size_t rows;

    filter(&q, name, text);
    rows = page_of(&q, LIST_JSON).rows;
    assert_good(list_count(s.db, &q, &count, &err), err);
    assert_int_equal(count, rows);
    return rows;
}

static void test_filters_take_what_they_say(void **state)
{
    (void)state;
    start();
    assert_int_equal(rows_with("project", "tests"), RUNS);
    assert_int_equal(rows_with("project", "ne.tests"), 0);
    assert_int_equal(rows_with("project", "in.(tests,others)"), RUNS);
    assert_int_equal(rows_with("project", "prefix.te"), RUNS);
    assert_int_equal(rows_with("project", "prefix.tf"), 0);
    assert_int_equal(rows_with("startedAt", "ge.2026-01-03"), RUNS - 2);
    assert_int_equal(rows_with("startedAt", "gt.2026-01-03"), RUNS - 3);
    assert_int_equal(rows_with("startedAt", "le.2026-01-03T00:00:00Z"), 3);
    assert_int_equal(rows_with("failure", "x") + rows_with("batch", "x"), 0);
    stop();
}

static void test_what_is_not_known_is_told_apart(void **state)
{
    (void)state;
    start();
    assert_int_equal(rows_with("era", "is.null") + rows_with("era", "not.null"), RUNS);
    assert_int_equal(rows_with("batch", "ne.x"), RUNS);
    stop();
}

static void test_pages_have_each_row_once_while_rows_are_added(void **state)
{
    struct list_query q;
    struct list_page page;
    struct ou_error err = { "" };
    size_t rows = 0, pages = 0;

    (void)state;
    start();
    q = query_of("runs", "startedAt", "-startedAt");
    q.limit = 5;
    do {
        /* A newer one, which stands before everything that is still to come. */
        struct summary_record value = judged_value(CPU, 1);
        struct judged_run run = { .day = 100 + (int)pages, .summaries = &value, .count = 1 };

        page = page_of(&q, LIST_JSON);
        rows += page.rows;
        assert_good(sql_write(s.db, judged_put, &run, &err), err);
        q.has_after = true;
        q.after = page.last;
        q.after_no = page.last_no;
    } while (page.has_more && ++pages < 10);
    assert_int_equal(rows, RUNS);
    stop();
}

static void test_rows_of_the_same_value_are_not_lost_between_pages(void **state)
{
    struct list_query q;
    struct list_page page;
    size_t rows = 0;

    (void)state;
    start();
    q = query_of("summaries", "run,metric", "-run");
    q.limit = 1;
    do {
        page = page_of(&q, LIST_JSON);
        rows += page.rows;
        q.has_after = true;
        q.after = page.last;
        q.after_no = page.last_no;
    } while (page.has_more && rows < 100);
    assert_int_equal(rows, RUNS);
    stop();
}

static enum ou_status put_odd_rows(struct sql *db, void *context, struct ou_error *err)
{
    static const char *const odd[][2] = {
        { "=1+1", "z" },        { "a,\"b\"", NULL }, { "-2", "b" },
        { "line\nline", NULL }, { "plain", "a" },
    };
    char id[2] = "0";
    enum ou_status status = OU_OK;

    (void)context;
    for (size_t i = 0; i < 5 && !status; i++, id[0]++)
        status =
            sql_run(db, "INSERT INTO profiles (id, name, workload, facts) VALUES ($1, $2, $3, $4)",
                    SQL_ARGS(sql_text(id), sql_text(odd[i][0]), sql_text(odd[i][1]),
                             sql_text("{\"a\":[1]}")),
                    NULL, err);
    return status;
}

static void test_csv_is_what_spreadsheets_read_and_do_not_compute(void **state)
{
    struct list_query q;
    struct ou_error err = { "" };

    (void)state;
    start();
    assert_good(sql_write(s.db, put_odd_rows, NULL, &err), err);
    q = query_of("profiles", "id,name,workload,facts", "name");
    filter(&q, "id", "in.(0,1,2,3,4)");
    page_of(&q, LIST_CSV);
    assert_string_equal(buffer_string(&out), "id,name,workload,facts\r\n"
                                             "2,'-2,b,\"{\"\"a\"\":[1]}\"\r\n"
                                             "0,'=1+1,z,\"{\"\"a\"\":[1]}\"\r\n"
                                             "1,\"a,\"\"b\"\"\",,\"{\"\"a\"\":[1]}\"\r\n"
                                             "3,\"line\nline\",,\"{\"\"a\"\":[1]}\"\r\n"
                                             "4,plain,a,\"{\"\"a\"\":[1]}\"\r\n");
    page_of(&q, LIST_NDJSON);
    assert_non_null(strstr(buffer_string(&out), "{\"id\":\"2\",\"name\":\"-2\",\"workload\":\"b\","
                                                "\"facts\":{\"a\":[1]}}\n"));
    stop();
}

/* The ids of the odd rows in the order of a sort, two a page. */
static void assert_order(const char *sort, const char *expected)
{
    struct list_query q = query_of("profiles", "id", sort);
    struct list_page page;
    char order[16] = "";

    filter(&q, "id", "in.(0,1,2,3,4)");
    q.limit = 2;
    do {
        page = page_of(&q, LIST_NDJSON);
        for (const char *at = buffer_string(&out); (at = strstr(at, ":\"")); at += 2)
            strncat(order, at + 2, 1);
        q.has_after = true;
        q.after = page.last;
        q.after_no = page.last_no;
    } while (page.has_more && strlen(order) < 10);
    assert_string_equal(order, expected);
}

static void test_rows_without_the_value_come_last_both_ways(void **state)
{
    struct ou_error err = { "" };

    (void)state;
    start();
    assert_good(sql_write(s.db, put_odd_rows, NULL, &err), err);
    assert_order("workload", "42013");
    assert_order("-workload", "02431");
    stop();
}

static void test_an_item_is_found_by_its_id_alone(void **state)
{
    struct list_query q;
    struct ou_error err = { "" };

    (void)state;
    start();
    q = query_of("projects", "name,runs", "name");
    assert_good(list_item(s.db, &q, "tests", &out, &err), err);
    assert_string_equal(buffer_string(&out), "{\"name\":\"tests\",\"runs\":12}");
    assert_int_equal(list_item(s.db, &q, "tests' OR 'a'='a", &out, &err), OU_NOT_FOUND);
    stop();
}

/* ---- what readers write wrongly ---- */

static void assert_wrong(const char *field, const char *text, size_t position)
{
    struct list_filter f = { 0 };
    struct ou_error err = { "" };
    size_t at = 0;

    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_int_equal(list_filter_parse(list_field_find(list_resource_find("runs"), field), text,
                                       &memory, &f, &at, &err),
                     OU_USAGE);
    assert_int_equal(at, position);
    arena_release(&memory);
}

static void test_the_place_of_a_mistake_is_told(void **state)
{
    (void)state;
    assert_wrong("hosts", "many", 1);
    assert_wrong("hosts", "gt.", 4);
    assert_wrong("hosts", "in.(1,2,x)", 9);
    assert_wrong("hosts", "in.(1,2", 8);
    assert_wrong("hosts", "in.(1)2", 7);
    assert_wrong("hosts", "prefix.1", 1);
    assert_wrong("hosts", "99999999999999999999", 1);
    assert_wrong("name", "in.(\"a", 5);
    assert_wrong("startedAt", "gt.yesterday", 4);
    assert_wrong("startedAt", "2026-02-30", 1);
}

static void test_quotes_hold_what_would_end_an_item(void **state)
{
    struct list_filter f = { 0 };
    struct ou_error err = { "" };
    size_t at;

    (void)state;
    arena_init(&memory, allocator_libc(), 1 << 20);
    assert_good(list_filter_parse(list_field_find(list_resource_find("runs"), "name"),
                                  "in.(\"a,b)\",c,\"\\\"\\\\\",)", &memory, &f, &at, &err),
                err);
    assert_int_equal(f.count, 4);
    assert_true(span_is(f.values[0].bytes, "a,b)"));
    assert_true(span_is(f.values[1].bytes, "c"));
    assert_true(span_is(f.values[2].bytes, "\"\\"));
    assert_true(span_is(f.values[3].bytes, ""));
    arena_release(&memory);
}

static void test_a_page_that_does_not_fit_is_refused_with_what_helps(void **state)
{
    struct list_query q;
    struct ou_error err = { "" };
    struct list_page page;
    struct buffer small;

    (void)state;
    start();
    q = query_of("runs", "id,name", "-startedAt");
    buffer_init(&small, allocator_libc(), 100);
    assert_int_equal(list_page(s.db, &q, LIST_JSON, &memory, &small, &page, &err), OU_TOO_LARGE);
    assert_string_equal(err.text, "the page is too large: a lower limit, or fewer fields");
    q.limit = 1; /* and the connection is as before */
    buffer_clear(&small);
    assert_good(list_page(s.db, &q, LIST_JSON, &memory, &small, &page, &err), err);
    buffer_release(&small);
    stop();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_filters_take_what_they_say),
        database_test(test_what_is_not_known_is_told_apart),
        database_test(test_pages_have_each_row_once_while_rows_are_added),
        database_test(test_rows_of_the_same_value_are_not_lost_between_pages),
        database_test(test_csv_is_what_spreadsheets_read_and_do_not_compute),
        database_test(test_rows_without_the_value_come_last_both_ways),
        database_test(test_an_item_is_found_by_its_id_alone),
        database_test(test_a_page_that_does_not_fit_is_refused_with_what_helps),
        cmocka_unit_test(test_the_place_of_a_mistake_is_told),
        cmocka_unit_test(test_quotes_hold_what_would_end_an_item),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
