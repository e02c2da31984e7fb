#include "analyse/filter.h"

#include <stdio.h>
#include <string.h>

#include "support/files.h"
#include "support/guard.h"
#include "support/test.h"

#define BODY_MAX 90112

static struct filter_set set;

static int setup(void **state)
{
    (void)state;
    filter_set_init(&set, BODY_MAX, false);
    return 0;
}

static int setup_compat(void **state)
{
    (void)state;
    filter_set_init(&set, BODY_MAX, true);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    filter_set_release(&set);
    return 0;
}

static enum ou_status add(const char *text, struct ou_error *err)
{
    struct guarded bytes = guard_copy(text, strlen(text));
    enum ou_status status =
        filter_add_text(&set, (struct span){ bytes.at, bytes.len }, "f.json", err);

    guard_release(&bytes);
    return status;
}

/* The set with one condition of the given kind and name; value is JSON, or NULL
 * for none. Returns the condition. */
static const struct filter_condition *only(const char *tag, const char *name, const char *value)
{
    char text[256];
    struct ou_error err = { { 0 } };

    snprintf(text, sizeof text, "[{\"tag\":\"%s\",\"contents\":{\"tag\":\"%s\"%s%s}}]", tag, name,
             value ? ",\"contents\":" : "", value ? value : "");
    set.count = 0;
    if (add(text, &err))
        fail_msg("%s", err.text);
    assert_int_equal(set.count, 1);
    return &set.conditions[0];
}

static enum filter_answer block_answer(const char *name, const char *value, struct filter_block b)
{
    return filter_block(&set, only("CBlock", name, value), &b);
}

#define BLOCK(...) ((struct filter_block){ __VA_ARGS__ })
#define SLOT(...) ((struct filter_slot){ __VA_ARGS__ })

/* ---- meaning ---- */

static void test_a_unitary_delta_is_one(void **state)
{
    (void)state;
    assert_int_equal(block_answer("BUnitaryChainDelta", NULL, BLOCK(.chain_delta = 1)), FILTER_YES);
    assert_int_equal(block_answer("BUnitaryChainDelta", NULL, BLOCK(.chain_delta = 2)), FILTER_NO);
    assert_int_equal(block_answer("BUnitaryChainDelta", NULL, BLOCK(.chain_delta = 0)), FILTER_NO);
}

/* 90 % of 90112 is 81100.8, cut to 81100; the bound itself belongs to neither. */
static void test_fullness_bounds_are_strict(void **state)
{
    (void)state;
    assert_int_equal(block_answer("BFullnessGEq", "0.9", BLOCK(.size_bytes = 81100)), FILTER_NO);
    assert_int_equal(block_answer("BFullnessGEq", "0.9", BLOCK(.size_bytes = 81101)), FILTER_YES);
    assert_int_equal(block_answer("BFullnessLEq", "0.9", BLOCK(.size_bytes = 81100)), FILTER_NO);
    assert_int_equal(block_answer("BFullnessLEq", "0.9", BLOCK(.size_bytes = 81099)), FILTER_YES);
}

static void test_size_bounds_are_not_strict(void **state)
{
    (void)state;
    assert_int_equal(block_answer("BSizeGEq", "1000", BLOCK(.size_bytes = 1000)), FILTER_YES);
    assert_int_equal(block_answer("BSizeGEq", "1000", BLOCK(.size_bytes = 999)), FILTER_NO);
    assert_int_equal(block_answer("BSizeLEq", "1000", BLOCK(.size_bytes = 1000)), FILTER_YES);
    assert_int_equal(block_answer("BSizeLEq", "1000", BLOCK(.size_bytes = 1001)), FILTER_NO);
}

static void test_minimum_adoptions_counts_observers(void **state)
{
    (void)state;
    assert_int_equal(block_answer("BMinimumAdoptions", "3", BLOCK(.adoptions = 3)), FILTER_YES);
    assert_int_equal(block_answer("BMinimumAdoptions", "3", BLOCK(.adoptions = 2)), FILTER_NO);
}

static void test_nonnegatives_wants_no_negative_interval(void **state)
{
    (void)state;
    assert_int_equal(block_answer("BNonNegatives", NULL, BLOCK(.any_nonnegative = true)),
                     FILTER_YES);
    assert_int_equal(block_answer("BNonNegatives", NULL, BLOCK(.any_negative = true)), FILTER_NO);
}

static void test_locli_inverts_nonnegatives(void **state)
{
    (void)state;
    assert_int_equal(block_answer("BNonNegatives", NULL, BLOCK(.any_nonnegative = true)),
                     FILTER_NO);
    assert_int_equal(block_answer("BNonNegatives", NULL, BLOCK(.any_negative = true)), FILTER_YES);
}

static void test_what_is_not_known_is_neither_yes_nor_no(void **state)
{
    struct filter_block b = { .size_bytes = -1, .chain_delta = -1 };

    (void)state;
    assert_int_equal(block_answer("BUnitaryChainDelta", NULL, b), FILTER_UNKNOWN);
    assert_int_equal(block_answer("BFullnessGEq", "0.5", b), FILTER_UNKNOWN);
    assert_int_equal(block_answer("BFullnessLEq", "0.5", b), FILTER_UNKNOWN);
    assert_int_equal(block_answer("BSizeGEq", "0", b), FILTER_UNKNOWN);
    assert_int_equal(block_answer("BSizeLEq", "9", b), FILTER_UNKNOWN);
}

static void test_locli_says_no_to_what_it_does_not_know(void **state)
{
    struct filter_block b = { .size_bytes = -1, .chain_delta = -1 };

    (void)state;
    assert_int_equal(block_answer("BUnitaryChainDelta", NULL, b), FILTER_NO);
    assert_int_equal(block_answer("BFullnessLEq", "0.5", b), FILTER_NO);
    assert_int_equal(block_answer("BSizeLEq", "9", b), FILTER_NO);
}

/* Each bound is asked below, on and above itself, of a block and of a slot. */
static void test_slot_conditions_hold_for_blocks_and_slots(void **state)
{
    static const struct {
        const char *name;
        bool below, on, above;
    } bounds[] = {
        { "SlotGEq", false, true, true },         { "SlotLEq", true, true, false },
        { "EpochGEq", false, true, true },        { "EpochLEq", true, true, false },
        { "EpochSafeIntGEq", false, true, true }, { "EpochSafeIntLEq", true, true, false },
        { "EpSlotGEq", false, true, true },       { "EpSlotLEq", true, true, false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
        const struct filter_condition *c = only("CSlot", bounds[i].name, "5");

        for (uint64_t x = 4; x <= 6; x++) {
            bool want = x == 4 ? bounds[i].below : x == 5 ? bounds[i].on : bounds[i].above;
            struct filter_block block = {
                .slot = x, .epoch = x, .slot_in_epoch = x, .safe_interval = x
            };
            struct filter_slot slot = { x, x, x, x, 0 };

            assert_int_equal(filter_block(&set, c, &block), want ? FILTER_YES : FILTER_NO);
            assert_int_equal(filter_slot(&set, c, &slot), want ? FILTER_YES : FILTER_NO);
        }
    }
}

static void test_each_slot_bound_reads_its_own_fact(void **state)
{
    struct filter_slot slot = {
        .slot = 1000, .epoch = 20, .slot_in_epoch = 300, .safe_interval = 4
    };

    (void)state;
    assert_int_equal(filter_slot(&set, only("CSlot", "SlotGEq", "1000"), &slot), FILTER_YES);
    assert_int_equal(filter_slot(&set, only("CSlot", "SlotGEq", "1001"), &slot), FILTER_NO);
    assert_int_equal(filter_slot(&set, only("CSlot", "EpochGEq", "20"), &slot), FILTER_YES);
    assert_int_equal(filter_slot(&set, only("CSlot", "EpochGEq", "21"), &slot), FILTER_NO);
    assert_int_equal(filter_slot(&set, only("CSlot", "EpSlotGEq", "300"), &slot), FILTER_YES);
    assert_int_equal(filter_slot(&set, only("CSlot", "EpSlotGEq", "301"), &slot), FILTER_NO);
    assert_int_equal(filter_slot(&set, only("CSlot", "EpochSafeIntGEq", "4"), &slot), FILTER_YES);
    assert_int_equal(filter_slot(&set, only("CSlot", "EpochSafeIntGEq", "5"), &slot), FILTER_NO);
}

static void test_a_slot_has_leaders_and_a_block_always_had_one(void **state)
{
    const struct filter_condition *c = only("CSlot", "SlotHasLeaders", NULL);

    (void)state;
    assert_int_equal(filter_slot(&set, c, &SLOT(.leads = 1)), FILTER_YES);
    assert_int_equal(filter_slot(&set, c, &SLOT(.leads = 0)), FILTER_NO);
    assert_int_equal(filter_block(&set, c, &BLOCK(.slot = 1)), FILTER_YES);
}

static void test_block_conditions_let_every_slot_pass(void **state)
{
    const struct filter_condition *c = only("CBlock", "BSizeGEq", "1");

    (void)state;
    assert_false(c->for_slots);
    assert_int_equal(filter_slot(&set, c, &SLOT(.slot = 1)), FILTER_YES);
    assert_true(only("CSlot", "SlotGEq", "1")->for_slots);
}

/* ---- CAny ---- */

#define ANY_SIZE_OR_DELTA                                                        \
    "[{\"tag\":\"CAny\",\"contents\":["                                          \
    "{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BSizeGEq\",\"contents\":100}}," \
    "{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BUnitaryChainDelta\"}}]}]"

static enum filter_answer any_answer(int64_t size_bytes, int64_t chain_delta)
{
    return filter_block(&set, &set.conditions[0],
                        &BLOCK(.size_bytes = size_bytes, .chain_delta = chain_delta));
}

static void test_one_alternative_is_enough(void **state)
{
    (void)state;
    assert_int_equal(add(ANY_SIZE_OR_DELTA, NULL), OU_OK);
    assert_int_equal(any_answer(100, 2), FILTER_YES);
    assert_int_equal(any_answer(99, 1), FILTER_YES);
    assert_int_equal(any_answer(99, 2), FILTER_NO);
    assert_int_equal(any_answer(-1, 1), FILTER_YES);
    assert_int_equal(any_answer(-1, 2), FILTER_UNKNOWN);
    assert_int_equal(any_answer(99, -1), FILTER_UNKNOWN);
}

static void test_alternatives_are_for_slots_when_all_are(void **state)
{
    (void)state;
    assert_int_equal(add(ANY_SIZE_OR_DELTA, NULL), OU_OK);
    assert_int_equal(filter_add_shipped(&set, "no-rewards", NULL), OU_OK);
    assert_int_equal(add("[{\"tag\":\"CAny\",\"contents\":["
                         "{\"tag\":\"CSlot\",\"contents\":{\"tag\":\"SlotGEq\",\"contents\":9}},"
                         "{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BNonNegatives\"}}]}]",
                         NULL),
                     OU_OK);
    assert_false(set.conditions[0].for_slots);
    assert_true(set.conditions[1].for_slots);
    assert_false(set.conditions[2].for_slots);
    assert_int_equal(filter_slot(&set, &set.conditions[2], &SLOT(.slot = 1)), FILTER_YES);
}

/* ---- shipped filters ---- */

static bool slot_passes(uint64_t safe_interval)
{
    for (size_t i = 0; i < set.count; i++)
        if (filter_slot(&set, &set.conditions[i], &SLOT(.safe_interval = safe_interval)) !=
            FILTER_YES)
            return false;
    return true;
}

static void test_no_rewards_is_the_opposite_of_rewards(void **state)
{
    (void)state;
    assert_int_equal(filter_add_shipped(&set, "no-rewards", NULL), OU_OK);
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(slot_passes(i), i <= 3 || i >= 8);
    set.count = 0;
    assert_int_equal(filter_add_shipped(&set, "rewards", NULL), OU_OK);
    for (uint64_t i = 0; i < 10; i++)
        assert_int_equal(slot_passes(i), i >= 4 && i <= 7);
}

static void test_locli_ships_a_no_rewards_that_nothing_passes(void **state)
{
    (void)state;
    assert_int_equal(filter_add_shipped(&set, "no-rewards", NULL), OU_OK);
    assert_int_equal(set.count, 2);
    for (uint64_t i = 0; i < 10; i++)
        assert_false(slot_passes(i));
}

/* Conditions in each shipped filter, as locli of 2026 ships them. */
static void test_the_shipped_filters_are_those_of_the_field(void **state)
{
    static const struct {
        const char *name, *conditions;
    } want[] = {
        { "unitary", "BUnitaryChainDelta" },
        { "adopt-10", "BMinimumAdoptions 10" },
        { "epoch3+", "EpochGEq 2" },
        { "epoch4+", "EpochGEq 3" },
        { "epoch5+", "EpochGEq 4" },
        { "fromslot-20k", "SlotGEq 20000" },
        { "model", "SlotLEq 56000; BMinimumAdoptions 50; BUnitaryChainDelta" },
        { "no-ebnd", "EpSlotGEq 200" },
        { "rewards", "EpochSafeIntGEq 4; EpochSafeIntLEq 7" },
        { "no-rewards", "CAny [EpochSafeIntLEq 3, EpochSafeIntGEq 8]" },
        { "nonnegative", "BNonNegatives" },
        { "size-full", "BFullnessGEq 0.9" },
        { "size-moderate", "BFullnessGEq 0.08; BFullnessLEq 0.112" },
        { "size-moderate-2", "BFullnessGEq 0.076; BFullnessLEq 0.105" },
        { "size-small", "BFullnessGEq 0.03; BFullnessLEq 0.1" },
    };
    size_t count = 0;

    (void)state;
    while (shipped_filters[count].name)
        count++;
    assert_int_equal(count, sizeof want / sizeof *want);
    for (size_t i = 0; i < count; i++) {
        char conditions[256] = "";

        set.count = 0;
        assert_string_equal(shipped_filters[i].name, want[i].name);
        assert_int_equal(filter_add_shipped(&set, want[i].name, NULL), OU_OK);
        for (size_t j = 0; j < set.count; j++) {
            assert_true(span_is(set.conditions[j].set, want[i].name));
            snprintf(conditions + strlen(conditions), sizeof conditions - strlen(conditions),
                     "%s%.*s", j ? "; " : "", (int)set.conditions[j].name.len,
                     set.conditions[j].name.at);
        }
        assert_string_equal(conditions, want[i].conditions);
    }
}

static void test_an_unknown_shipped_filter_is_told_the_others(void **state)
{
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(filter_add_shipped(&set, "sizefull", &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "\"sizefull\""));
    assert_non_null(strstr(err.text, "unitary, adopt-10, epoch3+"));
    assert_non_null(strstr(err.text, "size-small"));
    assert_int_equal(set.count, 0);
}

static void test_minimum_adoptions_can_be_added_by_number(void **state)
{
    (void)state;
    assert_int_equal(filter_add_minimum_adoptions(&set, 51, NULL), OU_OK);
    assert_int_equal(set.count, 1);
    assert_true(span_is(set.conditions[0].name, "BMinimumAdoptions 51"));
    assert_int_equal(filter_block(&set, &set.conditions[0], &BLOCK(.adoptions = 50)), FILTER_NO);
    assert_int_equal(filter_block(&set, &set.conditions[0], &BLOCK(.adoptions = 51)), FILTER_YES);
}

/* ---- reading ---- */

static void test_nullary_names_ignore_their_contents(void **state)
{
    (void)state;
    only("CBlock", "BUnitaryChainDelta", NULL);
    only("CBlock", "BUnitaryChainDelta", "[]");
    only("CBlock", "BUnitaryChainDelta", "{\"x\":1e308}");
    assert_true(span_is(only("CSlot", "SlotHasLeaders", "17")->name, "SlotHasLeaders"));
}

static void test_a_filter_file_is_read(void **state)
{
    struct temp_dir dir;
    const char *path;

    (void)state;
    temp_dir_make(&dir);
    path = temp_file(&dir, "mine.json",
                     "[{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BFullnessGEq\","
                     "\"contents\":0.8}},\n"
                     " {\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BUnitaryChainDelta\","
                     "\"contents\":[]}}]\n");
    assert_int_equal(filter_add_file(&set, path, NULL), OU_OK);
    assert_int_equal(set.count, 2);
    assert_true(span_is(set.conditions[0].name, "BFullnessGEq 0.8"));
    assert_true(span_is(set.conditions[1].set, path));
    temp_dir_remove(&dir);
}

static void test_a_missing_file_is_named(void **state)
{
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(filter_add_file(&set, "tests/data/none.json", &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "tests/data/none.json"));
}

#define OF_BLOCK(inner) "[{\"tag\":\"CBlock\",\"contents\":" inner "}]"
#define GOOD "{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BNonNegatives\"}}"

static void test_what_is_wrong_is_said_and_where(void **state)
{
    static const struct {
        const char *text, *said;
    } cases[] = {
        { "[\n{\"tag\":}]", "f.json:2: " },
        { "", "f.json:" },
        { "{}", "f.json: a filter is a JSON list of conditions" },
        { "[7]", "f.json: condition 1: must be an object whose \"tag\" is CBlock, CSlot or CAny" },
        { "[" GOOD "," GOOD ",{\"tag\":\"CBlock\",\"contents\":{\"tag\":\"BFullnesGEq\"}}]",
          "f.json: condition 3: unknown filter name BFullnesGEq; did you mean BFullnessGEq?" },
        { OF_BLOCK("{\"tag\":\"Whatever\"}"), "condition 1: unknown filter name Whatever" },
        { OF_BLOCK("{\"tag\":\"AVeryLongNameThatIsNothingLikeAnyOther\"}"),
          "unknown filter name AVeryLongNameThatIsNothingLikeAnyOther" },
        { OF_BLOCK("{\"tag\":\"SlotGEq\",\"contents\":1}"),
          "SlotGEq belongs into a CSlot, not a CBlock" },
        { OF_BLOCK("{}"), "\"contents\" must be {\"tag\":NAME,\"contents\":VALUE}" },
        { OF_BLOCK("null"), "\"contents\" must be" },
        { OF_BLOCK("{\"tag\":\"BSizeGEq\"}"), "BSizeGEq takes a whole number" },
        { OF_BLOCK("{\"tag\":\"BSizeGEq\",\"contents\":1.5}"), "BSizeGEq takes a whole number" },
        { OF_BLOCK("{\"tag\":\"BSizeGEq\",\"contents\":-1}"), "BSizeGEq takes a whole number" },
        { OF_BLOCK("{\"tag\":\"BSizeGEq\",\"contents\":1e300}"), "BSizeGEq takes a whole number" },
        { OF_BLOCK("{\"tag\":\"BFullnessLEq\",\"contents\":\"0.9\"}"),
          "BFullnessLEq takes a fraction like 0.9" },
        { "[{\"tag\":\"CAny\",\"contents\":[]}]", "must be a list of 1 to 256 conditions" },
        { "[{\"tag\":\"CAny\"}]", "must be a list of 1 to 256 conditions" },
        { "[{\"tag\":\"CAny\",\"contents\":[" GOOD ",{\"tag\":\"CAny\",\"contents\":[" GOOD "]}]}]",
          "condition 1, alternative 2: must be an object whose \"tag\" is CBlock or CSlot" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ou_error err = { { 0 } };
        enum ou_status status = add(cases[i].text, &err);

        if (status != OU_INVALID || !strstr(err.text, cases[i].said))
            fail_msg("%s: status %d, \"%s\" does not say \"%s\"", cases[i].text, status, err.text,
                     cases[i].said);
        assert_int_equal(set.count, 0);
    }
}

static void test_a_text_that_is_too_long_is_refused_before_it_is_read(void **state)
{
    struct ou_error err = { { 0 } };

    (void)state;
    assert_int_equal(
        filter_add_text(&set, (struct span){ "[", ((size_t)1 << 20) + 1 }, "f.json", &err),
        OU_TOO_LARGE);
    assert_string_equal(err.text, "f.json: a filter above 1048576 bytes");
    assert_int_equal(set.count, 0);
}

static void test_a_refused_text_leaves_the_set_alone(void **state)
{
    (void)state;
    assert_int_equal(filter_add_shipped(&set, "size-full", NULL), OU_OK);
    assert_int_equal(add("[" GOOD "," GOOD ",7]", NULL), OU_INVALID);
    assert_int_equal(set.count, 1);
    assert_true(span_is(set.conditions[0].name, "BFullnessGEq 0.9"));
}

static void test_more_conditions_than_the_set_holds_are_refused(void **state)
{
    struct ou_error err = { { 0 } };

    (void)state;
    for (size_t i = 0; i < FILTER_CONDITIONS_MAX; i++)
        assert_int_equal(add("[" GOOD "]", NULL), OU_OK);
    assert_int_equal(add("[" GOOD "]", &err), OU_TOO_LARGE);
    assert_non_null(strstr(err.text, "more than 256 conditions"));
    assert_int_equal(set.count, FILTER_CONDITIONS_MAX);
    assert_int_equal(add("[]", NULL), OU_OK);
}

static void test_no_prefix_of_a_filter_is_a_filter(void **state)
{
    (void)state;
    for (size_t len = 0; len < strlen(ANY_SIZE_OR_DELTA); len++) {
        struct guarded bytes = guard_copy(ANY_SIZE_OR_DELTA, len);

        assert_int_equal(
            filter_add_text(&set, (struct span){ bytes.at, bytes.len }, "f.json", NULL),
            OU_INVALID);
        guard_release(&bytes);
    }
}

/* ---- docs/formats/filters.md ---- */

static void read_page(char *ret, size_t room)
{
    FILE *file = fopen("docs/formats/filters.md", "r");
    size_t len;

    assert_non_null(file);
    len = fread(ret, 1, room - 1, file);
    ret[len] = '\0';
    fclose(file);
}

static void test_the_examples_of_the_format_page_are_filters(void **state)
{
    static const char begin[] = "```json is filter\n";
    static char page[32768];
    size_t examples = 0;

    (void)state;
    read_page(page, sizeof page);
    for (char *at = strstr(page, begin); at; at = strstr(at, begin)) {
        char *end = strstr(at + strlen(begin), "```");

        assert_non_null(end);
        *end = '\0';
        assert_int_equal(add(at + strlen(begin), NULL), OU_OK);
        examples++;
        at = end + 1;
    }
    assert_int_equal(examples, 2);
    assert_int_equal(set.count, 3);
}

/* Each row of the page's table is `name` | `condition`, ... | purpose. */
static void test_the_format_page_tells_what_each_shipped_filter_does(void **state)
{
    static char page[32768];

    (void)state;
    read_page(page, sizeof page);
    for (const struct shipped_filter *f = shipped_filters; f->name; f++) {
        char row[256];

        set.count = 0;
        assert_int_equal(filter_add_shipped(&set, f->name, NULL), OU_OK);
        snprintf(row, sizeof row, "| `%s` |", f->name);
        for (size_t i = 0; i < set.count; i++)
            snprintf(row + strlen(row), sizeof row - strlen(row), "%s `%.*s`", i ? "," : "",
                     (int)set.conditions[i].name.len, set.conditions[i].name.at);
        if (!strstr(page, row))
            fail_msg("not in the page: %s", row);
    }
}

#define BY_DEFAULT(test) cmocka_unit_test_setup_teardown(test, setup, teardown)
#define IN_COMPAT(test) cmocka_unit_test_setup_teardown(test, setup_compat, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        BY_DEFAULT(test_a_unitary_delta_is_one),
        BY_DEFAULT(test_fullness_bounds_are_strict),
        BY_DEFAULT(test_size_bounds_are_not_strict),
        BY_DEFAULT(test_minimum_adoptions_counts_observers),
        BY_DEFAULT(test_nonnegatives_wants_no_negative_interval),
        IN_COMPAT(test_locli_inverts_nonnegatives),
        BY_DEFAULT(test_what_is_not_known_is_neither_yes_nor_no),
        IN_COMPAT(test_locli_says_no_to_what_it_does_not_know),
        BY_DEFAULT(test_slot_conditions_hold_for_blocks_and_slots),
        BY_DEFAULT(test_each_slot_bound_reads_its_own_fact),
        BY_DEFAULT(test_a_slot_has_leaders_and_a_block_always_had_one),
        BY_DEFAULT(test_block_conditions_let_every_slot_pass),
        BY_DEFAULT(test_one_alternative_is_enough),
        BY_DEFAULT(test_alternatives_are_for_slots_when_all_are),
        BY_DEFAULT(test_no_rewards_is_the_opposite_of_rewards),
        IN_COMPAT(test_locli_ships_a_no_rewards_that_nothing_passes),
        BY_DEFAULT(test_the_shipped_filters_are_those_of_the_field),
        BY_DEFAULT(test_an_unknown_shipped_filter_is_told_the_others),
        BY_DEFAULT(test_minimum_adoptions_can_be_added_by_number),
        BY_DEFAULT(test_nullary_names_ignore_their_contents),
        BY_DEFAULT(test_a_filter_file_is_read),
        BY_DEFAULT(test_a_missing_file_is_named),
        BY_DEFAULT(test_what_is_wrong_is_said_and_where),
        BY_DEFAULT(test_a_text_that_is_too_long_is_refused_before_it_is_read),
        BY_DEFAULT(test_a_refused_text_leaves_the_set_alone),
        BY_DEFAULT(test_more_conditions_than_the_set_holds_are_refused),
        BY_DEFAULT(test_no_prefix_of_a_filter_is_a_filter),
        BY_DEFAULT(test_the_examples_of_the_format_page_are_filters),
        BY_DEFAULT(test_the_format_page_tells_what_each_shipped_filter_does),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
