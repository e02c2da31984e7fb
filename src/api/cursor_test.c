#include "api/cursor.h"

#include "support/test.h"

static const unsigned char key[SERVER_KEY_BYTES] = { 1, 2, 3 };
static const unsigned char other_key[SERVER_KEY_BYTES] = { 1, 2, 4 };

struct world {
    struct arena memory;
    struct buffer text;
};

static int set_up(void **state)
{
    static struct world w;

    arena_init(&w.memory, allocator_libc(), 1 << 20);
    buffer_init(&w.text, allocator_libc(), 1 << 16);
    *state = &w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;

    arena_release(&w->memory);
    buffer_release(&w->text);
    return 0;
}

static struct cursor written(struct world *w, struct sql_value after, int64_t no)
{
    struct cursor made = { .binding = { 9, 8, 7 }, .after = after, .after_no = no };
    struct cursor ret;

    buffer_clear(&w->text);
    cursor_write(&made, key, &w->text);
    assert_true(cursor_read(buffer_string(&w->text), key, &w->memory, &ret));
    assert_memory_equal(ret.binding, made.binding, sizeof ret.binding);
    assert_int_equal(ret.after_no, no);
    assert_int_equal(ret.after.type, after.type);
    return ret;
}

static void test_what_is_written_reads_back(void **state)
{
    struct world *w = *state;
    struct cursor c;

    assert_int_equal(written(w, sql_int(INT64_MIN), -1).after.integer, INT64_MIN);
    assert_true(written(w, sql_real(-0.1), INT64_MAX).after.real == -0.1);
    written(w, sql_none(), 0);
    c = written(w, sql_text("a/b, \"c\""), 7);
    assert_true(span_is(c.after.bytes, "a/b, \"c\""));
    c = written(w, sql_text(""), 7);
    assert_int_equal(c.after.bytes.len, 0);
}

static void test_its_text_needs_no_escapes_in_a_url(void **state)
{
    struct world *w = *state;

    written(w, sql_text("\xff\xfe\xfd?>?>"), 1);
    assert_int_equal(strspn(buffer_string(&w->text), "abcdefghijklmnopqrstuvwxyz"
                                                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"),
                     w->text.len);
}

static void test_no_character_of_it_can_be_changed(void **state)
{
    struct world *w = *state;
    struct cursor ret;

    written(w, sql_int(1234567890123), 42);
    for (size_t i = 0; i < w->text.len; i++) {
        char was = w->text.at[i];

        w->text.at[i] = was == 'A' ? 'B' : 'A';
        /* The last character may have bits that stand for nothing: then it is refused all the same. */
        assert_false(cursor_read(w->text.at, key, &w->memory, &ret));
        w->text.at[i] = was;
    }
    assert_false(cursor_read(w->text.at, other_key, &w->memory, &ret));
}

static void test_what_is_no_cursor_is_refused(void **state)
{
    static const char *const bad[] = { "", "A", "AAAA", "not base64!", "====" };
    struct world *w = *state;
    struct cursor ret;

    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(cursor_read(bad[i], key, &w->memory, &ret));
    written(w, sql_int(1), 1);
    buffer_text(&w->text, "AAAA");
    assert_false(cursor_read(w->text.at, key, &w->memory, &ret));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_what_is_written_reads_back),
        TEST(test_its_text_needs_no_escapes_in_a_url),
        TEST(test_no_character_of_it_can_be_changed),
        TEST(test_what_is_no_cursor_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
