/* Records of the journal. What a real journal makes of them is seen by tests/integration/tracer-journal.sh, which runs
 * this program beside one, with OUROSCOPE_TEST_JOURNAL set. */
#include "collect/journal_sink.h"

#include "collect/log_world_test.h"

static bool beside_a_journal(void)
{
    return getenv("OUROSCOPE_TEST_JOURNAL") != NULL;
}

static void use_journal(struct world *w, enum log_format format)
{
    world_make(w);
    w->config.logs[0] = (struct log_entry){ w->dir.path, LOG_JOURNAL, format };
}

static struct trace_object told_object(char line[256])
{
    struct trace_object o = numbered_object(7, line);

    o.has_human = true;
    o.human = span_of("two\nlines");
    o.severity = 5;
    return o;
}

static enum ou_status write_one(struct world *w, const struct trace_object *o, bool first,
                                struct log_batch *ret, struct ou_error *err)
{
    struct test_reply r;
    const enum ou_status status =
        log_node_write(w->node, reply_of(&r, o), first, 100, NULL, NULL, ret, err);

    reply_release(&r);
    return status;
}

/* --- Records ---------------------------------------------------------------------------------- */

/* The fields of the first record, a line each. */
static void fields_of(const struct buffer *records, char *ret)
{
    uint32_t length;
    size_t at = 4, end;

    memcpy(&length, records->at, 4);
    for (end = at + length; at < end; at += 4 + length) {
        memcpy(&length, records->at + at, 4);
        ret += sprintf(ret, "%.*s\n", (int)length, records->at + at + 4);
    }
}

static void test_a_record_has_the_fields_of_an_object(void **state)
{
    struct buffer records;
    char line[256], text[1024];
    struct trace_object o = told_object(line);

    (void)state;
    buffer_init(&records, allocator_libc(), 1 << 20);
    journal_record(&o, span_of("Test.Number"), "node-1", span_of("text"), &records);
    fields_of(&records, text);
    assert_string_equal(text, "SYSLOG_IDENTIFIER=node-1\n"
                              "MESSAGE=text\n"
                              "PRIORITY=2\n"
                              "NAMESPACE=Test.Number\n"
                              "THREAD=9\n"
                              "TIME=2026-03-22 06:24:52.123456789000Z\n");
    assert_int_equal(journal_records((struct span){ records.at, records.len }), 1);
    journal_record(&o, span_of("A"), "n", span_of(""), &records);
    assert_int_equal(journal_records((struct span){ records.at, records.len }), 2);
    buffer_release(&records);
}

/* --- Without a journal ------------------------------------------------------------------------ */

static void test_a_journal_that_is_not_there_is_waited_for(void **state)
{
    struct log_batch batch;
    struct ou_error err = { "" };
    struct world w;

    (void)state;
    if (log_journal_is_there(&err)) {
        print_message("there is a journal here\n");
        skip();
    }
    use_journal(&w, LOG_HUMAN);
    world_open(&w);
    assert_int_equal(put(&w, 1, 3, true, OU_IO).lines, 0);
    batch = retry(&w, OU_IO);
    assert_int_equal(batch.lost, 0);
    w.config.unwritable = UNWRITABLE_DROP;
    assert_int_equal(retry(&w, OU_OK).lost, 3);
    assert_int_equal(put(&w, 4, 2, false, OU_OK).lost, 2);
    world_remove(&w);
}

/* --- With one --------------------------------------------------------------------------------- */

static void test_a_journal_gets_a_record_for_each_object(void **state)
{
    char line[256], *large = malloc(300000);
    struct trace_object o = told_object(line);
    struct log_batch batch;
    struct ou_error err = { "" };
    struct world w;

    (void)state;
    assert_non_null(large);
    if (!beside_a_journal()) {
        free(large);
        skip();
        return;
    }
    use_journal(&w, LOG_HUMAN);
    world_open(&w);
    assert_int_equal(write_one(&w, &o, true, &batch, &err), OU_OK);
    assert_int_equal(batch.lines, 1);
    assert_int_equal(write_one(&w, &o, true, &batch, &err), OU_OK);
    assert_int_equal(batch.repeated, 1);
    memset(large, 'x', 300000);
    o.human = (struct span){ large, 300000 };
    assert_int_equal(write_one(&w, &o, false, &batch, &err), OU_OK);
    world_remove(&w);
    use_journal(&w, LOG_MACHINE);
    world_open(&w);
    assert_int_equal(put(&w, 100, 3, true, OU_OK).lines, 3);
    world_remove(&w);
    free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_record_has_the_fields_of_an_object),
        cmocka_unit_test(test_a_journal_that_is_not_there_is_waited_for),
        cmocka_unit_test(test_a_journal_gets_a_record_for_each_object),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
