#include "publish/publication.h"

#include <stdlib.h>

#include "json/write.h"
#include "publish/publication_paths.h"
#include "publish/published_test.h"
#include "study/sample_analysis_test.h"
#include "support/files.h"

/* --- What is refused -------------------------------------------------------------------------- */

struct reading_of {
    struct arena memory;
    struct run_set set;
    struct run_record record;
    struct ou_error err;
};

static enum ou_status read_text(struct reading_of *r, const char *text)
{
    *r = (struct reading_of){ 0 };
    arena_init(&r->memory, allocator_libc(), 4 * PUBLICATION_MAX);
    run_set_init(&r->set);
    return publication_read(span_of(text), "p", &r->memory, &r->set, &r->record, &r->err);
}

static void release(struct reading_of *r)
{
    run_set_release(&r->set);
    arena_release(&r->memory);
}

#define STATUS_FILE                                                \
    "{\"name\": \"status.json\", \"type\": \"application/json\", " \
    "\"text\": \"{\\\"state\\\": \\\"failed\\\", \\\"cause\\\": \\\"no ports\\\"}\"}"
#define TABLE_OF_ONE                                                  \
    "report\tworkload\tsection\tlabel\tunit\tmetric_id\trun\tvalue\n" \
    "r\tvalue-only\tresource\tProcess CPU usage\t%\tmachperf/CentiCpu\t10.7\t4\n"
#define TABLE_OF_TWO \
    TABLE_OF_ONE "r\tvalue-only\tresource\tProcess CPU usage\t%\tmachperf/CentiCpu\t10.8\t5\n"
#define WITH(members) "{\"publication\": 1, \"project\": \"p\", " members "}"

/* The document, and a part of what is said about it. */
static const char *const refused[][2] = {
    { "", "no JSON object" },
    { "\xff", "it is no text in UTF-8" },
    { "[]", "no JSON object" },
    { "{}", "publication is missing" },
    { "{\"publication\": 1,", "cut" },
    { "{\"publication\": 2}", "publication is not 1" },
    { "{\"publication\": \"1\"}", "publication is not 1" },
    { "{\"publication\": 1, \"publication\": 1}", "publication is there twice" },
    { "{\"publication\": 1, \"files\": []}", "project is missing" },
    { "{\"publication\": 1, \"project\": \"../x\", \"files\": []}", "a project is called" },
    { "{\"publication\": 1, \"project\": 1}", "project is no text" },
    { "{\"publication\": 1, \"project\": \"\", \"files\": []}", "a project is called" },
    { "{\"publication\": 1, \"project\": \"a\\u0000b\", \"files\": []}", "no text in UTF-8" },
    { "{\"publication\": 1, \"project\": \"\\ud800\", \"files\": []}", "an escape" },
    { WITH("\"files\": [], \"more\": 1"), "not known: more" },
    { WITH("\"name\": \"\", \"files\": []"), "name has" },
    { WITH("\"files\": {}"), "files is no array" },
    { WITH("\"files\": [{\"name\": {}}]"), "a member of files[] is no text" },
    { WITH("\"files\": [" STATUS_FILE ", {\"owner\": \"me\"}]"),
      "files[1] has a member that is not known: owner" },
    { WITH("\"files\": [1]"), "no object" },
    { WITH("\"files\": []") " x", "no JSON" },
    { WITH("\"files\": []"), "no results" },
    { WITH("\"info\": [], \"files\": []"), "info is no object" },
    { WITH("\"info\": {\"a\": 1, \"a\": 2}, \"files\": []"), "a" },
    { WITH("\"files\": [{}]"), "lacks its name" },
    { WITH("\"files\": [{\"name\": \"x\", \"type\": \"t\", \"text\": \"\"}]"),
      "name that is not known" },
    { WITH("\"files\": [{\"name\": \"../meta.json\", \"type\": \"t\", \"text\": \"\"}]"),
      "name that is not known" },
    { WITH("\"files\": [{\"name\": \"meta.json\", \"type\": \"text/html\", \"text\": \"{}\"}]"),
      "not of the type" },
    { WITH(
          "\"files\": [{\"name\": \"meta.json\", \"type\": \"application/json\", \"text\": \"<\"}]"),
      "meta.json" },
    { WITH("\"files\": [{\"name\": \"meta.json\", \"type\": \"application/json\", "
           "\"base64\": \"e30\"}]"),
      "base64" },
    { WITH("\"files\": [{\"name\": \"meta.json\", \"type\": \"application/json\", "
           "\"base64\": \"e3 0=\"}]"),
      "base64" },
    { WITH("\"files\": [{\"name\": \"meta.json\", \"type\": \"application/json\", "
           "\"base64\": \"/w==\"}]"),
      "UTF-8" },
    { WITH(
          "\"files\": [{\"name\": \"meta.json\", \"type\": \"application/json\", \"text\": \"{}\", "
          "\"base64\": \"\"}]"),
      "twice" },
    { WITH("\"files\": [" STATUS_FILE ", " STATUS_FILE "]"), "status.json is there twice" },
    { WITH("\"files\": [{\"name\": \"analysis.json\", \"type\": \"application/json\", "
           "\"text\": \"{}\"}]"),
      "no analysis" },
    { WITH("\"files\": [{\"name\": \"analysis.json\", \"type\": \"application/json\", "
           "\"text\": \"report\\tworkload\"}]"),
      "analysis.json" },
    { WITH("\"files\": [{\"name\": \"results.tsv\", \"type\": \"text/tab-separated-values\", "
           "\"text\": \"{\\\"kind\\\": \\\"variance\\\"}\"}]"),
      "results.tsv" },
};

static void test_what_is_no_publication_is_refused_with_its_reason(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        struct reading_of r;

        if (read_text(&r, refused[i][0]) == OU_OK)
            fail_msg("taken: %s", refused[i][0]);
        if (!strstr(r.err.text, refused[i][1]))
            fail_msg("%s: \"%s\" lacks \"%s\"", refused[i][0], r.err.text, refused[i][1]);
        release(&r);
    }
}

/* A publication of these files, each with its name and its text. */
static void write_files(const char *const files[][2], size_t count, struct buffer *ret)
{
    buffer_init(ret, allocator_libc(), PUBLICATION_MAX);
    buffer_text(ret, "{\"publication\": 1, \"project\": \"p\", \"files\": [");
    for (size_t i = 0; i < count; i++) {
        struct json_writer w;

        buffer_text(ret, i ? ", " : "");
        json_writer_init(&w, ret, false);
        json_begin_object(&w);
        json_key(&w, "name");
        json_cstring(&w, files[i][0]);
        json_key(&w, "type");
        json_cstring(&w, strstr(files[i][0], ".tsv") ? "text/tab-separated-values"
                                                     : "application/json");
        json_key(&w, "text");
        json_cstring(&w, files[i][1]);
        json_end(&w);
    }
    buffer_text(ret, "]}");
}

static void expect_files_refused(const char *const files[][2], size_t count, enum ou_status status,
                                 const char *why)
{
    struct buffer text;
    struct reading_of r;

    write_files(files, count, &text);
    assert_int_equal(read_text(&r, buffer_string(&text)), status);
    assert_string_equal(r.err.text, why);
    release(&r);
    buffer_release(&text);
}

static void test_a_run_has_one_file_of_results(void **state)
{
    static const char *const both[][2] = { { "analysis.json", SAMPLE_ANALYSIS },
                                           { "results.tsv", TABLE_OF_ONE } };
    static const char *const as_table[][2] = { { "results.tsv", SAMPLE_ANALYSIS } };
    static const char *const of_two[][2] = { { "results.tsv", TABLE_OF_TWO } };

    (void)state;
    expect_files_refused(both, 2, OU_INVALID,
                         "p: analysis.json and results.tsv contradict each other");
    expect_files_refused(as_table, 1, OU_INVALID, "p: results.tsv is not the file of one run");
    expect_files_refused(of_two, 1, OU_INVALID, "p: results.tsv is not the file of one run");
}

static void test_what_is_larger_than_its_kind_may_be_is_refused(void **state)
{
    const size_t small = (size_t)4 << 20, labels = (size_t)16 << 10;
    char *text = malloc(small + 2);
    const char *const files[][2] = { { "profile.json", text } };
    struct buffer document;
    struct reading_of r;

    (void)state;
    assert_non_null(text);
    memset(text, ' ', small + 1);
    text[0] = '{';
    text[1] = '}';
    text[small + 1] = '\0';
    expect_files_refused(files, 1, OU_TOO_LARGE, "p: profile.json has more than 4 MB");
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    buffer_printf(&document, WITH("\"info\": {%.*s}, \"files\": []"), (int)labels - 1, text + 2);
    assert_int_equal(read_text(&r, buffer_string(&document)), OU_TOO_LARGE);
    assert_string_equal(r.err.text, "p: info has more than 16 KB");
    release(&r);
    buffer_release(&document);
    free(text);
}

/* Of what is too long as a whole no byte is looked at. */
static void test_a_document_that_is_too_long_is_not_looked_at(void **state)
{
    struct reading_of r = { 0 };

    (void)state;
    arena_init(&r.memory, allocator_libc(), 1 << 20);
    run_set_init(&r.set);
    assert_int_equal(publication_read((struct span){ "{}", PUBLICATION_MAX + 1 }, "p", &r.memory,
                                      &r.set, &r.record, &r.err),
                     OU_TOO_LARGE);
    assert_string_equal(r.err.text, "p: more than 128 MB");
    release(&r);
}

static void test_a_run_has_no_more_parts_than_anything_can_have(void **state)
{
    static const char sample[] = SAMPLE_ANALYSIS;
    static const struct {
        const char *behind, *opens, *item, *ends_item, *closes; /* items have numbers */
        int count;
        const char *why;
    } parts[] = {
        { "\"run\": {", "\"flags\": [", "\"", "\",", "\"a\"],", 1000,
          "p: more than 1000 components or flags" },
        { "\"run\": {", "\"packages\": [", "{\"name\": \"", "\"},", "{\"name\": \"a\"}],", 1000,
          "p: more than 1000 components or flags" },
        { "\"hosts\": [", "", "{\"host\": \"", "\"},", "", 9999, "p: more than 10000 hosts" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        const char *at = strstr(sample, parts[i].behind) + strlen(parts[i].behind);
        struct buffer analysis;

        buffer_init(&analysis, allocator_libc(), PUBLICATION_MAX);
        buffer_append(&analysis, sample, (size_t)(at - sample));
        buffer_text(&analysis, parts[i].opens);
        for (int n = 0; n < parts[i].count; n++)
            buffer_printf(&analysis, "%s%d%s", parts[i].item, n, parts[i].ends_item);
        buffer_printf(&analysis, "%s%s", parts[i].closes, at);
        const char *const file[][2] = { { "analysis.json", buffer_string(&analysis) } };
        expect_files_refused(file, 1, OU_TOO_LARGE, parts[i].why);
        buffer_release(&analysis);
    }
}

/* Brackets in an analysis file that would take gigabytes as a tree. */
static void test_a_file_of_too_many_values_costs_no_memory(void **state)
{
    const size_t brackets = (size_t)5 << 20;
    struct buffer text;
    struct reading_of r;

    (void)state;
    buffer_init(&text, allocator_libc(), PUBLICATION_MAX);
    buffer_text(&text, "{\"publication\": 1, \"project\": \"p\", \"files\": [{\"name\": "
                       "\"analysis.json\", \"type\": \"application/json\", \"text\": \"[");
    for (size_t i = 0; i < brackets; i++)
        buffer_text(&text, "[],");
    buffer_text(&text, "1]\"}]}");
    assert_int_equal(read_text(&r, buffer_string(&text)), OU_TOO_LARGE);
    assert_true(r.memory.used_bytes < 4 * text.len);
    release(&r);
    buffer_release(&text);
}

static void test_info_is_sorted_and_no_part_of_the_id(void **state)
{
    struct reading_of a, b;

    (void)state;
    assert_int_equal(
        read_text(&a, WITH("\"info\": {\"z\": 1, \"a\": \"x\"}, \"files\": [" STATUS_FILE "]")),
        OU_OK);
    assert_int_equal(read_text(&b, "{\"files\": [" STATUS_FILE "], \"project\": \"other\", "
                                   "\"publication\": 1}"),
                     OU_OK);
    assert_string_equal(a.record.info, "{\"a\":\"x\",\"z\":1}");
    assert_string_equal(b.record.info, "{}");
    assert_string_equal(a.record.content_hash, b.record.content_hash);
    release(&a);
    release(&b);
}

/* --- Run directories -------------------------------------------------------------------------- */

static void test_a_run_that_failed_is_published_with_its_cause(void **state)
{
    struct ou_error err = { "" };
    struct temp_dir dir;
    struct buffer document;
    struct reading_of r;

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "status.json", "{\"state\": \"failed\", \"cause\": \"no free ports\"}");
    temp_file(&dir, "meta.json",
              "{\"meta\": {\"tag\": \"2026-11-22_demo_x\", \"profile\": \"demo\", \"backend\": "
              "{\"name\": \"local\"}, \"node_version\": \"10.7.1\", \"components\": [{\"name\": "
              "\"cardano-node\", \"version\": \"10.7.1\", \"commit\": null}], \"timing\": "
              "{\"systemStart\": \"2026-11-22T10:00:00Z\"}}}");
    make_publication(dir.path, NULL, &document);
    assert_good(read_text(&r, buffer_string(&document)), r.err);
    assert_string_equal(r.record.state, "failed");
    assert_string_equal(r.record.failure, "no free ports");
    assert_string_equal(r.record.natural_key, "2026-11-22_demo_x");
    assert_string_equal(r.record.profile.name, "demo");
    assert_string_equal(r.record.environment.backend, "local");
    assert_string_equal(r.record.version.name, "10.7.1");
    assert_int_equal(r.record.version.component_count, 1);
    assert_true(r.record.started_ns == INT64_C(1795341600) * NS_PER_SECOND);
    assert_int_equal(r.record.summary_count, 0);
    release(&r);
    buffer_release(&document);
    temp_dir_remove(&dir);
    (void)err;
}

static void test_a_run_without_analysis_is_told_what_comes_first(void **state)
{
    struct ou_error err = { "" };
    struct temp_dir dir;
    struct buffer document;

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "status.json", "{\"state\": \"fetched\"}");
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    assert_int_equal(publication_make(dir.path, NULL, &document, &err), OU_NOT_FOUND);
    assert_non_null(strstr(err.text, "ouroscope analyse"));
    buffer_release(&document);
    temp_dir_remove(&dir);
}

static void test_the_same_file_makes_the_same_bytes(void **state)
{
    struct buffer a, b;

    (void)state;
    make_publication(REPEATED "base-1.json.zst", NULL, &a);
    make_publication(REPEATED "base-1.json.zst", NULL, &b);
    assert_int_equal(a.len, b.len);
    assert_memory_equal(a.at, b.at, a.len);
    buffer_release(&a);
    buffer_release(&b);
}

static void test_a_run_that_is_not_named_by_its_files_is_called_as_its_publisher_says(void **state)
{
    struct reading_of r;

    (void)state;
    assert_good(read_text(&r, WITH("\"name\": \"by hand\", \"files\": [" STATUS_FILE "]")), r.err);
    assert_string_equal(r.record.name, "by hand");
    assert_string_equal(r.record.natural_key, r.record.content_hash);
    release(&r);
    assert_good(read_text(&r, WITH("\"files\": [" STATUS_FILE "]")), r.err);
    assert_int_equal(strncmp(r.record.name, "run ", 4), 0);
    release(&r);
}

static void expect_stripped_of(const char *name, const char *text, const char *expected)
{
    struct buffer out;

    buffer_init(&out, allocator_libc(), 4096);
    publication_strip_paths(span_of(text), name, &out);
    assert_string_equal(buffer_string(&out), expected);
    buffer_release(&out);
}

static void expect_stripped(const char *text, const char *expected)
{
    expect_stripped_of("run_1", text, expected);
}

static void test_where_a_run_stands_is_not_published(void **state)
{
    (void)state;
    expect_stripped("[\"/my home/run_1/a\",\"../x y/run_1/b\"]", "[\"a\",\"b\"]");
    expect_stripped_of(".", "[\"./logs/a\",\"../b\",\"c./d\"]", "[\"logs/a\",\"../b\",\"c./d\"]");
    expect_stripped("{\"path\": \"/home/me/run_1/logs/a.json\"}", "{\"path\": \"logs/a.json\"}");
    expect_stripped("[\"run_1/a\",\"../x/run_1/b\",\"/c/run_1/d\"]", "[\"a\",\"b\",\"d\"]");
    /* no paths of it */
    expect_stripped("[\"/my_run_1/a\"]", "[\"/my_run_1/a\"]");
    expect_stripped("[\"see /x/run_1/a\"]", "[\"see /x/run_1/a\"]");
    expect_stripped("[\"a \\\"/run_1/a\"]", "[\"a \\\"/run_1/a\"]");
    expect_stripped("[\"run_1\"]", "[\"run_1\"]");
    expect_stripped("run_1/", "run_1/");
}

static void test_a_file_of_several_runs_is_refused(void **state)
{
    struct ou_error err = { "" };
    struct buffer document;
    struct temp_dir dir;
    const char *variance;

    (void)state;
    temp_dir_make(&dir);
    variance = temp_file(&dir, "v.json", "{\"schema\": 1, \"kind\": \"variance\"}");
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    assert_int_equal(publication_make(variance, NULL, &document, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "no analysis of one run"));
    buffer_release(&document);
    temp_dir_remove(&dir);
}

static void test_a_table_of_several_runs_is_refused_with_what_takes_them_all(void **state)
{
    struct ou_error err = { "" };
    struct buffer document;
    struct temp_dir dir;
    const char *table;

    (void)state;
    temp_dir_make(&dir);
    table = temp_file(&dir, "t.tsv", TABLE_OF_TWO);
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    assert_int_equal(publication_make(table, NULL, &document, &err), OU_INVALID);
    assert_non_null(strstr(err.text, "t.tsv holds several runs; name one (TABLE.tsv#RUN)"));
    assert_int_equal(document.len, 0);
    buffer_release(&document);
    temp_dir_remove(&dir);
}

static void test_a_table_that_nobody_would_take_is_not_published(void **state)
{
    const size_t len = ((size_t)4 << 20) + 1;
    char *lines = malloc(len);
    struct ou_error err = { "" };
    struct buffer document;

    (void)state;
    assert_non_null(lines);
    memset(lines, 'x', len);
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    assert_int_equal(
        publication_make_table("t/run", (struct span){ lines, len }, NULL, &document, &err),
        OU_TOO_LARGE);
    assert_string_equal(err.text, "t/run: its results.tsv has more than 4 MB");
    assert_int_equal(document.len, 0);
    buffer_release(&document);
    free(lines);
}

static void test_a_file_that_is_no_text_is_not_published(void **state)
{
    struct ou_error err = { "" };
    struct buffer document;
    struct temp_dir dir;

    (void)state;
    temp_dir_make(&dir);
    temp_file(&dir, "status.json", "{\"state\": \"failed\"}");
    temp_file(&dir, "meta.json", "{\"meta\": \"\xff\"}");
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    assert_int_equal(publication_make(dir.path, NULL, &document, &err), OU_INVALID);
    assert_non_null(strstr(err.text, ": its meta.json is no text in UTF-8"));
    assert_int_equal(document.len, 0);
    buffer_release(&document);
    temp_dir_remove(&dir);
}

static void test_labels_that_are_none_are_refused(void **state)
{
    const char *const info[] = { "release=10.7", "nonsense", NULL };
    struct publication_options options = { .info = info };
    struct ou_error err = { "" };
    struct buffer document;

    (void)state;
    buffer_init(&document, allocator_libc(), PUBLICATION_MAX);
    assert_int_equal(publication_make(REPEATED "base-1.json.zst", &options, &document, &err),
                     OU_USAGE);
    assert_non_null(strstr(err.text, "nonsense"));
    buffer_release(&document);
}

/* What of a run tells it from others stands where it belongs. */
static void test_the_record_of_a_recorded_run_says_what_its_analysis_says(void **state)
{
    struct buffer document;
    struct reading_of r;

    (void)state;
    make_publication(REPEATED "ci-test-01.json.zst", NULL, &document);
    assert_good(read_text(&r, buffer_string(&document)), r.err);
    assert_string_equal(r.record.natural_key, "2026-11-22T14-43-01_ci-test_a493a2");
    assert_string_equal(r.record.profile.name, "ci-test");
    assert_string_equal(r.record.profile.era, "conway");
    assert_string_equal(r.record.profile.workload, "value");
    assert_non_null(strstr(r.record.profile.facts, "\"epochLength\":\"600\""));
    assert_null(strstr(r.record.profile.facts, "node-0"));
    assert_non_null(strstr(r.record.environment.facts, "node-0"));
    assert_int_equal(r.record.environment.hosts, 2);
    assert_string_equal(r.record.version.name, "0.1.0");
    assert_string_equal(r.record.version.compiler, "gcc 12.2.0");
    assert_string_equal(r.record.version.flags, "[\"optimized\",\"assertions\"]");
    assert_int_equal(r.record.version.component_count, 1);
    assert_string_equal(r.record.series_title, "ci-test, 2 hosts");
    /* 2026-11-22T14:43:12Z, slot 0 */
    assert_true(r.record.started_ns == INT64_C(1795358592) * NS_PER_SECOND);
    release(&r);
    buffer_release(&document);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_no_publication_is_refused_with_its_reason),
        cmocka_unit_test(test_a_run_has_one_file_of_results),
        cmocka_unit_test(test_what_is_larger_than_its_kind_may_be_is_refused),
        cmocka_unit_test(test_a_run_has_no_more_parts_than_anything_can_have),
        cmocka_unit_test(test_a_document_that_is_too_long_is_not_looked_at),
        cmocka_unit_test(test_a_file_of_too_many_values_costs_no_memory),
        cmocka_unit_test(test_info_is_sorted_and_no_part_of_the_id),
        cmocka_unit_test(test_a_run_that_failed_is_published_with_its_cause),
        cmocka_unit_test(test_a_run_without_analysis_is_told_what_comes_first),
        cmocka_unit_test(test_the_same_file_makes_the_same_bytes),
        cmocka_unit_test(test_a_run_that_is_not_named_by_its_files_is_called_as_its_publisher_says),
        cmocka_unit_test(test_where_a_run_stands_is_not_published),
        cmocka_unit_test(test_a_file_of_several_runs_is_refused),
        cmocka_unit_test(test_a_table_of_several_runs_is_refused_with_what_takes_them_all),
        cmocka_unit_test(test_a_table_that_nobody_would_take_is_not_published),
        cmocka_unit_test(test_a_file_that_is_no_text_is_not_published),
        cmocka_unit_test(test_labels_that_are_none_are_refused),
        cmocka_unit_test(test_the_record_of_a_recorded_run_says_what_its_analysis_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
