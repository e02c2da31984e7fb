#include <stdlib.h>
#include <zlib.h>
#include <zstd.h>

#include "http/coding.h"
#include "http/params.h"
#include "support/guard.h"
#include "support/test.h"

#define HELLO "hello, hello, hello\n"

/* What gzip(1) and zstd(1), with its check sum, make of HELLO. */
static const unsigned char hello_gzip[] = {
    0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x03, 0xcb, 0x48, 0xcd, 0xc9, 0xc9,
    0xd7, 0x51, 0xc8, 0x40, 0xa2, 0xb8, 0x00, 0xe7, 0x42, 0x6e, 0x52, 0x14, 0x00, 0x00, 0x00,
};
static const unsigned char hello_zstd[] = {
    0x28, 0xb5, 0x2f, 0xfd, 0x04, 0x58, 0x75, 0x00, 0x00, 0x40, 0x68, 0x65, 0x6c, 0x6c,
    0x6f, 0x2c, 0x20, 0x0a, 0x01, 0x00, 0xe2, 0x8a, 0x11, 0x21, 0x69, 0x9d, 0x87,
};

struct asked {
    struct http_params params;
    struct http_call call;
    struct http_answer answer;
    struct buffer body;
    struct ou_error err;
};

static void asked_open(struct asked *a)
{
    memset(a, 0, sizeof *a);
    http_params_init(&a->params);
    a->call = (struct http_call){ .method = "GET", .path = "/", .args = &a->params };
    buffer_init(&a->answer.body, allocator_libc(), HTTP_ANSWER_MAX);
    buffer_init(&a->body, allocator_libc(), 1 << 20);
    a->answer.status = 200;
}

static void asked_header(struct asked *a, const char *name, const char *value)
{
    assert_int_equal(http_params_header(&a->params, name, value), OU_OK);
}

static void asked_close(struct asked *a)
{
    buffer_release(&a->answer.body);
    buffer_release(&a->answer.headers);
    buffer_release(&a->body);
    http_params_release(&a->params);
}

/* --- Bodies of requests ----------------------------------------------------------------------------- */

/* Of bytes at the edge of memory. */
static enum ou_status unpack(struct asked *a, const void *bytes, size_t count)
{
    struct guarded g = guard_copy(bytes, count);
    enum ou_status status;

    a->call.body = (struct span){ g.at, g.len };
    buffer_cut(&a->body, 0);
    status = coding_unpack(&a->call, &a->body, &a->err);
    guard_release(&g);
    return status;
}

static void asked_coded(struct asked *a, const char *coding)
{
    asked_open(a);
    asked_header(a, "content-encoding", coding);
}

static void test_a_body_is_unpacked_as_its_header_says(void **state)
{
    struct asked a;

    (void)state;
    asked_coded(&a, "gzip");
    assert_int_equal(unpack(&a, hello_gzip, sizeof hello_gzip), OU_OK);
    assert_string_equal(buffer_string(&a.body), HELLO);
    asked_close(&a);
    asked_coded(&a, "X-GZIP");
    assert_int_equal(unpack(&a, hello_gzip, sizeof hello_gzip), OU_OK);
    assert_string_equal(buffer_string(&a.body), HELLO);
    asked_close(&a);
    asked_coded(&a, "zstd");
    assert_int_equal(unpack(&a, hello_zstd, sizeof hello_zstd), OU_OK);
    assert_string_equal(buffer_string(&a.body), HELLO);
    asked_close(&a);
    asked_coded(&a, "identity");
    assert_int_equal(unpack(&a, HELLO, strlen(HELLO)), OU_OK);
    assert_string_equal(buffer_string(&a.body), HELLO);
    assert_int_equal(unpack(&a, "", 0), OU_OK);
    asked_close(&a);
}

static void test_other_codings_and_codings_in_codings_are_not_known(void **state)
{
    static const char *const codings[] = { "br", "deflate", "gzip, gzip", "gzip,zstd", "gz" };
    struct asked a;

    (void)state;
    for (size_t i = 0; i < sizeof codings / sizeof *codings; i++) {
        asked_coded(&a, codings[i]);
        assert_int_equal(unpack(&a, hello_gzip, sizeof hello_gzip), OU_USAGE);
        assert_int_equal(a.body.len, 0);
        asked_close(&a);
    }
    asked_coded(&a, "gzip");
    asked_header(&a, "Content-Encoding", "gzip");
    assert_int_equal(unpack(&a, hello_gzip, sizeof hello_gzip), OU_USAGE);
    asked_close(&a);
}

static void check_damaged(const char *coding, const unsigned char *bytes, size_t count)
{
    unsigned char damaged[64];
    struct asked a;

    asked_coded(&a, coding);
    for (size_t len = 0; len < count; len++)
        assert_int_equal(unpack(&a, bytes, len), OU_INVALID);
    memcpy(damaged, bytes, count);
    for (size_t more = 1; more < 12; more++) { /* behind its end */
        damaged[count + more - 1] = '!';
        assert_int_equal(unpack(&a, damaged, count + more), OU_INVALID);
    }
    for (size_t i = 0; i < count; i++) { /* check sums find what the format does not */
        damaged[i] ^= 0x10;
        if (unpack(&a, damaged, count) == OU_OK)
            assert_string_equal(buffer_string(&a.body), HELLO);
        damaged[i] ^= 0x10;
    }
    asked_close(&a);
}

static void test_what_is_cut_changed_or_too_long_is_refused(void **state)
{
    (void)state;
    check_damaged("gzip", hello_gzip, sizeof hello_gzip);
    check_damaged("zstd", hello_zstd, sizeof hello_zstd);
}

static void check_repeated(const char *coding, const unsigned char *bytes, size_t count)
{
    unsigned char twice[64];
    struct asked a;

    memcpy(twice, bytes, count);
    memcpy(twice + count, bytes, count);
    asked_coded(&a, coding);
    assert_int_equal(unpack(&a, twice, 2 * count), OU_OK);
    assert_string_equal(buffer_string(&a.body), HELLO HELLO);
    assert_int_equal(unpack(&a, twice, 2 * count - 1), OU_INVALID);
    asked_close(&a);
}

static void test_members_and_frames_behind_one_another_are_one_body(void **state)
{
    (void)state;
    check_repeated("gzip", hello_gzip, sizeof hello_gzip);
    check_repeated("zstd", hello_zstd, sizeof hello_zstd);
}

/* 64 MiB of nothing in a few KiB. */
static size_t make_bomb(const char *coding, char *room, size_t max)
{
    const size_t zeros_bytes = (size_t)64 << 20;
    char *zeros = calloc(1, zeros_bytes);
    size_t count;

    assert_non_null(zeros);
    if (strcmp(coding, "zstd") == 0) {
        count = ZSTD_compress(room, max, zeros, zeros_bytes, 3);
        assert_false(ZSTD_isError(count));
    } else {
        z_stream z = { .next_in = (Bytef *)zeros,
                       .avail_in = (uInt)zeros_bytes,
                       .next_out = (Bytef *)room,
                       .avail_out = (uInt)max };

        assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 31, 8, Z_DEFAULT_STRATEGY), Z_OK);
        assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
        count = z.total_out;
        deflateEnd(&z);
    }
    free(zeros);
    return count;
}

static void test_a_bomb_costs_no_more_than_the_limit(void **state)
{
    static const char *const codings[] = { "gzip", "zstd" };
    static char bomb[1 << 17];
    struct asked a;

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        const size_t count = make_bomb(codings[i], bomb, sizeof bomb);

        asked_coded(&a, codings[i]);
        assert_int_equal(unpack(&a, bomb, count), OU_TOO_LARGE);
        assert_true(a.body.cap <= a.body.max + 1);
        asked_close(&a);
    }
}

/* A frame that wants a window of 128 MiB: a descriptor without a size, and the window's 17. */
static void test_a_window_that_is_larger_than_those_of_http_is_refused(void **state)
{
    static const unsigned char frame[] = {
        0x28, 0xb5, 0x2f, 0xfd, 0x00, 17 << 3, 0x01, 0x00, 0x00
    };
    static const unsigned char fits[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 13 << 3, 0x01, 0x00, 0x00 };
    struct asked a;

    (void)state;
    asked_coded(&a, "zstd");
    assert_int_equal(unpack(&a, frame, sizeof frame), OU_TOO_LARGE);
    assert_int_equal(unpack(&a, fits, sizeof fits), OU_OK);
    assert_int_equal(a.body.len, 0);
    asked_close(&a);
}

static void test_the_limit_is_exact(void **state)
{
    struct asked a;

    (void)state;
    asked_coded(&a, "gzip");
    a.body.max = strlen(HELLO);
    assert_int_equal(unpack(&a, hello_gzip, sizeof hello_gzip), OU_OK);
    a.body.max--;
    assert_int_equal(unpack(&a, hello_gzip, sizeof hello_gzip), OU_TOO_LARGE);
    asked_close(&a);
}

/* --- Answers ----------------------------------------------------------------------------------------- */

static void put_json(struct buffer *body, size_t rows)
{
    for (size_t i = 0; i < rows; i++)
        buffer_printf(body, "{\"id\": %zu, \"name\": \"run-%zu\", \"state\": \"finished\"},\n", i,
                      i * 7919 % 1000);
}

/* "" for none. */
static const char *said(const struct asked *a, const char *name)
{
    const char *value = http_answer_header_of(&a->answer, name);

    return value ? value : "";
}

static void asked_of(struct asked *a, const char *accept)
{
    asked_open(a);
    if (accept)
        asked_header(a, "Accept-Encoding", accept);
    a->answer.type = "application/json";
    put_json(&a->answer.body, 100);
    http_answer_header(&a->answer, "ETag", "\"abc\"");
}

static void test_an_answer_is_packed_as_its_client_likes_most(void **state)
{
    static const struct {
        const char *accept, *coding;
    } cases[] = {
        { NULL, "" },
        { "", "" },
        { "gzip", "gzip" },
        { "zstd", "zstd" },
        { "gzip, zstd", "zstd" },
        { "GZIP", "gzip" },
        { "gzip, deflate, br, zstd", "zstd" },
        { "gzip;q=1, zstd;q=0.5", "gzip" },
        { "gzip;q=0, zstd;q=0", "" },
        { "*", "zstd" },
        { "zstd;q=0, *", "gzip" },
        { "*;q=0", "" },
        { "identity;q=0, gzip;q=0.001", "gzip" },
        { "identity, gzip;q=0.5", "" },
        { "identity;q=0.5, gzip;q=0.5", "gzip" },
        { "br", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asked a;

        asked_of(&a, cases[i].accept);
        coding_pack(&a.call, &a.answer);
        if (strcmp(said(&a, "Content-Encoding"), cases[i].coding) != 0)
            fail_msg("%s: %s", cases[i].accept, said(&a, "Content-Encoding"));
        assert_string_equal(said(&a, "Vary"), "Accept-Encoding");
        asked_close(&a);
    }
}

static void check_comes_back(const char *coding, const char *tag)
{
    struct asked a, back;
    struct buffer plain;

    buffer_init(&plain, allocator_libc(), 1 << 20);
    put_json(&plain, 100);
    asked_of(&a, coding);
    coding_pack(&a.call, &a.answer);
    assert_string_equal(said(&a, "ETag"), tag);
    assert_true(a.answer.body.len < plain.len / 3);
    assert_true(a.answer.body.cap < plain.len); /* its memory, too */
    asked_coded(&back, coding);
    assert_int_equal(unpack(&back, a.answer.body.at, a.answer.body.len), OU_OK);
    assert_string_equal(buffer_string(&back.body), buffer_string(&plain));
    asked_close(&back);
    asked_close(&a);
    buffer_release(&plain);
}

static void test_what_is_packed_has_a_tag_of_its_own_and_comes_back(void **state)
{
    (void)state;
    check_comes_back("gzip", "\"abc-gzip\"");
    check_comes_back("zstd", "\"abc-zstd\"");
}

static void test_what_is_short_packed_or_does_not_shrink_goes_as_it_is(void **state)
{
    struct asked a;

    (void)state;
    asked_of(&a, "gzip");
    buffer_cut(&a.answer.body, CODING_LEAST_BYTES - 1);
    coding_pack(&a.call, &a.answer);
    assert_string_equal(said(&a, "Content-Encoding"), "");
    assert_string_equal(said(&a, "ETag"), "\"abc\"");
    assert_string_equal(said(&a, "Vary"), "Accept-Encoding"); /* another one might be longer */
    asked_close(&a);
    asked_of(&a, "gzip");
    a.answer.type = "application/gzip";
    coding_pack(&a.call, &a.answer);
    assert_string_equal(said(&a, "Content-Encoding"), "");
    assert_string_equal(said(&a, "Vary"), "");
    asked_close(&a);
    asked_of(&a, "gzip");
    http_answer_header(&a.answer, "Content-Encoding", "br");
    coding_pack(&a.call, &a.answer);
    assert_string_equal(said(&a, "Content-Encoding"), "br");
    asked_close(&a);
}

static void test_noise_goes_as_it_is(void **state)
{
    uint32_t x = 1;
    struct asked a;

    (void)state;
    asked_of(&a, "gzip, zstd");
    buffer_cut(&a.answer.body, 0);
    for (int i = 0; i < 4096; i++) {
        x = x * 1664525 + 1013904223;
        buffer_char(&a.answer.body, (char)(x >> 24));
    }
    coding_pack(&a.call, &a.answer);
    assert_string_equal(said(&a, "Content-Encoding"), "");
    assert_int_equal(a.answer.body.len, 4096);
    asked_close(&a);
}

static void test_vary_keeps_what_it_had(void **state)
{
    struct asked a;

    (void)state;
    asked_of(&a, "gzip");
    http_answer_header(&a.answer, "Vary", "Accept, Origin");
    coding_pack(&a.call, &a.answer);
    assert_string_equal(said(&a, "Vary"), "Accept, Origin, Accept-Encoding");
    coding_pack(&a.call, &a.answer);
    assert_string_equal(said(&a, "Vary"), "Accept, Origin, Accept-Encoding");
    asked_close(&a);
}

static void test_not_modified_names_the_tag_that_the_client_has(void **state)
{
    static const char *const cases[][2] = {
        { "\"abc-zstd\"", "\"abc-zstd\"" },
        { "\"other\", \"abc-gzip\"", "\"abc-gzip\"" },
        { "\"abc\"", "\"abc\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct asked a;

        asked_of(&a, "gzip, zstd");
        buffer_cut(&a.answer.body, 0);
        a.answer.status = 304;
        asked_header(&a, "If-None-Match", cases[i][0]);
        coding_pack(&a.call, &a.answer);
        assert_string_equal(said(&a, "ETag"), cases[i][1]);
        assert_string_equal(said(&a, "Vary"), "Accept-Encoding");
        assert_string_equal(said(&a, "Content-Encoding"), "");
        asked_close(&a);
    }
}

/* --- Tags -------------------------------------------------------------------------------------------- */

static void test_a_tag_is_known_in_each_coding(void **state)
{
    static const struct {
        const char *list, *tag;
        bool weak, matches;
    } cases[] = {
        { "\"abc\"", "\"abc\"", false, true },
        { "\"abc-zstd\"", "\"abc\"", false, true },
        { "\"abc-gzip\"", "\"abc\"", true, true },
        { "\"abc-br\"", "\"abc\"", true, false },
        { "\"abc-\"", "\"abc\"", true, false },
        { "\"ab\"", "\"abc\"", true, false },
        { "\"abcd\"", "\"abc\"", true, false },
        { "\"x\" ,\"y,\", \"abc\"", "\"abc\"", false, true },
        { "\"x, \"abc\"", "\"abc\"", false, false }, /* the tag "x, " and then no tag */
        { "W/\"abc\"", "\"abc\"", false, false },
        { "W/\"abc\"", "\"abc\"", true, true },
        { "W/\"abc-zstd\"", "\"abc\"", true, true },
        { "\"abc\"", "W/\"abc\"", true, true },
        { "\"abc\"", "W/\"abc\"", false, false },
        { "*", "\"abc\"", false, true },
        { " * ", "\"abc\"", false, true },
        { "", "\"abc\"", true, false },
        { "abc", "\"abc\"", true, false },
        { "\"abc", "\"abc\"", true, false },
        { "\"\"", "\"\"", false, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        if (coding_etag_matches(cases[i].list, cases[i].tag, cases[i].weak) != cases[i].matches)
            fail_msg("%s, %s", cases[i].list, cases[i].tag);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_body_is_unpacked_as_its_header_says),
        cmocka_unit_test(test_other_codings_and_codings_in_codings_are_not_known),
        cmocka_unit_test(test_what_is_cut_changed_or_too_long_is_refused),
        cmocka_unit_test(test_members_and_frames_behind_one_another_are_one_body),
        cmocka_unit_test(test_a_bomb_costs_no_more_than_the_limit),
        cmocka_unit_test(test_a_window_that_is_larger_than_those_of_http_is_refused),
        cmocka_unit_test(test_the_limit_is_exact),
        cmocka_unit_test(test_an_answer_is_packed_as_its_client_likes_most),
        cmocka_unit_test(test_what_is_packed_has_a_tag_of_its_own_and_comes_back),
        cmocka_unit_test(test_what_is_short_packed_or_does_not_shrink_goes_as_it_is),
        cmocka_unit_test(test_noise_goes_as_it_is),
        cmocka_unit_test(test_vary_keeps_what_it_had),
        cmocka_unit_test(test_not_modified_names_the_tag_that_the_client_has),
        cmocka_unit_test(test_a_tag_is_known_in_each_coding),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
