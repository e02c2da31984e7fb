/* The output is parsed again, and what trace viewers ask of it is checked: names, order, nesting, arrows with two ends;
 * and that lengths are those of the analysis. */
#include "report/trace_events.h"

#include <stdio.h>

#include "json/tree.h"
#include "report/sample_test.h"

struct parsed {
    struct analysis a;
    struct trace_counters counters;
    const struct cluster_map *map;
    json_t *root, *events;
};

static void read_back(struct parsed *p, const struct trace_limits *limits)
{
    struct buffer out;
    json_error_t why;

    buffer_init(&out, allocator_libc(), 1 << 24);
    report_trace_events(
        &p->a, &(struct trace_extras){ p->counters.host_count ? &p->counters : NULL, p->map },
        limits, &out);
    assert_int_equal(buffer_status(&out), OU_OK);
    p->root = json_loads(buffer_string(&out), JSON_REJECT_DUPLICATES, &why);
    if (!p->root)
        fail_msg("line %d: %s", why.line, why.text);
    p->events = json_object_get(p->root, "traceEvents");
    assert_true(json_is_array(p->events));
    buffer_release(&out);
}

static void begin(struct parsed *p)
{
    *p = (struct parsed){ 0 };
    sample_full(&p->a, false, false);
    trace_counters_init(&p->counters, -1, -1);
}

static void end(struct parsed *p)
{
    json_decref(p->root);
    trace_counters_release(&p->counters);
    sample_release(&p->a);
}

static const char *text(const json_t *e, const char *key)
{
    const char *value = json_string_value(json_object_get(e, key));

    return value ? value : "";
}

static double number(const json_t *e, const char *key)
{
    const json_t *value = json_object_get(e, key);

    if (!json_is_number(value))
        fail_msg("no number %s: %s", key, json_dumps(e, JSON_COMPACT));
    return json_number_value(value);
}

static bool is(const json_t *e, const char *ph)
{
    return strcmp(text(e, "ph"), ph) == 0;
}

static bool same_lane(const json_t *x, const json_t *y)
{
    return number(x, "pid") == number(y, "pid") && number(x, "tid") == number(y, "tid");
}

/* The only event with that ph and name in the process of a host. */
static const json_t *only(const struct parsed *p, const char *ph, const char *name, int host,
                          double slot)
{
    const json_t *found = NULL, *e;
    size_t i;

    json_array_foreach(p->events, i, e)
    {
        double s = json_number_value(json_object_get(json_object_get(e, "args"), "slot"));

        if (!is(e, ph) || strcmp(text(e, "name"), name) != 0 || number(e, "pid") != 2 + host ||
            (slot >= 0 && s != slot))
            continue;
        assert_null(found);
        found = e;
    }
    if (!found)
        fail_msg("no %s %s at host %d", ph, name, host);
    return found;
}

static size_t count(const struct parsed *p, const char *ph)
{
    size_t i, n = 0;
    const json_t *e;

    json_array_foreach(p->events, i, e) n += is(e, ph);
    return n;
}

/* --- What viewers ask --------------------------------------------------------- */

static bool has_name(const struct parsed *p, const json_t *of, const char *what, bool by_lane)
{
    const json_t *e;
    size_t i;

    json_array_foreach(p->events, i, e) if (is(e, "M") && strcmp(text(e, "name"), what) == 0 &&
                                            number(e, "pid") == number(of, "pid") &&
                                            (!by_lane || same_lane(e, of)) &&
                                            *text(json_object_get(e, "args"), "name")) return true;
    return false;
}

static void assert_sound(const struct parsed *p)
{
    double last = 0;
    const json_t *e;
    size_t i;

    json_array_foreach(p->events, i, e)
    {
        if (is(e, "M"))
            continue;
        assert_true(number(e, "ts") >= last);
        last = number(e, "ts");
        assert_true(has_name(p, e, "process_name", false));
        if (!is(e, "C") && number(e, "pid") > 1)
            assert_true(has_name(p, e, "thread_name", true));
    }
}

/* Of two slices of a lane one lies within the other, or they do not overlap. */
static void assert_nested(const struct parsed *p)
{
    const double rounding = 1e-6; /* microseconds */
    const json_t *x, *y;
    size_t i, k;

    json_array_foreach(p->events, i, x)
    {
        json_array_foreach(p->events, k, y)
        {
            double x0, x1, y0, y1;

            if (k <= i || !is(x, "X") || !is(y, "X") || !same_lane(x, y))
                continue;
            x0 = number(x, "ts"), x1 = x0 + number(x, "dur");
            y0 = number(y, "ts"), y1 = y0 + number(y, "dur");
            if (!(y0 >= x1 - rounding || y1 <= x1 + rounding))
                fail_msg("%s overlaps %s", text(x, "name"), text(y, "name"));
        }
    }
}

static bool is_within_a_slice(const struct parsed *p, const json_t *at, const char *name)
{
    const json_t *e;
    size_t i;

    json_array_foreach(p->events, i,
                       e) if (is(e, "X") && same_lane(e, at) &&
                              strncmp(text(e, "name"), name, strlen(name)) == 0 &&
                              number(e, "ts") <= number(at, "ts") &&
                              number(at, "ts") <= number(e, "ts") + number(e, "dur")) return true;
    return false;
}

/* Every arrow has one beginning, within a block's stay, and one end, within a fetch. */
static void assert_arrows(const struct parsed *p, size_t wanted)
{
    const json_t *s, *f;
    size_t i, k;

    assert_int_equal(count(p, "s"), wanted);
    assert_int_equal(count(p, "f"), wanted);
    json_array_foreach(p->events, i, s)
    {
        size_t ends = 0;

        if (!is(s, "s"))
            continue;
        assert_true(is_within_a_slice(p, s, "block "));
        json_array_foreach(p->events, k, f)
        {
            if (!is(f, "f") || number(f, "id") != number(s, "id"))
                continue;
            ends++;
            assert_string_equal(text(f, "bp"), "e");
            assert_true(number(f, "ts") >= number(s, "ts"));
            assert_true(is_within_a_slice(p, f, "fetch"));
        }
        assert_int_equal(ends, 1);
    }
}

static void test_what_is_written_can_be_drawn(void **state)
{
    struct parsed p;

    (void)state;
    begin(&p);
    read_back(&p, &TRACE_ALL);
    assert_sound(&p);
    assert_nested(&p);
    assert_string_equal(text(p.root, "displayTimeUnit"), "ms");
    end(&p);
}

/* --- What it says ------------------------------------------------------------- */

static void assert_dur(const json_t *e, double us)
{
    if (!(number(e, "dur") > us - 1e-6 && number(e, "dur") < us + 1e-6))
        fail_msg("%s takes %.3f us, not %.3f", text(e, "name"), number(e, "dur"), us);
}

/* Block b0 of the sample, in slot 10. */
static void test_lengths_are_those_of_the_analysis(void **state)
{
    const struct trace_limits b0 = { -1, -1, 0, 0 };
    struct parsed p;

    (void)state;
    begin(&p);
    read_back(&p, &b0);
    assert_dur(only(&p, "X", "loop start", 0, -1), 1200);
    assert_dur(only(&p, "X", "ledger view", 0, -1), 50);
    assert_dur(only(&p, "X", "mempool snapshot", 0, -1), 30000);
    assert_dur(only(&p, "X", "forging", 0, -1), 1000);
    assert_dur(only(&p, "X", "adoption", 0, -1), 53400);
    assert_dur(only(&p, "X", "request", 1, -1), 1000);
    assert_dur(only(&p, "X", "fetch", 1, -1), 180000);
    assert_dur(only(&p, "X", "adoption", 1, -1), 60000);
    assert_dur(only(&p, "X", "fetch", 2, -1), 300000);
    /* From the notice at 120 ms to the adoption at 481.5 ms. */
    assert_dur(only(&p, "X", "block 0", 2, 10), 361500);
    end(&p);
}

static void test_the_outer_slice_tells_about_the_block(void **state)
{
    struct parsed p;
    const json_t *args;

    (void)state;
    begin(&p);
    p.a.blocks[0].observations[0].sender = NO_HOST;
    p.a.blocks[0].observations[1].sender = 1;
    read_back(&p, &TRACE_ALL);
    args = json_object_get(only(&p, "X", "block 0", 0, 10), "args");
    assert_string_equal(text(args, "hash"), p.a.blocks[0].hash);
    assert_int_equal((int)number(args, "bytes"), 60000);
    args = json_object_get(only(&p, "X", "block 0", 1, 10), "args");
    assert_string_equal(text(args, "forger"), "node-0");
    assert_null(json_object_get(args, "from"));
    args = json_object_get(only(&p, "X", "block 0", 2, 10), "args");
    assert_string_equal(text(args, "from"), "node-1");
    args = json_object_get(only(&p, "X", "block 1", 2, 36), "args");
    assert_string_equal(text(args, "fate"), "unchained");
    end(&p);
}

static void test_hops_are_arrows_from_the_sender(void **state)
{
    const struct trace_limits b0 = { 10, 10, -1, -1 };
    struct parsed p;

    (void)state;
    begin(&p);
    p.a.blocks[0].observations[0].sender = 0;
    p.a.blocks[0].observations[1].sender = 1;
    /* node-1 announced it 262 ms after the slot's start; node-2's fetch is 121.5 to 421.5 ms. */
    read_back(&p, &b0);
    assert_arrows(&p, 2);
    end(&p);
}

static void test_an_arrow_that_would_go_back_in_time_is_not_drawn(void **state)
{
    const struct trace_limits b0 = { 10, 10, -1, -1 };
    struct parsed p;

    (void)state;
    begin(&p);
    p.a.blocks[0].observations[0].sender =
        2; /* announced it after 422 ms; the fetch ended at 261 */
    p.a.blocks[0].observations[1].sender = NO_HOST;
    read_back(&p, &b0);
    assert_arrows(&p, 0);
    end(&p);
}

static void test_instants_mark_slots_leaders_and_announcements(void **state)
{
    struct parsed p;
    const json_t *e;
    size_t i, slots = 0;

    (void)state;
    begin(&p);
    read_back(&p, &TRACE_ALL);
    json_array_foreach(p.events, i, e)
    {
        if (!is(e, "i") || strncmp(text(e, "name"), "slot ", 5) != 0)
            continue;
        slots++;
        assert_string_equal(text(e, "s"), "g");
    }
    assert_int_equal(slots, 4); /* nothing is told of the highest block */
    e = only(&p, "i", "leads the slot", 2, -1);
    assert_string_equal(text(e, "s"), "p");
    /* Slot 36, 26 s after the first: 1, 1, .1, .1 and .4 ms. */
    assert_true(fabs(number(e, "ts") - 26002600) < 1e-3);
    end(&p);
}

static void test_phases_that_go_backwards_are_left_out_and_counted(void **state)
{
    struct parsed p;
    struct block_observation *o;

    (void)state;
    begin(&p);
    o = &p.a.blocks[0].observations[0];
    o->delta_ns[OBSERVER_FETCHED] = -5000 * US;
    read_back(&p, &TRACE_ALL);
    assert_nested(&p);
    /* Neither the fetch nor the adoption behind it, which begins before the request has ended. */
    assert_int_equal(
        (int)number(json_object_get(only(&p, "X", "block 0", 1, 10), "args"), "phasesLeftOut"), 2);
    end(&p);
}

static void test_blocks_at_the_same_time_have_lanes_of_their_own(void **state)
{
    struct parsed p;

    (void)state;
    begin(&p);
    p.a.blocks[1].slot_start_ns = p.a.blocks[0].slot_start_ns; /* as if of the same slot */
    read_back(&p, &TRACE_ALL);
    assert_sound(&p);
    assert_nested(&p);
    assert_true(number(only(&p, "X", "block 0", 1, 10), "tid") !=
                number(only(&p, "X", "block 1", 1, 35), "tid"));
    end(&p);
}

/* node-0 and node-1 are 50 ms apart, there and back, node-2 is on no map: a hop takes one and a half round trips, and the
 * 60,000 bytes of b0 at 1 MB/s 60 ms. */
static void test_the_least_time_is_told_where_the_links_are_known(void **state)
{
    const char *names[] = { "node-0", "node-1" };
    struct diffusion_link links[] = { { 0, 1, .05, 1e6, 0 }, { 1, 0, .05, 1e6, 0 } };
    const struct cluster_map map = { .names = names, .count = 2, .links = links, .link_count = 2 };
    struct parsed p;
    const json_t *args;

    (void)state;
    begin(&p);
    p.map = &map;
    read_back(&p, &TRACE_ALL);
    args = json_object_get(only(&p, "X", "block 0", 1, 10), "args");
    assert_true(fabs(number(args, "boundMs") - 135) < 1e-3);
    /* Announced after 47.5 ms, there after 261: 135 of 213.5. */
    assert_true(fabs(number(args, "efficiency") - .632) < 1e-9);
    args = json_object_get(only(&p, "X", "block 0", 2, 10), "args");
    assert_null(json_object_get(args, "boundMs"));
    args = json_object_get(only(&p, "X", "block 0", 0, 10), "args");
    assert_null(json_object_get(args, "boundMs"));
    end(&p);
}

/* --- Limits ------------------------------------------------------------------- */

static void test_limits_hold_at_both_ends(void **state)
{
    static const struct {
        struct trace_limits limits;
        size_t slots; /* blocks of the sample: numbers 0 1 1 2 3, slots 10 35 36 62 90 */
    } cases[] = {
        { { -1, -1, -1, -1 }, 5 }, { { 35, 62, -1, -1 }, 3 }, { { -1, 9, -1, -1 }, 0 },
        { { 91, -1, -1, -1 }, 0 }, { { -1, -1, 1, 1 }, 2 },   { { 36, -1, -1, 2 }, 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct parsed p;

        begin(&p);
        read_back(&p, &cases[i].limits);
        assert_int_equal((int)number(json_object_get(p.root, "otherData"), "blocks"),
                         cases[i].slots);
        assert_sound(&p);
        end(&p);
    }
}

static void test_a_block_without_a_slot_has_no_place(void **state)
{
    struct parsed p;

    (void)state;
    begin(&p);
    p.a.blocks[0].slot = -1;
    p.a.blocks[0].slot_start_ns = TIME_NONE;
    read_back(&p, &TRACE_ALL);
    assert_int_equal((int)number(json_object_get(p.root, "otherData"), "blocks"), 4);
    assert_int_equal((int)number(json_object_get(p.root, "otherData"), "blocksWithoutSlot"), 1);
    end(&p);
}

static void test_hostile_names_are_escaped(void **state)
{
    struct parsed p = { 0 };

    (void)state;
    sample_partial(&p.a);
    trace_counters_init(&p.counters, -1, -1);
    read_back(&p, &TRACE_ALL);
    assert_sound(&p);
    end(&p);
}

/* --- Counters ----------------------------------------------------------------- */

static struct slot_record row_at(uint64_t slot, double cpu, int64_t mempool)
{
    struct slot_record r = { .slot = slot,
                             .start_ns = SAMPLE_START + (int64_t)slot * NS_PER_SECOND,
                             .mempool_txs = mempool };

    for (int i = 0; i < RESOURCE_MEMBERS; i++)
        r.resources[i] = NAN;
    r.resources[RESOURCE_CENTI_CPU] = cpu;
    return r;
}

static void test_counters_are_told_when_they_change(void **state)
{
    const struct slot_record rows[] = { row_at(10, 5, 7), row_at(11, 5, 8), row_at(12, NAN, -1),
                                        row_at(13, 6.25, 8) };
    struct parsed p;
    const json_t *e;
    size_t i;
    double last = -1;

    (void)state;
    begin(&p);
    p.counters.sink.rows(p.counters.sink.context, "node-1", rows, 4);
    read_back(&p, &TRACE_ALL);
    assert_sound(&p);
    assert_int_equal(count(&p, "C"), 4); /* CPU 5 and 6.25, mempool 7 and 8 */
    json_array_foreach(p.events, i, e) if (is(e, "C") && strcmp(text(e, "name"), "CPU %") == 0)
    {
        assert_int_equal((int)number(e, "pid"), 3);
        last = number(json_object_get(e, "args"), "value");
    }
    assert_true(last == 6.25);
    end(&p);
}

static void test_counters_outside_the_limits_and_too_many_are_left_out(void **state)
{
    struct trace_counters c;
    struct slot_record *rows = calloc(20000, sizeof *rows);

    (void)state;
    assert_non_null(rows);
    for (uint64_t i = 0; i < 20000; i++)
        rows[i] = row_at(i, (double)i, 1);
    trace_counters_init(&c, 5, 8);
    c.sink.rows(c.sink.context, "a", rows, 20000);
    assert_int_equal(trace_counters_of(&c, "a")->count, 4);
    assert_int_equal(trace_counters_of(&c, "a")->points[0].slot, 5);
    assert_null(trace_counters_of(&c, "b"));
    trace_counters_release(&c);
    trace_counters_init(&c, -1, -1);
    c.sink.rows(c.sink.context, "a", rows, 20000);
    assert_int_equal(trace_counters_of(&c, "a")->count, TRACE_COUNTER_POINTS);
    trace_counters_release(&c);
    free(rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_written_can_be_drawn),
        cmocka_unit_test(test_lengths_are_those_of_the_analysis),
        cmocka_unit_test(test_the_outer_slice_tells_about_the_block),
        cmocka_unit_test(test_hops_are_arrows_from_the_sender),
        cmocka_unit_test(test_an_arrow_that_would_go_back_in_time_is_not_drawn),
        cmocka_unit_test(test_instants_mark_slots_leaders_and_announcements),
        cmocka_unit_test(test_phases_that_go_backwards_are_left_out_and_counted),
        cmocka_unit_test(test_blocks_at_the_same_time_have_lanes_of_their_own),
        cmocka_unit_test(test_the_least_time_is_told_where_the_links_are_known),
        cmocka_unit_test(test_limits_hold_at_both_ends),
        cmocka_unit_test(test_a_block_without_a_slot_has_no_place),
        cmocka_unit_test(test_hostile_names_are_escaped),
        cmocka_unit_test(test_counters_are_told_when_they_change),
        cmocka_unit_test(test_counters_outside_the_limits_and_too_many_are_left_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
