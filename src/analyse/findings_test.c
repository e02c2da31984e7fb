/* Each finding fires on a log made for it, and none on a clean cluster. Logs are
 * written as text and go the whole way through analysis_run().
 *
 * The cluster: a block every four slots, forged by each host in turn, announced
 * 10 ms after the slot start by the forger's clock; headers arrive 30 ms later. */
#include "analyse/findings.h"

#include <stdio.h>
#include <stdlib.h>

#include "analyse/events_test.h"
#include "analyse/run.h"
#include "base/file.h"
#include "support/files.h"

#define HOSTS_MAX 8
#define BLOCK_SLOTS 4
#define BLOCKS 60
#define SLOTS (BLOCKS * BLOCK_SLOTS)

struct cluster {
    int hosts;
    int offset_ms[HOSTS_MAX];    /* of the host's clock; above 0: ahead */
    int first_slot[HOSTS_MAX];   /* it logs from here */
    int end_slot[HOSTS_MAX];     /* up to here; 0: SLOTS */
    bool dropped[EVENT_KINDS];   /* traces that are off */
    bool no_log[HOSTS_MAX];      /* the host is there, its log is not */
    bool no_relays;              /* only forgers announce and send blocks */
    bool cut_hashes;             /* AddedToCurrentChain at level DMinimal */
    int late_ms;                 /* all stamps, against the genesis */
    const char *tail[HOSTS_MAX]; /* lines at the end of the log */
    const struct run_context *context;

    struct temp_dir dir;
    struct genesis genesis;
    struct filter_set filters;
    struct log_inputs inputs;
    struct analysis a;
};

/* --- Writing logs ----------------------------------------------------------- */

struct writer {
    const struct cluster *c;
    FILE *file;
};

__attribute__((format(printf, 4, 5))) static void line(struct writer *w, enum event_kind kind,
                                                       int64_t at_ns, const char *format, ...)
{
    static const char *const names[EVENT_KINDS] = {
        [EVENT_START_LEADERSHIP_CHECK] = "Forge.Loop.StartLeadershipCheck",
        [EVENT_BLOCK_CONTEXT] = "Forge.Loop.BlockContext",
        [EVENT_LEDGER_STATE] = "Forge.Loop.LedgerState",
        [EVENT_LEDGER_VIEW] = "Forge.Loop.LedgerView",
        [EVENT_NODE_IS_LEADER] = "Forge.Loop.NodeIsLeader",
        [EVENT_NODE_NOT_LEADER] = "Forge.Loop.NodeNotLeader",
        [EVENT_TICKED_LEDGER_STATE] = "Forge.Loop.ForgeTickedLedgerState",
        [EVENT_MEMPOOL_SNAPSHOT] = "Forge.Loop.ForgingMempoolSnapshot",
        [EVENT_FORGED_BLOCK] = "Forge.Loop.ForgedBlock",
        [EVENT_SEEN_HEADER] = "ChainSync.Client.DownloadedHeader",
        [EVENT_FETCH_REQUESTED] = "BlockFetch.Client.SendFetchRequest",
        [EVENT_FETCH_COMPLETED] = "BlockFetch.Client.CompletedBlockFetch",
        [EVENT_SEND_HEADER] = "ChainSync.ServerHeader.Update",
        [EVENT_SENDING_BODY] = "BlockFetch.Server.SendBlock",
        [EVENT_ADDED_TO_CHAIN] = "ChainDB.AddBlockEvent.AddedToCurrentChain",
        [EVENT_ADOPTED_BLOCK] = "Forge.Loop.AdoptedBlock",
    };
    char iso[TIME_ISO_ROOM];
    va_list args;

    if (w->c->dropped[kind])
        return;
    time_format_iso(at_ns + w->c->late_ms * MS, iso);
    fprintf(w->file, "{\"at\":\"%s\",\"ns\":\"%s\",\"data\":{", iso, names[kind]);
    va_start(args, format);
    vfprintf(w->file, format, args);
    va_end(args);
    fprintf(w->file, "},\"sev\":\"Info\",\"thread\":\"1\"}\n");
}

#define HASH "%064d" /* of block n: n + 1; its parent is n */

static void write_loop(struct writer *w, int slot, int block, bool leads)
{
    line(w, EVENT_START_LEADERSHIP_CHECK, AT(slot, 1), "\"slot\":%d", slot);
    line(w, EVENT_BLOCK_CONTEXT, AT(slot, 2), "\"current slot\":%d,\"tipBlockNo\":%d", slot, block);
    line(w, EVENT_LEDGER_STATE, AT(slot, 3), "\"slot\":%d", slot);
    line(w, EVENT_LEDGER_VIEW, AT(slot, 4), "\"slot\":%d", slot);
    line(w, leads ? EVENT_NODE_IS_LEADER : EVENT_NODE_NOT_LEADER, AT(slot, 5), "\"slot\":%d", slot);
}

static void write_announcement(struct writer *w, int64_t at_ns, int slot, int block)
{
    line(w, EVENT_SEND_HEADER, at_ns, "\"addBlock\":\"" HASH "@%d\",\"risingEdge\":true", block + 1,
         slot);
    line(w, EVENT_SENDING_BODY, at_ns + 2 * MS, "\"block\":\"" HASH "\"", block + 1);
}

static void write_adoption(struct writer *w, int64_t at_ns, int slot, int block)
{
    if (w->c->cut_hashes)
        line(w, EVENT_ADDED_TO_CHAIN, at_ns, "\"newtip\":\"%.7s\"", "0000000");
    else
        line(w, EVENT_ADDED_TO_CHAIN, at_ns, "\"newtip\":\"" HASH "@%d\"", block + 1, slot);
}

static void write_forging(struct writer *w, int slot, int block)
{
    line(w, EVENT_TICKED_LEDGER_STATE, AT(slot, 6), "\"slot\":%d", slot);
    line(w, EVENT_MEMPOOL_SNAPSHOT, AT(slot, 7), "\"slot\":%d", slot);
    line(w, EVENT_FORGED_BLOCK, AT(slot, 8),
         "\"slot\":%d,\"blockNo\":%d,\"block\":\"" HASH "\",\"blockPrev\":\"" HASH "\"", slot,
         block, block + 1, block);
    write_announcement(w, AT(slot, 10), slot, block);
    write_adoption(w, AT(slot, 20), slot, block);
    line(w, EVENT_ADOPTED_BLOCK, AT(slot, 21),
         "\"slot\":%d,\"blockHash\":\"" HASH "\",\"blockSize\":5000", slot, block + 1);
}

static void write_observation(struct writer *w, int64_t at_ns, int slot, int block)
{
    line(w, EVENT_SEEN_HEADER, at_ns, "\"slot\":%d,\"blockNo\":%d,\"block\":\"" HASH "\"", slot,
         block, block + 1);
    line(w, EVENT_FETCH_REQUESTED, at_ns + 1 * MS, "\"head\":\"" HASH "\",\"length\":1", block + 1);
    line(w, EVENT_FETCH_COMPLETED, at_ns + 40 * MS, "\"block\":\"" HASH "\",\"size\":5000",
         block + 1);
    if (!w->c->no_relays)
        write_announcement(w, at_ns + 41 * MS, slot, block);
    write_adoption(w, at_ns + 60 * MS, slot, block);
}

static void write_log(const struct cluster *c, int host, FILE *file)
{
    struct writer w = { c, file };
    int end = c->end_slot[host] ? c->end_slot[host] : SLOTS;

    for (int slot = c->first_slot[host]; slot < end; slot++) {
        int block = slot / BLOCK_SLOTS, forger = block % c->hosts;
        bool has_block = slot % BLOCK_SLOTS == 0;

        write_loop(&w, slot, block, has_block && forger == host);
        if (has_block && forger == host)
            write_forging(&w, slot, block);
        else if (has_block)
            write_observation(&w, AT(slot, 40 - c->offset_ms[forger] + c->offset_ms[host]), slot,
                              block);
    }
    if (c->tail[host])
        fprintf(file, "%s", c->tail[host]);
}

/* --- Running ------------------------------------------------------------------ */

static void add_input(struct cluster *c, const char *argument)
{
    struct ou_error err;

    if (log_inputs_add(&c->inputs, argument, &err) != OU_OK)
        fail_msg("%s", err.text);
}

static void write_logs(struct cluster *c)
{
    temp_dir_make(&c->dir);
    for (int h = 0; h < c->hosts; h++) {
        char name[32], argument[300];
        FILE *file;

        if (c->no_log[h])
            continue;
        snprintf(name, sizeof(name), "node-%d.json", h);
        snprintf(argument, sizeof(argument), "node-%d=%s", h, temp_path(&c->dir, name));
        file = fopen(strchr(argument, '=') + 1, "w");
        assert_non_null(file);
        write_log(c, h, file);
        assert_int_equal(fclose(file), 0);
        add_input(c, argument);
    }
}

static void analyse(struct cluster *c, const char *shipped_filter)
{
    struct analysis_request request = { .genesis = &c->genesis,
                                        .genesis_source = "test",
                                        .filters = &c->filters,
                                        .context = c->context,
                                        .rule = QUANTILE_TYPE7,
                                        .reading = { .threads = 2 } };
    struct ou_error err;

    c->genesis = second_genesis(600);
    filter_set_init(&c->filters, c->genesis.max_block_body_bytes, false);
    if (shipped_filter)
        assert_int_equal(filter_add_shipped(&c->filters, shipped_filter, &err), OU_OK);
    log_inputs_sort(&c->inputs);
    if (analysis_run(&request, &c->inputs, &c->a, &err) != OU_OK)
        fail_msg("%s", err.text);
}

static void run(struct cluster *c)
{
    write_logs(c);
    analyse(c, NULL);
}

static void release(struct cluster *c)
{
    analysis_release(&c->a);
    filter_set_release(&c->filters);
    log_inputs_release(&c->inputs);
    temp_dir_remove(&c->dir);
}

/* --- Asking --------------------------------------------------------------------- */

static size_t count_of(const struct analysis *a, const char *code)
{
    size_t n = 0;

    for (size_t i = 0; i < a->finding_count; i++)
        n += strcmp(a->findings[i].code, code) == 0;
    return n;
}

/* The only finding with this code; host: -1 for the run. */
static const struct finding *finding(const struct analysis *a, const char *code, int host)
{
    const struct finding *found = NULL;

    for (size_t i = 0; i < a->finding_count; i++)
        if (strcmp(a->findings[i].code, code) == 0)
            found = &a->findings[i];
    if (!found || count_of(a, code) != 1)
        fail_msg("%zu findings \"%s\"", count_of(a, code), code);
    assert_int_equal(found->host, host < 0 ? NO_HOST : (uint32_t)host);
    return found;
}

/* Nothing is said but with these codes. */
static void only(const struct analysis *a, const char *const *codes)
{
    for (size_t i = 0; i < a->finding_count; i++) {
        const char *const *code = codes;

        while (*code && strcmp(*code, a->findings[i].code) != 0)
            code++;
        if (!*code)
            fail_msg("%s: %s", a->findings[i].code, a->findings[i].text);
    }
}

static const char *const nothing[] = { NULL };

/* --- A clean cluster -------------------------------------------------------------- */

static void test_nothing_is_said_of_a_clean_cluster(void **state)
{
    struct cluster c = { .hosts = 4 };

    (void)state;
    run(&c);
    only(&c.a, nothing);
    assert_int_equal(c.a.chained_count, BLOCKS);
    assert_int_equal(c.a.cluster_size, 4);
    release(&c);
}

/* --- Files ------------------------------------------------------------------------- */

/* Thirty copies: one finding each but for the first, not one for each pair. */
static void test_files_of_one_content_are_told_once_each(void **state)
{
    struct cluster c = { .hosts = 2 };
    char argument[300], name[16];

    (void)state;
    write_logs(&c);
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof(name), "copy-%d.json", i);
        snprintf(argument, sizeof(argument), "node-0=%s",
                 temp_file(&c.dir, name,
                           "{\"at\":\"2023-03-22T00:00:01Z\",\"ns\":\"X\",\"data\":{}}\n"));
        add_input(&c, argument);
    }
    analyse(&c, NULL);
    assert_int_equal(count_of(&c.a, "same-content"), 29);
    release(&c);
}

static void test_a_file_given_twice_is_read_once(void **state)
{
    struct cluster c = { .hosts = 2 };

    (void)state;
    write_logs(&c);
    add_input(&c, c.inputs.items[0].path);
    analyse(&c, NULL);
    assert_int_equal(c.a.file_count, 2);
    only(&c.a, (const char *const[]){ "links-skipped", NULL });
    release(&c);
}

static void test_files_of_a_collector_in_another_form_are_a_note(void **state)
{
    struct cluster c = { .hosts = 2 };

    (void)state;
    write_logs(&c);
    assert_int_equal(file_make_directory(temp_path(&c.dir, "root"), NULL), OU_OK);
    assert_int_equal(file_make_directory(temp_path(&c.dir, "root/node-0"), NULL), OU_OK);
    temp_file(&c.dir, "root/node-0/node-2023-03-22T00-00-00.json",
              "{\"at\":\"2023-03-22T00:03:59.9Z\",\"ns\":\"X\",\"data\":{}}\n");
    temp_file(&c.dir, "root/node-0/node-2023-03-22T00-00-00.log", "[node-0:X] text\n");
    add_input(&c, temp_path(&c.dir, "root"));
    analyse(&c, NULL);
    assert_int_equal(finding(&c.a, "other-forms", -1)->count, 1);
    assert_int_equal(finding(&c.a, "other-forms", -1)->severity, FINDING_NOTE);
    only(&c.a, (const char *const[]){ "other-forms", NULL });
    release(&c);
}

static void test_a_file_that_ends_early_is_told(void **state)
{
    struct cluster c = { .hosts = 2 };
    char argument[300];

    (void)state;
    write_logs(&c);
    write_file(temp_path(&c.dir, "cut.gz"), "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\x4b", 11);
    snprintf(argument, sizeof(argument), "node-0=%s", temp_path(&c.dir, "cut.gz"));
    add_input(&c, argument);
    analyse(&c, NULL);
    assert_int_equal(finding(&c.a, "file-problem", -1)->severity, FINDING_ERROR);
    assert_ptr_equal(finding(&c.a, "file-problem", -1), &c.a.findings[0]); /* errors first */
    release(&c);
}

static void test_lines_not_understood_are_told_with_the_first_place(void **state)
{
    struct cluster c = { .hosts = 2, .tail = { "what?\n{\"at\":\"2023-03-22T00:04\n" } };
    char place[32];

    (void)state;
    run(&c);
    assert_int_equal(count_of(&c.a, "not-understood"), 2);
    snprintf(place, sizeof(place), "node-0.json:%llu", (unsigned long long)c.a.hosts[0].lines);
    for (size_t i = 0; i < c.a.finding_count; i++)
        if (strstr(c.a.findings[i].text, place))
            goto found;
    fail_msg("no finding names %s", place);
found:
    only(&c.a, (const char *const[]){ "not-understood", NULL });
    release(&c);
}

/* --- Hosts ---------------------------------------------------------------------------- */

#define CHECK(time, slot)                                              \
    "{\"at\":\"" time "\",\"ns\":\"Forge.Loop.StartLeadershipCheck\"," \
    "\"data\":{\"slot\":" slot "}}\n"

static void test_a_host_that_stops_before_the_others_fell_silent(void **state)
{
    struct cluster c = { .hosts = 4, .end_slot = { [2] = SLOTS - 125 } };

    (void)state;
    run(&c);
    assert_non_null(strstr(finding(&c.a, "host-silent", 2)->text, "node-2"));
    assert_int_equal(count_of(&c.a, "host-late"), 0);
    release(&c);
}

static void test_a_host_that_begins_after_the_others_is_late(void **state)
{
    struct cluster c = { .hosts = 4, .first_slot = { [1] = 125 } };

    (void)state;
    run(&c);
    finding(&c.a, "host-late", 1);
    assert_int_equal(count_of(&c.a, "host-silent"), 0);
    release(&c);
}

static void test_what_befell_a_host_while_the_run_went_on_is_told_of_it(void **state)
{
    struct context_incident incidents[] = { { "node-1 was killed", 1774137660 * NS_PER_SECOND },
                                            { "the disk was full", TIME_NONE } };
    const struct run_context context = { .incidents = incidents, .incident_count = 1 };
    const struct run_context of_all = { .incidents = incidents + 1, .incident_count = 1 };
    struct cluster c = { .hosts = 2, .context = &context };
    struct cluster d = { .hosts = 2, .context = &of_all };

    (void)state;
    run(&c);
    assert_string_equal(finding(&c.a, "incident", 1)->text,
                        "node-1 was killed, at 2026-03-22T00:01:00Z");
    release(&c);
    run(&d);
    assert_string_equal(finding(&d.a, "incident", -1)->text, "the disk was full");
    release(&d);
}

/* Analyses a cluster of two with the log of a load generator beside those of the nodes. */
static void run_with_load(struct cluster *c, const char *log)
{
    char argument[300];

    write_logs(c);
    write_file(temp_path(&c->dir, "generator.json"), log, strlen(log));
    snprintf(argument, sizeof(argument), "generator=%s", temp_path(&c->dir, "generator.json"));
    add_input(c, argument);
    analyse(c, NULL);
}

#define LOAD(ns, data)                                                                           \
    "{\"at\":\"2026-03-22T00:01:00Z\",\"ns\":\"Benchmark." ns "\",\"data\":{\"kind\":\"Trace" ns \
    "\"," data "},\"sev\":\"Info\",\"thread\":\"1\",\"host\":\"generator\"}\n"
#define FUND(taken, txs) LOAD("BenchTxSubSetup", "\"setupTaken\":" #taken ",\"setupTxs\":" #txs)
#define SENT(count) LOAD("BenchTxSubSummary", "\"summary\":{\"ssTxSent\":" #count "}")

static void test_a_load_that_waited_for_its_fund_to_the_end_is_told(void **state)
{
    const struct run_context context = { .tx_count = 9000, .tps = 15 };
    struct cluster c = { .hosts = 2, .context = &context }, killed = { .hosts = 2 };
    const struct finding *told;

    (void)state;
    run_with_load(&c, FUND(0, 621) FUND(480, 621) SENT(0));
    told = finding(&c.a, "load-not-begun", -1);
    assert_int_equal(told->severity, FINDING_WARNING);
    assert_int_equal(told->count, 141);
    assert_string_equal(
        told->text, "the load generator ended while it was splitting its fund: of the 621 "
                    "transactions that split it 480 were taken, and none of its load (9000 at 15 a "
                    "second) was sent");
    release(&c);
    killed.context = NULL;
    run_with_load(&killed, FUND(3, 621));
    assert_non_null(strstr(finding(&killed.a, "load-not-begun", -1)->text,
                           " 3 were taken, and none of its load was"));
    release(&killed);
}

static void test_a_load_of_nothing_is_told(void **state)
{
    struct cluster c = { .hosts = 2 };

    (void)state;
    run_with_load(&c, FUND(621, 621) SENT(0));
    assert_non_null(
        strstr(finding(&c.a, "load-not-begun", -1)->text, "had sent no transaction of its load"));
    release(&c);
}

static void test_a_load_that_began_is_none_of_them(void **state)
{
    static const char *const logs[] = { FUND(621, 621) SENT(1), FUND(621, 621), SENT(1),
                                        FUND(620, 621) SENT(1) };

    (void)state;
    for (size_t i = 0; i < sizeof(logs) / sizeof(*logs); i++) {
        struct cluster c = { .hosts = 2 };

        run_with_load(&c, logs[i]);
        assert_int_equal(c.a.load.generators, 1);
        assert_int_equal(count_of(&c.a, "load-not-begun"), 0);
        release(&c);
    }
}

/* A line of the year 2200 and one of 2023-03-22T00:00:05 behind it: neither are
 * the other hosts silent since 2023, nor is that a restart of the run. */
static void test_a_wild_stamp_is_told_of_its_host_alone(void **state)
{
    struct cluster c = { .hosts = 4,
                         .tail = { [3] = CHECK("2200-01-01T00:00:00Z", "5577000000")
                                       CHECK("2023-03-22T00:04:00Z", "240") } };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "wild-stamp", 3)->count, 1);
    finding(&c.a, "time-gap", 3);
    finding(&c.a, "out-of-order", 3);
    only(&c.a, (const char *const[]){ "wild-stamp", "time-gap", "out-of-order", NULL });
    release(&c);
}

static void test_silence_within_a_log_is_told(void **state)
{
    struct cluster c = {
        .hosts = 2,
        .tail = { CHECK("2023-03-22T00:34:00Z", "2040") CHECK("2023-03-22T00:34:01Z", "2041"),
                  CHECK("2023-03-22T00:34:00Z", "2040") CHECK("2023-03-22T00:34:01Z", "2041") }
    };

    (void)state;
    run(&c);
    assert_int_equal(count_of(&c.a, "silent-slots"), 2);
    assert_int_equal(count_of(&c.a, "time-gap"), 2);
    assert_int_equal(count_of(&c.a, "missed-slots"), 0);
    release(&c);
}

static void test_missed_slots_are_told(void **state)
{
    struct cluster c = { .hosts = 2, .tail = { CHECK("2023-03-22T00:04:03Z", "243") } };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "missed-slots", 0)->count, 3); /* 240, 241, 242 */
    only(&c.a, (const char *const[]){ "missed-slots", NULL });
    release(&c);
}

/* A loss says nothing of the node: no other finding comes of it. */
static void test_messages_that_did_not_reach_the_log_are_told(void **state)
{
    struct cluster c = {
        .hosts = 2,
        .tail = { [1] =
                      "{\"at\":\"2023-03-22T00:03:59.5Z\",\"ns\":\"Reflection.ForwarderLost\","
                      "\"data\":{\"kind\":\"ForwarderLost\",\"dropped\":40,\"total\":40}}\n"
                      "{\"at\":\"2023-03-22T00:03:59.6Z\",\"ns\":\"Reflection.RecordsLost\","
                      "\"data\":{\"kind\":\"RecordsLost\",\"ringFull\":2,\"lost\":2,\"total\":2}}\n" }
    };
    const struct finding *f;

    (void)state;
    run(&c);
    f = finding(&c.a, "trace-loss", 1);
    assert_int_equal(f->severity, FINDING_WARNING);
    assert_int_equal(f->count, 42);
    assert_non_null(strstr(f->text, "node-1: 42 messages"));
    assert_non_null(strstr(f->text, "2 times"));
    only(&c.a, (const char *const[]){ "trace-loss", NULL });
    release(&c);
}

static void test_the_count_of_lost_messages_does_not_wrap(void **state)
{
#define LOST                                                                            \
    "{\"at\":\"2023-03-22T00:03:59.5Z\",\"ns\":\"Reflection.ForwarderLost\",\"data\":{" \
    "\"dropped\":9223372036854775807}}\n"
    struct cluster c = { .hosts = 2, .tail = { LOST LOST LOST } };

    (void)state;
    run(&c);
    assert_true(finding(&c.a, "trace-loss", 0)->count == UINT64_MAX);
    release(&c);
}

#define RESOURCES(time, ticks)                                                                      \
    "{\"at\":\"" time "\",\"ns\":\"Resources\",\"data\":{\"CentiCpu\":" ticks                       \
    ",\"CentiGC\":0,\"CentiMut\":0,\"GcsMajor\":0,\"GcsMinor\":0,\"Alloc\":0,\"Live\":0,\"RSS\":0," \
    "\"CentiBlkIO\":0,\"Threads\":9}}\n"

static void test_a_restart_is_told(void **state)
{
    struct cluster c = { .hosts = 2,
                         .tail = { RESOURCES("2023-03-22T00:03:59.5Z", "900")
                                       RESOURCES("2023-03-22T00:03:59.6Z", "4") } };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "restart", 0)->severity, FINDING_WARNING);
    only(&c.a, (const char *const[]){ "restart", NULL });
    release(&c);
}

static void test_events_long_before_the_chain_are_told(void **state)
{
    struct cluster c = { .hosts = 2,
                         .tail = { CHECK("2023-03-21T22:59:59Z", "0"),
                                   CHECK("2023-03-21T23:59:50Z", "0") } };

    (void)state;
    run(&c);
    finding(&c.a, "early-events", 0);
    assert_int_equal(count_of(&c.a, "early-events"), 1);
    release(&c);
}

static void test_lines_that_repeat_are_told(void **state)
{
    struct cluster c = { .hosts = 2,
                         .tail = { CHECK("2023-03-22T00:03:59.9Z", "239")
                                       CHECK("2023-03-22T00:03:59.9Z", "239") } };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "duplicate-lines", 0)->count, 1);
    only(&c.a, (const char *const[]){ "duplicate-lines", NULL });
    release(&c);
}

static void test_a_host_without_events_is_told(void **state)
{
    struct cluster c = { .hosts = 2 };
    char argument[300];

    (void)state;
    write_logs(&c);
    snprintf(argument, sizeof(argument), "other=%s",
             temp_file(&c.dir, "other",
                       "{\"at\":\"2023-03-22T00:00:01Z\",\"ns\":\"X\",\"data\":{}}\n"
                       "{\"at\":\"2023-03-22T00:03:50Z\",\"ns\":\"X\",\"data\":{}}\n"));
    add_input(&c, argument);
    analyse(&c, NULL);
    finding(&c.a, "host-empty", 2);
    release(&c);
}

static void test_shortened_hashes_that_fit_many_are_told(void **state)
{
    struct cluster c = { .hosts = 2, .cut_hashes = true };

    (void)state;
    run(&c);
    assert_int_equal(count_of(&c.a, "ambiguous-hash"), 2);
    release(&c);
}

/* --- Blocks ---------------------------------------------------------------------------- */

static void test_logs_of_another_network_are_told(void **state)
{
    struct cluster c = { .hosts = 2, .late_ms = 3600 * 1000 };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "wrong-genesis", -1)->severity, FINDING_ERROR);
    release(&c);
}

static void test_an_input_without_blocks_has_no_chain(void **state)
{
    struct cluster c = { .hosts = 2,
                         .dropped = { [EVENT_SEEN_HEADER] = true, [EVENT_FORGED_BLOCK] = true } };

    (void)state;
    run(&c);
    finding(&c.a, "no-chain", -1);
    assert_int_equal(finding(&c.a, "unplaced-blocks", -1)->count, BLOCKS);
    release(&c);
}

static void test_filters_that_drop_everything_are_told(void **state)
{
    struct cluster c = { .hosts = 2 };

    (void)state;
    write_logs(&c);
    analyse(&c, "epoch3+");
    assert_int_equal(finding(&c.a, "all-rejected", -1)->count, BLOCKS);
    release(&c);
}

static void test_blocks_of_hosts_without_log_are_told(void **state)
{
    struct cluster c = { .hosts = 3, .no_log = { [1] = true } };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "no-forger", -1)->count, BLOCKS / 3);
    only(&c.a, (const char *const[]){ "no-forger", NULL });
    release(&c);
}

/* The one host's log misses slots 40 to 79: ten blocks. */
static void test_heights_that_nobody_speaks_of_are_told(void **state)
{
    struct cluster c = { .hosts = 1, .end_slot = { 40 } };
    struct cluster rest = { .hosts = 1, .first_slot = { 80 } };
    char argument[300];

    (void)state;
    write_logs(&c);
    write_logs(&rest);
    snprintf(argument, sizeof(argument), "node-0=%s", rest.inputs.items[0].path);
    add_input(&c, argument);
    analyse(&c, NULL);
    assert_int_equal(finding(&c.a, "missing-heights", -1)->count, 10);
    release(&c);
    release(&rest);
}

static void test_traces_that_are_off_are_named(void **state)
{
    static const struct {
        enum event_kind kind;
        const char *code, *name;
    } rows[] = {
        { EVENT_SEEN_HEADER, "no-headers", "ChainSync.Client.DownloadedHeader" },
        { EVENT_FETCH_REQUESTED, "no-requests", "BlockFetch.Client.SendFetchRequest" },
        { EVENT_FETCH_COMPLETED, "no-bodies", "BlockFetch.Client.CompletedBlockFetch" },
        { EVENT_SEND_HEADER, "no-announcements", "ChainSync.ServerHeader.Update" },
        { EVENT_SENDING_BODY, "no-transmissions", "BlockFetch.Server.SendBlock" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
        struct cluster c = { .hosts = 3 };
        const struct finding *f;

        c.dropped[rows[i].kind] = true;
        run(&c);
        f = finding(&c.a, rows[i].code, -1);
        assert_int_equal(f->severity, FINDING_WARNING);
        assert_int_equal(f->count, 2 * BLOCKS);
        assert_non_null(strstr(f->text, rows[i].name));
        assert_int_equal(count_of(&c.a, "stray-phases"), rows[i].kind == EVENT_SEEN_HEADER);
        release(&c);
    }
}

/* Of two nodes the one that gets a block has nobody to hand it on to. */
static void test_traces_without_an_occasion_are_not_taken_to_be_off(void **state)
{
    struct cluster c = { .hosts = 2, .no_relays = true };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "no-announcements", -1)->severity, FINDING_NOTE);
    assert_int_equal(finding(&c.a, "no-transmissions", -1)->severity, FINDING_NOTE);
    assert_int_equal(finding(&c.a, "no-transmissions", -1)->count, BLOCKS);
    release(&c);
}

static void test_blocks_without_size_are_told(void **state)
{
    struct cluster c = {
        .hosts = 2, .dropped = { [EVENT_ADOPTED_BLOCK] = true, [EVENT_FETCH_COMPLETED] = true }
    };

    (void)state;
    run(&c);
    assert_int_equal(finding(&c.a, "no-size", -1)->count, BLOCKS);
    release(&c);
}

#define LAST_HASH "0000000000000000000000000000000000000000000000000000000000000060"
#define LATE(ns, data) "{\"at\":\"2023-03-22T00:03:59.9Z\",\"ns\":\"" ns "\",\"data\":{" data "}}\n"

static void test_a_block_forged_or_adopted_again_is_told(void **state)
{
    struct cluster c = {
        .hosts = 1,
        .tail = { LATE("Forge.Loop.ForgedBlock",
                       "\"slot\":236,\"blockNo\":59,\"block\":\"" LAST_HASH
                       "\",\"blockPrev\":\"x\"") LATE("ChainDB.AddBlockEvent.AddedToCurrentChain",
                                                      "\"newtip\":\"" LAST_HASH "@236\"") },
    };

    (void)state;
    run(&c);
    finding(&c.a, "forged-twice", -1);
    finding(&c.a, "repeated-adoptions", 0);
    only(&c.a, (const char *const[]){ "forged-twice", "repeated-adoptions", NULL });
    release(&c);
}

/* What only the reader or the memory can bring about is told as it is counted. */
static void test_counts_of_the_reader_are_told(void **state)
{
    struct cluster c = { .hosts = 2 };
    uint64_t none[2] = { 0 }, lost[2] = { 0, 7 };
    uint8_t shrank[2] = { 1, 0 };
    struct findings_input input = { .names_lost = 5,
                                    .wild_stamps = none,
                                    .early_events = none,
                                    .lost_events = lost,
                                    .ambiguous_hashes = none,
                                    .shrank = shrank,
                                    .doubt = { NO_HOST, NO_HOST, 0, 0 } };
    struct ou_error err;

    (void)state;
    run(&c);
    assert_int_equal(findings_fill(&c.a, &input, &err), OU_OK);
    assert_int_equal(finding(&c.a, "events-lost", 1)->count, 7);
    assert_int_equal(finding(&c.a, "too-many-names", -1)->count, 5);
    finding(&c.a, "file-shrank", -1);
    release(&c);
}

/* --- Clocks ------------------------------------------------------------------------------- */

static void test_a_wrong_clock_is_laid_on_its_host(void **state)
{
    static const int offsets[] = { 100, -100, 1500, -1500, 70 };

    (void)state;
    for (size_t i = 0; i < sizeof(offsets) / sizeof(*offsets); i++) {
        struct cluster c = { .hosts = 4, .offset_ms = { [2] = offsets[i] } };
        const struct finding *f;

        run(&c);
        f = finding(&c.a, "clock-suspect", 2);
        assert_non_null(strstr(f->text, offsets[i] > 0 ? "ahead of" : "behind"));
        for (uint32_t h = 0; h < 4; h++)
            assert_int_equal(c.a.hosts[h].clock_offset_ns, h == 2 ? offsets[i] * MS : TIME_NONE);
        assert_int_equal(count_of(&c.a, "clocks-disagree"), 0);
        release(&c);
    }
}

static void test_clocks_a_little_apart_are_no_suspects(void **state)
{
    struct cluster c = { .hosts = 4, .offset_ms = { 15, -15, 12, 0 } };

    (void)state;
    run(&c);
    only(&c.a, nothing);
    release(&c);
}

static void test_two_wrong_clocks_are_both_found(void **state)
{
    struct cluster c = { .hosts = 6, .offset_ms = { [1] = 200, [4] = -150 } };

    (void)state;
    run(&c);
    assert_int_equal(count_of(&c.a, "clock-suspect"), 2);
    assert_int_equal(c.a.hosts[1].clock_offset_ns, 200 * MS);
    assert_int_equal(c.a.hosts[4].clock_offset_ns, -150 * MS);
    release(&c);
}

/* Nobody forges before the slot, but by a clock that is behind it. */
static void test_slots_that_begin_early_are_a_clocks_fault(void **state)
{
    struct cluster c = { .hosts = 1, .late_ms = -100 };

    (void)state;
    run(&c);
    assert_non_null(strstr(finding(&c.a, "clock-suspect", 0)->text, "behind"));
    assert_int_equal(c.a.hosts[0].clock_offset_ns, -99 * MS);
    release(&c);
}

/* Two against two: neither pair has a majority. */
static void test_of_two_pairs_of_hosts_neither_is_blamed(void **state)
{
    struct cluster c = { .hosts = 4, .offset_ms = { 0, 0, 100, 100 } };

    (void)state;
    run(&c);
    finding(&c.a, "clocks-disagree", -1);
    assert_int_equal(count_of(&c.a, "clock-suspect"), 0);
    release(&c);
}

/* With two hosts nobody can tell which one is right. */
static void test_of_two_hosts_neither_is_blamed(void **state)
{
    struct cluster c = { .hosts = 2, .offset_ms = { 0, 100 } };
    const struct finding *f;

    (void)state;
    run(&c);
    f = finding(&c.a, "clocks-disagree", -1);
    assert_non_null(strstr(f->text, "node-0"));
    assert_non_null(strstr(f->text, "node-1"));
    assert_non_null(strstr(f->text, "70.0 ms")); /* 30 ms of way, 100 ms of clock */
    assert_int_equal(f->count, BLOCKS / 2);
    assert_int_equal(count_of(&c.a, "clock-suspect"), 0);
    release(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nothing_is_said_of_a_clean_cluster),
        cmocka_unit_test(test_files_of_one_content_are_told_once_each),
        cmocka_unit_test(test_a_file_given_twice_is_read_once),
        cmocka_unit_test(test_files_of_a_collector_in_another_form_are_a_note),
        cmocka_unit_test(test_a_file_that_ends_early_is_told),
        cmocka_unit_test(test_lines_not_understood_are_told_with_the_first_place),
        cmocka_unit_test(test_a_host_that_stops_before_the_others_fell_silent),
        cmocka_unit_test(test_a_host_that_begins_after_the_others_is_late),
        cmocka_unit_test(test_what_befell_a_host_while_the_run_went_on_is_told_of_it),
        cmocka_unit_test(test_a_load_that_waited_for_its_fund_to_the_end_is_told),
        cmocka_unit_test(test_a_load_of_nothing_is_told),
        cmocka_unit_test(test_a_load_that_began_is_none_of_them),
        cmocka_unit_test(test_a_wild_stamp_is_told_of_its_host_alone),
        cmocka_unit_test(test_silence_within_a_log_is_told),
        cmocka_unit_test(test_missed_slots_are_told),
        cmocka_unit_test(test_messages_that_did_not_reach_the_log_are_told),
        cmocka_unit_test(test_the_count_of_lost_messages_does_not_wrap),
        cmocka_unit_test(test_a_restart_is_told),
        cmocka_unit_test(test_events_long_before_the_chain_are_told),
        cmocka_unit_test(test_lines_that_repeat_are_told),
        cmocka_unit_test(test_a_host_without_events_is_told),
        cmocka_unit_test(test_shortened_hashes_that_fit_many_are_told),
        cmocka_unit_test(test_logs_of_another_network_are_told),
        cmocka_unit_test(test_an_input_without_blocks_has_no_chain),
        cmocka_unit_test(test_filters_that_drop_everything_are_told),
        cmocka_unit_test(test_blocks_of_hosts_without_log_are_told),
        cmocka_unit_test(test_heights_that_nobody_speaks_of_are_told),
        cmocka_unit_test(test_traces_that_are_off_are_named),
        cmocka_unit_test(test_traces_without_an_occasion_are_not_taken_to_be_off),
        cmocka_unit_test(test_blocks_without_size_are_told),
        cmocka_unit_test(test_a_block_forged_or_adopted_again_is_told),
        cmocka_unit_test(test_counts_of_the_reader_are_told),
        cmocka_unit_test(test_a_wrong_clock_is_laid_on_its_host),
        cmocka_unit_test(test_clocks_a_little_apart_are_no_suspects),
        cmocka_unit_test(test_two_wrong_clocks_are_both_found),
        cmocka_unit_test(test_slots_that_begin_early_are_a_clocks_fault),
        cmocka_unit_test(test_of_two_pairs_of_hosts_neither_is_blamed),
        cmocka_unit_test(test_of_two_hosts_neither_is_blamed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
