#include "report/analysis_json.h"

#include <sys/wait.h>
#include <unistd.h>

#include "analyse/differences.h"
#include "json/tree.h"
#include "report/sample_test.h"
#include "report/schema_check_test.h"
#include "support/files.h"

static const char schema_path[] = "docs/formats/analysis.schema.json";

static void write_sample(void (*make)(struct analysis *), struct buffer *ret)
{
    struct analysis a;

    make(&a);
    buffer_init(ret, allocator_libc(), 1 << 24);
    report_json(&a, ret);
    assert_int_equal(buffer_status(ret), OU_OK);
    sample_release(&a);
}

static void full(struct analysis *a)
{
    sample_full(a, false, true);
}

static void compat(struct analysis *a)
{
    sample_full(a, true, false);
}

/* Logs in which nothing was found. */
static void empty(struct analysis *a)
{
    static const int64_t none[2] = { -1, -1 };

    sample_begin(a, false, 0);
    a->first_ns = a->last_ns = TIME_NONE;
    memcpy(a->slots_raw, none, sizeof none);
    memcpy(a->slots_filtered, none, sizeof none);
    memcpy(a->blocks_raw, none, sizeof none);
    memcpy(a->blocks_filtered, none, sizeof none);
    sample_metric(a, SECTION_FORGER, "cdfForgerStart", METRIC_DISTRIBUTION);
}

static void (*const samples[])(struct analysis *) = { full, compat, sample_partial, empty };
enum { SAMPLES_COUNT = sizeof samples / sizeof *samples };

static json_t *parsed(const struct buffer *text)
{
    json_t *tree;
    struct ou_error err = { 0 };

    if (json_tree_parse((struct span){ text->at, text->len }, "analysis.json", &tree, &err) !=
        OU_OK)
        fail_msg("%s", err.text);
    return tree;
}

/* The golden files are without the differences, which have a test of their own. */
static void full_without_differences(struct analysis *a)
{
    full(a);
    a->compat = true;
}

static void partial_without_differences(struct analysis *a)
{
    sample_partial(a);
    a->compat = true;
}

static void test_files_are_their_golden_files(void **state)
{
    struct buffer out;

    (void)state;
    write_sample(full_without_differences, &out);
    assert_golden(&out, "analysis.json");
    buffer_release(&out);
    write_sample(partial_without_differences, &out);
    assert_golden(&out, "analysis-partial.json");
    buffer_release(&out);
}

static void test_files_fulfil_the_schema(void **state)
{
    struct schema_check check = { 0 };

    (void)state;
    assert_int_equal(json_tree_load(schema_path, 1 << 20, &check.root, NULL), OU_OK);
    for (int i = 0; i < SAMPLES_COUNT; i++) {
        struct buffer out;
        json_t *tree;

        write_sample(samples[i], &out);
        tree = parsed(&out);
        if (!schema_holds(&check, check.root, tree, ""))
            fail_msg("sample %d: %s", i, check.problem);
        json_decref(tree);
        buffer_release(&out);
    }
    json_decref(check.root);
}

/* The validator itself must be able to say no. */
static void test_a_file_with_a_strange_or_missing_member_fails_the_schema(void **state)
{
    struct schema_check check = { 0 };
    struct buffer out;
    json_t *tree, *metric;

    (void)state;
    assert_int_equal(json_tree_load(schema_path, 1 << 20, &check.root, NULL), OU_OK);
    write_sample(full, &out);
    tree = parsed(&out);
    metric = json_object_get(json_object_get(json_object_get(tree, "metrics"), "forger"),
                             "cdfForgerStart");
    json_object_set_new(metric, "n", json_integer(0));
    assert_false(schema_holds(&check, check.root, tree, ""));
    json_object_set_new(metric, "n", json_integer(3));
    assert_true(schema_holds(&check, check.root, tree, ""));
    json_object_set_new(json_object_get(tree, "chain"), "size", json_integer(3));
    assert_false(schema_holds(&check, check.root, tree, ""));
    assert_string_equal(check.problem, "/chain/size: is not in the schema");
    json_object_del(tree, "chain");
    assert_false(schema_holds(&check, check.root, tree, ""));
    assert_string_equal(check.problem, ": chain is missing");
    json_decref(tree);
    json_decref(check.root);
    buffer_release(&out);
}

/* Python's jsonschema as an outside judge, where it is installed. */
static int judge(const char *instance)
{
    static const char program[] = "import json,sys\n"
                                  "try:\n"
                                  "    import jsonschema\n"
                                  "except ImportError:\n"
                                  "    sys.exit(77)\n"
                                  "schema=json.load(open(sys.argv[1]))\n"
                                  "jsonschema.Draft202012Validator.check_schema(schema)\n"
                                  "jsonschema.Draft202012Validator(schema).validate("
                                  "json.load(open(sys.argv[2])))\n";
    int status = -1;
    pid_t child = fork();

    assert_true(child >= 0);
    if (child == 0) {
        execlp("python3", "python3", "-c", program, schema_path, instance, (char *)NULL);
        _exit(77);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void test_an_outside_validator_agrees(void **state)
{
    struct temp_dir dir;
    int verdict = 0;

    (void)state;
    temp_dir_make(&dir);
    for (int i = 0; i < SAMPLES_COUNT && verdict == 0; i++) {
        struct buffer out;

        write_sample(samples[i], &out);
        write_file(temp_path(&dir, "analysis.json"), out.at, out.len);
        buffer_release(&out);
        verdict = judge(temp_path(&dir, "analysis.json"));
    }
    temp_dir_remove(&dir);
    if (verdict == 77) {
        print_message("skipped: python3 with jsonschema is not installed\n");
        skip();
    }
    assert_int_equal(verdict, 0);
}

static json_t *differences_of(void (*make)(struct analysis *))
{
    struct buffer out;
    json_t *tree, *list;

    write_sample(make, &out);
    tree = parsed(&out);
    list = json_incref(json_object_get(json_object_get(tree, "options"), "differencesFromLocli"));
    json_decref(tree);
    buffer_release(&out);
    return list;
}

static void test_the_differences_in_force_are_listed(void **state)
{
    static const char *const titles[] = {
#define X(id, title, locli, ours, effect) title,
        OU_DIFFERENCES(X)
#undef X
    };
    json_t *list = differences_of(full);

    (void)state;
    assert_int_equal(json_array_size(list), DIFFERENCES);
    for (size_t i = 0; i < DIFFERENCES; i++)
        assert_string_equal(json_string_value(json_array_get(list, i)), titles[i]);
    json_decref(list);
    list = differences_of(compat);
    assert_int_equal(json_array_size(list), 0);
    json_decref(list);
}

static void test_the_same_analysis_gives_the_same_bytes(void **state)
{
    struct buffer one, two;

    (void)state;
    write_sample(full, &one);
    write_sample(full, &two);
    assert_int_equal(one.len, two.len);
    assert_memory_equal(one.at, two.at, one.len);
    buffer_release(&one);
    buffer_release(&two);
}

static void test_numbers_read_back_bit_for_bit(void **state)
{
    struct analysis a;
    struct buffer out;
    json_t *tree, *sections;

    (void)state;
    sample_full(&a, false, true);
    buffer_init(&out, allocator_libc(), 1 << 24);
    report_json(&a, &out);
    tree = parsed(&out);
    sections = json_object_get(tree, "metrics");
    for (size_t i = 0; i < a.metric_count; i++) {
        const struct metric_result *m = &a.metrics[i];
        json_t *metric =
            json_object_get(json_object_get(sections, section_name(m->info->section)), m->info->id);

        assert_non_null(metric);
        if (m->kind == METRIC_DISTRIBUTION) {
            assert_true(json_number_value(json_object_get(metric, "mean")) == m->over.mean);
            assert_true(json_number_value(json_object_get(metric, "sd")) == m->over.sd);
        }
    }
    json_decref(tree);
    buffer_release(&out);
    sample_release(&a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files_are_their_golden_files),
        cmocka_unit_test(test_files_fulfil_the_schema),
        cmocka_unit_test(test_a_file_with_a_strange_or_missing_member_fails_the_schema),
        cmocka_unit_test(test_an_outside_validator_agrees),
        cmocka_unit_test(test_the_differences_in_force_are_listed),
        cmocka_unit_test(test_the_same_analysis_gives_the_same_bytes),
        cmocka_unit_test(test_numbers_read_back_bit_for_bit),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
