/* What the chain database traces of a block on its way, of a change of chain, and of its start. */
#include <unistd.h>

#include <ouroscope/message.h>
#include <ouroscope/trace.h>

#include "node/chain_factory_test.h"
#include "support/files.h"

static struct factory *factory;
static struct temp_dir dir;
static struct chain_db *db;

/* --- Catching --------------------------------------------------------------------------------- */

static char names[4096];
static char lines[64][2048];
static size_t line_count;

static void catch_line(void *context, const struct ou_message *m, struct ou_text line)
{
    size_t len = strlen(names);
    const char *last = strrchr(m->point->ns, '.');

    (void)context;
    if (strncmp(m->point->ns, "Reflection.", 11) == 0 || line_count == 64)
        return;
    snprintf(names + len, sizeof names - len, "%s ", last ? last + 1 : m->point->ns);
    snprintf(lines[line_count++], sizeof lines[0], "%.*s", (int)line.len, line.at);
}

static void assert_names(const char *want)
{
    assert_true(ou_trace_flush());
    assert_string_equal(names, want);
}

/* The line with that name, the nth from 0. */
static const char *line_of(const char *name, size_t nth)
{
    char what[128];

    snprintf(what, sizeof what, "%s\",\"data\"", name);
    for (size_t i = 0; i < line_count; i++)
        if (strstr(lines[i], what) && nth-- == 0)
            return lines[i];
    fail_msg("no line of %s in: %s", name, names);
    return "";
}

static void assert_has(const char *line, const char *what)
{
    assert_non_null(line);
    if (!strstr(line, what))
        fail_msg("no %s in %s", what, line);
}

static void forget(void)
{
    ou_trace_flush();
    names[0] = '\0';
    line_count = 0;
}

/* --- Set-up ----------------------------------------------------------------------------------- */

static int start_program(void **state)
{
    static const char config[] = "TraceOptionResourceFrequency: 0\n"
                                 "TraceOptions:\n"
                                 "  \"\": { severity: Debug, detail: DDetailed,\n"
                                 "          backends: [ File MachineFormat /dev/null ] }\n";
    static const struct ou_output output = { .name = "test", .write = catch_line };
    struct ou_error err = { "" };

    (void)state;
    factory = factory_new(0, 1000000000);
    if (ou_trace_add_output(&output, &err) != OU_OK ||
        ou_trace_start(&(struct ou_trace_options){ .config_text = config, .host = "h" }, &err) !=
            OU_OK)
        fail_msg("%s", err.text);
    return 0;
}

static int end_program(void **state)
{
    (void)state;
    ou_trace_stop();
    factory_free(factory);
    return 0;
}

static int set_up(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    db = factory_open(factory, dir.path, 2);
    forget();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    chain_db_close(db);
    temp_dir_remove(&dir);
    return 0;
}

static const char *hex(const uint8_t *bytes, size_t count)
{
    static char text[4][256];
    static unsigned next;
    char *at = text[next++ % 4];

    for (size_t i = 0; i < count; i++)
        snprintf(at + 2 * i, 3, "%02x", bytes[i]);
    return at;
}

/* "member":"value", where the value may go on. */
static const char *member(const char *name, const char *value)
{
    static char text[512];

    snprintf(text, sizeof text, "\"%s\":\"%s", name, value);
    return text;
}

/* --- Tests ------------------------------------------------------------------------------------ */

#define QUEUED "AddedBlockToQueue AddedBlockToQueue PoppingFromQueue PoppedBlockFromQueue "
#define STORED QUEUED "AddedBlockToVolatileDB AddedBlockToVolatileDB "

static void test_each_step_of_a_block_is_told_in_its_order(void **state)
{
    struct forged *first = factory_forge(factory, NULL, 0, 1);
    struct forged *second = factory_forge(factory, first, 1, 2);
    const char *line;

    (void)state;
    factory_give(db, first);
    forget();
    factory_give(db, second);
    assert_names(STORED "TryAddToCurrentChain SetTentativeHeader SetTentativeHeader "
                        "ValidCandidate AddedToCurrentChain NodeAddBlock ");
    assert_has(line_of("AddedBlockToQueue", 0), "\"risingEdge\":true");
    assert_null(strstr(line_of("AddedBlockToQueue", 0), "queueSize"));
    assert_has(line_of("AddedBlockToQueue", 1), "\"queueSize\":1");
    assert_null(strstr(line_of("AddedBlockToQueue", 1), "risingEdge"));
    assert_has(line_of("AddedBlockToVolatileDB", 0), "\"blockNo\":\"1\"");
    assert_has(line_of("PoppedBlockFromQueue", 0), "\"slot\":1");

    line = line_of("AddedToCurrentChain", 0);
    assert_has(line, member("newtip", hex(second->facts.hash, HASH_BYTES)));
    assert_has(line, member("tipBlockHash", hex(second->facts.hash, HASH_BYTES)));
    assert_has(line, member("tipBlockParentHash", hex(first->facts.hash, HASH_BYTES)));
    assert_has(line,
               member("tipBlockIssuerVKeyHash", hex(factory->genesis_pools[2].id, KEY_HASH_BYTES)));
    assert_has(line, member("tieBreakVRF", hex(second->facts.view.vrf_output, VRF_OUTPUT_BYTES)));
    assert_has(line, member("tieBreakVRF", hex(first->facts.view.vrf_output, VRF_OUTPUT_BYTES)));
    assert_has(line, "@1\"");
    assert_has(line, "\"newSuffixSelectView\":{\"chainLength\":1,\"issueNo\":0,\"issuerHash\":");
    assert_has(line, "\"oldSuffixSelectView\":{\"chainLength\":0,\"issueNo\":0,\"issuerHash\":");
    assert_has(line_of("NodeAddBlock", 0), "\"addBlock\":[0,1,");
}

static void test_the_first_block_follows_the_genesis(void **state)
{
    (void)state;
    factory_give(db, factory_forge(factory, NULL, 3, 1));
    ou_trace_flush();
    assert_has(line_of("AddedToCurrentChain", 0), "\"tipBlockParentHash\":\"GenesisHash\"");
    assert_null(strstr(line_of("AddedToCurrentChain", 0), "oldSuffixSelectView"));
    /* In slot 3, more than the 2 between snapshots. */
    assert_has(line_of("TookSnapshot", 0), "\"tag\":\"RisingEdge\"");
    assert_has(line_of("TookSnapshot", 1), "\"tag\":\"FallingEdgeWith\"");
    assert_has(line_of("TookSnapshot", 1), "at slot 3");
}

static void test_a_change_of_chain_says_why(void **state)
{
    struct forged *ours = factory_forge(factory, NULL, 0, 1), *theirs[2];

    (void)state;
    factory_chain(factory, NULL, 10, 2, 2, theirs);
    factory_give(db, ours);
    factory_give(db, theirs[0]);
    forget();
    factory_give(db, theirs[1]);
    ou_trace_flush();
    assert_names(STORED "TrySwitchToAFork ValidCandidate SwitchedToAFork NodeAddBlock "
                        "TookSnapshot TookSnapshot ");
    assert_has(line_of("SwitchedToAFork", 0), "\"reason\":\"the other chain is longer\"");
    assert_has(line_of("SwitchedToAFork", 0), "\"kind\":\"TraceAddBlockEvent.SwitchedToAFork\"");
}

static void test_a_start_tells_what_it_opens_and_what_was_cut_off(void **state)
{
    char path[4096];

    (void)state;
    factory_give(db, factory_forge(factory, NULL, 0, 1));
    chain_db_close(db);
    snprintf(path, sizeof path, "%s/blocks", dir.path);
    assert_int_equal(truncate(path, 40 + 16 + 5), 0);
    forget();
    db = factory_open(factory, dir.path, 0);
    assert_names("OpeningDbs OpeningDbs OpeningDbs OpeningDbs OpeningDbs "
                 "NodeInitChainSelection NodeInitChainSelection ");
    assert_has(line_of("OpeningDbs", 1),
               "{\"tag\":\"CutVolatileDB\",\"contents\":{\"cause\":\"the file ends within a "
               "record\",\"at\":40,\"cutBytes\":21,\"recordsBehind\":0}}");
    factory_give(db, factory_forge(factory, NULL, 0, 1));
    chain_db_close(db);
    forget();
    db = factory_open(factory, dir.path, 0);
    ou_trace_flush();
    assert_has(line_of("NodeReplays", 0),
               "{\"tag\":\"ReplayFromGenesis\",\"contents\":{\"goal\":0}}");
    assert_null(strstr(names, "AddedToCurrentChain")); /* nothing of it is news */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_each_step_of_a_block_is_told_in_its_order),
        TEST(test_the_first_block_follows_the_genesis),
        TEST(test_a_change_of_chain_says_why),
        TEST(test_a_start_tells_what_it_opens_and_what_was_cut_off),
    };

    return cmocka_run_group_tests(tests, start_program, end_program);
}
