#include "wire/trace_object.h"

#include "support/hex.h"
#include "support/test.h"

/* 2023-03-22T06:24:52.1234Z, Info, DNormal. */
#define OBJECT_OF_2023                                                                \
    "89 00 81 626869 81 6a7b22736c6f74223a377d"                                       \
    "9f 65466f726765 644c6f6f70 6c4e6f646549734c6561646572 ff 8101 8101 d903e8 a2 01" \
    "1a641a9f34 2b 1b0000001cbb369200 626831 6a5468726561644964 2039"

/* An object in three parts: what is of interest stands between what is right. */
#define BEFORE_NAME "8900 80 60"
#define BEFORE_TIME BEFORE_NAME "80 8100 8100"
#define BEHIND_TIME "60 60"

/* Reads an object that is all of the bytes. */
static enum wire_result read_hex(const char *hex, struct trace_object *ret, const char **ret_why)
{
    struct cbor c = cbor_open(from_hex(hex));

    trace_object_read(&c, ret);
    if (cbor_ok(&c))
        assert_true(cbor_at_end(&c));
    *ret_why = c.why;
    return c.result;
}

static void test_each_part_of_an_object_is_found(void **state)
{
    struct trace_object o;
    struct buffer name;
    const char *why;

    (void)state;
    assert_int_equal(read_hex(OBJECT_OF_2023, &o, &why), WIRE_OK);
    assert_true(o.has_human && span_is(o.human, "hi"));
    assert_int_equal(o.machine_kind, MACHINE_DATA);
    assert_true(span_is(o.machine, "{\"slot\":7}"));
    assert_int_equal(o.name_count, 3);
    assert_int_equal(o.severity, 1);
    assert_int_equal(o.detail, 1);
    assert_int_equal(o.seconds, 1679466292);
    assert_int_equal(o.picoseconds, 123400000000);
    assert_int_equal(trace_object_ns(&o), INT64_C(1679466292123400000));
    assert_true(span_is(o.host, "h1"));
    assert_true(span_is(o.thread, "ThreadId 9"));
    assert_true(span_is(trace_object_thread(&o), "9"));
    buffer_init(&name, allocator_libc(), 64);
    trace_object_name(&o, &name);
    assert_string_equal(buffer_string(&name), "Forge.Loop.NodeIsLeader");
    buffer_release(&name);
}

static void test_the_machine_text_tells_the_shape(void **state)
{
    struct trace_object o;
    const char *why;

    (void)state;
    assert_int_equal(read_hex("8900 80 80 80 8100 8100 d903e8a201002b00 60 60", &o, &why), WIRE_OK);
    assert_int_equal(o.machine_kind, MACHINE_ABSENT);
    assert_int_equal(read_hex("8900 80 8160 80 8100 8100 d903e8a201002b00 60 60", &o, &why),
                     WIRE_OK);
    assert_int_equal(o.machine_kind, MACHINE_DATA);
    assert_int_equal(read_hex("8900 80 60 80 8100 8100 d903e8a201002b00 60 6139", &o, &why),
                     WIRE_OK);
    assert_int_equal(o.machine_kind, MACHINE_LINE);
    assert_int_equal(o.machine.len, 0);
    assert_false(o.has_human);
    assert_true(span_is(trace_object_thread(&o), "9"));
}

static void assert_time(const char *hex, int64_t seconds, uint64_t picoseconds)
{
    struct trace_object o;
    struct buffer whole;
    const char *why;

    buffer_init(&whole, allocator_libc(), 512);
    buffer_printf(&whole, BEFORE_TIME "%s" BEHIND_TIME, hex);
    assert_int_equal(read_hex(buffer_string(&whole), &o, &why), WIRE_OK);
    assert_int_equal(o.seconds, seconds);
    assert_int_equal(o.picoseconds, picoseconds);
    buffer_release(&whole);
}

static void test_times_come_in_three_forms(void **state)
{
    (void)state;
    assert_time("d903e8 a2 01 1a641a9f34 2b 00", 1679466292, 0);
    assert_time("d903e8 a2 2b 1b000000e8d4a50fff 01 00", 0, 999999999999);
    assert_time("d903e8 bf 01 20 2b 01 ff", -1, 1);
    /* Examples of RFC 8949, appendix A: 1(1363896240), 1(1363896240.5),
     * 0("2013-03-21T20:04:00Z"). */
    assert_time("c11a514b67b0", 1363896240, 0);
    assert_time("c1fb41d452d9ec200000", 1363896240, 500000000000);
    assert_time("c074323031332d30332d32315432303a30343a30305a", 1363896240, 0);
    assert_time("c120", -1, 0);
    assert_time("c1f93e00", 1, 500000000000);      /* a half: 1.5 */
    assert_time("c1f98001", -1, 999999940395);     /* the smallest half below 0: -2^-24 */
    assert_time("c1fabf000000", -1, 500000000000); /* -0.5 */
    /* 2013-03-21T20:04:00.25+01:30, an hour and a half earlier */
    assert_time("c0781c 323031332d30332d32315432303a30343a30302e32352b30313a3330", 1363890840,
                250000000000);
}

static void test_nanoseconds_stay_between_1970_and_2262(void **state)
{
    static const struct {
        int64_t seconds;
        uint64_t picoseconds;
        int64_t ns;
    } rows[] = {
        { 0, 1999, 1 },
        { -1, 999999999999, 0 },
        { INT64_MIN, 0, 0 },
        { INT64_MAX, 0, INT64_MAX },
        { INT64_MAX / 1000000000, 999999999999, INT64_MAX },
        { 9223372035, 5000, INT64_C(9223372035000000005) },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct trace_object o = { .seconds = rows[i].seconds, .picoseconds = rows[i].picoseconds };

        assert_int_equal(trace_object_ns(&o), rows[i].ns);
    }
}

static void test_what_is_no_object_is_refused_with_a_reason(void **state)
{
    static const struct {
        const char *hex, *why;
    } rows[] = {
        { "88 00", "a list of another length than expected" },
        { "9f 00", "a list of another length than expected" },
        { "89 01", "a trace object of an unknown form" },
        { "8900 82 6161 6162", "an optional text of more than one" },
        { "8900 60", "another kind of item than expected" },
        { "8900 81 61ff", "text that is not UTF-8" },
        { "8900 80 62c328", "text that is not UTF-8" },
        { "8900 80 7f6161ff", "a string in pieces" },
        { "8900 80 4161", "another kind of item than expected" },
        { BEFORE_NAME "9f 01", "another kind of item than expected" },
        { BEFORE_NAME "80 8108", "an unknown severity" },
        { BEFORE_NAME "80 8100 8104", "an unknown level of detail" },
        { BEFORE_NAME "80 9f00ff", "a list of another length than expected" },
        { BEFORE_TIME "c200", "a time of an unknown form" },
        { BEFORE_TIME "d903e8 a1 0100", "a time without seconds or picoseconds" },
        { BEFORE_TIME "d903e8 a3 0100 2b00 0100",
          "a time of other parts than seconds and picoseconds" },
        { BEFORE_TIME "d903e8 a2 0100 2a00", "a time of other parts than seconds and picoseconds" },
        { BEFORE_TIME "d903e8 a2 0100 2b 1b000000e8d4a51000", "picoseconds beyond a second" },
        { BEFORE_TIME "d903e8 a2 01 1b8000000000000000", "a number beyond 64 bits" },
        { BEFORE_TIME "c1f97e00", "a time out of range" },             /* no number */
        { BEFORE_TIME "c1f97c00", "a time out of range" },             /* infinite */
        { BEFORE_TIME "c1fb4340000000000000", "a time out of range" }, /* 2^53 */
        { BEFORE_TIME "c1f4", "another kind of item than expected" },
        { BEFORE_TIME "c0626e6f", "a time that is no date" },
        { BEFORE_TIME "c0662b30313a3330", "a time that is no date" }, /* only an offset */
    };
    struct trace_object o;
    const char *why;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_int_equal(read_hex(rows[i].hex, &o, &why), WIRE_BAD);
        assert_string_equal(why, rows[i].why);
    }
}

static void test_a_name_has_32_parts_at_most(void **state)
{
    struct buffer whole;
    struct trace_object o;
    const char *why;

    (void)state;
    buffer_init(&whole, allocator_libc(), 1024);
    for (size_t parts = TRACE_NAME_PARTS_MAX; parts <= TRACE_NAME_PARTS_MAX + 1; parts++) {
        bool fits = parts == TRACE_NAME_PARTS_MAX;

        buffer_clear(&whole);
        buffer_text(&whole, BEFORE_NAME "9f");
        for (size_t i = 0; i < parts; i++)
            buffer_text(&whole, "6161");
        buffer_text(&whole, "ff 8100 8100 d903e8a201002b00 60 60");
        assert_int_equal(read_hex(buffer_string(&whole), &o, &why), fits ? WIRE_OK : WIRE_BAD);
        assert_true(fits || strcmp(why, "a name of too many parts") == 0);
    }
    buffer_release(&whole);
}

/* The heads of lengths and numbers may be longer than they need be; what is written is shortest. */
static void test_long_heads_are_read_and_not_written(void **state)
{
    struct trace_object o;
    struct buffer again;
    const char *why;

    (void)state;
    assert_int_equal(read_hex("990009 1800 9b0000000000000001 7800 7a00000000 9800 811801 8100"
                              "da000003e8 b802 1801 190007 380b 1a00000008 7800 780139",
                              &o, &why),
                     WIRE_OK);
    buffer_init(&again, allocator_libc(), 256);
    trace_object_write(&again, &o);
    assert_bytes(bytes_of(&again), from_hex("8900 8160 60 80 8101 8100 d903e8a201072b08 60 6139"));
    buffer_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_part_of_an_object_is_found),
        cmocka_unit_test(test_the_machine_text_tells_the_shape),
        cmocka_unit_test(test_times_come_in_three_forms),
        cmocka_unit_test(test_nanoseconds_stay_between_1970_and_2262),
        cmocka_unit_test(test_what_is_no_object_is_refused_with_a_reason),
        cmocka_unit_test(test_a_name_has_32_parts_at_most),
        cmocka_unit_test(test_long_heads_are_read_and_not_written),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
