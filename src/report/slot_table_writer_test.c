#include "report/slot_table_writer.h"

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "analyse/dictionary.h"
#include "base/time.h"
#include "support/files.h"
#include "support/test.h"

/* Epochs of 20 slots of a second, k = 1, f = 0.5, from 2023-03-22. */
static const struct genesis genesis = {
    .active_slots_coeff = 0.5,
    .security_param = 1,
    .epoch_slots = 20,
    .slot_ns = NS_PER_SECOND,
    .clock = { .stretches = { { .start_ns = INT64_C(1679443200) * NS_PER_SECOND,
                                .slot_ns = NS_PER_SECOND,
                                .epoch_slots = 20 } },
               .count = 1 },
};

static struct slot_record unknown_record(uint64_t slot)
{
    struct slot_record r = {
        .slot = slot,
        .start_ns = (INT64_C(1679443200) + (int64_t)slot) * NS_PER_SECOND,
        .block_number = -1,
        .block_gap = -1,
        .utxo_size = -1,
        .density = NAN,
        .mempool_txs = -1,
        .txs_collected = -1,
        .txs_accepted = -1,
        .txs_rejected = -1,
        .txs_span_ns = TIME_NONE,
    };

    for (int i = 0; i < SLOT_PHASES; i++)
        r.phase_ns[i] = TIME_NONE;
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        r.resources[i] = NAN;
    return r;
}

static struct slot_record full_record(uint64_t slot)
{
    struct slot_record r = unknown_record(slot);

    r.block_number = 5;
    r.block_gap = 0;
    r.starts = 1, r.contexts = 2, r.ledger_states = 3, r.ledger_views = 4, r.leads = 1;
    r.forges = 1, r.snapshots = 6, r.rejected_txs = 7;
    for (int i = 0; i < SLOT_PHASES; i++)
        r.phase_ns[i] = 1200000 * (i + 1);
    r.phase_ns[SLOT_FORGED] = -5;
    r.txs_span_ns = 1500000000;
    r.txs_collected = 10, r.txs_accepted = 8, r.txs_rejected = 2;
    r.utxo_size = 4000000;
    r.density = 0.0512345678;
    r.mempool_txs = 12;
    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        r.resources[i] = 100.0 / 3 * (i + 1);
    r.resources[RESOURCE_THREADS] = 9;
    r.filtered_out = true;
    return r;
}

/* The table as it comes out, to be freed. */
static char *written(struct slot_table_writer *w)
{
    FILE *file = tmpfile();
    struct ou_error err = { 0 };
    char *text;
    off_t len;

    assert_non_null(file);
    assert_int_equal(slot_table_write_fd(w, fileno(file), &err), OU_OK);
    len = lseek(fileno(file), 0, SEEK_END);
    text = calloc(1, (size_t)len + 1);
    assert_non_null(text);
    assert_int_equal(pread(fileno(file), text, (size_t)len, 0), len);
    fclose(file);
    return text;
}

static struct slot_table_writer open_writer(void)
{
    struct slot_table_writer w;

    assert_int_equal(slot_table_open(&w, &genesis, NULL, NULL), OU_OK);
    return w;
}

static size_t count_of(const char *text, char c)
{
    size_t count = 0;

    for (; *text && *text != '\n'; text++)
        count += *text == c;
    return count;
}

static void test_a_row_says_all_that_is_known_of_a_slot(void **state)
{
    struct slot_table_writer w = open_writer();
    struct slot_sink sink = slot_table_sink(&w);
    struct slot_record rows[] = { unknown_record(19), full_record(27) };
    char *text, *line;

    (void)state;
    sink.rows(sink.context, "node-0", rows, 2);
    text = written(&w);
    line = strchr(text, '\n') + 1;
    assert_int_equal(count_of(text, ','), count_of(line, ','));
    assert_string_equal(
        line,
        "node-0,19,2023-03-22T00:00:19Z,19,0,9,,,0,0,0,0,0,0,0,0,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,,0\n"
        "node-0,27,2023-03-22T00:00:27Z,7,1,3,5,0,1,2,3,4,1,1,6,7,0.0012,0.0024,0.0036,0.0048,"
        "0.006,0.0072,0.0084,-0.000000005,1.5,10,8,2,0.051234568,33.333333,66.666667,100,"
        "133.333333,166.666667,200,233.333333,266.666667,300,12,4000000,333.333333,366.666667,400,"
        "433.333333,466.666667,9,1\n");
    free(text);
    slot_table_release(&w);
}

static void test_every_column_of_the_slot_timeline_is_there_in_its_order(void **state)
{
    struct slot_table_writer w = open_writer();
    char *text = written(&w), *at = text;

    (void)state;
    for (size_t i = 0; i < dictionary_count(); i++) {
        const struct metric_info *row = dictionary_row(i);
        char cell[64];

        if (row->section != SECTION_SLOT_TIMELINE)
            continue;
        snprintf(cell, sizeof cell, ",%s,", row->id);
        at = strstr(at, cell);
        assert_non_null(at);
        at++;
    }
    free(text);
    slot_table_release(&w);
}

struct host_job {
    struct slot_sink sink;
    const char *host;
    size_t count;
};

static void *bring_rows(void *argument)
{
    struct host_job *job = argument;
    struct slot_record *rows = calloc(job->count, sizeof *rows);

    for (size_t i = 0; i < job->count; i++)
        rows[i] = full_record(i);
    job->sink.rows(job->sink.context, job->host, rows, job->count);
    free(rows);
    return NULL;
}

/* Two threads at once, several chunks each, the later name first. */
static void test_hosts_come_out_by_name_whatever_came_first(void **state)
{
    enum { ROWS = 20000 };
    struct slot_table_writer w = open_writer();
    struct host_job jobs[] = { { slot_table_sink(&w), "node-b", ROWS },
                               { slot_table_sink(&w), "node-a", ROWS } };
    pthread_t threads[2];
    char *text, *at;

    (void)state;
    for (int i = 0; i < 2; i++)
        pthread_create(&threads[i], NULL, bring_rows, &jobs[i]);
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    text = written(&w);
    at = strchr(text, '\n') + 1;
    for (size_t i = 0; i < 2 * ROWS; i++) {
        char start[64];

        snprintf(start, sizeof start, "node-%c,%zu,", i < ROWS ? 'a' : 'b', i % ROWS);
        assert_memory_equal(at, start, strlen(start));
        at = strchr(at, '\n') + 1;
    }
    assert_string_equal(at, "");
    free(text);
    slot_table_release(&w);
}

static void test_a_host_name_out_of_a_log_stays_in_its_cell(void **state)
{
    struct slot_table_writer w = open_writer();
    struct slot_sink sink = slot_table_sink(&w);
    struct slot_record row = unknown_record(0);
    char *text;

    (void)state;
    sink.rows(sink.context, "a,\"b\"\n\xff", &row, 1);
    text = written(&w);
    assert_non_null(strstr(text, "\n\"a,\"\"b\"\"\n\xef\xbf\xbd\",0,"));
    free(text);
    slot_table_release(&w);
}

/* Against the calendar of base/, with slots of a fifth of a second, over an hour. */
static void test_starts_of_slots_are_those_of_the_time_module(void **state)
{
    enum { ROWS = 5 * 3600 };
    struct slot_table_writer w = open_writer();
    struct slot_sink sink = slot_table_sink(&w);
    struct slot_record *rows = calloc(ROWS, sizeof *rows);
    char *text, *at, stamp[TIME_ISO_ROOM];

    (void)state;
    for (size_t i = 0; i < ROWS; i++) {
        rows[i] = unknown_record(i);
        rows[i].start_ns = INT64_C(1679443200) * NS_PER_SECOND + (int64_t)i * NS_PER_SECOND / 5;
    }
    sink.rows(sink.context, "n", rows, ROWS);
    at = text = written(&w);
    for (size_t i = 0; i < ROWS; i++) {
        at = strchr(strchr(strchr(at, '\n') + 1, ',') + 1, ',') + 1;
        assert_memory_equal(at, stamp, time_format_iso(rows[i].start_ns, stamp));
    }
    free(rows);
    free(text);
    slot_table_release(&w);
}

static void test_it_goes_to_a_file_too(void **state)
{
    struct temp_dir dir;
    struct slot_table_writer w;
    struct out_file file = { 0 };
    struct buffer text;

    (void)state;
    temp_dir_make(&dir);
    assert_int_equal(slot_table_open(&w, &genesis, dir.path, NULL), OU_OK);
    assert_int_equal(out_open(&file, temp_path(&dir, "slots.csv"), NULL), OU_OK);
    assert_int_equal(slot_table_write_file(&w, &file, NULL), OU_OK);
    assert_int_equal(out_commit(&file, NULL), OU_OK);
    out_release(&file);
    buffer_init(&text, allocator_libc(), 1 << 20);
    assert_int_equal(file_read(temp_path(&dir, "slots.csv"), &text, NULL), OU_OK);
    assert_memory_equal(buffer_string(&text), "host,slot,slotStart,", 20);
    buffer_release(&text);
    slot_table_release(&w);
    temp_dir_remove(&dir);
}

static void test_failures_are_told(void **state)
{
    struct slot_table_writer w;
    struct ou_error err = { 0 };
    struct slot_record row = unknown_record(0);
    struct slot_sink sink;
    int fd, full;

    (void)state;
    assert_int_equal(slot_table_open(&w, &genesis, "/nowhere", &err), OU_IO);
    assert_non_null(strstr(err.text, "/nowhere"));

    w = open_writer(); /* a spool that cannot be written */
    fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0 && dup2(fd, w.spool) == w.spool);
    close(fd);
    sink = slot_table_sink(&w);
    sink.rows(sink.context, "node-0", &row, 1);
    assert_int_equal(slot_table_write_fd(&w, 1, &err), OU_IO);
    assert_non_null(strstr(err.text, "Bad file descriptor"));
    slot_table_release(&w);

    w = open_writer(); /* a disk that is full */
    full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    assert_true(full >= 0);
    assert_int_equal(slot_table_write_fd(&w, full, &err), OU_IO);
    close(full);
    slot_table_release(&w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_row_says_all_that_is_known_of_a_slot),
        cmocka_unit_test(test_every_column_of_the_slot_timeline_is_there_in_its_order),
        cmocka_unit_test(test_hosts_come_out_by_name_whatever_came_first),
        cmocka_unit_test(test_a_host_name_out_of_a_log_stays_in_its_cell),
        cmocka_unit_test(test_starts_of_slots_are_those_of_the_time_module),
        cmocka_unit_test(test_it_goes_to_a_file_too),
        cmocka_unit_test(test_failures_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
