/* Runs made by hand: what goes in, stays, and comes out of either database. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/time.h"
#include "store/record_doubles.h"
#include "store/records.h"
#include "store/store.h"
#include "support/databases.h"
#include "support/test.h"

#define NOON (INT64_C(1795435200) * NS_PER_SECOND)
#define HASH_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define HASH_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"

enum { HOSTS = 120, BLOCKS = 5000 };

#define assert_good(status, err)                                   \
    do {                                                           \
        if (status)                                                \
            fail_msg("%s:%d: %s", __FILE__, __LINE__, (err).text); \
    } while (0)

/* --- A run ------------------------------------------------------------------------------------ */

static char host_names[HOSTS][16];
static const char *hosts[HOSTS];
static double samples[BLOCKS], host_values[3 * HOSTS];
static struct block_record blocks[BLOCKS];

static void make_values(void)
{
    for (size_t i = 0; i < HOSTS; i++) {
        snprintf(host_names[i], sizeof host_names[i], "node-%zu", i);
        hosts[i] = host_names[i];
        host_values[3 * i] = (double)i;
        host_values[3 * i + 1] = i % 7 ? .1 * (double)i : NAN;
        host_values[3 * i + 2] = NAN;
    }
    for (size_t i = 0; i < BLOCKS; i++) {
        samples[i] = i % 11 ? 1 / (double)(i + 1) : NAN;
        blocks[i] = (struct block_record){ (int64_t)i, (int64_t)(20 * i), hosts[i % HOSTS],
                                           (double)(20 * i) };
    }
}

static const struct summary_record summary = {
    .metric = { "forger", "cdfForgerStart", "start", "s", "less", "when forging starts" },
    .n = BLOCKS,
    .mean = .25,
    .median = NAN,
    .sd = NAN,
    .low = 0,
    .high = 1e300,
    .host_values = host_values,
    .samples = samples,
};
static const struct artifact_record artifact = { "analysis.json", "application/json", { "{}", 2 } };

static struct run_record run_of(const char *hash, const char *name)
{
    return (struct run_record){
        .content_hash = hash,
        .project = "tests",
        .natural_key = name,
        .name = name,
        .source = "analysis",
        .state = "finished",
        .started_ns = NOON - 100 * NS_PER_SECOND,
        .host_count = HOSTS,
        .block_count = BLOCKS,
        .info = "{}",
        .profile = { "p", "conway", "value", "{}" },
        .environment = { "local", "m", "{}", HOSTS },
        .version = { .name = "10.7.1" },
        .series_title = "p",
        .hosts = hosts,
        .host_name_count = HOSTS,
        .summaries = &summary,
        .summary_count = 1,
        .blocks = blocks,
        .block_record_count = BLOCKS,
        .artifacts = &artifact,
        .artifact_count = 1,
    };
}

/* --- Putting ---------------------------------------------------------------------------------- */

struct putting {
    const struct run_record *run;
    bool replace;
    char id[RECORD_ID_ROOM];
    enum put_outcome outcome;
};

static enum ou_status put_work(struct sql *db, void *context, struct ou_error *err)
{
    struct putting *p = context;
    const struct put_options options = { .actor = "local", .replace = p->replace, .now_ns = NOON };

    return record_put_run(db, p->run, &options, p->id, &p->outcome, err);
}

static enum put_outcome put(struct sql *db, const struct run_record *run, bool replace)
{
    struct putting p = { .run = run, .replace = replace };
    struct ou_error err = { "" };

    assert_good(sql_write(db, put_work, &p, &err), err);
    return p.outcome;
}

static void open_database(const char *place, struct store **ret_store, struct sql **ret)
{
    struct store_options options = { .migrate = true };
    struct ou_error err = { "" };

    assert_good(store_open(place, &options, ret_store, &err), err);
    assert_good(store_take(*ret_store, ret, &err), err);
}

static void close_database(struct store *store, struct sql *db)
{
    store_give(store, db);
    store_close(store);
}

static int64_t ask(struct sql *db, const char *statement)
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

/* --- Tests ------------------------------------------------------------------------------------ */

static void test_values_of_many_blocks_stand_in_chunks_and_come_out_in_order(void **state)
{
    const struct run_record run = run_of(HASH_A, "a");
    struct ou_error err = { "" };
    struct arena memory;
    struct store *store;
    struct sql *db;
    double *values;
    size_t count;

    (void)state;
    open_database(database_empty(), &store, &db);
    assert_int_equal(put(db, &run, false), PUT_CREATED);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM samples"), 2);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM hosts"), HOSTS);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM blocks WHERE slot = 20 * number"), BLOCKS);
    arena_init(&memory, allocator_libc(), (size_t)1 << 20);
    assert_good(record_samples(db, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "forger", "cdfForgerStart",
                               &memory, &values, &count, &err),
                err);
    assert_int_equal(count, BLOCKS);
    assert_memory_equal(values, samples, sizeof samples);
    assert_good(record_host_values(db, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "forger",
                                   "cdfForgerStart", &memory, &values, &count, &err),
                err);
    assert_int_equal(count, HOSTS);
    assert_memory_equal(values, host_values, sizeof host_values);
    assert_int_equal(record_samples(db, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "forger", "none",
                                    &memory, &values, &count, &err),
                     OU_NOT_FOUND);
    arena_release(&memory);
    close_database(store, db);
}

static void test_a_file_that_is_damaged_in_the_database_is_not_given_out(void **state)
{
    const struct run_record run = run_of(HASH_A, "a");
    struct ou_error err = { "" };
    struct artifact_info info;
    struct buffer text;
    struct store *store;
    struct sql *db;

    (void)state;
    open_database(database_empty(), &store, &db);
    put(db, &run, false);
    buffer_init(&text, allocator_libc(), 1024);
    assert_good(record_artifact(db, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "analysis.json", &info,
                                &text, &err),
                err);
    assert_string_equal(buffer_string(&text), "{}");
    /* sha256sum of {} */
    assert_string_equal(info.sha256,
                        "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    assert_good(
        sql_run(db, "UPDATE artifacts SET sha256 = $1", SQL_ARGS(sql_text(HASH_B)), NULL, &err),
        err);
    assert_int_equal(record_artifact(db, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "analysis.json", &info,
                                     &text, &err),
                     OU_INVALID);
    assert_string_equal(buffer_string(&text), "{}"); /* nothing was appended */
    assert_good(sql_run(db, "UPDATE artifacts SET data = $1",
                        SQL_ARGS(sql_blob((struct span){ "no frame", 8 })), NULL, &err),
                err);
    assert_int_equal(record_artifact(db, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "analysis.json", &info,
                                     &text, &err),
                     OU_INVALID);
    buffer_release(&text);
    close_database(store, db);
}

static void test_what_a_metric_is_called_is_what_the_last_program_says(void **state)
{
    struct metric_record metric = summary.metric;
    struct ou_error err = { "" };
    struct store *store;
    struct sql *db;
    int64_t first, second;

    (void)state;
    open_database(database_empty(), &store, &db);
    assert_good(record_metric_no(db, &metric, &first, &err), err);
    metric.name = "forge loop start";
    assert_good(record_metric_no(db, &metric, &second, &err), err);
    assert_true(first == second);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM metrics WHERE name = 'forge loop start'"), 1);
    close_database(store, db);
}

static void test_a_run_moves_to_another_project_where_it_replaces_itself(void **state)
{
    struct run_record run = run_of(HASH_A, "a");
    struct store *store;
    struct sql *db;

    (void)state;
    open_database(database_empty(), &store, &db);
    put(db, &run, false);
    run.project = "other";
    assert_int_equal(put(db, &run, false), PUT_ELSEWHERE);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM projects WHERE name = 'other'"), 0);
    assert_int_equal(put(db, &run, true), PUT_REPLACED);
    assert_int_equal(put(db, &run, true), PUT_SAME);
    run.info = "{\"a\":1}";
    assert_int_equal(put(db, &run, true), PUT_REPLACED);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 1);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM series"), 1);
    close_database(store, db);
}

/* It would stand there twice: under what it was called before, and under a name that another run has. */
static void test_a_run_does_not_take_the_name_of_another_one_where_it_moves(void **state)
{
    struct run_record run = run_of(HASH_A, "a"), other = run_of(HASH_B, "a");
    struct putting p = { .run = &run, .replace = true };
    struct ou_error err = { "" };
    struct store *store;
    struct sql *db;

    (void)state;
    open_database(database_empty(), &store, &db);
    put(db, &run, false);
    other.project = "other";
    put(db, &other, false);
    run.project = "other";
    assert_int_equal(sql_write(db, put_work, &p, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "run aaaaaaaaaaaaaaaa"));
    assert_non_null(strstr(err.text, "under another name or project as well; delete one"));
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 2); /* nothing went */
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs r JOIN projects p ON p.no = r.project_no "
                             "WHERE p.name = 'tests' AND r.natural_key = 'a'"),
                     1);
    close_database(store, db);
}

static enum ou_status put_limited(struct sql *db, void *context, struct ou_error *err)
{
    const struct put_options options = {
        .actor = "t", .only_project = "other", .replace = true, .now_ns = NOON
    };
    char id[RECORD_ID_ROOM];
    enum put_outcome outcome;

    return record_put_run(db, context, &options, id, &outcome, err);
}

static void test_a_token_of_one_project_takes_no_run_out_of_another(void **state)
{
    struct run_record run = run_of(HASH_A, "a");
    struct ou_error err = { "" };
    struct store *store;
    struct sql *db;

    (void)state;
    open_database(database_empty(), &store, &db);
    put(db, &run, false);
    run.project = "other";
    assert_int_equal(sql_write(db, put_limited, &run, &err), OU_USAGE);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs r JOIN projects p ON p.no = r.project_no "
                             "WHERE p.name = 'other'"),
                     0);
    close_database(store, db);
}

static void test_series_with_thresholds_outlive_their_runs(void **state)
{
    const struct run_record run = run_of(HASH_A, "a");
    const struct put_options options = { .actor = "local", .now_ns = NOON };
    struct ou_error err = { "" };
    struct store *store;
    struct sql *db;

    (void)state;
    open_database(database_empty(), &store, &db);
    put(db, &run, false);
    assert_good(sql_run(db,
                        "INSERT INTO thresholds (id, project_no, series_no, metric_no, kind, "
                        "parameters, outlets, enabled, created_ns, revision) SELECT 't', "
                        "s.project_no, s.no, m.no, 'static', '{}', '[]', 1, 0, 1 "
                        "FROM series s CROSS JOIN metrics m",
                        SQL_NO_ARGS, NULL, &err),
                err);
    assert_good(record_delete_run(db, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", &options, &err), err);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM runs"), 0);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM series"), 1);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM profiles"), 1);
    assert_int_equal(ask(db, "SELECT COUNT(*) FROM versions"), 0);
    close_database(store, db);
}

/* --- Several at once -------------------------------------------------------------------------- */

enum { WRITERS = 4, EACH = 6 };

struct writer {
    struct store *store;
    pthread_t thread;
    size_t created, same, failed;
    char message[256];
};

/* All of them put the same runs, in the same order. */
static void *write_runs(void *context)
{
    struct writer *w = context;

    for (size_t i = 0; i < EACH; i++) {
        struct ou_error err = { "" };
        struct sql *db = NULL;
        char hash[RECORD_HASH_ROOM] = HASH_A, name[] = "run 0";
        struct run_record run;
        struct putting p = { .run = &run };

        hash[0] = (char)('0' + i);
        name[4] = (char)('0' + i);
        run = run_of(hash, name);
        if (store_take(w->store, &db, &err) || sql_write(db, put_work, &p, &err)) {
            snprintf(w->message, sizeof w->message, "%s", err.text);
            w->failed++;
        } else {
            w->created += p.outcome == PUT_CREATED;
            w->same += p.outcome == PUT_SAME;
        }
        store_give(w->store, db);
    }
    return NULL;
}

static void test_several_who_publish_the_same_runs_at_once_make_each_of_them_once(void **state)
{
    struct writer writers[WRITERS] = { 0 };
    size_t created = 0, same = 0;
    struct store *store;
    struct sql *db;

    (void)state;
    open_database(database_empty(), &store, &db);
    store_give(store, db);
    for (size_t i = 0; i < WRITERS; i++) {
        writers[i].store = store;
        assert_int_equal(pthread_create(&writers[i].thread, NULL, write_runs, &writers[i]), 0);
    }
    for (size_t i = 0; i < WRITERS; i++) {
        pthread_join(writers[i].thread, NULL);
        if (writers[i].failed)
            fail_msg("%s", writers[i].message);
        created += writers[i].created;
        same += writers[i].same;
    }
    assert_int_equal(created, EACH);
    assert_int_equal(same, EACH * (WRITERS - 1));
    store_close(store);
}

/* --- Without a database ----------------------------------------------------------------------- */

static void test_ids_tell_parts_that_are_not_known_from_empty_ones(void **state)
{
    char none[RECORD_ID_ROOM], empty[RECORD_ID_ROOM], joined[RECORD_ID_ROOM], split[RECORD_ID_ROOM];

    (void)state;
    record_id((const char *const[]){ "a", NULL }, 2, none);
    record_id((const char *const[]){ "a", "" }, 2, empty);
    record_id((const char *const[]){ "ab", "c" }, 2, joined);
    record_id((const char *const[]){ "a", "bc" }, 2, split);
    assert_string_not_equal(none, empty);
    assert_string_not_equal(joined, split);
    /* printf '\1\0\0\0\0\0\0\0a\377\377\377\377\377\377\377\377' | sha256sum | cut -c1-32 */
    assert_string_equal(none, "c3985598d272a33e8d36c83faa8d7243");
}

static void test_what_does_not_fit_is_not_packed(void **state)
{
    struct ou_error err = { "" };
    struct buffer small;

    (void)state;
    buffer_init(&small, allocator_libc(), 20);
    assert_int_equal(record_pack((struct span){ (const char *)samples, 1000 }, &small, &err),
                     OU_TOO_LARGE);
    assert_string_equal(err.text, "1000 bytes are too many to be packed");
    assert_int_equal(small.len, 0);
    buffer_release(&small);
}

static void test_blobs_that_lie_about_their_length_cost_nothing(void **state)
{
    struct ou_error err = { "" };
    struct buffer zeros, packed, out;

    (void)state;
    buffer_init(&zeros, allocator_libc(), (size_t)8 << 20);
    buffer_init(&packed, allocator_libc(), (size_t)16 << 20);
    buffer_init(&out, allocator_libc(), (size_t)1 << 20);
    assert_non_null(buffer_room(&zeros, (size_t)4 << 20));
    memset(zeros.at, 0, (size_t)4 << 20);
    buffer_added(&zeros, (size_t)4 << 20);
    assert_good(record_pack((struct span){ zeros.at, zeros.len }, &packed, &err), err);
    assert_true(packed.len < 1024);
    assert_int_equal(record_unpack((struct span){ packed.at, packed.len }, &out, &err),
                     OU_TOO_LARGE);
    assert_null(out.at);
    assert_int_equal(record_unpack((struct span){ packed.at, packed.len - 1 }, &zeros, &err),
                     OU_INVALID);
    assert_int_equal(record_unpack((struct span){ packed.at, 3 }, &zeros, &err), OU_INVALID);
    buffer_release(&out);
    buffer_release(&packed);
    buffer_release(&zeros);
}

static int start(void **state)
{
    make_values();
    return databases_start(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ids_tell_parts_that_are_not_known_from_empty_ones),
        cmocka_unit_test(test_what_does_not_fit_is_not_packed),
        cmocka_unit_test(test_blobs_that_lie_about_their_length_cost_nothing),
        database_test(test_values_of_many_blocks_stand_in_chunks_and_come_out_in_order),
        database_test(test_a_file_that_is_damaged_in_the_database_is_not_given_out),
        database_test(test_what_a_metric_is_called_is_what_the_last_program_says),
        database_test(test_a_run_moves_to_another_project_where_it_replaces_itself),
        database_test(test_a_run_does_not_take_the_name_of_another_one_where_it_moves),
        database_test(test_a_token_of_one_project_takes_no_run_out_of_another),
        database_test(test_series_with_thresholds_outlive_their_runs),
        database_test(test_several_who_publish_the_same_runs_at_once_make_each_of_them_once),
    };

    return cmocka_run_group_tests(tests, start, databases_stop);
}
