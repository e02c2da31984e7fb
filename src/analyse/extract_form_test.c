/* What goes into an extract comes out, and nothing else is taken for it. */
#include "analyse/extract_form.h"

#include <math.h>
#include <stddef.h>

#include "base/file.h"
#include "base/time.h"
#include "logs/checksum.h"
#include "support/files.h"
#include "support/test.h"

static struct temp_dir dir;

/* An extract with this inside, in a file. */
static const char *write_extract(const struct buffer *inside)
{
    const char *path = temp_path(&dir, "one.extract");
    char sum[CHECKSUM_HEX_ROOM];
    struct checksum *c = checksum_new();
    struct buffer all;

    buffer_init(&all, allocator_libc(), 1u << 20);
    buffer_text(&all, EXTRACT_MAGIC);
    put_number(&all, EXTRACT_VERSION);
    buffer_append(&all, inside->at, inside->len);
    checksum_add(c, all.at, all.len);
    checksum_hex(c, sum);
    buffer_append(&all, sum, CHECKSUM_HEX_ROOM - 1);
    checksum_free(c);
    write_file(path, all.at, all.len);
    buffer_release(&all);
    return path;
}

static int make_dir(void **state)
{
    (void)state;
    temp_dir_make(&dir);
    return 0;
}

static int remove_dir(void **state)
{
    (void)state;
    temp_dir_remove(&dir);
    return 0;
}

static struct extract_reader opened(struct buffer *inside)
{
    struct extract_reader r;
    struct ou_error err = { "" };

    assert_int_equal(buffer_status(inside), OU_OK);
    assert_int_equal(extract_open(&r, write_extract(inside), &err), OU_OK);
    buffer_release(inside);
    return r;
}

static struct buffer empty(void)
{
    struct buffer b;

    buffer_init(&b, allocator_libc(), 1u << 20);
    return b;
}

static void ends(struct extract_reader *r)
{
    struct ou_error err = { "" };

    assert_int_equal(extract_end(r, &err), OU_OK);
    extract_close(r);
}

static void fails(struct extract_reader *r, const char *pattern)
{
    struct ou_error err = { "" };

    assert_int_equal(extract_end(r, &err), OU_INVALID);
    assert_non_null(strstr(err.text, pattern));
    extract_close(r);
}

static void test_numbers_come_back(void **state)
{
    static const uint64_t numbers[] = { 0, 1, 127, 128, 16383, 16384, UINT32_MAX, UINT64_MAX };
    static const int64_t with_sign[] = { 0, -1, 1, -64, 64, INT64_MAX, INT64_MIN, TIME_NONE };
    static const double reals[] = { 0, -0.0, 0.1, -1e300, 5e-324 };
    struct buffer b = empty();
    struct extract_reader r;

    (void)state;
    for (size_t i = 0; i < 8; i++) {
        put_number(&b, numbers[i]);
        put_signed(&b, with_sign[i]);
    }
    for (size_t i = 0; i < 5; i++)
        put_real(&b, reals[i]);
    put_real(&b, NAN);
    r = opened(&b);
    for (size_t i = 0; i < 8; i++) {
        assert_true(take_number(&r) == numbers[i]);
        assert_true(take_signed(&r) == with_sign[i]);
    }
    for (size_t i = 0; i < 5; i++) {
        double real = take_real(&r);

        assert_memory_equal(&real, &reals[i], sizeof real);
    }
    assert_true(isnan(take_real(&r)));
    ends(&r);
}

static void test_small_numbers_are_one_byte(void **state)
{
    struct buffer b = empty();

    (void)state;
    put_number(&b, 127);
    put_signed(&b, -64);
    assert_int_equal(b.len, 2);
    assert_memory_equal(b.at, "\x7f\x7f", 2);
    buffer_clear(&b);
    put_number(&b, 300); /* the example of the format's description */
    assert_memory_equal(b.at, "\xac\x02", 2);
    buffer_release(&b);
}

static void test_texts_come_back_and_none_is_not_empty(void **state)
{
    struct buffer b = empty();
    struct extract_reader r;
    bool is_null;

    (void)state;
    put_text(&b, span_of("node-0"));
    put_text(&b, (struct span){ "a\0b", 3 });
    put_optional(&b, NULL);
    put_optional(&b, "");
    put_optional(&b, "x");
    r = opened(&b);
    assert_true(span_is(take_text(&r), "node-0"));
    assert_true(span_equal(take_text(&r), (struct span){ "a\0b", 3 }));
    assert_int_equal(take_optional(&r, &is_null).len, 0);
    assert_true(is_null);
    assert_int_equal(take_optional(&r, &is_null).len, 0);
    assert_false(is_null);
    assert_true(span_is(take_optional(&r, &is_null), "x"));
    ends(&r);
}

struct sample {
    int64_t at_ns, later_ns;
    uint64_t wide;
    uint32_t narrow;
    double real;
    bool flag;
};

static const struct column columns[] = {
    { offsetof(struct sample, at_ns), COLUMN_INSTANT },
    { offsetof(struct sample, later_ns), COLUMN_INSTANT },
    { offsetof(struct sample, wide), COLUMN_64 },
    { offsetof(struct sample, narrow), COLUMN_32 },
    { offsetof(struct sample, real), COLUMN_REAL },
    { offsetof(struct sample, flag), COLUMN_FLAG },
};
#define COLUMNS (sizeof columns / sizeof *columns)

static void test_records_come_back_from_any_base(void **state)
{
    static const struct sample base = { TIME_NONE, TIME_NONE, 5, UINT32_MAX, 0.5, true };
    static const struct sample samples[] = {
        { 0, INT64_MAX, 0, 0, -0.0, false },
        { TIME_NONE, 7, UINT64_MAX, 1, 0.5, true },
        { TIME_NONE, TIME_NONE, 5, UINT32_MAX, 0.5, true },
        { INT64_MAX, 0, UINT64_C(1) << 63, UINT32_C(1) << 31, 1e9, false },
    };
    int64_t last_ns = 0;
    struct buffer b = empty();
    struct extract_reader r;

    (void)state;
    for (size_t i = 0; i < 4; i++)
        put_record(&b, columns, COLUMNS, &samples[i], &base, &last_ns);
    r = opened(&b);
    last_ns = 0;
    for (size_t i = 0; i < 4; i++) {
        struct sample s = base;

        take_record(&r, columns, COLUMNS, &s, &last_ns);
        assert_true(s.at_ns == samples[i].at_ns && s.later_ns == samples[i].later_ns);
        assert_true(s.wide == samples[i].wide && s.narrow == samples[i].narrow);
        assert_memory_equal(&s.real, &samples[i].real, sizeof s.real);
        assert_int_equal(s.flag, samples[i].flag);
    }
    ends(&r);
}

static void test_what_is_as_in_the_base_is_one_byte(void **state)
{
    static const struct sample base = { 1, 2, 3, 4, 5, true };
    int64_t last_ns = 0;
    struct buffer b = empty();

    (void)state;
    put_record(&b, columns, COLUMNS, &base, &base, &last_ns);
    assert_int_equal(b.len, 1);
    buffer_release(&b);
}

static void test_a_number_without_end_is_refused(void **state)
{
    struct buffer b = empty();
    struct extract_reader r;

    (void)state;
    buffer_text(&b, "\xff\xff\xff\xff\xff\xff\xff\xff\xff\x02");
    r = opened(&b);
    assert_int_equal(take_number(&r), 0);
    fails(&r, "a number has no end");
}

static void test_values_that_no_log_has_are_refused(void **state)
{
    int64_t last_ns = 0;
    struct buffer b = empty();
    struct extract_reader r;
    struct sample s = { 0 };

    (void)state;
    put_real(&b, INFINITY);
    r = opened(&b);
    (void)take_real(&r);
    fails(&r, "infinite");
    b = empty();
    put_signed(&b, -5);
    r = opened(&b);
    assert_true(take_instant(&r) == TIME_NONE);
    fails(&r, "before 1970");
    b = empty();
    put_number(&b, UINT64_C(1) << COLUMNS);
    r = opened(&b);
    take_record(&r, columns, COLUMNS, &s, &last_ns);
    fails(&r, "members too many");
    b = empty();
    put_number(&b, 2);
    r = opened(&b);
    assert_false(take_flag(&r));
    fails(&r, "neither yes nor no");
    b = empty();
    put_number(&b, EXTRACT_TEXT_MAX + 1);
    r = opened(&b);
    assert_int_equal(take_text(&r).len, 0);
    fails(&r, "longer than any line");
}

static void test_the_first_failure_stays_and_what_follows_is_nothing(void **state)
{
    struct buffer b = empty();
    struct extract_reader r;

    (void)state;
    put_number(&b, 9);
    put_number(&b, 7);
    r = opened(&b);
    assert_int_equal(take_below(&r, 9, "nine is too many"), 0);
    assert_true(extract_failed(&r));
    assert_int_equal(take_text(&r).len, 0);
    assert_int_equal(take_number(&r), 0);
    fails(&r, "nine is too many");
}

static void test_what_is_not_read_is_a_failure(void **state)
{
    struct buffer b = empty();
    struct extract_reader r;

    (void)state;
    put_number(&b, 9);
    r = opened(&b);
    fails(&r, "checksum");
}

/* What a file with these bytes is refused for. */
static void not_opened(const char *bytes, size_t len, const char *why)
{
    const char *path = temp_path(&dir, "bad.extract");
    struct extract_reader r;
    struct ou_error err = { "" };

    write_file(path, bytes, len);
    assert_int_equal(extract_open(&r, path, &err), OU_INVALID);
    if (!strstr(err.text, why))
        fail_msg("\"%s\" does not say \"%s\"", err.text, why);
    extract_close(&r);
}

static void test_what_does_not_begin_like_an_extract_is_none(void **state)
{
    static const char none[] = "bad.extract: this is no extract (analyse --extract makes them)";

    (void)state;
    not_opened("", 0, none);
    not_opened("ouextr\r", 7, none);
    not_opened("ouextr\n\n\3 and more", 18, none); /* a transfer as text broke it */
    not_opened("ouextr\r\n", 8, "bad.extract: the extract ends early");
    not_opened("ouextr\r\n\4", 9, "bad.extract: this extract is of another version; make it with");
}

/* All that an extract may be, less its last byte, and with one more. */
static void test_an_extract_ends_with_its_checksum(void **state)
{
    struct buffer inside = empty(), whole = empty();
    const char *path = write_extract(&inside);
    struct ou_error err = { "" };
    struct extract_reader r;

    (void)state;
    assert_int_equal(file_read(path, &whole, &err), OU_OK);
    write_file(path, whole.at, whole.len - 1);
    assert_int_equal(extract_open(&r, path, &err), OU_OK);
    fails(&r, "one.extract: the extract ends early");
    buffer_char(&whole, '\n');
    write_file(path, whole.at, whole.len);
    assert_int_equal(extract_open(&r, path, &err), OU_OK);
    fails(&r, "one.extract: something follows behind the extract");
    buffer_release(&whole);
    buffer_release(&inside);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_come_back),
        cmocka_unit_test(test_small_numbers_are_one_byte),
        cmocka_unit_test(test_texts_come_back_and_none_is_not_empty),
        cmocka_unit_test(test_records_come_back_from_any_base),
        cmocka_unit_test(test_what_is_as_in_the_base_is_one_byte),
        cmocka_unit_test(test_a_number_without_end_is_refused),
        cmocka_unit_test(test_values_that_no_log_has_are_refused),
        cmocka_unit_test(test_the_first_failure_stays_and_what_follows_is_nothing),
        cmocka_unit_test(test_what_is_not_read_is_a_failure),
        cmocka_unit_test(test_what_does_not_begin_like_an_extract_is_none),
        cmocka_unit_test(test_an_extract_ends_with_its_checksum),
    };

    return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
