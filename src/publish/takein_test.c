#include "publish/takein.h"

#include <math.h>

#include "base/file.h"
#include "publish/published_test.h"
#include "store/record_doubles.h"
#include "study/read_runs.h"
#include "study/table_lines.h"
#include "support/files.h"

/* Runs of tests/data/repeated: fifteen of one machine, of two profiles; five were made slower on purpose by their profile. */
static void take_repeated(struct sql *db, const char *kind, size_t count)
{
    char path[128];

    for (size_t i = 1; i <= count; i++) {
        snprintf(path, sizeof path, REPEATED "%s-%0*zu.json.zst", kind, count > 9 ? 2 : 1, i);
        assert_int_equal(take_run(db, path, "tests").outcome, PUT_CREATED);
    }
}

static void test_runs_of_one_profile_on_one_machine_are_one_series(void **state)
{
    struct store *store;
    struct sql *db;

    (void)state;
    open_store(database_empty(), &store, &db);
    take_repeated(db, "ci-test", 10);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 10);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM series"), 1);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM versions"), 1);
    take_repeated(db, "base", 5);
    take_repeated(db, "slow", 5);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM environments"), 2); /* 2 hosts, and 4 */
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM series"), 2);
    close_store(store, db);
}

static void test_a_run_that_is_published_twice_is_one_run(void **state)
{
    struct takein first, second;
    struct store *store;
    struct sql *db;

    (void)state;
    open_store(database_empty(), &store, &db);
    first = take_run(db, REPEATED "base-1.json.zst", "tests");
    second = take_run(db, REPEATED "base-1.json.zst", "tests");
    assert_int_equal(first.outcome, PUT_CREATED);
    assert_int_equal(second.outcome, PUT_SAME);
    assert_string_equal(first.id, second.id);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 1);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM audit"), 1);
    close_store(store, db);
}

/* --- What comes back -------------------------------------------------------------------------- */

static void assert_same(double a, double b)
{
    assert_true(a == b || (isnan(a) && isnan(b)));
}

static void assert_same_values(const struct finished_run *a, const struct finished_run *b)
{
    assert_int_equal(a->value_count, b->value_count);
    for (size_t i = 0; i < a->value_count; i++) {
        assert_ptr_equal(a->values[i].info, b->values[i].info);
        assert_same(a->values[i].mean, b->values[i].mean);
        assert_same(a->values[i].n, b->values[i].n);
        assert_int_equal(a->values[i].host_count, b->values[i].host_count);
    }
    assert_int_equal(a->block_count, b->block_count);
    assert_string_equal(a->checksum, b->checksum);
}

static void test_a_run_comes_back_as_it_was_read_from_its_file(void **state)
{
    struct ou_error err = { "" };
    struct run_set set;
    struct store *store;
    struct sql *db;
    struct takein taken;

    (void)state;
    open_store(database_empty(), &store, &db);
    taken = take_run(db, REPEATED "base-2.json.zst", "tests");
    run_set_init(&set);
    assert_good(run_set_add(&set, REPEATED "base-2.json.zst", &err), err);
    assert_good(stored_run_add(db, taken.id, &set, &err), err);
    assert_int_equal(set.count, 2);
    assert_same_values(&set.runs[0], &set.runs[1]);
    assert_string_equal(set.runs[1].operand, taken.id);
    assert_true(is_same_run(&set.runs[0], &set.runs[1]));
    assert_int_equal(stored_run_add(db, "0123", &set, &err), OU_NOT_FOUND);
    run_set_release(&set);
    close_store(store, db);
}

static const struct run_value *first_with_samples(const struct finished_run *run)
{
    for (size_t i = 0; i < run->value_count; i++)
        if (run->values[i].blocks && run->values[i].host_count > 0)
            return &run->values[i];
    fail_msg("no metric has values of blocks");
    return NULL;
}

static void test_values_of_blocks_and_hosts_come_back_to_the_bit(void **state)
{
    struct ou_error err = { "" };
    const struct run_value *value;
    struct arena memory;
    struct run_set set;
    struct store *store;
    struct sql *db;
    struct takein taken;
    double *samples, *hosts;
    size_t count, host_count;

    (void)state;
    open_store(database_empty(), &store, &db);
    taken = take_run(db, REPEATED "base-3.json.zst", "tests");
    run_set_init(&set);
    arena_init(&memory, allocator_libc(), (size_t)1 << 20);
    assert_good(run_set_add(&set, REPEATED "base-3.json.zst", &err), err);
    value = first_with_samples(&set.runs[0]);
    assert_good(record_samples(db, taken.id, section_name(value->info->section), value->info->id,
                               &memory, &samples, &count, &err),
                err);
    assert_int_equal(count, set.runs[0].block_count);
    for (size_t i = 0; i < count; i++)
        assert_same(samples[i], value->blocks[i]);
    assert_good(record_host_values(db, taken.id, section_name(value->info->section),
                                   value->info->id, &memory, &hosts, &host_count, &err),
                err);
    assert_int_equal(host_count, set.runs[0].host_count);
    for (size_t i = 0; i < value->host_count; i++)
        assert_same(hosts[3 * value->hosts[i].host + 1], value->hosts[i].mean);
    arena_release(&memory);
    run_set_release(&set);
    close_store(store, db);
}

static void test_means_of_the_database_are_those_of_the_file(void **state)
{
    struct ou_error err = { "" };
    struct sql_rows *rows;
    struct run_set set;
    struct store *store;
    struct sql *db;
    size_t seen = 0;

    (void)state;
    open_store(database_empty(), &store, &db);
    take_run(db, REPEATED "base-4.json.zst", "tests");
    run_set_init(&set);
    assert_good(run_set_add(&set, REPEATED "base-4.json.zst", &err), err);
    assert_good(sql_query(db,
                          "SELECT m.section, m.id, s.mean, s.text, s.reason FROM summaries s "
                          "JOIN metrics m ON m.no = s.metric_no",
                          SQL_NO_ARGS, &rows, &err),
                err);
    for (; sql_next(rows); seen++)
        for (size_t i = 0; i < set.runs[0].value_count; i++) {
            const struct run_value *v = &set.runs[0].values[i];

            if (!span_is(sql_get_text(rows, 0), section_name(v->info->section)) ||
                !span_is(sql_get_text(rows, 1), v->info->id))
                continue;
            assert_same(sql_get_real(rows, 2), v->mean);
            assert_int_equal(sql_is_null(rows, 3), v->text == NULL);
            assert_int_equal(sql_is_null(rows, 4), v->kind != RUN_VALUE_ABSENT);
        }
    assert_good(sql_rows_end(rows, &err), err);
    assert_int_equal(seen, set.runs[0].value_count);
    run_set_release(&set);
    close_store(store, db);
}

/* --- Other content of the same name ----------------------------------------------------------- */

/* base-5 with another batch: the same tag, other bytes. */
static void make_changed(struct buffer *ret)
{
    struct ou_error err = { "" };
    struct buffer document;
    const char *at;

    (void)err;
    make_publication(REPEATED "base-5.json.zst", "tests", &document);
    buffer_init(ret, allocator_libc(), PUBLICATION_MAX);
    at = strstr(buffer_string(&document), "\\\"batch\\\": \\\"exp\\\"");
    assert_non_null(at);
    buffer_append(ret, document.at, (size_t)(at - document.at));
    buffer_text(ret, "\\\"batch\\\": \\\"two\\\"");
    buffer_text(ret, at + strlen("\\\"batch\\\": \\\"exp\\\""));
    buffer_release(&document);
}

static void test_another_content_of_a_name_is_a_conflict_until_it_replaces(void **state)
{
    struct takein first, conflict, replaced;
    struct buffer changed;
    struct store *store;
    struct sql *db;
    int64_t summaries, blocks;

    (void)state;
    open_store(database_empty(), &store, &db);
    first = take_run(db, REPEATED "base-5.json.zst", "tests");
    summaries = ask(db, "SELECT COUNT(*) FROM summaries");
    blocks = ask(db, "SELECT COUNT(*) FROM blocks");
    make_changed(&changed);
    conflict = take_document(db, span_of_buffer(&changed), false);
    assert_int_equal(conflict.outcome, PUT_CONFLICT);
    assert_string_equal(conflict.id, first.id);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs WHERE batch = 'exp'"), 1);
    replaced = take_document(db, span_of_buffer(&changed), true);
    assert_int_equal(replaced.outcome, PUT_REPLACED);
    assert_string_not_equal(replaced.id, first.id);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs WHERE batch = 'two'"), 1);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 1);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM summaries"), summaries);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM blocks"), blocks);
    buffer_release(&changed);
    close_store(store, db);
}

static void test_nothing_stays_of_a_run_that_is_deleted(void **state)
{
    static const char *const tables[] = { "runs",     "hosts",    "summaries",  "host_values",
                                          "samples",  "blocks",   "artifacts",  "series",
                                          "profiles", "versions", "components", "environments" };
    struct put_options options = { .actor = "local", .now_ns = NOON };
    struct ou_error err = { "" };
    struct store *store;
    struct sql *db;
    struct takein taken;

    (void)state;
    open_store(database_empty(), &store, &db);
    taken = take_run(db, REPEATED "base-1.json.zst", "tests");
    assert_good(record_delete_run(db, taken.id, &options, &err), err);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char statement[64];

        snprintf(statement, sizeof statement, "SELECT COUNT(*) FROM %s", tables[i]);
        assert_int_equal(ask(db, statement), 0);
    }
    assert_int_equal(record_delete_run(db, taken.id, &options, &err), OU_NOT_FOUND);
    close_store(store, db);
}

static void test_a_token_of_another_project_is_refused(void **state)
{
    struct put_options options = { .actor = "t", .only_project = "other", .now_ns = NOON };
    struct ou_error err = { "" };
    struct buffer document;
    struct takein result;
    struct store *store;
    struct sql *db;

    (void)state;
    open_store(database_empty(), &store, &db);
    make_publication(REPEATED "base-1.json.zst", "tests", &document);
    assert_int_equal(take_in(db, span_of_buffer(&document), "p", &options, &result, &err),
                     OU_USAGE);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 0);
    buffer_release(&document);
    close_store(store, db);
}

/* --- Tables of published results -------------------------------------------------------------- */

static enum ou_status take_lines(void *context, const struct table_lines *lines,
                                 struct ou_error *err)
{
    struct sql *db = context;
    struct buffer document;
    enum ou_status status;

    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    status = publication_make_table(lines->name, lines->text,
                                    &(struct publication_options){ .project = "published" },
                                    &document, err);
    if (!status)
        take_document(db, span_of_buffer(&document), false);
    buffer_release(&document);
    return status;
}

/* `cut -f2-3,7` and so on of the file say: 70 pairs of workload and start of a system, 30 of value, 38 of plutus and 2 of
 * voting, in 91 columns of reports. */
static void test_each_published_run_is_one_run_of_its_workload_s_series(void **state)
{
    const char *path = shared_data("published/published_results.tsv");
    struct ou_error err = { "" };
    struct buffer table;
    struct store *store;
    struct sql *db;

    (void)state;
    buffer_init(&table, allocator_libc(), (size_t)8 << 20);
    assert_good(file_read(path, &table, &err), err);
    open_store(database_empty(), &store, &db);
    for (int i = 0; i < 2; i++)
        assert_good(table_lines_each(span_of_buffer(&table), path, NULL, take_lines, db, &err),
                    err);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 70);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM series"), 3);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM environments"), 1);
    assert_int_equal(ask(db, "SELECT hosts FROM environments"), 52);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs r JOIN profiles p ON p.no = r.profile_no "
                             "WHERE p.name = 'value'"),
                     30);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs WHERE state <> 'finished'"), 0);
    buffer_release(&table);
    close_store(store, db);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        database_test(test_runs_of_one_profile_on_one_machine_are_one_series),
        database_test(test_a_run_that_is_published_twice_is_one_run),
        database_test(test_a_run_comes_back_as_it_was_read_from_its_file),
        database_test(test_values_of_blocks_and_hosts_come_back_to_the_bit),
        database_test(test_means_of_the_database_are_those_of_the_file),
        database_test(test_another_content_of_a_name_is_a_conflict_until_it_replaces),
        database_test(test_nothing_stays_of_a_run_that_is_deleted),
        database_test(test_a_token_of_another_project_is_refused),
        database_test(test_each_published_run_is_one_run_of_its_workload_s_series),
    };

    return cmocka_run_group_tests(tests, databases_start, databases_stop);
}
