#include <jansson.h>

#include "support/record.h"
#include "trace/render.h"

#define HEADER_FIELDS(F)                       \
    F(hash, block, "block", OU_DMINIMAL, "")   \
    F(u64, number, "blockNo", OU_DMINIMAL, "") \
    F(u64, slot, "slot", OU_DMINIMAL, "")      \
    F(peer, peer, "peer", OU_DMINIMAL, "")
OU_TRACE_POINT(downloaded_header, "ChainSync.Client.DownloadedHeader", OU_INFO, OU_PUBLIC,
               HEADER_FIELDS, "", .kind = "DownloadedHeader",
               .legacy = { "ChainSyncClient", "ChainSyncClientEvent.TraceDownloadedHeader",
                           false });

#define REQUEST_FIELDS(F)                     \
    F(hash, head, "head", OU_DMINIMAL, "")    \
    F(u64, length, "length", OU_DMINIMAL, "") \
    F(peer, peer, "peer", OU_DMINIMAL, "")    \
    F(f64, deltaq, "deltaq.G", OU_DNORMAL, "")
OU_TRACE_POINT(send_fetch_request, "BlockFetch.Client.SendFetchRequest", OU_INFO, OU_PUBLIC,
               REQUEST_FIELDS, "", .kind = "SendFetchRequest",
               .legacy = { "BlockFetchClient", NULL, false });

#define FORGED_FIELDS(F)                            \
    F(hash, block, "block", OU_DMINIMAL, "")        \
    F(u64, number, "blockNo", OU_DMINIMAL, "")      \
    F(parent, parent, "blockPrev", OU_DMINIMAL, "") \
    F(u64, slot, "slot", OU_DMINIMAL, "")
OU_TRACE_POINT(forged_block, "Forge.Loop.ForgedBlock", OU_INFO, OU_PUBLIC, FORGED_FIELDS, "",
               .kind = "TraceForgedBlock", .legacy = { "Forge", NULL, true });

#define ADOPTED_FIELDS(F)                              \
    F(point, tip, "newtip", OU_DMINIMAL, "")           \
    F(u64, delta, "chainLengthDelta", OU_DMINIMAL, "") \
    F(hashes, chain, "chain", OU_DDETAILED, "")
OU_TRACE_POINT(added_to_chain, "ChainDB.AddBlockEvent.AddedToCurrentChain", OU_NOTICE, OU_PUBLIC,
               ADOPTED_FIELDS, "", .kind = "AddedToCurrentChain",
               .legacy = { "ChainDB", "TraceAddBlockEvent.AddedToCurrentChain", false });

#define PEER_FIELDS(F) F(peer, peer, "peer", OU_DMINIMAL, "")
OU_TRACE_POINT(nameless, "Net.Peer.Seen", OU_WARNING, OU_PUBLIC, PEER_FIELDS, "");
OU_TRACE_POINT(short_name, "Net", OU_WARNING, OU_PUBLIC, PEER_FIELDS, "");

static struct recorded r;
static struct buffer out;
static struct legacy_frame frame = { .env = "8.1.1:ea2c0", .host = "mainnetf", .pid = "1662080" };

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&out);
    frame.maximal = false;
    return 0;
}

static const char *legacy(void)
{
    struct plan *plan = plan_new(r.message.point);

    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 1 << 20);
    render_legacy(plan, &r.message, &frame, &out);
    plan_free(plan);
    return buffer_string(&out);
}

#define H "dda846c34c0f219c26ded0994ef0beace1dea54487d60e0b4afe5f6f4fe3d246"

static const uint8_t block[OU_HASH_BYTES] = {
    0xdd, 0xa8, 0x46, 0xc3, 0x4c, 0x0f, 0x21, 0x9c, 0x26, 0xde, 0xd0, 0x99, 0x4e, 0xf0, 0xbe, 0xac,
    0xe1, 0xde, 0xa5, 0x44, 0x87, 0xd6, 0x0e, 0x0b, 0x4a, 0xfe, 0x5f, 0x6f, 0x4f, 0xe3, 0xd2, 0x46,
};

/* Both wrote whole hashes. */
static void test_lines_are_those_of_real_nodes(void **state)
{
    (void)state;
    frame.maximal = true;
    RECORD(&r, OU_DMAXIMUM, downloaded_header, block, 9233842, 102011373,
           &((struct ou_peer){ "192.168.0.137:3001", "66.45.255.78:6000" }));
    r.message.at_ns = INT64_C(1693577664567000000);
    r.message.thread = 19113;
    assert_string_equal(
        legacy(),
        "{\"app\":[],\"at\":\"2023-09-01T14:14:24.56Z\",\"data\":{\"block\":\"" H
        "\",\"blockNo\":9233842,\"kind\":\"ChainSyncClientEvent.TraceDownloadedHeader\",\"peer\":"
        "{\"local\":{\"addr\":\"192.168.0.137\",\"port\":\"3001\"},\"remote\":{\"addr\":"
        "\"66.45.255.78\",\"port\":\"6000\"}},\"slot\":102011373},\"env\":\"8.1.1:ea2c0\","
        "\"host\":\"mainnetf\",\"loc\":null,\"msg\":\"\",\"ns\":[\"cardano.node.ChainSyncClient\"],"
        "\"pid\":\"1662080\",\"sev\":\"Info\",\"thread\":\"19113\"}\n");

    RECORD(&r, OU_DMAXIMUM, send_fetch_request, block, 1,
           &((struct ou_peer){ "192.168.0.137:3001", "3.11.145.214:3002" }), 2.472594034e-2);
    r.message.at_ns = INT64_C(1693577664550000000);
    r.message.thread = 17608;
    assert_string_equal(
        legacy(),
        "{\"app\":[],\"at\":\"2023-09-01T14:14:24.55Z\",\"data\":{\"deltaq\":{\"G\":"
        "2.472594034e-2},\"head\":\"" H "\",\"kind\":\"SendFetchRequest\",\"length\":1,\"peer\":"
        "{\"local\":{\"addr\":\"192.168.0.137\",\"port\":\"3001\"},\"remote\":{\"addr\":"
        "\"3.11.145.214\",\"port\":\"3002\"}}},\"env\":\"8.1.1:ea2c0\",\"host\":\"mainnetf\","
        "\"loc\":null,\"msg\":\"\",\"ns\":[\"cardano.node.BlockFetchClient\"],\"pid\":\"1662080\","
        "\"sev\":\"Info\",\"thread\":\"17608\"}\n");
}

static void test_forge_events_are_wrapped(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, forged_block, block, 0, NULL, 0);
    assert_non_null(strstr(legacy(), "\"data\":{\"credentials\":\"Cardano\",\"val\":{\"block\":"
                                     "\"dda846c3\",\"blockNo\":0,\"blockPrev\":\"GenesisHash\","
                                     "\"kind\":\"TraceForgedBlock\",\"slot\":0}},\"env\":"));
    assert_non_null(strstr(out.at, "\"ns\":[\"cardano.node.Forge\"]"));
}

static void test_the_verbosity_rules_hashes_and_details(void **state)
{
    const struct ou_chain_point tip = { 4, block };
    const struct ou_hashes chain = { block, 1 };

    (void)state;
    RECORD(&r, OU_DMAXIMUM, added_to_chain, &tip, 1, &chain);
    assert_non_null(strstr(legacy(), "\"data\":{\"chainLengthDelta\":1,\"kind\":"
                                     "\"TraceAddBlockEvent.AddedToCurrentChain\",\"newtip\":"
                                     "\"dda846c3@4\"},\"env\""));
    assert_non_null(strstr(out.at, "\"sev\":\"Notice\""));
    frame.maximal = true;
    assert_non_null(strstr(legacy(), "\"data\":{\"chain\":[\"" H "\"],\"chainLengthDelta\":1,"
                                     "\"kind\":\"TraceAddBlockEvent.AddedToCurrentChain\","
                                     "\"newtip\":\"" H "@4\"},\"env\""));
}

static void test_a_logger_is_made_of_two_segments_where_none_is_named(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, nameless, NULL);
    assert_non_null(strstr(legacy(), "\"data\":{},"));
    assert_non_null(strstr(out.at, "\"ns\":[\"cardano.node.Net.Peer\"]"));
    RECORD(&r, OU_DNORMAL, short_name, NULL);
    assert_non_null(strstr(legacy(), "\"ns\":[\"cardano.node.Net\"]"));
}

static void test_peers_are_split_at_the_port(void **state)
{
    static const struct {
        const char *peer, *expected;
    } cases[] = {
        { "1.2.3.4:5", "{\"addr\":\"1.2.3.4\",\"port\":\"5\"}" },
        { "[2001:db8::1]:3001", "{\"addr\":\"2001:db8::1\",\"port\":\"3001\"}" },
        { "[2001:db8::1]", "{\"addr\":\"2001:db8::1\",\"port\":\"\"}" },
        { "relay.example:3001", "{\"addr\":\"relay.example\",\"port\":\"3001\"}" },
        { "/run/node.sock", "{\"addr\":\"/run/node.sock\",\"port\":\"\"}" },
        { "", "{\"addr\":\"\",\"port\":\"\"}" },
        { ":", "{\"addr\":\"\",\"port\":\"\"}" },
        { "]", "{\"addr\":\"]\",\"port\":\"\"}" },
        { "[", "{\"addr\":\"[\",\"port\":\"\"}" },
        { "\"\n:\\", "{\"addr\":\"\\\"\\n\",\"port\":\"\\\\\"}" },
        { NULL, "{\"addr\":\"\",\"port\":\"\"}" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
        char expected[200];

        snprintf(expected, sizeof(expected),
                 "{\"local\":{\"addr\":\"x\",\"port\":\"\"},\"remote\":%s}", cases[i].expected);
        RECORD(&r, OU_DNORMAL, nameless, &((struct ou_peer){ "x", cases[i].peer }));
        assert_non_null(strstr(legacy(), expected));
    }
}

static void test_any_frame_makes_one_valid_line(void **state)
{
    const struct legacy_frame usual = frame;
    json_t *tree;

    (void)state;
    frame = (struct legacy_frame){ .env = "\"\n", .host = "\\\xff", .pid = "\x1b" };
    RECORD(&r, OU_DNORMAL, nameless, NULL);
    legacy();
    frame = usual;
    assert_ptr_equal(memchr(out.at, '\n', out.len), out.at + out.len - 1);
    tree = json_loadb(out.at, out.len, 0, NULL);
    assert_int_equal(json_object_size(tree), 11);
    json_decref(tree);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lines_are_those_of_real_nodes),
        TEST(test_forge_events_are_wrapped),
        TEST(test_the_verbosity_rules_hashes_and_details),
        TEST(test_a_logger_is_made_of_two_segments_where_none_is_named),
        TEST(test_peers_are_split_at_the_port),
        TEST(test_any_frame_makes_one_valid_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
