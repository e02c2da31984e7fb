/* Values, differences and faults of profiles that are written here. */
#include "profile/explain.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "support/files.h"
#include "support/test.h"

/* What was visited, a line each. */
static struct buffer told;

static int begin(void **state)
{
    (void)state;
    buffer_init(&told, allocator_libc(), 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buffer_release(&told);
    return 0;
}

static struct profile profile_of(const char *document, const char *origins)
{
    struct profile p = { .document = json_loads(document, 0, NULL),
                         .origins = json_loads(origins, 0, NULL) };

    assert_non_null(p.document);
    assert_non_null(p.origins);
    return p;
}

static void release(struct profile *p)
{
    json_decref(p->document);
    json_decref(p->origins);
}

static void tell_json(const json_t *value)
{
    char *text = value ? json_dumps(value, JSON_COMPACT | JSON_ENCODE_ANY) : NULL;

    buffer_printf(&told, " %s", text ? text : "-");
    free(text);
}

static void tell_value(void *context, const struct profile_value *value)
{
    (void)context;
    buffer_text(&told, value->path);
    tell_json(value->value);
    buffer_printf(&told, " (%s)\n", value->origin);
}

static void test_every_leaf_is_told_with_its_origin(void **state)
{
    struct profile p = profile_of(
        "{\"name\":\"x\",\"genesis\":{\"utxo\":5,\"shelley\":{\"protocolParams\":{\"nOpt\":500},"
        "\"none\":{}}},\"composition\":{\"locations\":[\"LO\",{\"a\":1}],\"links\":[]},\"preset\":null}",
        "{\"genesis.utxo\":\"overlay 1\",\"genesis.shelley.protocolParams.nOpt\":"
        "\"mainnet's parameters, epoch 300\"}");

    (void)state;
    profile_each_value(&p, tell_value, NULL);
    assert_string_equal(
        buffer_string(&told),
        "name \"x\" ()\n"
        "genesis.utxo 5 (overlay 1)\n"
        "genesis.shelley.protocolParams.nOpt 500 (mainnet's parameters, epoch 300)\n"
        "genesis.shelley.none {} ()\n"
        "composition.locations [\"LO\",{\"a\":1}] ()\n"
        "composition.links [] ()\n"
        "preset null ()\n");
    release(&p);
}

static void tell_difference(void *context, const char *path, const json_t *a, const json_t *b)
{
    (void)context;
    buffer_text(&told, path);
    tell_json(a);
    tell_json(b);
    buffer_char(&told, '\n');
}

static void check_differences(const char *a, const char *origins_a, const char *b,
                              const char *origins_b, bool with_derived, size_t count,
                              const char *expected)
{
    struct profile p = profile_of(a, origins_a), q = profile_of(b, origins_b);

    buffer_clear(&told);
    assert_int_equal(profile_each_difference(&p, &q, with_derived, tell_difference, NULL), count);
    assert_string_equal(buffer_string(&told), expected);
    release(&p);
    release(&q);
}

static void test_differences_are_told_in_the_order_of_the_first(void **state)
{
    (void)state;
    check_differences("{\"b\":{\"x\":1,\"y\":[1,2]},\"a\":2,\"only\":{\"here\":true}}", "{}",
                      "{\"a\":3,\"b\":{\"x\":1,\"y\":[2,1],\"z\":null}}", "{}", false, 4,
                      "b.y [1,2] [2,1]\nb.z - null\na 2 3\nonly.here true -\n");
}

static void test_a_number_is_the_same_however_it_is_written(void **state)
{
    (void)state;
    check_differences("{\"a\":600,\"b\":[1,2]}", "{}", "{\"a\":600.0,\"b\":[1.0,2]}", "{}", false,
                      0, "");
}

static void test_a_place_is_the_same_whatever_its_name(void **state)
{
    (void)state;
    check_differences(
        "{\"composition\":{\"locations\":[\"LO\",\"US\"],\"links\":[{\"a\":\"EU\"}]}}", "{}",
        "{\"composition\":{\"locations\":[\"loopback\",\"us-east-1\"],\"links\":"
        "[{\"a\":\"eu-central-1\"}]}}",
        "{}", false, 0, "");
    check_differences("{\"composition\":{\"links\":[{\"a\":\"EU\"}],\"locations\":[\"LO\"]}}", "{}",
                      "{\"composition\":{\"links\":[{\"b\":\"EU\"}],\"locations\":[\"LO\"]}}", "{}",
                      false, 1, "composition.links [{\"a\":\"EU\"}] [{\"b\":\"EU\"}]\n");
    check_differences("{\"desc2\":\"LO\"}", "{}", "{\"desc2\":\"loopback\"}", "{}", false, 1,
                      "desc2 \"LO\" \"loopback\"\n");
}

static void test_an_object_may_stand_where_the_other_has_a_value(void **state)
{
    (void)state;
    check_differences("{\"s\":{\"explorer\":5}}", "{}", "{\"s\":null}", "{}", false, 1,
                      "s {\"explorer\":5} null\n");
    check_differences("{\"s\":{}}", "{}", "{\"s\":{\"a\":1}}", "{}", false, 1, "s {} {\"a\":1}\n");
}

static void test_names_and_derived_values_count_only_when_asked_for(void **state)
{
    static const char a[] = "{\"name\":\"a\",\"desc\":\"\",\"generator\":{\"tx_count\":9000},"
                            "\"derived\":{\"n_pools\":2}}";
    static const char b[] = "{\"name\":\"b\",\"desc\":\"\",\"generator\":{\"tx_count\":10},"
                            "\"derived\":{\"n_pools\":3}}";
    static const char from[] = "{\"generator.tx_count\":\"derived: duration * tps\"}";

    (void)state;
    check_differences(a, from, b, from, false, 0, "");
    check_differences(a, from, b, "{}", false, 1, "generator.tx_count 9000 10\n");
    check_differences(a, from, b, from, true, 3,
                      "name \"a\" \"b\"\ngenerator.tx_count 9000 10\nderived.n_pools 2 3\n");
}

static void tell_message(void *context, const char *message)
{
    (void)context;
    buffer_printf(&told, "%s\n", message);
}

static void check_told(const char *part)
{
    if (!strstr(buffer_string(&told), part))
        fail_msg("not told: %s\nbut: %s", part, buffer_string(&told));
}

static void test_all_faults_of_a_file_are_told(void **state)
{
    struct temp_dir dir;
    const char *path;

    (void)state;
    temp_dir_make(&dir);
    path = temp_file(&dir, "mine.json",
                     "{\"base\":\"ci-test\",\"genesis\":{\"utxo\":-1,\"epoch_length\":\"long\"},"
                     "\"gensis\":{\"a\":1,\"b\":2},\"node\":5}");
    assert_int_equal(profile_find_faults(path, NULL, 0, tell_message, NULL), 4);
    check_told("genesis.utxo must be");
    check_told("genesis.epoch_length must be");
    check_told("no member gensis is known");
    check_told("node must be");
    temp_dir_remove(&dir);
}

static void test_faults_of_several_kinds_are_told_together(void **state)
{
    static const char *const overlay = "{\"with\":[\"rtsA4\"],\"genesis\":{\"utxo\":null}}";
    struct temp_dir dir;
    const char *path;

    (void)state;
    temp_dir_make(&dir);
    path = temp_file(
        &dir, "mine.json",
        "{\"base\":\"ci-test\",\"with\":[\"notracr\"],\"generator\":{\"tps\":-1},"
        "\"node\":{\"rts_flags_override\":[\"-A4x\"]},\"genesis\":{\"epoch_length\":10}}");
    assert_int_equal(profile_find_faults(path, NULL, 0, tell_message, NULL), 4);
    check_told("mine.json: generator.tps must be");
    check_told("mine.json: with: no variant is called \"notracr\"");
    check_told("mine.json: node.rts_flags_override: ");
    check_told("mine.json: genesis: epoch_length times");
    /* That the epoch is too short may now follow from what is wrong with the overlay. */
    buffer_clear(&told);
    assert_int_equal(profile_find_faults(path, &overlay, 1, tell_message, NULL), 5);
    check_told("overlay 1: with: no variant is called \"rtsA4\"");
    check_told("overlay 1: genesis.utxo must be");
    temp_dir_remove(&dir);
}

static void test_faults_of_overlays_are_told_with_those_of_the_file(void **state)
{
    static const char *const overlays[] = { "{\"generator\":{\"tps\":\"many\"}}", "{\"a\":", "[]" };

    (void)state;
    assert_int_equal(profile_find_faults("ci-test", overlays, 3, tell_message, NULL), 3);
    check_told("overlay 1: generator.tps must be");
    check_told("overlay 2:1:");
    check_told("overlay 3: ");
}

static void test_what_does_not_fit_together_is_told_where_the_members_are_right(void **state)
{
    static const char *const overlay = "{\"genesis\":{\"epoch_length\":10}}";

    (void)state;
    assert_int_equal(profile_find_faults("ci-test", &overlay, 1, tell_message, NULL), 1);
    check_told("epoch_length");
}

static void test_all_that_does_not_fit_together_is_told(void **state)
{
    static const char *const overlay = "{\"name\":\"a b\",\"genesis\":{\"epoch_length\":10},"
                                       "\"composition\":{\"locations\":[\"here\",\"here\"]}}";

    (void)state;
    assert_int_equal(profile_find_faults("ci-test", &overlay, 1, tell_message, NULL), 3);
    check_told("name");
    check_told("epoch_length");
    check_told("\"here\" is told twice");
}

static void test_everything_that_keeps_it_from_being_run_is_told(void **state)
{
    static const char *const overlay =
        "{\"era\":\"babbage\",\"genesis\":{\"utxo\":20000000,\"funds_balance\":1000000}}";

    (void)state;
    assert_true(profile_find_obstacles("ci-test", &overlay, 1, tell_message, NULL) >= 3);
    check_told("begin in Conway");
    check_told("entries at most");
    check_told("funds_balance");
    assert_int_equal(profile_find_obstacles("ci-test", NULL, 0, tell_message, NULL), 0);
}

static void test_a_profile_without_faults_has_none(void **state)
{
    (void)state;
    assert_int_equal(profile_find_faults("ci-test", NULL, 0, tell_message, NULL), 0);
    assert_int_equal(profile_find_faults("ci-tset", NULL, 0, tell_message, NULL), 1);
    check_told("ci-test");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_leaf_is_told_with_its_origin, begin, end),
        cmocka_unit_test_setup_teardown(test_differences_are_told_in_the_order_of_the_first, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_number_is_the_same_however_it_is_written, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_place_is_the_same_whatever_its_name, begin, end),
        cmocka_unit_test_setup_teardown(test_an_object_may_stand_where_the_other_has_a_value, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_names_and_derived_values_count_only_when_asked_for,
                                        begin, end),
        cmocka_unit_test_setup_teardown(test_all_faults_of_a_file_are_told, begin, end),
        cmocka_unit_test_setup_teardown(test_faults_of_several_kinds_are_told_together, begin, end),
        cmocka_unit_test_setup_teardown(test_faults_of_overlays_are_told_with_those_of_the_file,
                                        begin, end),
        cmocka_unit_test_setup_teardown(
            test_what_does_not_fit_together_is_told_where_the_members_are_right, begin, end),
        cmocka_unit_test_setup_teardown(test_all_that_does_not_fit_together_is_told, begin, end),
        cmocka_unit_test_setup_teardown(test_everything_that_keeps_it_from_being_run_is_told, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_a_profile_without_faults_has_none, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
