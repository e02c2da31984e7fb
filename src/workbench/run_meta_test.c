#include "workbench/run_meta.h"

#include <string.h>

#include "base/time.h"
#include "support/test.h"

static const struct backend_kind here = { .name = "local" };
static struct backend backend = { .kind = &here };
static struct profile profile;
static json_t *document;

static int tear_down(void **state)
{
    (void)state;
    json_decref(document);
    profile_release(&profile);
    return 0;
}

/* The member "meta" of a run of ci-test with an overlay, which starts at 2026-11-22T10:00:00Z. */
static const json_t *meta_at(struct run_place place, const char *overlay)
{
    struct run_meta m = { .profile = &profile,
                          .tag = "the-tag",
                          .ident = "the-ident",
                          .batch = "the-batch",
                          .start_ns = INT64_C(1795341600) * NS_PER_SECOND,
                          .backend = &backend,
                          .place = place };
    struct ou_error err;

    if (profile_load("ci-test", &overlay, 1, &profile, &err))
        fail_msg("%s", err.text);
    document = run_meta_document(&m);
    assert_non_null(document);
    return json_object_get(document, "meta");
}

static const json_t *meta_with(const char *overlay)
{
    return meta_at((struct run_place){ .series = NULL }, overlay);
}

static const char *text(const json_t *object, const char *name)
{
    return json_string_value(json_object_get(object, name));
}

static void test_it_tells_who_what_and_where(void **state)
{
    const json_t *meta = meta_with("{}"), *machine = json_object_get(meta, "machine");

    (void)state;
    assert_string_equal(text(meta, "tag"), "the-tag");
    assert_string_equal(text(meta, "ident"), "the-ident");
    assert_string_equal(text(meta, "batch"), "the-batch");
    assert_string_equal(text(meta, "profile"), "ci-test");
    assert_string_equal(text(meta, "node_kind"), "reference");
    assert_non_null(strstr(text(meta, "compiler"), "c"));
    assert_true(json_integer_value(json_object_get(machine, "cores")) >= 1);
    assert_true(json_integer_value(json_object_get(machine, "memory_bytes")) > 1 << 20);
    assert_ptr_equal(strstr(text(machine, "kernel"), "Linux "), text(machine, "kernel"));
    assert_string_equal(text(json_array_get(json_object_get(meta, "manifest"), 0), "name"),
                        "ouroscope");
    assert_ptr_equal(json_object_get(meta, "profile_content"), profile.document);
}

static void test_the_place_in_a_series_is_told(void **state)
{
    const json_t *design =
        json_object_get(meta_at((struct run_place){ "the-series", 4, 1 }, "{}"), "design");

    (void)state;
    assert_string_equal(text(design, "series"), "the-series");
    assert_int_equal(json_integer_value(json_object_get(design, "block")), 4);
    assert_int_equal(json_integer_value(json_object_get(design, "position")), 1);
}

static void test_a_series_without_name_is_called_after_its_first_run(void **state)
{
    const json_t *design = json_object_get(meta_at((struct run_place){ "", 0, 0 }, "{}"), "design");

    (void)state;
    assert_string_equal(text(design, "series"), "the-tag");
}

static void test_a_run_that_stands_alone_has_no_place(void **state)
{
    const json_t *design = json_object_get(meta_with("{}"), "design");

    (void)state;
    assert_true(json_is_null(design));
}

static void test_instants_follow_from_load_and_last_slot(void **state)
{
    const json_t *timing = json_object_get(
        meta_with(
            "{\"generator\":{\"tps\":4,\"tx_count\":10},\"node\":{\"shutdown_on_slot_synced\":60,\"shutdown_on_block_synced\":null},\"genesis\":{\"slot_duration\":0.5}}"),
        "timing");

    (void)state;
    assert_string_equal(text(timing, "systemStart"), "2026-11-22T10:00:00Z");
    assert_int_equal(json_integer_value(json_object_get(timing, "start")), 1795341600);
    assert_string_equal(text(timing, "workloadEndTime"), "2026-11-22T10:00:03Z"); /* 2.5 s */
    assert_string_equal(text(timing, "shutdownTime"), "2026-11-22T10:00:30Z");
    assert_string_equal(text(timing, "earliestEndTime"), "2026-11-22T10:00:03Z");
}

static void test_what_has_no_end_is_null(void **state)
{
    const json_t *timing = json_object_get(meta_with("{\"scenario\":\"idle\"}"), "timing");

    (void)state;
    assert_string_equal(text(timing, "systemStart"), "2026-11-22T10:00:00Z");
    assert_true(json_is_null(json_object_get(timing, "shutdown_end")));
    assert_true(json_is_null(json_object_get(timing, "earliestEndTime")));
    assert_true(json_is_null(json_object_get(timing, "latestEndTime")));
}

static void test_an_end_at_the_latest_follows_from_the_longest_time_alone(void **state)
{
    const json_t *timing = json_object_get(
        meta_with("{\"generator\":{\"tps\":4,\"tx_count\":10},\"run\":{\"max_duration_s\":150}}"),
        "timing");

    (void)state;
    assert_string_equal(text(timing, "latestEndTime"), "2026-11-22T10:02:30Z");
}

static void test_a_run_of_programs_ends_when_its_time_is_over(void **state)
{
    const json_t *timing = json_object_get(
        meta_with("{\"node\":{\"kind\":\"command\",\"command\":{\"argv\":[\"sleep\",\"9\"]}},"
                  "\"run\":{\"max_duration_s\":5}}"),
        "timing");

    (void)state;
    assert_true(json_number_value(json_object_get(timing, "future_offset")) == 0);
    assert_string_equal(text(timing, "workloadEndTime"), "2026-11-22T10:00:05Z");
    assert_string_equal(text(timing, "earliestEndTime"), "2026-11-22T10:00:05Z");
    assert_string_equal(text(timing, "latestEndTime"), "2026-11-22T10:00:05Z");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_it_tells_who_what_and_where, tear_down),
        cmocka_unit_test_teardown(test_the_place_in_a_series_is_told, tear_down),
        cmocka_unit_test_teardown(test_a_series_without_name_is_called_after_its_first_run,
                                  tear_down),
        cmocka_unit_test_teardown(test_a_run_that_stands_alone_has_no_place, tear_down),
        cmocka_unit_test_teardown(test_instants_follow_from_load_and_last_slot, tear_down),
        cmocka_unit_test_teardown(test_what_has_no_end_is_null, tear_down),
        cmocka_unit_test_teardown(test_a_run_of_programs_ends_when_its_time_is_over, tear_down),
        cmocka_unit_test_teardown(test_an_end_at_the_latest_follows_from_the_longest_time_alone,
                                  tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
