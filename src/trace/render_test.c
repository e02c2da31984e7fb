#include "trace/render.h"

#include <jansson.h>

#include "support/failing_allocator.h"
#include "support/record.h"

/* --- Points of lines that real nodes wrote --------------------------------------------- */

/* Not in the order in which they are to appear. */
#define HEADER_FIELDS(F)                              \
    F(u64, slot, "slot", OU_DMINIMAL, "the slot")     \
    F(peer, peer, "peer", OU_DMINIMAL, "who sent it") \
    F(hash, block, "block", OU_DMINIMAL, "the block") \
    F(u64, number, "blockNo", OU_DMINIMAL, "the block's number")
OU_TRACE_POINT(downloaded_header, "ChainSync.Client.DownloadedHeader", OU_INFO, OU_PUBLIC,
               HEADER_FIELDS, "", .kind = "DownloadedHeader",
               .human = "header {block} of slot {slot} from {peer}");

#define REQUEST_FIELDS(F)                     \
    F(hash, head, "head", OU_DMINIMAL, "")    \
    F(u64, length, "length", OU_DMINIMAL, "") \
    F(peer, peer, "peer", OU_DMINIMAL, "")    \
    F(f64, deltaq, "deltaq.G", OU_DDETAILED, "")
OU_TRACE_POINT(send_fetch_request, "BlockFetch.Client.SendFetchRequest", OU_INFO, OU_PUBLIC,
               REQUEST_FIELDS, "", .kind = "SendFetchRequest");

#define FETCH_FIELDS(F)                      \
    F(hash, block, "block", OU_DMINIMAL, "") \
    F(f64, delay, "delay", OU_DMINIMAL, "")  \
    F(u64, size, "size", OU_DMINIMAL, "")    \
    F(peer, peer, "peer", OU_DMINIMAL, "")
OU_TRACE_POINT(completed_block_fetch, "BlockFetch.Client.CompletedBlockFetch", OU_INFO, OU_PUBLIC,
               FETCH_FIELDS, "", .kind = "CompletedBlockFetch");

#define ADDED_TX_FIELDS(F)                               \
    F(txid, tx, "tx.txid", OU_DMINIMAL, "")              \
    F(u64, count, "mempoolSize.numTxs", OU_DMINIMAL, "") \
    F(u64, bytes, "mempoolSize.bytes", OU_DMINIMAL, "")
OU_TRACE_POINT(added_tx, "Mempool.AddedTx", OU_INFO, OU_PUBLIC, ADDED_TX_FIELDS, "",
               .kind = "TraceMempoolAddedTx");

#define SNAPSHOT_FIELDS(F)               \
    F(text, tip, "tip", OU_DMINIMAL, "") \
    F(f64, seconds, "enclosedTime.contents", OU_DMINIMAL, "")
OU_TRACE_POINT(took_snapshot, "ChainDB.LedgerEvent.TookSnapshot", OU_INFO, OU_PUBLIC,
               SNAPSHOT_FIELDS, "", .kind = "TookSnapshot",
               .constants = "snapshot.kind=snapshot\nenclosedTime.tag=FallingEdgeWith");

#define CHECK_FIELDS(F)                                  \
    F(f64, density, "chainDensity", OU_DMINIMAL, "")     \
    F(u64, delegations, "delegMapSize", OU_DMINIMAL, "") \
    F(u64, slot, "slot", OU_DMINIMAL, "")                \
    F(u64, utxos, "utxoSize", OU_DMINIMAL, "")
OU_TRACE_POINT(start_check, "Forge.Loop.StartLeadershipCheckPlus", OU_INFO, OU_PUBLIC, CHECK_FIELDS,
               "", .kind = "TraceStartLeadershipCheck");

#define LEADER_FIELDS(F) F(u64, slot, "slot", OU_DMINIMAL, "")
OU_TRACE_POINT(is_leader, "Forge.Loop.NodeIsLeader", OU_INFO, OU_PUBLIC, LEADER_FIELDS, "",
               .kind = "TraceNodeIsLeader", .human = "leader of slot {slot}");

#define ADOPTED_FIELDS(F)                            \
    F(point, tip, "newtip", OU_DMINIMAL, "")         \
    F(headers, headers, "headers", OU_DDETAILED, "") \
    F(u64, delta, "chainLengthDelta", OU_DMINIMAL, "")
OU_TRACE_POINT(added_to_chain, "ChainDB.AddBlockEvent.AddedToCurrentChain", OU_NOTICE, OU_PUBLIC,
               ADOPTED_FIELDS, "", .kind = "AddedToCurrentChain",
               .human = "{tip} with {headers}, {delta} more");

/* --- Points for corners ------------------------------------------------------------------ */

/* The detail of each field is the first letter of its key. */
#define DETAIL_FIELDS(F)                     \
    F(u64, minimal, "a", OU_DMINIMAL, "")    \
    F(u64, normal, "b", OU_DNORMAL, "")      \
    F(u64, detailed, "c", OU_DDETAILED, "")  \
    F(u64, maximum, "d", OU_DMAXIMUM, "")    \
    F(u64, inside, "in.c", OU_DDETAILED, "") \
    F(u64, deep, "in.d", OU_DMAXIMUM, "")    \
    F(u64, human, "e", OU_HUMAN_ONLY, "")
OU_TRACE_POINT(details, "Test.Details", OU_DEBUG, OU_PUBLIC, DETAIL_FIELDS, "",
               .constants = "in.tag=t", .human = "{minimal} {maximum} {human}");
OU_TRACE_POINT(shy, "Test.Shy", OU_DEBUG, OU_PUBLIC, LEADER_FIELDS, "", .kind = "Shy",
               .empty_below = OU_DDETAILED);

#define ALL_FIELDS(F)                   \
    F(u64, a, "a", OU_DMINIMAL, "")     \
    F(i64, b, "b", OU_DMINIMAL, "")     \
    F(f64, c, "c", OU_DMINIMAL, "")     \
    F(digits, d, "d", OU_DMINIMAL, "")  \
    F(boolean, e, "e", OU_DMINIMAL, "") \
    F(flag, f, "f", OU_DMINIMAL, "")    \
    F(text, g, "g", OU_DMINIMAL, "")    \
    F(json, h, "h", OU_DMINIMAL, "")    \
    F(hash, i, "i", OU_DMINIMAL, "")    \
    F(parent, j, "j", OU_DMINIMAL, "")  \
    F(txid, k, "k", OU_DMINIMAL, "")    \
    F(point, l, "l", OU_DMINIMAL, "")   \
    F(block, m, "m", OU_DMINIMAL, "")   \
    F(peer, n, "n", OU_DMINIMAL, "")    \
    F(hashes, o, "o", OU_DMINIMAL, "")  \
    F(txids, p, "p", OU_DMINIMAL, "")   \
    F(headers, q, "q", OU_DMINIMAL, "")
OU_TRACE_POINT(all, "Test.All", OU_WARNING, OU_PUBLIC, ALL_FIELDS, "",
               .human = "{a};{b};{c};{d};{e};{f};{g};{h};{i};{j};{k};{l};{m};{n};{o};{p};{q}");

#define TEXT_FIELDS(F)                     \
    F(text, text, "text", OU_DMINIMAL, "") \
    F(json, json, "json", OU_DMINIMAL, "")
OU_TRACE_POINT(texts, "Test.Texts", OU_ERROR, OU_PUBLIC, TEXT_FIELDS, "", .human = "{text}|{json}");
OU_TRACE_POINT(silent_texts, "Test.Texts", OU_ERROR, OU_PUBLIC, TEXT_FIELDS, "");

#define ODD_FIELDS(F)                            \
    F(u64, first, "either", OU_DMINIMAL, "")     \
    F(text, second, "either", OU_DMINIMAL, "")   \
    F(u64, inner, "either.way", OU_DMINIMAL, "") \
    F(u64, one, "in.x", OU_DMINIMAL, "")         \
    F(u64, two, "in.x", OU_DMINIMAL, "")         \
    F(u64, quoted, "a \"b\"", OU_DMINIMAL, "")   \
    F(u64, deep, "a.b.c", OU_DMINIMAL, "")       \
    F(u64, dot, "a.", OU_DMINIMAL, "")           \
    F(u64, none, "", OU_DMINIMAL, "")
OU_TRACE_POINT(odd, "Test.Odd", OU_DEBUG, OU_PUBLIC, ODD_FIELDS, "",
               .constants = "a2=\"c\"\nnonsense\n=x\nz=", .human = "{nothing}a\n{first} {");

OU_TRACE_POINT(bare, "Bare", OU_EMERGENCY, OU_PUBLIC, OU_NO_FIELDS, "");

/* --- Helpers -------------------------------------------------------------------------------- */

static struct recorded r;
static struct buffer out;

static int tear_down(void **state)
{
    (void)state;
    buffer_release(&out);
    return 0;
}

static const char *machine(void)
{
    struct plan *plan = plan_new(r.message.point);

    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 1 << 20);
    render_machine(plan, &r.message, &out);
    plan_free(plan);
    return buffer_string(&out);
}

static const char *data(void)
{
    struct plan *plan = plan_new(r.message.point);

    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 1 << 20);
    render_data(plan, &r.message, &out);
    plan_free(plan);
    return buffer_string(&out);
}

static const char *human(bool coloured)
{
    struct plan *plan = plan_new(r.message.point);

    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 1 << 20);
    render_human(plan, &r.message, coloured, &out);
    plan_free(plan);
    return buffer_string(&out);
}

/* 32 bytes from hex. */
static const uint8_t *hash(const char *hex)
{
    static uint8_t bytes[4][OU_HASH_BYTES];
    static unsigned next;
    uint8_t *at = bytes[next++ % 4];

    for (int i = 0; i < OU_HASH_BYTES; i++) {
        const char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };

        at[i] = (uint8_t)strtoul(pair, NULL, 16);
    }
    return at;
}

static void set_frame(int64_t second, int64_t ns, uint32_t thread, const char *host)
{
    r.message.at_ns = second * 1000000000 + ns;
    r.message.thread = thread;
    r.message.host = host;
}

#define H1 "9d096f3fbe809021bcb78d6391751bf2725787380ea367bbe2fb93634ac613b1"
#define H2 "e175320a3488c661d1b921b9cf4fb81d1c00d1b6650bf27536c859b90a1692b4"

/* --- Lines of real nodes ------------------------------------------------------------------- */

static void test_lines_are_those_of_real_nodes(void **state)
{
    const struct ou_peer first = { "172.0.118.125:30002", "167.235.223.34:5355" };
    const struct ou_peer second = { "172.0.118.125:30002", "73.222.122.247:23002" };
    const char *host = "openblockperf-dev-database1";

    (void)state;
    RECORD(&r, OU_DNORMAL, downloaded_header, 91039899, &first, hash(H1), 3600148);
    set_frame(1757695899, 269022269, 96913, host);
    assert_string_equal(
        machine(),
        "{\"at\":\"2025-09-12T16:51:39.269022269Z\",\"ns\":\"ChainSync.Client.DownloadedHeader\","
        "\"data\":{\"block\":\"" H1 "\",\"blockNo\":3600148,\"kind\":\"DownloadedHeader\","
        "\"peer\":{\"connectionId\":\"172.0.118.125:30002 167.235.223.34:5355\"},"
        "\"slot\":91039899},\"sev\":\"Info\",\"thread\":\"96913\","
        "\"host\":\"openblockperf-dev-database1\"}\n");

    RECORD(&r, OU_DNORMAL, send_fetch_request, hash(H2), 1, &second, 0.5);
    set_frame(1757695931, 98464254, 88864, host);
    assert_string_equal(
        machine(),
        "{\"at\":\"2025-09-12T16:52:11.098464254Z\",\"ns\":\"BlockFetch.Client.SendFetchRequest\","
        "\"data\":{\"head\":\"" H2 "\",\"kind\":\"SendFetchRequest\",\"length\":1,"
        "\"peer\":{\"connectionId\":\"172.0.118.125:30002 73.222.122.247:23002\"}},"
        "\"sev\":\"Info\",\"thread\":\"88864\",\"host\":\"openblockperf-dev-database1\"}\n");

    RECORD(&r, OU_DNORMAL, completed_block_fetch, hash(H2), 0.26330237, 2345, &second);
    set_frame(1757695931, 263418188, 88863, host);
    assert_string_equal(
        machine(),
        "{\"at\":\"2025-09-12T16:52:11.263418188Z\",\"ns\":\"BlockFetch.Client."
        "CompletedBlockFetch\",\"data\":{\"block\":\"" H2 "\",\"delay\":0.26330237,"
        "\"kind\":\"CompletedBlockFetch\",\"peer\":{\"connectionId\":\"172.0.118.125:30002 "
        "73.222.122.247:23002\"},\"size\":2345},\"sev\":\"Info\",\"thread\":\"88863\","
        "\"host\":\"openblockperf-dev-database1\"}\n");
}

static void test_nested_members_are_those_of_real_nodes(void **state)
{
    const uint8_t tx[OU_HASH_BYTES] = { 0xe0, 0x18, 0xc5, 0x03, 0xff };

    (void)state;
    RECORD(&r, OU_DNORMAL, added_tx, tx, 645, 129000);
    set_frame(1772633733, 365175641, 78, "node-0");
    assert_string_equal(machine(),
                        "{\"at\":\"2026-03-04T14:15:33.365175641Z\",\"ns\":\"Mempool.AddedTx\","
                        "\"data\":{\"kind\":\"TraceMempoolAddedTx\",\"mempoolSize\":{\"bytes\":"
                        "129000,\"numTxs\":645},\"tx\":{\"txid\":\"e018c503\"}},\"sev\":\"Info\","
                        "\"thread\":\"78\",\"host\":\"node-0\"}\n");

    RECORD(&r, OU_DNORMAL, took_snapshot, "RealPoint (SlotNo 5319) adef", 18.466253914);
    set_frame(1729333005, 925381225, 81, "client-us-04");
    assert_string_equal(machine(),
                        "{\"at\":\"2024-10-19T10:16:45.925381225Z\",\"ns\":\"ChainDB.LedgerEvent."
                        "TookSnapshot\",\"data\":{\"enclosedTime\":{\"contents\":18.466253914,"
                        "\"tag\":\"FallingEdgeWith\"},\"kind\":\"TookSnapshot\",\"snapshot\":"
                        "{\"kind\":\"snapshot\"},\"tip\":\"RealPoint (SlotNo 5319) adef\"},"
                        "\"sev\":\"Info\",\"thread\":\"81\",\"host\":\"client-us-04\"}\n");

    RECORD(&r, OU_DNORMAL, start_check, 0, 1002000, 0, 41002003);
    set_frame(1712358823, 425867818, 270, "client-ssd-eu-01");
    assert_string_equal(machine(),
                        "{\"at\":\"2024-04-05T23:13:43.425867818Z\",\"ns\":\"Forge.Loop."
                        "StartLeadershipCheckPlus\",\"data\":{\"chainDensity\":0,\"delegMapSize\":"
                        "1002000,\"kind\":\"TraceStartLeadershipCheck\",\"slot\":0,\"utxoSize\":"
                        "41002003},\"sev\":\"Info\",\"thread\":\"270\","
                        "\"host\":\"client-ssd-eu-01\"}\n");
}

static void test_the_headers_of_a_new_chain_have_quotes_in_quotes(void **state)
{
    const struct ou_header header = { 3600148, 91039899, hash(H1) };
    const struct ou_chain_point tip = { 91039899, hash(H1) };

    (void)state;
    RECORD(&r, OU_DDETAILED, added_to_chain, &tip, &((struct ou_headers){ &header, 1 }), 1);
    assert_string_equal(data(), "{\"chainLengthDelta\":1,\"headers\":[{\"blockNo\":\"3600148\","
                                "\"hash\":\"\\\"" H1 "\\\"\",\"kind\":\"ShelleyBlock\","
                                "\"slotNo\":\"91039899\"}],\"kind\":\"AddedToCurrentChain\","
                                "\"newtip\":\"" H1 "@91039899\"}");
    RECORD(&r, OU_DNORMAL, added_to_chain, &tip, &((struct ou_headers){ &header, 1 }), 1);
    assert_string_equal(data(), "{\"chainLengthDelta\":1,\"kind\":\"AddedToCurrentChain\","
                                "\"newtip\":\"" H1 "@91039899\"}");
}

/* --- Details ------------------------------------------------------------------------------- */

static void test_fields_above_the_detail_are_left_out_and_objects_with_them(void **state)
{
    static const char *const expected[] = {
        "{\"a\":1}",
        "{\"a\":1,\"b\":2}",
        "{\"a\":1,\"b\":2,\"c\":3,\"in\":{\"c\":5,\"tag\":\"t\"}}",
        "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"in\":{\"c\":5,\"d\":6,\"tag\":\"t\"}}",
    };

    (void)state;
    for (enum ou_detail detail = OU_DMINIMAL; detail <= OU_DMAXIMUM; detail++) {
        RECORD(&r, detail, details, 1, 2, 3, 4, 5, 6, 7);
        assert_string_equal(data(), expected[detail]);
    }
}

static void test_an_object_of_unknown_values_is_left_out(void **state)
{
    (void)state;
    RECORD(&r, OU_DMAXIMUM, details, OU_NO_U64, OU_NO_U64, OU_NO_U64, OU_NO_U64, OU_NO_U64,
           OU_NO_U64, 7);
    assert_string_equal(data(), "{}");
    RECORD(&r, OU_DNORMAL, took_snapshot, NULL, NAN);
    assert_string_equal(data(), "{\"kind\":\"TookSnapshot\",\"snapshot\":{\"kind\":\"snapshot\"}}");
}

static void test_data_can_be_empty_below_a_detail(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, shy, 1);
    assert_string_equal(data(), "{}");
    RECORD(&r, OU_DDETAILED, shy, 1);
    assert_string_equal(data(), "{\"kind\":\"Shy\",\"slot\":1}");
}

/* --- Types ----------------------------------------------------------------------------------- */

static void record_all(enum ou_detail detail)
{
    static uint8_t hashes[2][OU_HASH_BYTES] = { { 0xab, 0xcd, 0xef, 0x01, 0x23 }, { 0x01 } };
    const struct ou_header headers[] = { { 8, 9, hashes[0] }, { 10, 11, hashes[1] } };
    const struct ou_chain_point at = { 7, hashes[1] };
    const struct ou_hashes list = { hashes[0], 2 };

    RECORD(&r, detail, all, 1, -2, 0.25, 4, false, true, "text", " {\"x\": [1, 2]}", hashes[0],
           hashes[1], hashes[0], &at, &at, &((struct ou_peer){ "1.2.3.4:5", "6.7.8.9:10" }), &list,
           &list, &((struct ou_headers){ headers, 2 }));
}

#define ABCDEF0 "abcdef0123000000000000000000000000000000000000000000000000000000"
#define O1 "0100000000000000000000000000000000000000000000000000000000000000"

static void test_every_type_is_written(void **state)
{
    (void)state;
    record_all(OU_DNORMAL);
    assert_string_equal(
        data(), "{\"a\":1,\"b\":-2,\"c\":0.25,\"d\":\"4\",\"e\":false,\"f\":true,\"g\":\"text\","
                "\"h\":{\"x\":[1,2]},\"i\":\"" ABCDEF0 "\",\"j\":\"" O1 "\",\"k\":\"abcdef01\","
                "\"l\":\"" O1 "@7\",\"m\":{\"hash\":\"" O1 "\",\"kind\":\"Point\",\"slot\":7},"
                "\"n\":{\"connectionId\":\"1.2.3.4:5 6.7.8.9:10\"},\"o\":[\"" ABCDEF0 "\",\"" O1
                "\"],\"p\":[{\"txid\":\"abcdef01\"},{\"txid\":\"01000000\"}],\"q\":[{\"blockNo\":"
                "\"8\",\"hash\":\"\\\"" ABCDEF0 "\\\"\",\"kind\":\"ShelleyBlock\",\"slotNo\":"
                "\"9\"},{\"blockNo\":\"10\",\"hash\":\"\\\"" O1
                "\\\"\",\"kind\":\"ShelleyBlock\",\"slotNo\":\"11\"}]}");
}

static void test_hashes_have_seven_digits_at_the_least_detail(void **state)
{
    (void)state;
    record_all(OU_DMINIMAL);
    data();
    assert_non_null(strstr(out.at, "\"i\":\"abcdef0\",\"j\":\"0100000\",\"k\":\"abcdef01\","
                                   "\"l\":\"0100000@7\",\"m\":{\"hash\":\"0100000\","));
}

static void test_absent_values_are_left_out_but_the_parent_is_genesis(void **state)
{
    (void)state;
    RECORD(&r, OU_DMAXIMUM, all, OU_NO_U64, OU_NO_I64, NAN, OU_NO_U64, false, false, NULL, NULL,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    assert_string_equal(data(), "{\"e\":false,\"j\":\"GenesisHash\"}");
    assert_string_equal(human(false), "[2026-03-22 06:24:52.1234Z][h1:Test.All](Warning,379) "
                                      "-;-;-;-;false;false;-;-;-;GenesisHash;-;-;-;-;-;-;-\n");
}

static void test_the_origin_and_empty_lists_are_shown(void **state)
{
    const struct ou_chain_point origin = { 0, NULL };

    (void)state;
    RECORD(&r, OU_DNORMAL, all, OU_NO_U64, OU_NO_I64, NAN, OU_NO_U64, true, false, "", "", NULL,
           NULL, NULL, &origin, &origin, &((struct ou_peer){ "/a.sock", NULL }),
           &((struct ou_hashes){ NULL, 0 }), &((struct ou_hashes){ NULL, 0 }),
           &((struct ou_headers){ NULL, 0 }));
    assert_string_equal(data(), "{\"e\":true,\"g\":\"\",\"h\":\"\",\"j\":\"GenesisHash\","
                                "\"l\":\"Genesis\",\"m\":{\"kind\":\"GenesisPoint\"},"
                                "\"n\":{\"connectionId\":\"/a.sock \"},\"o\":[],\"p\":[],"
                                "\"q\":[]}");
}

static void test_integers_are_written_to_their_ends(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, all, UINT64_MAX - 1, INT64_MIN + 1, -1e-7, UINT64_MAX - 1, false, false,
           NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL);
    data();
    assert_non_null(strstr(out.at, "{\"a\":18446744073709551614,\"b\":-9223372036854775807,"
                                   "\"c\":-1.0e-7,\"d\":\"18446744073709551614\","));
}

static void test_lists_of_the_greatest_length_are_written_whole(void **state)
{
    static uint8_t hashes[OU_LIST_MAX + 1][OU_HASH_BYTES];
    const struct ou_hashes list = { hashes[0], OU_LIST_MAX + 1 };
    json_t *tree;

    (void)state;
    memset(hashes, 0x5a, sizeof(hashes));
    RECORD(&r, OU_DNORMAL, all, 0, 0, 0, 0, false, false, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
           NULL, &list, &list, NULL);
    data();
    tree = json_loadb(out.at, out.len, 0, NULL);
    assert_int_equal(json_array_size(json_object_get(tree, "o")), OU_LIST_MAX);
    assert_int_equal(json_array_size(json_object_get(tree, "p")), OU_LIST_MAX);
    json_decref(tree);
}

/* --- Hostile texts ------------------------------------------------------------------------------ */

static void test_any_text_makes_one_valid_line(void **state)
{
    static const char *const hostile[] = {
        "\"",
        "\\",
        "\",\"sev\":\"x",
        "a\nb\r\n",
        "\x1b[31mred",
        "\x7f",
        "\xc2\x9b\x33\x31m",
        "\xff\xfe",
        "\xed\xa0\x80",
        "\xc0\x80",
        "\xe2\x80\xa8\xe2\x80\xa9",
        "{}",
        "{\"a\":",
        "\\u12",
        "[1,\n2]",
        "\"\x1b\"",
        "\"\xff\"",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(hostile) / sizeof(*hostile); i++) {
        json_t *tree;

        RECORD(&r, OU_DNORMAL, silent_texts, hostile[i], hostile[i]);
        r.message.host = hostile[i];
        machine();
        tree = json_loadb(out.at, out.len, 0, NULL);
        assert_non_null(tree);
        assert_int_equal(json_object_size(tree), 6);
        json_decref(tree);
        for (int form = 0; form < 3; form++) {
            r.message.point = form < 2 ? &ou_point_silent_texts : &ou_point_texts;
            form == 0 ? machine() : human(false);
            assert_ptr_equal(memchr(out.at, '\n', out.len), out.at + out.len - 1);
            assert_null(memchr(out.at, '\x1b', out.len));
            assert_null(memchr(out.at, '\x7f', out.len));
            assert_null(strstr(out.at, "\xc2\x9b"));
        }
    }
}

static void test_json_of_the_callers_is_put_in_or_else_a_string(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, texts, NULL, "{\"a\" : 1}");
    assert_string_equal(data(), "{\"json\":{\"a\":1}}");
    RECORD(&r, OU_DNORMAL, texts, NULL, "{\"a\" : 1");
    assert_string_equal(data(), "{\"json\":\"{\\\"a\\\" : 1\"}");
}

static void test_a_text_that_was_cut_ends_in_dots(void **state)
{
    static char text[OU_TEXT_MAX + 2];

    (void)state;
    memset(text, '1', sizeof(text) - 1);
    RECORD(&r, OU_DNORMAL, texts, text, text);
    data();
    assert_int_equal(out.len, 2 * (OU_TEXT_MAX + 3 + 2 + strlen("{\"text\":")) + 1);
    assert_string_equal(out.at + out.len - 6, "1...\"}");
    text[OU_TEXT_MAX - 1] = '\0';
    RECORD(&r, OU_DNORMAL, texts, text, text);
    data();
    assert_null(strchr(out.at, '.'));
}

/* --- Wrong declarations -------------------------------------------------------------------------- */

static void test_what_is_wrong_in_a_declaration_is_left_out(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, odd, 1, "two", 3, 4, 5, 6, 7, 8, 9);
    assert_string_equal(data(), "{\"a \\\"b\\\"\":6,\"a2\":\"\\\"c\\\"\",\"either\":1,"
                                "\"in\":{\"x\":4},\"z\":\"\"}");
    assert_string_equal(human(false),
                        "[2026-03-22 06:24:52.1234Z][h1:Test.Odd](Debug,379) a\\n1 {\n");
}

static void test_of_fields_with_one_path_the_first_known_is_shown(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, odd, OU_NO_U64, "two", 3, OU_NO_U64, 5, OU_NO_U64, 7, 8, 9);
    assert_string_equal(data(), "{\"a2\":\"\\\"c\\\"\",\"either\":\"two\",\"in\":{\"x\":5},"
                                "\"z\":\"\"}");
    RECORD(&r, OU_DNORMAL, odd, OU_NO_U64, NULL, 3, OU_NO_U64, OU_NO_U64, OU_NO_U64, 7, 8, 9);
    assert_string_equal(data(), "{\"a2\":\"\\\"c\\\"\",\"either\":{\"way\":3},\"z\":\"\"}");
}

/* --- The human form ------------------------------------------------------------------------------ */

static void test_the_human_line_is_that_of_a_node(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, is_leader, 7);
    r.message.host = "host";
    assert_string_equal(human(false), "[2026-03-22 06:24:52.1234Z][host:Forge.Loop.NodeIsLeader]"
                                      "(Info,379) leader of slot 7\n");
    assert_string_equal(human(true), "[2026-03-22 06:24:52.1234Z]\x1b[34m[host:Forge.Loop."
                                     "NodeIsLeader]\x1b[0m(Info,379) leader of slot 7\n");
}

static bool human_form(void)
{
    struct plan *plan = plan_new(r.message.point);
    bool has_one;

    buffer_release(&out);
    buffer_init(&out, allocator_libc(), 1 << 20);
    has_one = render_human_form(plan, &r.message, &out);
    plan_free(plan);
    return has_one;
}

static void test_what_is_forwarded_for_people_is_the_line_without_its_newline(void **state)
{
    (void)state;
    RECORD(&r, OU_DNORMAL, is_leader, 7);
    r.message.host = "host";
    assert_true(human_form());
    assert_string_equal(buffer_string(&out), "[2026-03-22 06:24:52.1234Z][host:Forge.Loop."
                                             "NodeIsLeader](Info,379) leader of slot 7");
}

static void test_without_a_human_form_there_is_nothing_for_people_to_forward(void **state)
{
    (void)state;
    RECORD(&r, OU_DMINIMAL, added_tx, hash(H1), 645, 129000);
    assert_false(human_form());
    assert_int_equal(out.len, 0);
}

static void test_each_severity_has_its_colour(void **state)
{
    static const char *const colours[] = { "", "34", "35", "33", "31", "31", "31", "31" };

    (void)state;
    for (enum ou_severity severity = OU_DEBUG; severity <= OU_EMERGENCY; severity++) {
        const struct ou_point point = { .ns = "A", .severity = severity };
        char expected[32];

        RECORD(&r, OU_DNORMAL, bare);
        r.message.point = &point;
        snprintf(expected, sizeof(expected), "\x1b[%sm[h1:A]\x1b[0m(", colours[severity]);
        human(true);
        if (*colours[severity])
            assert_non_null(strstr(out.at, expected));
        else
            assert_null(strchr(out.at, '\x1b'));
    }
}

static void test_values_in_the_human_form_are_bare(void **state)
{
    (void)state;
    record_all(OU_DMINIMAL);
    assert_string_equal(human(false), "[2026-03-22 06:24:52.1234Z][h1:Test.All](Warning,379) "
                                      "1;-2;0.25;4;false;true;text;{\"x\":[1,2]};" ABCDEF0 ";" O1
                                      ";abcdef01;" O1 "@7;" O1 "@7;1.2.3.4:5 6.7.8.9:10;[" ABCDEF0
                                      "," O1 "];[abcdef01,01000000];[" ABCDEF0 "@9," O1 "@11]\n");
    RECORD(&r, OU_DNORMAL, details, 1, 2, 3, 4, 5, 6, 7);
    assert_non_null(strstr(human(false), ") 1 4 7\n"));
}

static void test_without_a_human_form_the_data_is_shown(void **state)
{
    const uint8_t tx[OU_HASH_BYTES] = { 0xe0, 0x18, 0xc5, 0x03 };

    (void)state;
    RECORD(&r, OU_DMINIMAL, added_tx, tx, 645, 129000);
    assert_string_equal(human(false), "[2026-03-22 06:24:52.1234Z][h1:Mempool.AddedTx](Info,379) "
                                      "{\"data\":{\"kind\":\"TraceMempoolAddedTx\",\"mempoolSize\":"
                                      "{\"bytes\":129000,\"numTxs\":645},\"tx\":{\"txid\":"
                                      "\"e018c503\"}}}\n");
    RECORD(&r, OU_DMINIMAL, bare);
    assert_string_equal(human(false),
                        "[2026-03-22 06:24:52.1234Z][h1:Bare](Emergency,379) {\"data\":{}}\n");
}

/* --- Memory ---------------------------------------------------------------------------------------- */

static bool render_with(struct allocator *from, void *argument)
{
    struct plan *plan = argument;
    struct buffer b;
    bool done;

    buffer_init(&b, from, 1 << 20);
    render_machine(plan, &r.message, &b);
    render_human(plan, &r.message, true, &b);
    done = buffer_status(&b) == OU_OK;
    buffer_release(&b);
    return done;
}

static void test_each_failing_allocation_shows_in_the_buffer(void **state)
{
    struct plan *plan = plan_new(&ou_point_all);

    (void)state;
    record_all(OU_DNORMAL);
    fail_each_allocation(render_with, plan);
    plan_free(plan);
}

static void test_a_buffer_with_room_is_all_the_memory_that_lines_take(void **state)
{
    struct plan *plan = plan_new(&ou_point_all);
    struct failing_allocator from;
    struct buffer b;

    (void)state;
    record_all(OU_DNORMAL);
    failing_allocator_init(&from, 0);
    buffer_init(&b, &from.base, 1 << 20);
    assert_non_null(buffer_room(&b, 1 << 16));
    for (size_t i = 0, calls = from.calls; i < 10; i++) {
        buffer_clear(&b);
        render_machine(plan, &r.message, &b);
        render_human(plan, &r.message, false, &b);
        assert_int_equal(from.calls, calls);
    }
    buffer_release(&b);
    plan_free(plan);
}

static void test_a_line_that_does_not_fit_is_too_large(void **state)
{
    struct plan *plan = plan_new(&ou_point_all);

    (void)state;
    record_all(OU_DNORMAL);
    for (size_t max = 0; max < 2000; max += 7) {
        struct buffer b;

        buffer_init(&b, allocator_libc(), max);
        render_machine(plan, &r.message, &b);
        assert_true(b.len <= max);
        if (buffer_status(&b) == OU_OK)
            assert_int_equal(b.at[b.len - 1], '\n');
        buffer_release(&b);
    }
    plan_free(plan);
}

#define TEST(name) cmocka_unit_test_teardown(name, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_lines_are_those_of_real_nodes),
        TEST(test_nested_members_are_those_of_real_nodes),
        TEST(test_the_headers_of_a_new_chain_have_quotes_in_quotes),
        TEST(test_fields_above_the_detail_are_left_out_and_objects_with_them),
        TEST(test_an_object_of_unknown_values_is_left_out),
        TEST(test_data_can_be_empty_below_a_detail),
        TEST(test_every_type_is_written),
        TEST(test_hashes_have_seven_digits_at_the_least_detail),
        TEST(test_absent_values_are_left_out_but_the_parent_is_genesis),
        TEST(test_the_origin_and_empty_lists_are_shown),
        TEST(test_integers_are_written_to_their_ends),
        TEST(test_lists_of_the_greatest_length_are_written_whole),
        TEST(test_any_text_makes_one_valid_line),
        TEST(test_json_of_the_callers_is_put_in_or_else_a_string),
        TEST(test_a_text_that_was_cut_ends_in_dots),
        TEST(test_what_is_wrong_in_a_declaration_is_left_out),
        TEST(test_of_fields_with_one_path_the_first_known_is_shown),
        TEST(test_the_human_line_is_that_of_a_node),
        TEST(test_what_is_forwarded_for_people_is_the_line_without_its_newline),
        TEST(test_without_a_human_form_there_is_nothing_for_people_to_forward),
        TEST(test_each_severity_has_its_colour),
        TEST(test_values_in_the_human_form_are_bare),
        TEST(test_without_a_human_form_the_data_is_shown),
        TEST(test_each_failing_allocation_shows_in_the_buffer),
        TEST(test_a_buffer_with_room_is_all_the_memory_that_lines_take),
        TEST(test_a_line_that_does_not_fit_is_too_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
