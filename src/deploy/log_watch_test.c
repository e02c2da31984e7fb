#include "deploy/log_watch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;
static struct log_watch watch;
static const char *path;

#define LINE(ns, data)                                                    \
    "{\"at\":\"2026-11-22T10:00:07.1Z\",\"ns\":\"" ns "\",\"data\":" data \
    ",\"sev\":\"Info\",\"thread\":\"1\",\"host\":\"node-0\"}\n"
#define TIP(length, slot)                                                                 \
    "{\"kind\":\"AddedToCurrentChain\",\"newSuffixSelectView\":{\"chainLength\":" #length \
    ",\"kind\":\"PraosChainSelectView\",\"slotNo\":1},\"newtip\":\"00ff@" #slot           \
    "\",\"oldSuffixSelectView\":{\"chainLength\":1}}"
#define ADDED(length, slot) LINE("ChainDB.AddBlockEvent.AddedToCurrentChain", TIP(length, slot))
#define FORGED                     \
    LINE("Forge.Loop.ForgedBlock", \
         "{\"block\":\"ab\",\"blockNo\":7,\"kind\":\"TraceForgedBlock\",\"slot\":9}")

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    path = temp_path(&dir, "node.json");
    return (int)log_watch_open(&watch, path, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    log_watch_close(&watch);
    temp_dir_remove(&dir);
    return 0;
}

static void append(const char *text)
{
    FILE *f = fopen(path, "a");

    assert_non_null(f);
    assert_true(fputs(text, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

static void read_all(void)
{
    assert_true(log_watch_read(&watch, 1 << 20));
}

static void test_a_log_that_is_not_there_yet_says_nothing(void **state)
{
    (void)state;
    read_all();
    assert_int_equal(watch.height, -1);
    append(ADDED(3, 40));
    read_all();
    assert_int_equal(watch.height, 3);
}

static void test_the_tip_follows_growth_and_forks(void **state)
{
    (void)state;
    append(ADDED(3, 40) FORGED);
    read_all();
    assert_int_equal(watch.height, 3);
    assert_int_equal(watch.tip_slot, 40);
    assert_int_equal(watch.blocks_forged, 1);
    append(LINE(
        "ChainDB.AddBlockEvent.SwitchedToAFork",
        "{\"kind\":\"TraceAddBlockEvent.SwitchedToAFork\",\"newtip\":\"aa@44\",\"newSuffixSelectView\":{\"chainLength\":2}}")
               FORGED);
    read_all();
    assert_int_equal(watch.height, 2);
    assert_int_equal(watch.tip_slot, 44);
    assert_int_equal(watch.blocks_forged, 2);
}

static void test_starts_and_acknowledged_transactions_are_counted(void **state)
{
    (void)state;
    append(LINE("Net.Server.Local.Started", "{\"addresses\":[],\"kind\":\"AcceptPolicyTrace\"}"));
    append(LINE("TraceBenchTxSubServAck",
                "{\"kind\":\"TraceBenchTxSubServAck\",\"txIds\":[\"a\",\"b\", \"c\"]}"));
    append(
        LINE("TraceBenchTxSubServAck", "{\"txIds\":[\"a\"],\"kind\":\"TraceBenchTxSubServAck\"}"));
    append(LINE("TraceBenchTxSubServAck", "{\"txIds\":[],\"kind\":\"TraceBenchTxSubServAck\"}"));
    read_all();
    assert_int_equal(watch.starts, 1);
    assert_int_equal(watch.txs_acked, 4);
}

#define SETUP(taken, txs)             \
    LINE("Benchmark.BenchTxSubSetup", \
         "{\"kind\":\"TraceBenchTxSubSetup\",\"setupTaken\":" #taken ",\"setupTxs\":" #txs "}")

static void test_how_far_the_fund_is_split_is_the_last_word(void **state)
{
    (void)state;
    append(SETUP(0, 621) SETUP(480, 621));
    read_all();
    assert_int_equal(watch.setup_taken, 480);
    assert_int_equal(watch.setup_txs, 621);
    append(SETUP(-1, 5) SETUP(7, 6)
               LINE("Benchmark.BenchTxSubSetup",
                    "{\"kind\":\"TraceBenchTxSubSetup\",\"setupTaken\":\"some\",\"setupTxs\":6}"));
    read_all();
    assert_int_equal(watch.setup_taken, 480);
    assert_int_equal(watch.setup_txs, 621);
}

static void test_legacy_lines_are_understood(void **state)
{
    (void)state;
    append(
        "{\"app\":[],\"at\":\"2026-11-22T10:00:07.1Z\",\"data\":{\"credentials\":\"Cardano\",\"val\":{\"block\":\"ab\",\"kind\":\"TraceForgedBlock\",\"slot\":9}},\"env\":\"x\",\"host\":\"h\",\"ns\":[\"cardano.node.Forge\"]}\n");
    append(
        "{\"app\":[],\"data\":{\"kind\":\"TraceAddBlockEvent.AddedToCurrentChain\",\"newtip\":\"ab@12\",\"newTipSelectView\":{\"chainLength\":5}},\"ns\":[\"cardano.node.ChainDB\"]}\n");
    read_all();
    assert_int_equal(watch.blocks_forged, 1);
    assert_int_equal(watch.height, 5);
    assert_int_equal(watch.tip_slot, 12);
}

/* A writer's line may come in pieces, at any byte. */
static void test_a_line_counts_when_its_end_has_come(void **state)
{
    static const char text[] = ADDED(3, 40) FORGED ADDED(4, 55);

    (void)state;
    for (size_t i = 0; i + 1 < sizeof text; i++) {
        char byte[2] = { text[i], '\0' };

        append(byte);
        read_all();
        if (i + 2 < sizeof text)
            assert_int_not_equal(watch.height, 4);
    }
    assert_int_equal(watch.height, 4);
    assert_int_equal(watch.blocks_forged, 1);
}

static void lead_to(const char *name)
{
    const char *link = temp_path(&dir, "new");

    assert_int_equal(symlink(name, link), 0);
    assert_int_equal(rename(link, path), 0);
}

/* A collector that was killed has left half a line behind; the one after it writes that line to its own file. */
static void test_a_link_is_followed_to_the_next_file(void **state)
{
    (void)state;
    temp_file(&dir, "first", FORGED ADDED(3, 40));
    lead_to("first");
    read_all();
    assert_int_equal(watch.height, 3);
    temp_file(&dir, "first",
              FORGED ADDED(3, 40) ADDED(4, 50) "{\"at\":\"2026-11-22T10:00:07.1Z\",\"ns");
    temp_file(&dir, "second", FORGED ADDED(5, 60));
    lead_to("second");
    read_all();
    assert_int_equal(watch.height, 5);
    assert_int_equal(watch.blocks_forged, 2);
    read_all();
    assert_int_equal(watch.blocks_forged, 2);
}

static void test_no_more_is_read_than_asked_for(void **state)
{
    (void)state;
    append(ADDED(3, 40) ADDED(4, 55));
    assert_false(log_watch_read(&watch, sizeof ADDED(3, 40)));
    assert_int_equal(watch.height, 3);
    read_all();
    assert_int_equal(watch.height, 4);
}

static void test_what_is_no_trace_is_passed_over(void **state)
{
    (void)state;
    append(
        "hello\n\n[1]\n{\"data\":7}\n{\"data\":{\"kind\":7}}\n{\"data\":{\"kind\":\"AddedToCurrentChain\",\"newtip\":7}}\n{\"x\"\n{\"data\":{\"txIds\":\"none\",\"kind\":\"TraceBenchTxSubServAck\"}}\n" FORGED);
    read_all();
    assert_int_equal(watch.blocks_forged, 1);
    assert_int_equal(watch.height, -1);
}

static void test_a_line_without_end_is_passed_over(void **state)
{
    char *much = malloc(LOG_WATCH_LINE_BYTES);

    (void)state;
    assert_non_null(much);
    memset(much, 'x', LOG_WATCH_LINE_BYTES - 1);
    much[LOG_WATCH_LINE_BYTES - 1] = '\0';
    for (int i = 0; i < 3; i++) {
        append(much);
        read_all();
    }
    append(FORGED FORGED); /* the first ends the long line */
    read_all();
    assert_int_equal(watch.blocks_forged, 1);
    assert_int_equal(watch.text.len, 0);
    free(much);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_log_that_is_not_there_yet_says_nothing),
        TEST(test_the_tip_follows_growth_and_forks),
        TEST(test_starts_and_acknowledged_transactions_are_counted),
        TEST(test_how_far_the_fund_is_split_is_the_last_word),
        TEST(test_legacy_lines_are_understood),
        TEST(test_a_line_counts_when_its_end_has_come),
        TEST(test_a_link_is_followed_to_the_next_file),
        TEST(test_no_more_is_read_than_asked_for),
        TEST(test_what_is_no_trace_is_passed_over),
        TEST(test_a_line_without_end_is_passed_over),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
