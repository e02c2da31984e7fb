#include "study/variance_file.h"

#include <math.h>
#include <string.h>

#include "base/time.h"
#include "study/read_runs.h"
#include "study/sample_analysis_test.h"
#include "support/files.h"
#include "support/near.h"

struct place {
    struct temp_dir dir;
    struct run_set set;
    struct buffer text;
};

static void add(struct run_set *set, const char *operand)
{
    struct ou_error err = { 0 };

    if (run_set_add(set, operand, &err))
        fail_msg("%s", err.text);
}

/* One file is one run, and no run counts twice. */
static void make_another(struct finished_run *run, size_t number)
{
    static const char *const checksums[] = { "0", "1", "2", "3" };

    assert_in_range(number, 0, 3);
    run->started_ns += (int64_t)number * NS_PER_SECOND;
    run->checksum = checksums[number];
}

/* `runs` times the sample, and what variance makes of it. */
static void begin(struct place *p, size_t runs)
{
    const struct variance_options options = VARIANCE_DEFAULTS;
    struct ou_error err = { 0 };
    struct variance v;

    temp_dir_make(&p->dir);
    run_set_init(&p->set);
    for (size_t i = 0; i < runs; i++) {
        add(&p->set, temp_file(&p->dir, "analysis.json", SAMPLE_ANALYSIS));
        make_another(&p->set.runs[i], i);
    }
    run_set_name(&p->set, "base");
    if (variance_compute(&p->set, &options, &v, &err))
        fail_msg("%s", err.text);
    buffer_init(&p->text, allocator_libc(), 1 << 24);
    variance_file(&v, &p->text);
    assert_int_equal(buffer_status(&p->text), OU_OK);
    variance_release(&v);
}

static void end(struct place *p)
{
    buffer_release(&p->text);
    run_set_release(&p->set);
    temp_dir_remove(&p->dir);
}

static bool same_number(double a, double b)
{
    return a == b || (isnan(a) && isnan(b));
}

static void same_value(const struct run_value *a, const struct run_value *b)
{
    assert_non_null(b);
    assert_int_equal(a->kind, b->kind);
    assert_true(same_number(a->mean, b->mean) && same_number(a->n, b->n));
    assert_true(same_number(a->median, b->median) && same_number(a->sd, b->sd));
    assert_true(same_number(a->min, b->min) && same_number(a->max, b->max));
    for (int i = 0; i < STANDARD_QUANTILES; i++)
        assert_true(same_number(a->quantiles[i], b->quantiles[i]));
    if (a->text)
        assert_string_equal(a->text, b->text);
}

static void test_the_runs_come_back_bit_for_bit(void **state)
{
    struct place p;
    struct run_set back;

    (void)state;
    begin(&p, 2);
    run_set_init(&back);
    add(&back, temp_file(&p.dir, "variance.json", buffer_string(&p.text)));
    assert_int_equal(back.count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct finished_run *a = &p.set.runs[i], *b = &back.runs[i];

        assert_int_equal(b->source, RUN_FROM_VARIANCE);
        assert_string_equal(a->title, b->title);
        assert_string_equal(a->checksum, b->checksum);
        assert_string_equal(a->machine, b->machine);
        assert_true(a->started_ns == b->started_ns);
        assert_int_equal(a->design.position, b->design.position);
        assert_int_equal(a->fact_count, b->fact_count);
        assert_int_equal(a->count_count, b->count_count);
        assert_int_equal(a->errors, b->errors);
        assert_string_equal(a->finding_texts[1], b->finding_texts[1]);
        for (size_t k = 0; k < a->fact_count; k++)
            assert_string_equal(a->facts[k].value, b->facts[k].value);
        for (size_t k = 0; k < a->count_count; k++)
            assert_near(a->counts[k].exposure, b->counts[k].exposure, 0);
        for (size_t k = 0; k < a->value_count; k++)
            same_value(&a->values[k],
                       run_value_find(b, a->values[k].info->section, a->values[k].info->id));
    }
    run_set_release(&back);
    end(&p);
}

/* Runs that are read back may stand beside runs that are read for the first time. */
static void test_runs_that_are_read_back_are_still_alike(void **state)
{
    const struct variance_options options = VARIANCE_DEFAULTS;
    struct ou_error err = { 0 };
    struct place p;
    struct variance v;

    (void)state;
    begin(&p, 2);
    add(&p.set, temp_file(&p.dir, "variance.json", buffer_string(&p.text)));
    for (size_t i = 2; i < 4; i++)
        make_another(&p.set.runs[i], i);
    if (variance_compute(&p.set, &options, &v, &err))
        fail_msg("%s", err.text);
    assert_int_equal(v.difference_count, 0);
    variance_release(&v);
    end(&p);
}

static void refused(struct place *p, const char *text, const char *why)
{
    struct ou_error err = { 0 };
    struct run_set set;

    run_set_init(&set);
    assert_int_equal(run_set_add(&set, temp_file(&p->dir, "bad.json", text), &err), OU_INVALID);
    if (!strstr(err.text, why))
        fail_msg("'%s' does not say '%s'", err.text, why);
    run_set_release(&set);
}

static void test_what_is_no_variance_file_is_refused(void **state)
{
    struct place p;

    (void)state;
    begin(&p, 1);
    refused(&p, "{\"kind\": \"variance\", \"schema\": 2, \"runs\": []}", "schema 2");
    refused(&p, "{\"kind\": \"variance\", \"schema\": 1, \"runs\": []}", "without runs");
    refused(&p, "{\"kind\": \"variance\", \"schema\": 1, \"runs\": [7]}", "runs[0] has no metrics");
    refused(&p, "{\"kind\": \"variance\", \"schema\": 1, \"runs\": [{\"metrics\": {}}]}",
            "runs[0] has no title");
    refused(&p,
            "{\"kind\": \"variance\", \"schema\": 1, \"runs\": [{\"metrics\": {}, \"title\": \"a\","
            " \"counts\": [{}]}]}",
            "runs[0].counts[0] has no id");
    end(&p);
}

/* What a run tells in its lists, so often. */
static void refused_list(struct place *p, const char *list, const char *item, size_t count,
                         const char *why)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 1 << 16);
    buffer_printf(&b,
                  "{\"kind\": \"variance\", \"schema\": 1, \"runs\": [{\"metrics\": {}, "
                  "\"title\": \"a\", \"%s\": [",
                  list);
    for (size_t i = 0; i < count; i++)
        buffer_printf(&b, "%s%s", i ? "," : "", item);
    buffer_text(&b, "]}]}");
    assert_int_equal(buffer_status(&b), OU_OK);
    refused(p, buffer_string(&b), why);
    buffer_release(&b);
}

static void test_lists_that_no_run_has_are_refused_with_their_place(void **state)
{
    static const char fact[] = "{\"group\": \"g\", \"name\": \"n\", \"value\": \"v\"}";
    static const char count[] = "{\"id\": \"i\", \"name\": \"n\", \"exposureUnit\": \"u\", "
                                "\"count\": 1, \"exposure\": 2}";
    struct place p;

    (void)state;
    begin(&p, 1);
    refused_list(&p, "counts", count, 5, "runs[0] has more than 4 counts");
    refused_list(&p, "facts", fact, 65, "runs[0] has more than 64 facts");
    refused_list(&p, "facts", "{\"name\": \"n\"}", 1, "runs[0].facts[0] has no group or name");
    refused_list(&p, "facts", "{\"group\": \"g\"}", 1, "runs[0].facts[0] has no group or name");
    end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_runs_come_back_bit_for_bit),
        cmocka_unit_test(test_runs_that_are_read_back_are_still_alike),
        cmocka_unit_test(test_what_is_no_variance_file_is_refused),
        cmocka_unit_test(test_lists_that_no_run_has_are_refused_with_their_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
